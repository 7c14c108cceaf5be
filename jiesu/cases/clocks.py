"""Starting, stopping, pausing and gathering the clocks of a case. Any stage does it by kind.

Every verb of every stage comes through here several times, so each is one plain statement.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from jiesu.cases.models import Case, Clock, ClockPause
from jiesu.catalogue.queries import calendar_of, rules_at
from jiesu.org.models import Member, Office, Unit
from jiesu.rules import ladder
from jiesu.rules.clocks import ClockKind, Due, Sized, size
from jiesu.rules.counting import Count, Limit, Pause, Reckoning, due_at, parse_hours, reckon
from jiesu.rules.holidays import NoTable
from jiesu.rules.moments import BEIJING
from jiesu.rules.rule_set import Rules
from jiesu.rules.workflow import Action

# a clock stopped after its due time was overdue: said once, kept by a trigger; an open pause ends too
_STOP = """
WITH stopped AS (
    UPDATE cases_clock SET stopped_at = %(at)s, stopped_by = %(by)s, watch_at = NULL,
        overdue_at = coalesce(overdue_at, CASE WHEN due_at < %(at)s THEN due_at END)
    WHERE case_id = %(case)s AND stopped_at IS NULL{which}
    RETURNING id
), ended AS (
    UPDATE cases_clockpause SET to_at = greatest(from_at, %(at)s)
    WHERE to_at IS NULL AND clock_id IN (SELECT id FROM stopped)
)
SELECT count(*) FROM stopped
"""
_START = """
INSERT INTO cases_clock (case_id, kind, unit_id, started_at, due_at, source, "limit", count, hours,
                         fixed, rule_set, watch_at, stopped_by)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, '')
