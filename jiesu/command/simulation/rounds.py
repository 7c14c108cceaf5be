"""The rounds of the worker: everything the product does by itself at a moment, by its own jobs.

The moment is the simulation's: in the worker's process Django's clock stands where it is told to.
"""

import json
from collections import Counter
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from jiesu.desk.jobs import LISTENERS, hand_on
from jiesu.duty import jobs as duty
from jiesu.platforms.pushes.failures import Unreachable
from jiesu.supervision import jobs as supervision

ATTEMPTS, WAIT = 5, 3  # as the product's queue tries an announcement again
SWEEP, MINUTE, PUSH = "sweep", "minute", "push"  # the parts of a round

_NEXT = """
SELECT id, args, attempts FROM procrastinate_jobs
WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= %s) ORDER BY id LIMIT 1
"""
_DEAF = """
DELETE FROM procrastinate_jobs WHERE status = 'todo' AND args->>'name' = ANY(%s)
"""


def go(part: str, at: datetime) -> dict[str, int]:
    """Do one part of what is to be done by ``at``. Done twice, it changes nothing the second time."""
    timezone.now = lambda: at
    told: Counter[str] = Counter()
    if part == PUSH:
        supervision.push(at)
    elif part == MINUTE:
        duty.find_gaps(at)
        supervision.each_minute(at)
        told["announcements"] += _announcements(at)
    else:
        told["announcements"] += _announcements(at)
        supervision.sweep(at)
    return dict(told)


LATER = frozenset({"case.moved", "case.noted", "intake.batch_received", "intake.batch_queued"})


def heard() -> list[str]:
    """Return the announcements that somebody listens to at once; the rest wait for the next round."""
    return [name for name, heard_by in LISTENERS.items() if heard_by and name not in LATER]


def _announcements(at: datetime) -> int:
    """Hand on what was announced, in order; an announcement is forgotten only when it was heard."""
    with connection.cursor() as cursor:
        cursor.execute(_DEAF, [[name for name, heard_by in LISTENERS.items() if not heard_by]])
    many = 0
    while (job := _next(at)) is not None:
        pk, told, attempts = job
        try:
            hand_on(**told)
        except Unreachable:
            _again(pk, attempts + 1, at)
            continue
        _forget(pk)
        many += 1
    return many


def _next(at: datetime) -> tuple[int, dict[str, object], int] | None:
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [at])
        row = cursor.fetchone()
    if row is None:
        return None
    pk, args, attempts = row
    return pk, args if isinstance(args, dict) else json.loads(args), attempts


def _again(pk: int, attempts: int, at: datetime) -> None:
    if attempts >= ATTEMPTS:
        _forget(pk)
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET attempts = %s, scheduled_at = %s WHERE id = %s",
            [attempts, at + timedelta(seconds=WAIT**attempts), pk],
        )


def _forget(pk: int) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [pk])
