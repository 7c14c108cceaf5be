"""Where a ledger reads what does not stand on the case itself: the record, who has it, the clocks.

Each function returns one expression; the database works it out for each row it hands over, so a
ledger is one query however many rows it has.
"""

from datetime import datetime
from typing import Any

from django.contrib.postgres.aggregates import JSONBAgg, StringAgg
from django.db.models import (
    Case,
    CharField,
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    Func,
    OuterRef,
    Q,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce, JSONObject

from jiesu.cases.models import Assignment, Clock, Event, Part
from jiesu.followup.models import CallBack
from jiesu.rules.call_back import CallResult
from jiesu.rules.clocks import ClockKind
from jiesu.rules.moments import BEIJING
from jiesu.rules.workflow import ENDED, OPEN, Action, Stage


class Local(Func):
    """A moment as the office's clock showed it, without a zone: what a file wants.

    The database converts it in passing; psycopg's own conversion of a million moments took a fifth
    of an export's time.
    """

    template = f"timezone('{BEIJING.key}', %(expressions)s)"
    output_field = DateTimeField()


def signed_by() -> Subquery:
    """签收人. A case is signed once, among its first events: reading forwards stops there."""
    found = Event.objects.filter(case=OuterRef("pk"), action=Action.SIGN).order_by("id")
    return Subquery(found.values("actor__name")[:1])


def last_note() -> Subquery:
    found = Event.objects.filter(case=OuterRef("pk"), action=Action.NOTE).order_by("-id")
    return Subquery(found.values("note")[:1])


def community() -> Coalesce:
    """The community, or the export's own word for one we do not know."""
    return Coalesce("community__name", "community_text", output_field=TextField())


def lead() -> Coalesce:
    """主办: our unit; for a case that came in finished by a unit we do not know, the export's word."""
    finished = When(stage__in=ENDED - {Stage.SENT_BACK}, then="unit_text")
    told = Case(finished, default=Value(""), output_field=TextField())
    return Coalesce("unit__name", told, output_field=TextField())


def assisting() -> Subquery:
    """协办: the units that assist now, in the order they were asked."""
    found = Assignment.objects.filter(case=OuterRef("pk"), part=Part.ASSISTING, ended_at=None)
    named = (
        found.order_by().values("case").annotate(names=StringAgg("unit__name", "、", order_by="id"))
    )
    return Subquery(named.values("names"))


def dispatched_to_lead() -> Subquery:
    """派转时间: when the lead unit it has now was given it."""
    found = Assignment.objects.filter(case=OuterRef("pk"), part=Part.LEAD, unit=OuterRef("unit"))
    return Subquery(found.order_by("-id").values("assigned_at")[:1])


def left(at: datetime) -> Case:
    """剩余: what is left of the order's own time, negative when over; nothing once it has ended."""
    rest = ExpressionWrapper(
        F("due_at") - Value(at, output_field=DateTimeField()), output_field=DurationField()
    )
    return Case(When(stage__in=OPEN, then=rest), output_field=DurationField())


def said(key: str) -> KT:
    """What the export itself said under one of its headers."""
    return KT(f"extra__{key}")


def heard_above(fact: str, key: str) -> Coalesce:
    """What the call from above heard: by the newest result on the record, else by the export's own column."""
    found = Event.objects.filter(case=OuterRef("pk"), action=Action.UPPER_RESULT).order_by("-id")
    return Coalesce(
        Subquery(found.annotate(told=KT(f"facts__{fact}")).values("told")[:1]),
        said(key),
        output_field=TextField(),
    )


def called_back(field: str) -> Coalesce:
    """What the last call-back of the street that was answered says."""
    found = CallBack.objects.filter(case=OuterRef("pk"), result=CallResult.ANSWERED)
    return Coalesce(
        Subquery(found.order_by("-id").values(field)[:1]), Value(""), output_field=TextField()
    )


def moments() -> Subquery:
    """Where in its recording the three statements are, as a map of label and second."""
    found = CallBack.objects.filter(case=OuterRef("pk"), result=CallResult.ANSWERED)
    told = JSONObject(联系="contacted_s", 解决="solved_s", 满意="satisfied_s")
    return Subquery(found.order_by("-id").annotate(told=told).values("told")[:1])


def time_to_sign() -> ExpressionWrapper:
    return ExpressionWrapper(F("signed_at") - F("dispatched_at"), output_field=DurationField())


def signed_late(at: datetime) -> Subquery:
    """是否超时: 是 or 否 by the sign clock, which is never rewritten; nothing where there was none."""
    late = When(
        due_at__lt=Coalesce("stopped_at", Value(at, output_field=DateTimeField())), then=Value("是")
    )
    found = Clock.objects.filter(case=OuterRef("pk"), kind=ClockKind.SIGN, due_at__isnull=False)
    told = found.order_by("id").annotate(
        late=Case(late, default=Value("否"), output_field=CharField())
    )
    return Subquery(told.values("late")[:1])


SENDING_BACK = Q(
    action__in=(Action.SEND_BACK, Action.GRANT_SEND_BACK, Action.REFUSE_SEND_BACK)
) | Q(action=Action.ARRIVE_AGAIN, before=Stage.SEND_BACK_PENDING)


def sending_back() -> Subquery:
    """The record of 退回 of a case, oldest first, as a list of plain facts; None when there was none."""
    found = Event.objects.filter(SENDING_BACK, case=OuterRef("pk")).order_by().values("case")
    fact = JSONObject(
        action="action", at="at", by="actor__name", note="note", reason="facts__reason_label",
        proof="facts__proof",
    )  # fmt: skip
    return Subquery(found.annotate(told=JSONBAgg(fact, order_by="id")).values("told"))


Fact = dict[str, Any]


def sent_back(record: list[Fact] | None) -> tuple[Fact, Fact]:
    """Return the last 退回 of such a list and what the platform answered; {} for what there is not."""
    if not record:
        return {}, {}
    places = [i for i, fact in enumerate(record) if fact["action"] == Action.SEND_BACK]
    if not places:
        return {}, {}
    after = record[places[-1] + 1 :]
    return record[places[-1]], after[0] if after else {}
