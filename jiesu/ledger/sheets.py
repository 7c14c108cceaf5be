"""The ledgers, as data (domain.md 5.4). All that there are stand in ``ledger.register``.

A column says its title, its width and form in the file, and its source: a field of the case or one
of the sheet's ``sources``. A moment comes in the office's own time unless the column cleans it. A column without a source is one the office's form has and a later stage
fills. All free text is stored masked (``cases.sealing``), whoever reads it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from jiesu.cases.case_query import CaseQuerySet
from jiesu.followup.forms import spell
from jiesu.ledger import sources
from jiesu.ledger.sources import sent_back
from jiesu.ledger.workbook import Form, Head
from jiesu.rules.answers import Contacted, Satisfied, Solved
from jiesu.rules.moments import BEIJING
from jiesu.rules.workflow import Action

Clean = Callable[[Any], Any]


def local(at: datetime) -> datetime:
    """A moment as the office's clock showed it, as Excel wants it: without a zone."""
    return at.astimezone(BEIJING).replace(tzinfo=None)


def words(text: str | None) -> str:
    """Free text as it is stored: masked (``cases.sealing``)."""
    return text or ""


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    width: float
    source: str = ""
    form: Form = Form.TEXT
    clean: Clean | None = None

    @property
    def cleaner(self) -> Clean | None:
        """What makes a cell of what the database gave; all text is masked that has nothing of its own."""
        return self.clean or (words if self.form is Form.TEXT else None)

    @property
    def is_moment(self) -> bool:
        """True for a moment that the database can turn into the office's time."""
        return self.form is Form.MOMENT and bool(self.source) and self.clean is None

    @property
    def is_long(self) -> bool:
        return self.form is Form.TEXT and self.width >= 30

    @property
    def head(self) -> Head:
        return Head(self.title, self.width, self.form)


def _themselves(cases: CaseQuerySet) -> QuerySet[Any]:
    return cases


@dataclass(frozen=True, slots=True)
class Sheet:
    """One ledger, newest first: one row for each arrival of an order, or for each of ``lines`` of them.

    ``key`` is what each line begins with beside its columns: its id, the moment it is ordered by,
    and which arrival of its number it belongs to. The first column counts the rows.
    """

    code: str
    title: str
    about: str
    columns: tuple[Column, ...]
    sources: Callable[[datetime], Mapping[str, Any]]
    pinned: int = 2
    order: str = "按派单时间"
    lines: Callable[[CaseQuerySet], QuerySet[Any]] = _themselves
    key: tuple[str, str, str] = ("id", "dispatched_at", "arrival")


def _level(depth: int) -> Clean:
    """一级, 二级, 三级; what lies deeper stays with the third."""

    def level(path: str) -> str:
        parts = path.split(">", 2)
        return parts[depth] if depth < len(parts) else ""

    return level


def _of_back(key: str) -> Clean:
    return lambda record: words(sent_back(record)[0].get(key))


def _answer_at(record: Any) -> datetime | None:
    told = sent_back(record)[1].get("at")
    return local(datetime.fromisoformat(told)) if told else None


def _back_at(record: Any) -> datetime | None:
    told = sent_back(record)[0].get("at")
    return local(datetime.fromisoformat(told)) if told else None


_ANSWERS = {
    Action.GRANT_SEND_BACK: "同意退回", Action.REFUSE_SEND_BACK: "驳回退回", Action.ARRIVE_AGAIN: "已再次派来",
}  # fmt: skip


def _answer(record: Any) -> str:
    back, told = sent_back(record)
    if not told:
        return "等待裁定" if back else ""
    word = _ANSWERS[told["action"]]
    return f"{word}：{words(told['note'])}" if told["note"] else word


def _answered_by(record: Any) -> str:
    return sent_back(record)[1].get("by") or ""


def _moments(told: dict[str, int | None] | None) -> str:
    """联系 0:12 解决 0:40: where in the recording the three statements are."""
    named = ((label, (told or {}).get(label)) for label in ("联系", "解决", "满意"))
    return " ".join(f"{label} {spell(at)}" for label, at in named if at is not None)


C, F = Column, Form
NUMBER = C("编号", 21, "number", F.CODE)

