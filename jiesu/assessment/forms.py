"""What the assessment's pages take."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from jiesu.assessment.cycles import Almanac
from jiesu.assessment.losses import Loss, tree
from jiesu.cases.forms import ActForm, Choice, Moment, Words
from jiesu.core import virus
from jiesu.evidence.forms import plain_name
from jiesu.org.models import Unit
from jiesu.rules.answers import Standing
from jiesu.rules.cycles import Cycle, NoCycle
from jiesu.rules.rates import Question


class ResultsForm(forms.Form):
    """A file of call-back results and the cycle it was issued for."""

    file = forms.FileField(
        label="回访明细",
        error_messages={"required": "请选择文件。", "empty": "文件是空的，请重新导出后再上传。"},
    )
    cycle = forms.CharField(
        label="属于哪个考核期", required=False, max_length=12,
        help_text="文件上写着哪个就写哪个，如 2026-10；空着则每件按派单时间归。",
        widget=forms.TextInput(attrs={"placeholder": "2026-10"}),
    )  # fmt: skip
    use_required_attribute = False

    def __init__(self, *args: Any, days: Almanac, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.days = days

    def clean_file(self) -> UploadedFile:
        given: UploadedFile = self.cleaned_data["file"]
        if given.size > settings.UPLOAD_LIMIT_MB * 2**20:
            raise forms.ValidationError(
                f"“{given.name}”超过 {settings.UPLOAD_LIMIT_MB} MB，请按考核期拆分后再导入。"
            )
        try:
            virus.scan(plain_name(given.name or ""), given.chunks())
        except virus.Refused as refusal:
            raise forms.ValidationError(str(refusal)) from None
        given.seek(0)
        return given

    def clean_cycle(self) -> Cycle | None:
        code = self.cleaned_data["cycle"].strip()
        try:
            return self.days.named(code) if code else None
        except NoCycle as wrong:
            raise forms.ValidationError(str(wrong)) from None


class StandingForm(ActForm):
    """How a case counts from when on, and why."""

    standing = Choice("评价口径", Standing.choices(), "请选择口径。")
    since = Moment("自何时起", help_text="从这时起按新口径算；以前的仍在记录里。")
    reason = Words("理由", "请写明理由，如清单条目、批复或会议意见。", rows=3, longest=500)
    reference = forms.CharField(
        label="依据", required=False, max_length=200, help_text="文号、申报编号或明细的哪一行。"
    )

    def clean_standing(self) -> Standing:
        return Standing(self.cleaned_data["standing"])


class LossForm(forms.Form):
    """Why an order lost points, what is done about it, who does it and until when."""

    use_required_attribute = False
    questions = forms.MultipleChoiceField(
        label="失分项", widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请至少选一项。", "invalid_choice": "请重新选择。"},
    )  # fmt: skip
    cause = forms.ChoiceField(
        label="成因", error_messages={"required": "请选择成因。", "invalid_choice": "请选择成因。"}
    )
    measure = Words("改进措施", rows=3, longest=500, help_text="做什么、做到什么程度。")
    owner = forms.ChoiceField(label="责任单位", required=False)
    due_on = forms.DateField(
        label="完成期限", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "请填写日期，如 2026-11-30。"},
    )  # fmt: skip

    def __init__(
        self, *args: Any, losses: Sequence[Loss], units: Sequence[Unit], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.units = {str(unit.pk): unit for unit in units}
        questions = {loss.question for loss in losses}
        self.fields["questions"].choices = [(q.value, q.label) for q in Question if q in questions]
        self.fields["cause"].choices = [("", "请选择"), *_branches()]
        self.fields["owner"].choices = [
            ("", "未定"),
            *((pk, unit.name) for pk, unit in self.units.items()),
        ]
        self.initial = _known(losses) | self.initial

    def clean_questions(self) -> list[Question]:
        return [Question(code) for code in self.cleaned_data["questions"]]

    def clean_owner(self) -> Unit | None:
        return self.units.get(self.cleaned_data["owner"])


def _branches() -> list[tuple[str, list[tuple[str, str]]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for cause in tree():
        found.setdefault(cause.branch, []).append((cause.code, cause.label))
    return list(found.items())


def _known(losses: Sequence[Loss]) -> dict[str, Any]:
    """What was decided before; where nothing was, what the text suggests, for a person to confirm."""
    note = next((loss.note for loss in losses if loss.note), None)
    hint = next((loss.hint for loss in losses if loss.hint), None)
    told: dict[str, Any] = {"questions": [loss.question.value for loss in losses]}
    if note is not None:
        return told | {
            "cause": note.cause, "measure": note.measure, "due_on": note.due_on,
            "owner": str(note.owner_id or ""),
        }  # fmt: skip
    unit = losses[0].line.unit_id
    return told | {"cause": hint.code if hint else "", "owner": str(unit or "")}
