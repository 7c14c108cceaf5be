"""What sending back and the platform's answer take."""

from collections.abc import Sequence
from typing import Any

from jiesu.cases.forms import ActForm, Choice, DecideForm, Words
from jiesu.core.widgets import PickOne
from jiesu.evidence.forms import HELP, FilesField
from jiesu.rules.rule_set import SendBackReason


class SendBackForm(ActForm):
    reason = Choice("退回理由", (), "请从清单中选一个退回理由。", widget=PickOne)
    proof = Words(
        "佐证内容", "请写明所选理由要求的佐证，平台据此裁定。",
        help_text="按所选理由的要求写：条目号、工单编号、实际归属、通话时间等。",
    )  # fmt: skip
    files = FilesField("佐证材料", help_text=f"地图截图、权属材料、通话清单等。{HELP}")
    note = Words("备注", rows=2)

    def __init__(self, *args: Any, reasons: Sequence[SendBackReason], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = [(reason.code, reason.label) for reason in reasons]
        self.fields["reason"].widget.hints = {r.code: f"佐证：{r.proof}" for r in reasons}


class AnswerForm(DecideForm):
    note = Words("平台答复", rows=3, help_text="照录平台的裁定意见。")
