"""What duty accepts."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from jiesu.cases.forms import Moment, Words
from jiesu.duty.models import NoteKind, Pattern
from jiesu.duty.planning import LONGEST
from jiesu.org.models import Member
from jiesu.org.rights import Right, roles_with

DAY = {"required": "请选择日期。", "invalid": "日期看不懂，请写成 2026-11-23。"}
TIME = {"required": "请填写钟点。", "invalid": "钟点请写成 08:00。"}
NUMBER = {"required": "请填写人数。", "invalid": "请填写一个整数。", "min_value": "不能小于 %(limit_value)s。", "max_value": "不能大于 %(limit_value)s。"}  # fmt: skip


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class TimeInput(forms.TimeInput):
    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


def standing(office_id: int) -> Any:
    """Return everybody of the office who may stand duty."""
    return (
        Member.objects.filter(
            office=office_id, is_active=True, role__in=roles_with(Right.STAND_DUTY)
        )
        .select_related("contract")
        .order_by("role", "username")
    )


class MemberChoice(forms.ModelChoiceField):
    """A member of the office, shown by name, role and unit."""

    def __init__(self, label: str, missing: str = "", **kwargs: Any) -> None:
        said = missing or "请选择列表里的成员。"
        kwargs.setdefault("empty_label", "请选择")
        super().__init__(
            Member.objects.none(), label=label,
            error_messages={"required": said, "invalid_choice": said}, **kwargs,
        )  # fmt: skip

    def label_from_instance(self, member: Member) -> str:
        return f"{member.name}（{member.get_role_display()}，{member.unit.name}）"


class PatternForm(forms.Form):
    """班次: its name, hours and minimum."""

    name = forms.CharField(
        label="名称", max_length=20,
        error_messages={"required": "请填写名称，如“早班”。", "max_length": "名称最多 20 个字。"},
    )  # fmt: skip
    starts = forms.TimeField(label="起", widget=TimeInput(), error_messages=TIME)
    ends = forms.TimeField(
        label="止", widget=TimeInput(), error_messages=TIME, help_text="不晚于“起”的，算到第二天。"
    )
    minimum = forms.IntegerField(label="最少人数", min_value=1, max_value=50, error_messages=NUMBER)
    holiday_minimum = forms.IntegerField(
        label="节假日最少人数", min_value=0, max_value=50, error_messages=NUMBER
    )
    use_required_attribute = False


class PlanForm(forms.Form):
    """What to plan: the pattern, the days, how many a day; the people come as numbered rows."""

    pattern = forms.ModelChoiceField(
        Pattern.objects.none(), label="班次", empty_label=None,
        error_messages={"required": "请选择班次。", "invalid_choice": "请选择列表里的班次。"},
    )  # fmt: skip
    first = forms.DateField(label="自", widget=DayInput(), error_messages=DAY)
    last = forms.DateField(label="至", widget=DayInput(), error_messages=DAY)
    each = forms.IntegerField(
        label="每班人数（不含轮流带班的）", min_value=1, max_value=50, error_messages=NUMBER
    )
    run = forms.IntegerField(
        label="连上几天轮换", min_value=1, max_value=31, initial=1, error_messages=NUMBER
    )
    use_required_attribute = False

    def __init__(self, *args: Any, office: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["pattern"].queryset = Pattern.objects.filter(office=office, active=True)
        self.people = list(standing(office).select_related("unit"))

    def order(self, kind: str) -> list[Member]:
        """Return the members with a number in their field ``kind-pk``, by that number."""
        told = []
        for member in self.people:
            number = self.data.get(f"{kind}-{member.pk}", "").strip()
            if number.isdecimal() and int(number):
                told.append((int(number), member.username, member))
        return [member for *_, member in sorted(told, key=lambda one: one[:2])]

    def clean(self) -> dict[str, Any]:
        told = self.cleaned_data
        if "first" in told and "last" in told:
            days = (told["last"] - told["first"]).days + 1
            if days < 1:
                self.add_error("last", "“至”不能早于“自”。")
            elif days > LONGEST:
                self.add_error("last", f"一次最多排 {LONGEST} 天。")
        if not self.order("place") and not self.order("lead"):
            raise ValidationError("请至少给一个人写上顺序号，如 1、2、3。")
        return told


class PutForm(forms.Form):
    """Somebody more on a shift."""

    member = MemberChoice("人员", "请选择要加的人。")
    lead = forms.BooleanField(label="带班", required=False)
    use_required_attribute = False

    def __init__(self, *args: Any, office: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["member"].queryset = standing(office).select_related("unit")


class SwapForm(forms.Form):
    """换班: with whom, for which of theirs in return, and why."""

    to = forms.ChoiceField(
        label="与谁换",
        error_messages={"required": "请选择与谁换。", "invalid_choice": "请选择列表里的一项。"},
    )
    reason = Words("原因", "请写明为什么换班。", rows=2, longest=200)
    use_required_attribute = False

    def __init__(self, *args: Any, choices: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = [("", "请选择"), *choices]


class AbsenceForm(forms.Form):
    """请假: who, from when to when, who stands in."""

    member = MemberChoice("谁请假", "请选择请假的人。")
    from_at = Moment("起")
    to_at = Moment("止")
    deputy = MemberChoice("代理人", required=False, help_text="代理人替他接收提醒、值班和交接。")
    reason = Words("原因", rows=2, longest=200)
    use_required_attribute = False

    def __init__(self, *args: Any, actor: Member, planner: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        everybody = Member.objects.filter(office=actor.office_id, is_active=True)
        everybody = everybody.select_related("unit", "contract").order_by("unit__place", "username")
        self.fields["deputy"].queryset = (
            everybody.exclude(pk=actor.pk) if not planner else everybody
        )
        self.fields["deputy"].empty_label = "不指定"
        if planner:
            self.fields["member"].queryset = everybody
        else:
            del self.fields["member"]


class NoteForm(forms.Form):
    """记一笔 for the shift."""

    kind = forms.ChoiceField(
        label="类别", choices=NoteKind.choices, widget=forms.RadioSelect, initial=NoteKind.MATTER.value,
        error_messages={"required": "请选择类别。", "invalid_choice": "请选择类别。"},
    )  # fmt: skip
    text = Words("内容", "请写下要交接的话。", rows=3, longest=2000)
    case_number = forms.CharField(label="工单编号", required=False, max_length=40, strip=True)
    use_required_attribute = False

    def clean_kind(self) -> NoteKind:
        return NoteKind(self.cleaned_data["kind"])


class WordsForm(forms.Form):
    """The words of a handover, and the version they were written over."""

    words = Words("交接说明", rows=6, longest=4000)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    use_required_attribute = False
