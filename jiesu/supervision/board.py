"""督办看板: how many cases are late or soon will be, whose they are, and how long each hand keeps them.

Every number is counted by the same words that its link asks the list of cases for, so that the list
holds exactly what was counted. All of it goes by what the member may see.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection

from jiesu.cases import access
from jiesu.cases.filters import DAY, RECENT, end_of_day
from jiesu.org.models import Member, Unit
from jiesu.rules.workflow import OPEN, Action, Stage

SETTLED = timedelta(days=90)  # a case that moved lately was dispatched at most so long before

_WAITING = """
SELECT grouping(unit, community), unit, community,
    count(*) FILTER (WHERE due <= %(at)s),
    count(*) FILTER (WHERE due > %(at)s AND due <= %(midnight)s),
    count(*) FILTER (WHERE due > %(at)s AND due <= %(day)s),
    count(*)
FROM ({seen}) AS seen (unit, community, due)
GROUP BY GROUPING SETS ((unit), (community), ())
"""
_STANDING = """
SELECT stage, count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY stays), max(stays),
    (array_agg(number ORDER BY stays DESC, id))[1]
FROM (
    SELECT seen.id, seen.number, seen.stage, %(at)s - entered.at AS stays
    FROM ({seen}) AS seen (id, number, stage, steps)
    JOIN cases_event AS entered ON entered.case_id = seen.id AND entered.step = seen.steps AND entered.moved
) AS standing
GROUP BY stage
"""
_LEFT = """
SELECT left_.before, count(DISTINCT seen.id),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY left_.at - entered.at),
    percentile_cont(0.9) WITHIN GROUP (ORDER BY left_.at - entered.at)
FROM ({seen}) AS seen (id)
JOIN cases_event AS left_ ON left_.case_id = seen.id AND left_.moved AND left_.at >= %(since)s
JOIN cases_event AS entered ON entered.case_id = seen.id AND entered.step = left_.step - 1 AND entered.moved
GROUP BY left_.before
"""
_HANDS = """
SELECT given.unit_id, count(DISTINCT seen.id),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY given.accepted_at - given.assigned_at),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY reached.at - given.assigned_at),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY told.at - given.assigned_at),
    percentile_cont(0.9) WITHIN GROUP (ORDER BY told.at - given.assigned_at)
FROM ({seen}) AS seen (id)
JOIN cases_assignment AS given
    ON given.case_id = seen.id AND given.part = 'lead' AND given.assigned_at >= %(since)s
LEFT JOIN LATERAL (
    SELECT min((facts ->> 'contacted_at')::timestamptz) AS at FROM cases_event
    WHERE case_id = seen.id AND action = %(contact)s AND at >= given.assigned_at
        AND (given.ended_at IS NULL OR at <= given.ended_at)
) AS reached ON TRUE
LEFT JOIN LATERAL (
    SELECT min(at) AS at FROM cases_event
    WHERE case_id = seen.id AND action = %(submit)s AND at >= given.assigned_at
        AND (given.ended_at IS NULL OR at <= given.ended_at)
) AS told ON TRUE
GROUP BY given.unit_id
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Open cases of one lead or of one community (None: there is none), or of all."""

    of: Unit | None
    late: int
    today: int
    day: int
    open: int


@dataclass(frozen=True, slots=True)
class Counts:
    whole: Waiting
    units: list[Waiting]
    communities: list[Waiting]


@dataclass(frozen=True, slots=True)
class Dwell:
    """One stage: who stands there now and for how long, and how long those stayed that left it lately."""

    stage: Stage
    standing: int
    median: timedelta | None
    longest: timedelta | None
    longest_number: str
    left: int
    left_median: timedelta | None
    left_most: timedelta | None


@dataclass(frozen=True, slots=True)
class Hand:
    """One lead unit over the cases it was given lately: from given to accepted, reached, answered."""

    unit: Unit
    given: int
    accepted: timedelta | None
    reached: timedelta | None
    answered: timedelta | None
    answered_most: timedelta | None


class Standing(NamedTuple):
    many: int = 0
    median: timedelta | None = None
    longest: timedelta | None = None
    number: str = ""


class Left(NamedTuple):
    many: int = 0
    median: timedelta | None = None
    most: timedelta | None = None


def units_of(member: Member) -> dict[int, Unit]:
    """Return the units of the member's office by their keys, in their own order."""
    return {unit.pk: unit for unit in Unit.objects.filter(office=member.office_id)}


