"""Starting, stopping and gathering the clocks of a case. Any stage does it by kind.

Every verb of every stage comes through here several times, so each is one plain statement.
"""

from datetime import datetime
from typing import Any

from django.db import connection

from jiesu.cases.models import Case
from jiesu.org.models import Unit
from jiesu.rules.clocks import ClockKind, Due
from jiesu.rules.workflow import Action

_STOP = "UPDATE cases_clock SET stopped_at = %s, stopped_by = %s WHERE case_id = %s AND stopped_at IS NULL"
_START = """
INSERT INTO cases_clock (case_id, kind, unit_id, started_at, due_at, source, stopped_by)
VALUES (%s, %s, %s, %s, %s, %s, '')
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


def start(case: Case, kind: ClockKind, *, at: datetime, due: Due, unit: Unit | None = None) -> None:
    """Start a clock. One of the same kind (and unit) that still runs is stopped first."""
    of = unit.pk if unit else None
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_STOP} AND kind = %s AND unit_id IS NOT DISTINCT FROM %s",
            [at, "restart", case.pk, kind.value, of],
        )
        cursor.execute(_START, [case.pk, kind.value, of, at, due.at, due.source])


def stop(case: Case, *kinds: ClockKind, at: datetime, by: Action, unit: Unit | None = None) -> int:
    """Stop the running clocks of these kinds (all kinds when none is named). Returns how many."""
    sql = _STOP
    given: list[Any] = [at, by.value, case.pk]
    if kinds:
        sql, given = f"{sql} AND kind = ANY(%s)", [*given, [kind.value for kind in kinds]]
    if unit is not None:
        sql, given = f"{sql} AND unit_id = %s", [*given, unit.pk]
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return int(cursor.rowcount)


def gather(case: Case) -> None:
    """Write the clock that is due next onto the case, where lists read it. Last call of every verb."""
    with connection.cursor() as cursor:
        cursor.execute(_GATHER, [case.pk, case.pk])
        case.next_clock, case.next_started_at, case.next_due_at = cursor.fetchone()
