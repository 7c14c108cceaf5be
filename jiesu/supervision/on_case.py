"""What supervision shows on the page of a case: the alarm in its head, and its reminders."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from jiesu.cases.models import Case, Clock
from jiesu.org.models import Member
from jiesu.org.rights import Right, may
from jiesu.rules.alarms import AlarmKind
from jiesu.rules.clocks import ClockKind, remaining, tone
from jiesu.rules.moments import BEIJING
from jiesu.rules.workflow import Action
from jiesu.supervision import actions, alarms, queries
from jiesu.supervision.queries import Line

ADDRESS = {ClockKind.PHONE: "supervising:phone", ClockKind.REPORT_UP: "supervising:report_up"}


@dataclass(frozen=True, slots=True)
class Duty:
    """What an alarm still demands, with the time left."""

    label: str
    url: str
    due: str
    started: str
    left: str
    tone: str


@dataclass(frozen=True, slots=True)
class AlarmHead:
    """The open alarm of a case; without ``duties`` all was done. ``may``: the member may do it.

    ``lift_url``: where the member may say that a 扬言 is none; else empty.
    """

    label: str
    reason: str
    duties: list[Duty]
    may: bool
    lift_url: str


def alarm_head(
    case: Case, clocks: Iterable[Clock], member: Member, at: datetime
) -> AlarmHead | None:
    """Return the alarm of an open case; None when there is none. One query for a case with one."""
    if not case.alarm or not case.is_open:
        return None
    raised = case.events.filter(action=Action.ALARM).order_by("id").last()
    running = [clock for clock in clocks if clock.stopped_at is None and clock.kind in ADDRESS]
    return AlarmHead(
        label=AlarmKind.label_of(case.alarm), reason=raised.note if raised else "",
        duties=[_duty(case, clock, at) for clock in sorted(running, key=lambda c: c.kind)],
        may=may(member, Right.SUPERVISE), lift_url=_lift_url(case, member, at),
    )  # fmt: skip


def _lift_url(case: Case, member: Member, at: datetime) -> str:
    if case.alarm != AlarmKind.THREAT or not alarms.may_lift(member, case, at):
        return ""
    return reverse("supervising:lift", args=[case.number])


def opened(member: Member, lines: Iterable[Line], at: datetime) -> None:
    """The member has opened the case: what they got about it is seen."""
    unseen = queries.unseen_of_case(lines)
    if unseen:
        actions.seen(member, unseen, at)


def _duty(case: Case, clock: Clock, at: datetime) -> Duty:
    kind, due = ClockKind(clock.kind), clock.due_at
    return Duty(
        label=kind.label, url=reverse(ADDRESS[kind], args=[case.number]),
        due=_iso(due) if due else "", started=_iso(clock.started_at),
        left=remaining(due, at) if due else "",
        tone=tone(clock.started_at, due, at).value if due else "",
    )  # fmt: skip


def _iso(at: datetime) -> str:
    return at.astimezone(BEIJING).isoformat(timespec="seconds")
