"""What the desk itself accepts."""

from typing import Any

from django import forms
from django.utils import timezone

from jiesu.cases.filters import NONE, URGENT_TAGS, FilterForm
from jiesu.cases.forms import ActForm, Words
from jiesu.catalogue.queries import category_paths, rules_at
from jiesu.desk.revealing import Why
from jiesu.org.models import Member, Unit, UnitKind


class RevealForm(ActForm):
    """Why somebody must see the requester's name, phone and address."""

    why = forms.ChoiceField(
        label="为何查看", choices=[("", "请选择"), *Why.choices()],
        error_messages={"required": "请选择为何查看。", "invalid_choice": "请从清单中选择为何查看。"},
    )  # fmt: skip
    reason = Words(
        "具体事由", "请写明具体事由，如“上门前约时间”。事由会记入案件。", rows=2, longest=200,
        help_text="谁、何时、为何查看，会记入案件的经过。",
    )  # fmt: skip


class ChooseForm(FilterForm):
    """The filter with everything to choose from; asked for only when somebody wants to filter."""

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        at = timezone.now()
        units = list(Unit.objects.filter(office=member.office_id, active=True))
        here = [(u.code, u.name) for u in units if u.kind == UnitKind.COMMUNITY]
        leads = [(u.code, u.name) for u in units if u.kind != UnitKind.COMMUNITY]
        paths = [path for path in category_paths(member.office, at) if path.count(">") < 2]
        tags = dict.fromkeys([*rules_at(member.office, at).limits.by_tag, *URGENT_TAGS])
        self._choose(
            "unit", [(NONE, "未派单位（值班座席）"), ("科室、中心", leads), ("社区", here)]
        )
        self._choose("community", [(NONE, "未定社区"), *here])
        self._choose("category", [(path, path.replace(">", " › ")) for path in paths])
        self._choose("tag", [(tag, tag) for tag in tags])

    def _choose(self, name: str, choices: list[Any]) -> None:
        asked = self.data.get(name, "")
        known = {code for code, label in choices if isinstance(label, str)}
        known |= {code for _, group in choices if isinstance(group, list) for code, _ in group}
        extra = [(asked, asked)] if asked and asked not in known else []
        self.fields[name].widget = forms.Select(choices=[("", "不限"), *extra, *choices])


class KeepForm(ActForm):
    """A name for the filter that is on."""

    name = forms.CharField(
        label="名称", max_length=40,
        error_messages={"required": "请给这个筛选起个名字。", "max_length": "名字最多 40 个字。"},
    )  # fmt: skip
