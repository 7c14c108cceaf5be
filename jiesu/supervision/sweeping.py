"""The sweep: every running clock whose moment has come, reminded once, level by level.

One index (``watch_at``, ``id``) tells what has come; nothing due costs one probe of it. A batch is one
transaction: the reminders, the overdue facts and when each clock is looked at next hold together, so a
worker killed in the middle leaves nothing half done, and clocks another sweep has in hand are skipped.
"""

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction

from jiesu.catalogue.queries import rule_sets
from jiesu.org.models import Office
from jiesu.rules import ladder
from jiesu.rules.ladder import OVERDUE, Level, Moment, Rung
from jiesu.rules.rule_set import Rules
from jiesu.supervision import recipients
from jiesu.supervision.recipients import Roster, To
from jiesu.supervision.reminding import Ask, remind

log = logging.getLogger("jiesu.supervision")

LATE = timedelta(minutes=2)  # a reminder later than this says how late it is

_TAKE = """
SELECT clock.id, clock.case_id, clock.unit_id, clock.started_at, clock.due_at, clock.watch_at,
       cases_case.office_id
FROM cases_clock AS clock JOIN cases_case ON cases_case.id = clock.case_id
WHERE clock.stopped_at IS NULL AND clock.watch_at IS NOT NULL AND clock.watch_at <= %(at)s{office}
ORDER BY clock.watch_at, clock.id LIMIT %(size)s FOR UPDATE OF clock SKIP LOCKED
"""
_OF_OFFICE = " AND cases_case.office_id = %(office)s"
_LOOKED = """
UPDATE cases_clock AS clock SET watch_at = looked.watch_at,
    overdue_at = coalesce(clock.overdue_at, CASE WHEN looked.overdue THEN clock.due_at END)
FROM unnest(%s::bigint[], %s::timestamptz[], %s::boolean[]) AS looked (id, watch_at, overdue)
WHERE clock.id = looked.id
"""


@dataclass(slots=True)
class Swept:
    """What a sweep did: clocks looked at, reminders made, clocks that became overdue."""

    looked: int = 0
    reminded: int = 0
    overdue: int = 0


class _Due(NamedTuple):
    """A clock whose moment has come."""

    id: int
    case: int
    unit: int | None
    started_at: datetime
    due_at: datetime | None
    watch_at: datetime
    office: int


@dataclass(slots=True)
class _Known:
    """What one sweep reads once for each office."""

    at: datetime
    rosters: dict[int, Roster] = field(default_factory=dict)
    rules: dict[int, list[tuple[datetime, Rules]]] = field(default_factory=dict)
    people: dict[tuple[Any, ...], list[To]] = field(default_factory=dict)

    def learn(self, offices: set[int]) -> None:
        for office in Office.objects.filter(pk__in=offices - self.rosters.keys()):
            self.rosters[office.pk] = recipients.roster(office, self.at)
            self.rules[office.pk] = rule_sets(office)

    def find(self, clock: _Due, rung: Rung, acceptor: int | None) -> list[To]:
        """Return whom a rung of this clock reaches; worked out once for all clocks alike."""
        alike = (clock.office, rung, clock.unit, acceptor)
        if alike not in self.people:
            there = self.rosters[clock.office]
            self.people[alike] = recipients.find(there, rung, clock.unit, acceptor)
        return self.people[alike]

    def levels(self, clock: _Due) -> tuple[Level, ...]:
        """Return the ladder of the rule set in force when the clock started."""
        sets = self.rules[clock.office]
        begun = (rules for since, rules in sets if since <= clock.started_at)
        return next(begun, sets[-1][1]).ladder


def sweep(at: datetime, *, office: Office | None = None, size: int = 1000) -> Swept:
    """Remind of every clock whose moment has come by ``at``, in batches of ``size``.

    Several may sweep at once; each level of each clock is reminded of exactly once.
    """
    done, known = Swept(), _Known(at)
    while True:
        with transaction.atomic():
            looked = _batch(at, office, size, known, done)
        done.looked += looked
        if looked < size:
            return done


def _batch(at: datetime, office: Office | None, size: int, known: _Known, done: Swept) -> int:
    clocks = _take(at, office, size)
    if not clocks:
        return 0
    missing = {clock.office for clock in clocks} - known.rosters.keys()
    if missing:
        known.learn(missing)
    accepted = recipients.accepted({clock.case for clock in clocks if clock.unit is not None})
    asks: list[Ask] = []
    looked: list[tuple[int, datetime | None, bool]] = []
    for clock in clocks:
        levels = known.levels(clock)
        come = ladder.passed(clock.started_at, clock.due_at, at, levels) if clock.due_at else ()
        fresh = [moment for moment in come if moment.at >= clock.watch_at] or list(come[-1:])
        next_at = ladder.next_watch(clock.started_at, clock.due_at, at, levels)
        if fresh:
            acceptor = accepted.get((clock.case, clock.unit or 0))
            asks.append(_ask(clock, fresh, known, acceptor, final=next_at == clock.due_at))
        overdue = bool(come) and come[-1].level.name == OVERDUE
        looked.append((clock.id, next_at, overdue))
    made = remind(asks, at)
    _mark(looked)
    done.reminded += len(made.reminders)
    done.overdue += sum(level == OVERDUE for _, level in made.reminders)
    return len(clocks)


def _ask(
    clock: _Due, fresh: list[Moment], known: _Known, acceptor: int | None, *, final: bool
) -> Ask:
    """Make one reminder of the last level that has come, with those before it that went unseen.

    ``final``: the next is the due time itself. The desk hears it too, for at night or on a holiday
    neither unit nor leader is there, and nothing may be late without somebody on duty having known.
    """
    last = fresh[-1]
    to = known.find(clock, last.level.rung, acceptor)
    if last.level.name == OVERDUE:
        on_duty = recipients.on_duty(known.rosters[clock.office], "值班在岗，逾期同报")
        to = [*to, *on_duty]
    elif final and not recipients.any_at_desk(known.rosters[clock.office], to):
        to = [*to, *recipients.at_desk(known.rosters[clock.office], "到期前最后一次，值班带班同报")]
    for earlier in reversed(fresh[:-1]):  # whoever should have heard before hears it now
        to = [*to, *known.find(clock, earlier.level.rung, acceptor)]
    if not to:
        log.error("clock %s: the office has no member to remind", clock.id)
    names = "、".join(ladder.spoken(moment.level.name) for moment in fresh[:-1])
    late = known.at - last.at
    return Ask(
        office=clock.office, case=clock.case, clock=clock.id, level=last.level.name,
        rung=last.level.rung, due_at=clock.due_at, unit=clock.unit, to=recipients.once_each(to),
        words=f"“{names}”各级的时刻也已过，并入本次提醒" if names else "",
        late_by=late if late > LATE else None,
    )  # fmt: skip


def _take(at: datetime, office: Office | None, size: int) -> list[_Due]:
    """Take the next clocks whose moment has come, and hold them until the transaction ends."""
    sql = _TAKE.format(office=_OF_OFFICE if office else "")
    with connection.cursor() as cursor:
        cursor.execute(sql, {"at": at, "size": size, "office": office.pk if office else None})
        return [_Due(*row) for row in cursor.fetchall()]


def _mark(looked: list[tuple[int, datetime | None, bool]]) -> None:
    """Say when each clock is looked at next, and which are overdue from now on."""
    with connection.cursor() as cursor:
        cursor.execute(_LOOKED, [list(column) for column in zip(*looked, strict=True)])