CASES = Sheet(
    "cases",
    "诉求总台账",
    "每件诉求从来电到办结的全过程，一次到达一行。",
    (
        C("序号", 7, form=F.NUMBER),
        NUMBER,
        C("来源路径", 11, "path"),
        C("来电时间", 17, "called_at", F.MOMENT),
        C("派单时间", 17, "dispatched_at", F.MOMENT),
        C("签收时间", 17, "signed_at", F.MOMENT),
        C("签收人", 9, "signed_by"),
        C("类型", 8, "order_type"),
        C("一级", 12, "category", clean=_level(0)),
        C("二级", 14, "category", clean=_level(1)),
        C("三级", 16, "category", clean=_level(2)),
        C("七有五性", 12, "seven_five"),
        C("标题", 36, "title"),
        C("内容摘要", 60, "content"),
        C("点位", 28, "location"),
        C("社区", 14, "community_name"),
        C("诉求人", 9, "requester_name"),
        C("联系电话", 14, "requester_phone", F.CODE),
        C("月次", 6, "month_seq", F.NUMBER),
        C("年次", 6, "year_seq", F.NUMBER),
        C("主办", 18, "lead"),
        C("协办", 24, "assisting"),
        C("派转时间", 17, "dispatched_to_lead", F.MOMENT),
        C("首次联系时间", 17, "responded_at", F.MOMENT),
        C("时限", 17, "due_at", F.MOMENT),
        C("剩余", 14, "left", F.LEFT),
        C("办结时间", 17, "closed_at", F.MOMENT),
        C("结果", 50, "result"),
        C("街道回访·是否联系", 11, "street_contacted", clean=Contacted.label_of),
        C("街道回访·是否解决", 11, "street_solved", clean=Solved.label_of),
        C("街道回访·是否满意", 11, "street_satisfied", clean=Satisfied.label_of),
        C("街道回访·录音时间点", 14, "street_moments", clean=_moments),
        C("上级回访·是否联系", 11, "upper_contacted", clean=Contacted.label_of),
        C("上级回访·是否解决", 11, "upper_solved", clean=Solved.label_of),
        C("上级回访·是否满意", 11, "upper_satisfied", clean=Satisfied.label_of),
        C("口径", 10),
        C("得分", 7, form=F.NUMBER),
        C("备注", 30, "last_note"),
    ),
    lambda at: {
        "signed_by": sources.signed_by(),
        "seven_five": sources.said("七有五性"),
        "community_name": sources.community(),
        "lead": sources.lead(),
        "assisting": sources.assisting(),
        "dispatched_to_lead": sources.dispatched_to_lead(),
        "left": sources.left(at),
        "street_contacted": sources.called_back("contacted"),
        "street_solved": sources.called_back("solved"),
        "street_satisfied": sources.called_back("satisfied"),
        "street_moments": sources.moments(),
        "upper_contacted": sources.heard_above("contacted", "是否联系"),
        "upper_solved": sources.heard_above("solved", "是否解决"),
        "upper_satisfied": sources.heard_above("satisfied", "是否满意"),
        "last_note": sources.last_note(),
    },
)

SIGNING = Sheet(
    "signing",
    "签收退回台账",
    "每次到达何时签收、用时多少、有无退回、平台如何裁定。",
    (
        C("序号", 7, form=F.NUMBER),
        NUMBER,
        C("到达（派单时间）", 17, "dispatched_at", F.MOMENT),
        C("到达（进入系统）", 17, "arrived_at", F.MOMENT),
        C("签收", 17, "signed_at", F.MOMENT),
        C("签收人", 9, "signed_by"),
        C("用时", 10, "time_to_sign", F.MINUTES),
        C("是否超时", 9, "signed_late"),
        C("退回理由", 22, "sending_back", clean=_of_back("reason")),
        C("依据", 36, "sending_back", clean=_of_back("proof")),
        C("退回时间", 17, "sending_back", F.MOMENT, _back_at),
        C("退回人", 9, "sending_back", clean=_of_back("by")),
        C("审批时间", 17, "sending_back", F.MOMENT, _answer_at),
        C("审批登记人", 11, "sending_back", clean=_answered_by),
        C("结果", 30, "sending_back", clean=_answer),
        C("再派次数", 9, "arrival", F.NUMBER, lambda arrival: arrival - 1),
    ),
    lambda at: {
        "signed_by": sources.signed_by(),
        "time_to_sign": sources.time_to_sign(),
        "signed_late": sources.signed_late(at),
        "sending_back": sources.sending_back(),
    },
)
