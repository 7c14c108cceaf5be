"""督办催办台账 as data: one row for each person a reminder went to, newest first (domain.md 5.4)."""

from datetime import datetime
from typing import Any

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import Case, CharField, F, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Concat

from jiesu.cases.case_query import CaseQuerySet
from jiesu.cases.models import Event
from jiesu.ledger.sheets import Column, Sheet, words
from jiesu.ledger.workbook import Form
from jiesu.rules.clocks import ClockKind
from jiesu.rules.ladder import Rung
from jiesu.rules.workflow import Action
from jiesu.supervision.models import Channel, Delivery, DeliveryState, Notice
from jiesu.supervision.queries import level_label

C, F_ = Column, Form
_MARK = "\x1f"


def lines(cases: CaseQuerySet) -> QuerySet[Notice]:
    """Return what people got about these cases."""
    return Notice.objects.filter(reminder__case__in=cases.order_by().values("pk"))


def node(told: str) -> str:
    """节点: which clock at which level; 催办 by hand has neither."""
    kind, _, level = told.partition(_MARK)
    return f"{ClockKind.label_of(kind)} {level_label(level)}" if kind else level_label(level)


def road(told: str) -> str:
    """方式: “页面、邮件（发送失败）”."""
    said = []
    for one in told.split(_MARK):
        channel, _, state = one.partition(":")
        name = Channel.label_of(channel)
        said.append(name if state == DeliveryState.SENT else f"{name}（{DeliveryState.label_of(state)}）")  # fmt: skip
    return "、".join(said)


def whom(told: str) -> str:
    """对象: unit, name and as what."""
    unit, name, rung = told.split(_MARK)
    return f"{unit} {name}（{Rung.label_of(rung)}）"


def _joined(*parts: Any) -> Concat:
    pieces: list[Any] = []
    for part in parts:
        pieces += [Value(_MARK), part] if pieces else [part]
    return Concat(*pieces, output_field=CharField())


def sources(at: datetime) -> dict[str, Any]:
    """Where the columns come from: one expression each, so the ledger is one query."""
    roads = Delivery.objects.filter(notice=OuterRef("pk")).order_by().values("notice")
    named = Concat("channel", Value(":"), "state", output_field=CharField())
    reasons = Event.objects.filter(
        case=OuterRef("reminder__case"), action__in=(Action.EXTEND, Action.PAUSE_CLOCK)
    )
    late = When(reminder__clock__overdue_at__isnull=False, then=Value("是"))
    past = When(
        reminder__clock__due_at__lt=Coalesce("reminder__clock__stopped_at", Value(at)),
        then=Value("是"),
    )
    timed = When(reminder__clock__due_at__isnull=False, then=Value("否"))
    return {
        "number": F("reminder__case__number"),
        "arrival": F("reminder__case__arrival"),
        "node": _joined(Coalesce("reminder__clock__kind", Value("")), "reminder__level"),
        "due": F("reminder__due_at"),
        "asked": F("reminder__at"),
        "asked_by": F("reminder__asked_by__name"),
        "said": F("reminder__words"),
        "road": Subquery(
            roads.annotate(told=StringAgg(named, _MARK, order_by="channel")).values("told")
        ),
        "whom": _joined("member__unit__name", "member__name", "rung"),
        "late": Case(late, past, timed, default=Value(""), output_field=CharField()),
        "cause": Subquery(reasons.order_by("-id").values("note")[:1]),
    }


SUPERVISION = Sheet(
    "supervision",
    "督办催办台账",
    "每条提醒和催办发给了谁，何时看到、如何反馈，一人一行。",
    (
        C("序号", 7, form=F_.NUMBER),
        C("编号", 21, "number", F_.CODE),
        C("节点", 18, "node", clean=node),
        C("应完成", 17, "due", F_.MOMENT),
        C("提醒时间", 17, "asked", F_.MOMENT),
        C("方式", 16, "road", clean=road),
        C("对象", 28, "whom", clean=whom),
        C("为何找到", 24, "why"),
        C("催办人", 9, "asked_by"),
        C("催办内容", 36, "said", clean=words),
        C("看到", 17, "seen_at", F_.MOMENT),
        C("反馈时间", 17, "answered_at", F_.MOMENT),
        C("反馈", 40, "answer", clean=words),
        C("是否逾期", 9, "late"),
        C("原因", 30, "cause", clean=words),
    ),
    sources,
    order="按送出时间",
    lines=lines,
    key=("id", "made_at", "arrival"),
)