def counts(member: Member, units: dict[int, Unit], at: datetime) -> Counts:
    """Return what waits: in all, by lead unit and by community. One query."""
    seen = access.visible_to(member).open().order_by()
    told = {"at": at, "midnight": end_of_day(at), "day": at + DAY}
    lines = _rows(_WAITING, seen, ("unit_id", "community_id", "next_due_at"), told)
    whole = Waiting(None, 0, 0, 0, 0)
    by_unit, by_community = {}, {}
    for grouped, unit, community, late, today, day, many in lines:
        if grouped == 3:
            whole = Waiting(None, late, today, day, many)
        elif grouped == 1:  # the community is rolled up: a lead unit's line
            by_unit[unit] = Waiting(units.get(unit), late, today, day, many)
        else:
            by_community[community] = Waiting(units.get(community), late, today, day, many)
    order = [None, *units]
    return Counts(
        whole,
        [by_unit[pk] for pk in order if pk in by_unit],
        [by_community[pk] for pk in order if pk in by_community],
    )


def standing(member: Member, at: datetime) -> dict[str, Standing]:
    """Return by stage the open cases there now: how many, their median stay and the longest. One query."""
    seen = access.visible_to(member).open().order_by()
    lines = _rows(_STANDING, seen, ("id", "number", "stage", "steps"), {"at": at})
    return {stage: Standing(*rest) for stage, *rest in lines}


def left(member: Member, at: datetime) -> dict[str, Left]:
    """Return by stage the stays that ended lately: of how many cases, median and ninth tenth. One query."""
    lines = _rows(_LEFT, _lately(member, at), ("id",), {"since": at - RECENT})
    return {stage: Left(*rest) for stage, *rest in lines}


def dwell(member: Member, at: datetime) -> list[Dwell]:
    """Return 停留: the open stages in the order of the road. Two queries."""
    now, before = standing(member, at), left(member, at)
    found = []
    for stage in OPEN:
        here, gone = now.get(stage, Standing()), before.get(stage, Left())
        if here.many or gone.many:
            found.append(Dwell(stage, *here, *gone))
    return found


def hands(member: Member, units: dict[int, Unit], at: datetime) -> list[Hand]:
    """Return how long each lead unit took over what it was given lately. One query."""
    told = {
        "since": at - RECENT,
        "contact": Action.CONTACT.value,
        "submit": Action.SUBMIT.value,
    }
    lines = {unit: rest for unit, *rest in _rows(_HANDS, _lately(member, at), ("id",), told)}
    return [Hand(unit, *lines[pk]) for pk, unit in units.items() if pk in lines]


def _lately(member: Member, at: datetime) -> Any:
    """The cases looked at for what happened lately: an index leads to them, none leads to old events."""
    return access.visible_to(member).filter(dispatched_at__gte=at - RECENT - SETTLED).order_by()


def _rows(
    sql: str, seen: Any, columns: Sequence[str], told: dict[str, Any]
) -> list[tuple[Any, ...]]:
    """Run one of the queries above over the cases a member may see."""
    inner, values = seen.values_list(*columns).query.sql_with_params()
    named = {f"seen{place}": value for place, value in enumerate(values)}
    inner = inner.replace("%%", "%%%%") % tuple(f"%({name})s" for name in named)
    with connection.cursor() as cursor:
        cursor.execute(sql.format(seen=inner), {**named, **told})
        return cursor.fetchall()
