"""What the inspector's room and approvals accept."""

from typing import Any

from django import forms

from jiesu.cases.forms import ActForm, DecideForm, Words
from jiesu.service.copying import LONGEST
from jiesu.service.parts import PARTS, Span


class SpanForm(forms.Form):
    """A stretch of whole days."""

    since = forms.DateField(
        label="自", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "请选择从哪一天起。", "invalid": "日期看不懂，请写成 2026-11-23。"},
    )  # fmt: skip
    until = forms.DateField(
        label="至", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "请选择到哪一天止。", "invalid": "日期看不懂，请写成 2026-11-23。"},
    )  # fmt: skip
    use_required_attribute = False

    def clean(self) -> dict[str, Any]:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until:
            if until < since:
                self.add_error("until", "止日在起日之前，请改过来。")
            elif until - since > LONGEST:
                self.add_error("until", f"一次最多 {LONGEST.days} 天，请分几次调阅。")
            elif not 2000 <= since.year <= until.year < 2100:
                self.add_error("since", "没有这样早或这样晚的材料。")
        return self.cleaned_data

    def span(self) -> Span:
        return Span(self.cleaned_data["since"], self.cleaned_data["until"])


class CopyForm(SpanForm):
    """Which parts of a stretch to take home; all, where none is named."""

    parts = forms.MultipleChoiceField(
        label="内容", choices=lambda: [(part.code, part.title) for part in PARTS.values()],
        widget=forms.CheckboxSelectMultiple, error_messages={"required": "请至少选一项。"},
    )  # fmt: skip

    def clean_parts(self) -> list[str]:
        chosen = set(self.cleaned_data["parts"])
        return [code for code in PARTS if code in chosen]


class AskForm(ActForm):
    """Why a ledger is needed unmasked."""

    reason = Words(
        "用途", "请写明为什么需要未遮盖的内容、给谁用。", rows=3, longest=300,
        help_text="审批的领导会看到，也会印在导出的每一页上。",
    )  # fmt: skip


class ApproveForm(DecideForm):
    """同意 or 不同意, with words where not."""

    note = Words("审批意见", longest=300)

    def clean(self) -> dict[str, Any]:
        told = super().clean()
        if told.get("granted") is False and not told.get("note", "").strip():
            self.add_error("note", "不同意请写明理由，申请人会看到。")
        return told
