"""What the assessment's pages take."""

from typing import Any

from django import forms

from jiesu.cases.forms import ActForm, Choice, Moment, Words
from jiesu.rules.answers import Standing


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


class StandingForm(ActForm):
    """How a case counts from when on, and why."""

    standing = Choice("评价口径", Standing.choices(), "请选择口径。")
    since = Moment("自何时起", help_text="从这时起按新口径算；以前的仍在记录里。")
    reason = Words("理由", "请写明理由，如清单条目、批复或会议意见。", rows=3, longest=500)
    reference = forms.CharField(
        label="依据", required=False, max_length=200, help_text="文号、申报编号或明细的哪一行。"
    )

    def clean(self) -> dict[str, Any]:
        return (
            self.cleaned_data | {"standing": Standing(self.cleaned_data["standing"])}
            if "standing" in self.cleaned_data
            else self.cleaned_data
        )
