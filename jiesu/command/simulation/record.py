"""The record of a month in natural keys and simulated times: what two runs of one seed must share.

No ids of the database and no clock of the machine. Deliveries out of the house are left out: when a
killed worker's message is tried again is a matter of its lease; the receivers are checked instead.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from jiesu.cases.models import Clock, Event
from jiesu.duty.models import CoverGap, Post
from jiesu.supervision.models import DailyList, Notice, Reminder

PLAIN = (str, bool)


def lines() -> list[str]:
    """Return every line of the record as JSON, in an order that no id decides."""
    told = [*_events(), *_clocks(), *_reminders(), *_notices(), *_gaps(), *_posts(), *_lists()]
    return sorted(json.dumps(line, ensure_ascii=False, default=_text) for line in told)


def digest(record: list[str]) -> str:
    """Return the SHA-256 of the whole record."""
    whole = hashlib.sha256()
    for line in record:
        whole.update(line.encode())
        whole.update(b"\n")
    return whole.hexdigest()


def write(record: list[str], path: Path) -> None:
    """Write the record, one line of JSON each."""
    path.write_text("".join(f"{line}\n" for line in record), "utf-8")


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _events() -> Iterator[list[Any]]:
    found = Event.objects.values_list(
        "at", "case__number", "case__arrival", "step", "action", "before", "after",
        "actor__username", "note", "facts",
    )  # fmt: skip
    for at, *rest, facts in found.iterator(chunk_size=2000):
        plain = {key: value for key, value in sorted(facts.items()) if isinstance(value, PLAIN)}
        yield [_utc(at), "event", *rest, plain]


def _clocks() -> Iterator[list[Any]]:
    found = Clock.objects.values_list(
        "started_at", "case__number", "case__arrival", "kind", "unit__code", "due_at", "source",
        "watch_at", "overdue_at", "stopped_at", "stopped_by",
    )  # fmt: skip
    for at, *rest in found.iterator(chunk_size=2000):
        yield [_utc(at), "clock", *map(_utc, rest)]


_OF_REMINDER = (
    "case__number", "case__arrival", "clock__kind", "clock__unit__code", "clock__started_at", "level",
)  # fmt: skip


def _reminders() -> Iterator[list[Any]]:
    found = Reminder.objects.values_list(
        "at", *_OF_REMINDER, "rung", "due_at", "asked_by__username", "words", "late_by"
    )
    for at, *rest in found.iterator(chunk_size=2000):
        yield [_utc(at), "reminder", *map(_utc, rest)]


def _notices() -> Iterator[list[Any]]:
    found = Notice.objects.values_list(
        "made_at", "member__username", *(f"reminder__{name}" for name in _OF_REMINDER),
        "reminder__at", "rung", "why", "climbed", "seen_at", "answered_at", "answer",
    )  # fmt: skip
    for at, *rest in found.iterator(chunk_size=2000):
        yield [_utc(at), "notice", *map(_utc, rest)]


def _gaps() -> Iterator[list[Any]]:
    found = CoverGap.objects.values_list(
        "found_at", "shift__pattern__name", "shift__on", "present", "minimum", "missing",
        "closed_at", "closed_why",
    )  # fmt: skip
    for at, *rest in found:
        yield [_utc(at), "gap", *map(_utc, rest)]


def _posts() -> Iterator[list[Any]]:
    found = Post.objects.values_list(
        "shift__starts_at", "shift__pattern__name", "member__username", "lead", "arrived_at",
        "left_at", "released_at", "released_why",
    )  # fmt: skip
    for at, *rest in found:
        yield [_utc(at), "post", *map(_utc, rest)]


def _lists() -> Iterator[list[Any]]:
    for made in DailyList.objects.all():
        rows = [[row["number"], row["arrival"], row["kind"], row["unit"]] for row in made.rows]
        yield [_utc(made.at), "list", _utc(made.made_at), _utc(made.pushed_at), rows]


def _utc(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
