"""查看个人信息: one case at a time, for a stated reason, on the record and in the trail, not too many an hour."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from jiesu.cases import transitions
from jiesu.cases.models import Case
from jiesu.core import environment
from jiesu.org.models import Member
from jiesu.rules.labelled import Labelled
from jiesu.rules.workflow import Action
from jiesu.trail.actions import leave
from jiesu.trail.models import Entry, Kind

SECONDS = 180  # an opened case closes by itself
HOUR = timedelta(hours=1)


class Why(Labelled):
    """What somebody must see a requester for."""

    CALL = "call", "联系诉求人"
    VISIT = "visit", "上门或现场核实"
    ANSWER = "answer", "答复、反馈上级平台"
    CHECK = "check", "核对来单内容"
    URGENT = "urgent", "紧急情况处置"
    OTHER = "other", "其他"


class TooMany(Exception):
    """Somebody looks at more people an hour than anybody needs to."""


def look(
    case: Case, *, actor: Member, at: datetime, why: str, reason: str, once: UUID | None = None
) -> None:
    """Put one look on the record of the case and into the trail.

    :raises TooMany: the member has looked at the most of an hour already; that, too, is in the trail
    :raises NotYours, SentTwice: as ``transitions.record``
    """
    most = environment.number("JIESU_REVEALS_PER_HOUR", 30)
    if looked(actor, at) >= most:
        leave(
            Kind.REFUSED,
            actor=actor,
            case=case.pk,
            number=case.number,
            subject="reveals",
            most=most,
        )
        raise TooMany(
            f"一小时内最多查看 {most} 件案件的个人信息，已达上限，安全管理员会看到这一情况。请稍后再看，确有需要请联系安全管理员。"
        )
    with transaction.atomic():
        transitions.record(
            case, Action.REVEAL, actor=actor, at=at, note=f"{Why.label_of(why)}：{reason}",
            why=why, once=once,
        )  # fmt: skip
        leave(Kind.REVEAL, actor=actor, case=case.pk, number=case.number, why=why)


def looked(member: Member, at: datetime) -> int:
    """Return how many cases the member has looked at within the last hour."""
    return (
        Entry.objects.filter(member=member.pk, kind=Kind.REVEAL, at__gt=at - HOUR)
        .values("case")
        .distinct()
        .count()
    )
