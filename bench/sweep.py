"""The sweep over a million open clocks, beside the look at the index it stands on."""

from datetime import datetime

from django.db import connection

from bench.measure import ROUNDS, Figure, Took, each, in_turns, ms, once
from jiesu.cases.models import Case, Clock
from jiesu.org.models import Office
from jiesu.supervision import sweeping

TIMES = 200
DUE = 1000

_RAW = """
SELECT id FROM cases_clock WHERE stopped_at IS NULL AND watch_at IS NOT NULL
ORDER BY watch_at, id LIMIT 1000
"""
_PROBE = """
SELECT id FROM cases_clock WHERE stopped_at IS NULL AND watch_at IS NOT NULL AND watch_at <= %s
ORDER BY watch_at, id LIMIT 1000
"""
_NOT_YET = """
UPDATE cases_clock SET watch_at = %s::timestamptz + interval '30 days'
WHERE stopped_at IS NULL AND watch_at <= now()
"""
# open clocks as a street in trouble would have them, watched from an hour on; a case holds one hundred
_FILL = """
INSERT INTO cases_clock (case_id, kind, unit_id, started_at, due_at, source, "limit", stopped_by, watch_at)
SELECT cases.id, 'bench', units.id, %(at)s, %(at)s + interval '20 days', '', interval '20 days', '',
       %(at)s + interval '1 hour' + random() * interval '18 days'
FROM (SELECT id FROM cases_case WHERE office_id = %(office)s ORDER BY id LIMIT %(cases)s) AS cases,
     (SELECT id FROM org_unit WHERE office_id = %(office)s ORDER BY id) AS units
LIMIT %(clocks)s
"""
_COME_DUE = """
UPDATE cases_clock SET started_at = %(at)s - interval '2 days', watch_at = %(at)s - interval '1 minute',
    due_at = %(at)s - interval '1 minute' + interval '24 hours'
WHERE id IN (SELECT id FROM cases_clock WHERE kind = 'bench' AND stopped_at IS NULL
             ORDER BY watch_at DESC LIMIT %(many)s)
"""


def measure(office: Office, *, clocks: int, at: datetime) -> list[Figure]:
    """Fill a million clocks; sweep with nothing due, then with a thousand that have come due."""
    fill(office, clocks, at)
    ours, beside = in_turns(ROUNDS, lambda: each(lambda: _idle(at), TIMES), _raw_look)
    plan = _plan(at)
    reminded = [_thousand(at) for _ in range(ROUNDS)]
    rate = sorted(DUE / took.wall for took in reminded)[ROUNDS // 2]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM cases_clock WHERE stopped_at IS NULL")
        still = cursor.fetchone()[0]
    return [
        Figure(
            "sweep", f"sweep of {still:,} open clocks, nothing due", ms(ours.wall),
            f"{ms(beside.wall)} (index look-up of the next 1,000)", ours.wall / beside.wall,
            goal=10, stretch=3, note=f"a transaction around one probe: {plan}",
        ),
        Figure(
            "sweep-due", f"{DUE:,} clocks that have come due among them, reminded", f"{rate:,.0f}/s", "",
            None, note="each with its reminder, notices, deliveries, next moment and the word to the desks",
        ),
    ]  # fmt: skip


def fill(office: Office, clocks: int, at: datetime) -> None:
    """Add open clocks to what is there, by plain SQL, and settle the table."""
    missing = clocks - Clock.objects.filter(stopped_at=None).count()
    with connection.cursor() as cursor:
        if missing > 0:
            given = {
                "at": at,
                "office": office.pk,
                "cases": Case.objects.count(),
                "clocks": missing,
            }
            cursor.execute(_FILL, given)
        cursor.execute(_NOT_YET, [at])
        cursor.execute("VACUUM ANALYZE cases_clock")


def _idle(at: datetime) -> None:
    assert sweeping.sweep(at).looked == 0


def _raw_look() -> Took:
    def look() -> None:
        with connection.cursor() as cursor:
            cursor.execute(_RAW)
            assert len(cursor.fetchall()) == 1000

    return each(look, TIMES)


def _thousand(at: datetime) -> Took:
    """Let a thousand more come due, and remind of them."""
    with connection.cursor() as cursor:
        cursor.execute(_COME_DUE, {"at": at, "many": DUE})
    done = []
    took = once(lambda: done.append(sweeping.sweep(at)))
    assert (done[0].looked, done[0].reminded) == (DUE, DUE), done
    return took


def _plan(at: datetime) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {_PROBE}", [at])
        told = " ".join(row[0] for row in cursor.fetchall())
    return "by the index clock_to_watch" if "clock_to_watch" in told else told
