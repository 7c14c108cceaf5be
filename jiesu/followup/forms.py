"""What a call sheet takes."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator

from jiesu.cases.forms import ActForm, Choice, Moment, Words
from jiesu.cases.models import Case
from jiesu.followup.models import Basis, Recording
from jiesu.rules.answers import Contacted, Satisfied, Solved
from jiesu.rules.call_back import Attitude, CallResult, Verdict

_CLOCK = re.compile(r"(?:(\d{1,2})[:：])?(\d{1,3})[:：]([0-5]?\d)")
NOT_ASKED = ("", "没问")
PASSED_AND_CLOSED = "closed"


def spell(second: int | None) -> str:
    """75 → “1:15”; None → empty."""
    if second is None:
        return ""
    hours, rest = divmod(second, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


class Second(forms.CharField):
    """A place in a recording, as minute and second; cleaned it is seconds or None."""

    def __init__(self, label: str) -> None:
        super().__init__(
            label=label, required=False, max_length=9,
            widget=forms.TextInput(attrs={"inputmode": "numeric", "placeholder": "分:秒", "autocomplete": "off"}),
        )  # fmt: skip

    def prepare_value(self, value: Any) -> Any:
        return spell(value) if isinstance(value, int) else value

    def clean(self, value: Any) -> int | None:
        text = super().clean(value).strip()
        if not text:
            return None
        found = _CLOCK.fullmatch(text)
        if not found:
            raise ValidationError("请写成 分:秒，如 1:15。")
        hours, minutes, seconds = (int(part or 0) for part in found.groups())
        return hours * 3600 + minutes * 60 + seconds


class RecordingsInput(forms.FileInput):
    allow_multiple_selected = True

    def __init__(self) -> None:
        super().__init__(
            attrs={"multiple": True, "accept": ".wav,.mp3,.m4a,.amr,.flac,.aac,.ogg,.mp4"}
        )


class SheetForm(ActForm):
    """回访单."""

    result = Choice("通话结果", CallResult.choices(), "请选择通话结果，没打通也要记。")
    basis = Choice("依据", Basis.choices(), "请选择依据。", initial=Basis.CALL.value)
    called_at = Moment("通话时间")
    contacted = Choice("是否联系", [*Contacted.choices(), NOT_ASKED], "请选择。", required=False)
    solved = Choice("是否解决", [*Solved.choices(), NOT_ASKED], "请选择。", required=False)
    satisfied = Choice("是否满意", [*Satisfied.choices(), NOT_ASKED], "请选择。", required=False)
    attitude = Choice("反映人态度", [*Attitude.choices(), ("", "未记")], "请选择。", required=False)
    recording = forms.ModelChoiceField(
        Recording.objects.none(), required=False, widget=forms.HiddenInput
    )
    contacted_s = Second("联系")
    solved_s = Second("解决")
    satisfied_s = Second("满意")
    words = Words(
        "解决情况（原话）", rows=3, help_text="诉求人怎么说的，照原话记：解决到哪一步、还差什么。"
    )
    demand = Words(
        "其他诉求", rows=2, help_text="通话中又提出的别的事；写了就登记为关联事项，有人跟到底。"
    )
    advice = Words("处理建议", rows=2)
    verdict = forms.ChoiceField(
        choices=[*Verdict.choices(), (PASSED_AND_CLOSED, "通过并办结")], widget=forms.HiddenInput,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "请按页面下方的一个按钮作出结论。"),
    )  # fmt: skip

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["recording"].queryset = case.recordings.all()

    def clean(self) -> dict[str, Any]:
        for error in self.errors.get("verdict", ()):  # a hidden field has no place of its own
            self.add_error(None, error)
        told = self.cleaned_data
        if told.get("verdict") == PASSED_AND_CLOSED:
            told |= {"verdict": Verdict.PASSED.value, "close": True}
        return told


class UploadForm(forms.Form):
    """上传录音: any number, each looked into where it is taken."""

    files = forms.FileField(required=False, widget=RecordingsInput, label="录音")


class AssignForm(forms.Form):
    """人工匹配."""

    number = forms.CharField(
        label="工单编号", max_length=40, widget=forms.TextInput(attrs={"autofocus": True}),
        error_messages={"required": "请填写工单编号。"},
    )  # fmt: skip


class MatterForm(ActForm):
    """登记关联事项."""

    words = Words(
        "是什么事", "请写明是什么事。", rows=3, help_text="诉求人又提出的、不属于此件的事。"
    )


class SettleForm(ActForm):
    """了结关联事项."""

    outcome = Words(
        "怎样了结", "请写明怎样了结的。", rows=3, help_text="谁办的、结果如何、是否告知诉求人。"
    )
    number = forms.CharField(
        label="转成的工单", required=False,
        validators=[MaxLengthValidator(40, "最多 40 字，现有 %(show_value)d 字，请核对。")],
        help_text="平台又派来工单的，填它的编号。",
    )  # fmt: skip