"""
_GATHER = """
UPDATE cases_case
SET next_clock = coalesce(next.kind, ''), next_started_at = next.started_at, next_due_at = next.due_at
FROM (SELECT 1) AS whatever LEFT JOIN (
    SELECT kind, started_at, due_at FROM cases_clock
    WHERE case_id = %s AND stopped_at IS NULL AND due_at IS NOT NULL
    ORDER BY due_at, id LIMIT 1
) AS next ON TRUE
WHERE cases_case.id = %s
RETURNING next_clock, next_started_at, next_due_at
"""
PAUSABLE = frozenset({ClockKind.INTERNAL, ClockKind.ASSIST, ClockKind.CONTACT})


class NotPausable(ValueError):
    """The clock cannot be paused, or gone on with, as it stands; the message says why."""


def start(
    case: Case, kind: ClockKind, *, at: datetime, due: Due, unit: Unit | None = None,
    rules: Rules | None = None,
) -> None:  # fmt: skip
    """Start a clock. One of the same kind (and unit) that still runs is stopped first.

    How long it is, how it is counted and when it is reminded of come from the rule set in force at
    ``at``; a verb that has it at hand passes it as ``rules``.
    """
    of = unit.pk if unit else None
    rules = rules or rules_at(case.office, at)
    sized = size(at, due, rules.ladder, lambda: calendar_of(case.office))
    with connection.cursor() as cursor:
        cursor.execute(
            _STOP.format(which=" AND kind = %(kind)s AND unit_id IS NOT DISTINCT FROM %(unit)s"),
            {"at": at, "by": "restart", "case": case.pk, "kind": kind.value, "unit": of},
        )
        cursor.execute(_START, [case.pk, kind.value, of, at, *_columns(sized, rules.name)])


def _columns(sized: Sized, rule_set: str) -> list[Any]:
    return [
        sized.due_at, sized.source, sized.length, sized.count.value, sized.hours, sized.fixed,
        rule_set, sized.watch_at,
    ]  # fmt: skip


def stop(case: Case, *kinds: ClockKind, at: datetime, by: Action, unit: Unit | None = None) -> int:
    """Stop the running clocks of these kinds (all kinds when none is named). Returns how many."""
    which = ""
    given: dict[str, Any] = {"at": at, "by": by.value, "case": case.pk}
    if kinds:
        which += " AND kind = ANY(%(kinds)s)"
        given["kinds"] = [kind.value for kind in kinds]
    if unit is not None:
        which += " AND unit_id = %(unit)s"
        given["unit"] = unit.pk
    with connection.cursor() as cursor:
        cursor.execute(_STOP.format(which=which), given)
        return int(cursor.fetchone()[0])


def go_on(
    case: Case, kind: ClockKind, *, at: datetime, unit: Unit | None, cause: str
) -> Clock | None:
    """The same unit has the case back: its last clock goes on, the time away does not count (2.6).

    Returns the clock, or None when the unit never had one of this kind: then it is to be started.
    A clock that was overdue goes on overdue.
    """
    clock = (
        case.clocks.select_for_update().filter(kind=kind, unit=unit).order_by("id").last()
    )  # fmt: skip
    if clock is None or clock.stopped_at is None:
        return clock
    ClockPause.objects.create(
        clock=clock, cause=cause, from_at=clock.stopped_at, to_at=max(at, clock.stopped_at)
    )
    clock.stopped_at, clock.stopped_by = None, ""
    _count_anew(case.office, clock, at)
    clock.save(update_fields=["stopped_at", "stopped_by", "due_at", "source", "watch_at"])
    return clock


def reopen(case: Case, *kinds: ClockKind, at: datetime, stopped_by: Action) -> None:
    """A step was taken back: the clocks it stopped run on as if it had never been taken."""
    for kind in kinds:
        clock = case.clocks.select_for_update().filter(kind=kind).order_by("id").last()
        if clock is None or clock.stopped_at is None or clock.stopped_by != stopped_by:
            continue
        clock.stopped_at, clock.stopped_by = None, ""
        _count_anew(case.office, clock, at)
        clock.save(update_fields=["stopped_at", "stopped_by", "due_at", "source", "watch_at"])


@transaction.atomic
def pause(case: Case, clock: Clock, *, cause: str, actor: Member | None, at: datetime) -> None:
    """Let a clock of our own not count until it is resumed; it has no due time meanwhile.

    :raises NotPausable: it is the order's own, has stopped, is paused already or overdue, or no cause
    """
    clock = Clock.objects.select_for_update().get(pk=clock.pk)
    if clock.kind not in PAUSABLE or clock.fixed:
        raise NotPausable(f"“{clock.label}”时限不由本街道确定，不能暂停。")
    if clock.stopped_at is not None:
        raise NotPausable("这个时限已经停了，不用暂停。")
    if clock.due_at is None:
        raise NotPausable("这个时限没有在计时，不能暂停。")
    if clock.overdue_at is not None or clock.due_at <= at:
        raise NotPausable("这个时限已经逾期，逾期的事实不能改；请抓紧办理。")
    if not cause.strip():
        raise NotPausable("请写明暂停的原因。")
    ClockPause.objects.create(clock=clock, cause=cause.strip(), from_at=at, actor=actor)
    _count_anew(case.office, clock, at)
    clock.save(update_fields=["due_at", "source", "watch_at"])
    gather(case)


@transaction.atomic
def resume(case: Case, clock: Clock, *, actor: Member | None, at: datetime) -> None:
    """Let a paused clock count again; its due time moves by what was not counted.

    :raises NotPausable: it is not paused
    """
    clock = Clock.objects.select_for_update().get(pk=clock.pk)
    ended = clock.pauses.filter(to_at=None).update(to_at=at) if clock.stopped_at is None else 0
    if not ended:
        raise NotPausable("这个时限没有暂停，不用恢复。")
    _count_anew(case.office, clock, at)
    clock.save(update_fields=["due_at", "source", "watch_at"])
    gather(case)


def _count_anew(office: Office, clock: Clock, at: datetime) -> None:
    """Work out due and watch again from the start, with every pause. Never for an overdue clock."""
    levels = rules_at(office, clock.started_at).ladder
    if clock.overdue_at is None and clock.limit is not None and not clock.fixed:
        clock.source = clock.source.partition("；")[0]
        try:
            clock.due_at = _reckon(office, clock, due_at)
        except NoTable as missing:
            clock.due_at, clock.source = None, f"{clock.source}；{missing}"
    clock.watch_at = ladder.next_watch(clock.started_at, clock.due_at, at, levels)
    if clock.due_at is not None and clock.due_at <= at and clock.overdue_at is None:
        clock.watch_at = at  # it is late already: the sweep says so


def _reckon(office: Office, clock: Clock, work: Any) -> Any:
    count = Count(clock.count)
    assert clock.limit is not None
    limit = Limit(clock.limit, count, parse_hours(clock.hours) if clock.hours else ())
    pauses = [Pause(p.from_at, p.to_at, p.cause) for p in clock.pauses.all()]
    tables = None if count is Count.CALENDAR else calendar_of(office)
    return work(clock.started_at, limit, pauses=pauses, calendar=tables)


def reckoning(office: Office, clock: Clock) -> tuple[Reckoning, Limit] | None:
    """Return how a clock's due time comes about, span by span, and its limit; None: nothing to count.

    ``clock.pauses`` should be prefetched where several are asked for.

    :raises holidays.NoTable: it reaches into a year that has no table
    """
    if clock.limit is None:
        return None
    limit = Limit(clock.limit, Count(clock.count), parse_hours(clock.hours) if clock.hours else ())
    return _reckon(office, clock, reckon), limit


@transaction.atomic
def recompute(office: Office, years: Iterable[int], at: datetime) -> int:
    """New tables of working days: work out again what runs and counts by them. Returns how many moved.

    What is overdue already stays so. Clocks that waited for a missing year get their due time.
    """
    counted = Clock.objects.select_for_update(of=("self",)).filter(
        case__office=office, stopped_at=None, overdue_at=None, limit__isnull=False, fixed=False
    )
    # a notice also moves days of the December before
    first = datetime(min(years) - 1, 12, 1, tzinfo=BEIJING)
    moved = 0
    for clock in counted.exclude(count=Count.CALENDAR).filter(
        Q(due_at=None) | Q(due_at__gte=first)
    ).select_related("case").prefetch_related("pauses").order_by("id"):  # fmt: skip
        before = clock.due_at
        if before is not None and before <= at:
            continue
        _count_anew(office, clock, at)
        if clock.due_at != before:
            clock.save(update_fields=["due_at", "source", "watch_at"])
            gather(clock.case)
            moved += 1
    return moved


def gather(case: Case) -> None:
    """Write the clock that is due next onto the case, where lists read it. Last call of every verb."""
    with connection.cursor() as cursor:
        cursor.execute(_GATHER, [case.pk, case.pk])
        case.next_clock, case.next_started_at, case.next_due_at = cursor.fetchone()
