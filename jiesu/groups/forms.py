"""What grouping takes: which order, the plan and its owner, progress, why something leaves, what was told."""

from collections.abc import Sequence
from typing import Any

from django import forms

from jiesu.cases.forms import ActForm, Words
from jiesu.cases.models import Case
from jiesu.dispatch.forms import UnitField
from jiesu.groups.queries import One
from jiesu.org.models import Unit


class TogetherForm(ActForm):
    """并案 by hand: the number of another order."""

    number = forms.CharField(
        label="与哪一件并案", max_length=40, help_text="填另一件的工单编号；它已在一组里的，就并入那一组。",
        error_messages={"required": "请填另一件的工单编号。", "max_length": "编号最多 40 字。"},
    )  # fmt: skip

    def clean_number(self) -> str:
        return str(self.cleaned_data["number"]).strip()


class LeaveForm(ActForm):
    reason = Words(
        "移出的理由", "请写明移出的理由，理由记在案件上。", rows=2, longest=500,
        help_text="如“点位不同，不是同一事项”。移出后此件照常办理，不受影响。",
    )  # fmt: skip


class DissolveForm(ActForm):
    reason = Words(
        "解散的理由", "请写明解散的理由，理由记在每一件上。", rows=2, longest=500,
        help_text="解散后各件照常办理，答复、时限都不受影响；以后可以重新并案。",
    )  # fmt: skip


class PlanForm(ActForm):
    owner = UnitField("牵头单位", "请选择牵头单位。")
    plan = Words(
        "办理方案", "请写明办理方案：原因、措施、谁来做、何时完成。", rows=6,
        help_text="整组一份方案；每件仍各自联系、答复、办结，各算各的时限和三率。",
    )  # fmt: skip

    def __init__(self, *args: Any, units: Sequence[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].offer(units)


class ProgressForm(ActForm):
    note = Words(
        "办理进展", "请写明办理进展。", rows=4,
        help_text="写一次，记到组内每一件由您单位办理的案件上。",
    )  # fmt: skip


class SplitForm(ActForm):
    cases = forms.MultipleChoiceField(
        label="移出哪些", widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请勾选要移出的案件。", "invalid_choice": "有一件已不在这组里，请重新勾选。"},
    )  # fmt: skip
    together = forms.BooleanField(
        label="移出的另成一组", required=False, help_text="勾选两件以上时可用。"
    )
    reason = Words("理由", "请写明移出的理由，理由记在每一件上。", rows=2, longest=500)

    def __init__(self, *args: Any, ones: Sequence[One], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.of = {str(one.case.pk): one.case for one in ones}
        self.fields["cases"].choices = [
            (pk, f"{case.number} {case.title[:40]}") for pk, case in self.of.items()
        ]

    def clean_cases(self) -> list[Case]:
        return [self.of[pk] for pk in self.cleaned_data["cases"]]


class TellForm(ActForm):
    words = Words(
        "向诉求人告知了什么", "请写明向诉求人告知了什么。", rows=4, longest=2000,
        help_text="前单办到哪一步、结果如何、何时再回复；诉求人说的新情况也写上，有新情况的按新单办。",
    )  # fmt: skip
