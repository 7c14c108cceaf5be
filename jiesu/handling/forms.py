"""What the steps of 办理, 延期, 审核 and 办结 take."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.forms import BoundField

from jiesu.cases.forms import ActForm, Choice, DecideForm, Moment, Words
from jiesu.cases.models import Clock
from jiesu.evidence.forms import HELP, FilesField
from jiesu.handling.actions import Channel, Outcome
from jiesu.rules.clocks import remaining

ELEMENTS = (
    "回单要素：联系时间和方式 → 核实经过 → 原因 → 采取的措施 → 结果 → 诉求人意见 → 后续安排。"
)


class ContactForm(ActForm):
    outcome = Choice("联系结果", Outcome.choices(), "请选择联系结果，联系不上也要登记。")
    channel = Choice("联系方式", Channel.choices(), "请选择联系方式。", initial=Channel.PHONE.value)
    contacted_at = Moment("联系时间", help_text="实际联系的时间，默认现在。首次联系上即为响应。")
    note = Words("通话要点", help_text="诉求人说了什么、答复了什么；原话尽量照录。")
    promised_at = Moment(
        "约定再联系", required=False, help_text="答应了何时再打的，填上，到点会提醒；没有就空着。"
    )
    files = FilesField("录音或截图", help_text=HELP)


class VisitForm(ActForm):
    note = Words(
        "现场情况", "请写明现场情况。", rows=4, help_text="看到了什么、谁在场、当场做了什么。"
    )
    visited_at = Moment("到场时间")
    place = forms.CharField(
        label="地点", required=False, max_length=300,
        error_messages={"max_length": "最多 300 字，现有 %(show_value)d 字，请精简。"},
    )  # fmt: skip
    files = FilesField("现场照片", help_text=HELP)


class ProgressForm(ActForm):
    note = Words(
        "办理进展", "请写明办理进展。", rows=4, help_text="做到哪一步、下一步做什么、预计何时完成。"
    )
    files = FilesField()


class AssistReportForm(ActForm):
    note = Words(
        "协办结果", "请写明协办结果；办不了的写明原因和进展。", rows=4,
        help_text="反馈给主办单位；不能按期的说明理由并报阶段进展（条例第14条）。",
    )  # fmt: skip
    files = FilesField()


class ExtendForm(ActForm):
    until = Moment("延至")
    reason = Words(
        "延期理由", "请写明延期理由。", help_text="依法确需延长的原因、已做的工作、延期后的安排。"
    )
    told_requester = forms.BooleanField(
        label="已向诉求人说明",
        error_messages={"required": "延期须先向诉求人说明（条例第15条），说明后勾选此项。"},
    )


class DecideExtensionForm(DecideForm):
    note = Words("意见", rows=2, help_text="不同意的须写明理由。")


class SubmitForm(ActForm):
    """The result, and an answer to each of several points; cleaned they are ``answers``, in their order."""

    result = Words(
        "办理结果",
        "请写明办理结果（联系、核实、措施、答复）。",
        rows=9,
        longest=5000,
        help_text=ELEMENTS,
    )

    def __init__(
        self, *args: Any, points: Sequence[str] = (), given: Sequence[str] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._names = [f"answer{number}" for number, _ in enumerate(points, start=1)]
        for number, (name, point) in enumerate(zip(self._names, points, strict=True), start=1):
            self.fields[name] = Words(
                f"{number}. {point}", "请答复这个诉求点。", rows=2, longest=1000,
                initial=given[number - 1] if len(given) == len(points) else "",
            )  # fmt: skip

    def answers(self) -> list[BoundField]:
        """The fields of the points, for the page."""
        return [self[name] for name in self._names]

    def clean(self) -> dict[str, Any]:
        told = self.cleaned_data
        told["answers"] = [told.pop(name, "") for name in self._names]
        return told


class ReviewForm(DecideForm):
    decided = "passed"
    note = Words("审核意见", rows=3, help_text="驳回的须写明原因，承办单位据此改正。")


class CloseForm(ActForm):
    note = Words("办结说明", rows=2)


class ReopenForm(ActForm):
    note = Words(
        "重新办理的原因",
        "请写明重新办理的原因。",
        help_text="原主办单位接着办，办结时间仍在记录里。",
    )


class _ClockForm(ActForm):
    """Which of the case's clocks; there is seldom more than one to choose from."""

    clock = Choice("哪个时限", [], "请选择哪个时限。")

    def __init__(self, *args: Any, clocks: Sequence[Clock], at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.clocks = {str(clock.pk): clock for clock in clocks}
        self.fields["clock"].choices = [(pk, _told(one, at)) for pk, one in self.clocks.items()]
        if len(self.clocks) == 1:
            self.initial["clock"] = next(iter(self.clocks))

    def clean_clock(self) -> Clock:
        return self.clocks[self.cleaned_data["clock"]]


def _told(clock: Clock, at: datetime) -> str:
    unit = f"（{clock.unit.name}）" if clock.unit else ""
    return f"{clock.label}{unit}" + (f"，{remaining(clock.due_at, at)}" if clock.due_at else "")


class PauseForm(_ClockForm):
    cause = Words(
        "暂停的原因", "请写明暂停的原因。", longest=200,
        help_text="如“等待诉求人提供材料”“等待专业部门鉴定”。工单自身的时限不因此改变。",
    )  # fmt: skip


class ResumeForm(_ClockForm):
    note = Words("说明", rows=2, longest=200)


class NoteForm(ActForm):
    note = Words(
        "备注",
        "请写下备注内容。",
        rows=4,
        help_text="记入案件经过，看得到此案件的人都能看到，不能修改。",
    )
