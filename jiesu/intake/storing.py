"""Writing many arrivals at once: one COPY a table, all in the caller's transaction.

Here, and in ``cases.transitions``, a stage is written: the first stage of a case that arrives.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from psycopg.copy import LibpqWriter

from jiesu.core import personal
from jiesu.intake.models import Arrival, Batch, Verdict
from jiesu.rules.clocks import ClockKind, Sized
from jiesu.rules.workflow import Action, Stage

UNSENT = 32 * 2**20  # bytes; a chunk of ordinary rows takes 8
CASE = (
    "id", "office_id", "number", "arrival", "previous_id", "stage", "steps", "case_no", "order_type",
    "path", "category", "tags", "title", "content", "location", "district", "street", "community_id",
    "community_text", "requester_name", "requester_phone", "requester_address", "company", "month_seq",
    "year_seq", "unit_text", "extra", "sealed", "confidential", "phone_keys", "called_at", "dispatched_at", "due_at", "due_source",
    "arrived_at", "unit_id", "closed_at", "result", "next_clock", "next_started_at", "next_due_at",
    "tokens",
)  # fmt: skip
EVENT = (
    "office_id",
    "case_id",
    "step",
    "action",
    "after",
    "moved",
    "actor_id",
    "at",
    "note",
    "facts",
)
CLOCK = (
    "case_id", "kind", "started_at", "due_at", "source", "limit", "count", "hours", "fixed",
    "watch_at", "rule_set", "stopped_by",
)  # fmt: skip
ARRIVAL = (
    "office_id", "batch_id", "sheet_id", "row", "where", "number", "digest", "verdict", "reason",
    "changes", "values", "case_id",
)  # fmt: skip


@dataclass(slots=True)
class Fresh:
    """One case about to be written: its columns, its clocks, and the row it came in.

    ``placed``: the words of its place field by which its community was found, where it names none itself.
    """

    columns: dict[str, Any]
    clocks: Sequence[tuple[ClockKind, datetime, Sized]]  # started when
    rule_set: str
    kept: "Kept"
    placed: str = ""


@dataclass(slots=True)
class Kept:
    """One row to be kept as it came."""

    sheet: int | None
    row: int
    where: str
    number: str
    digest: UUID | None  # None: refused before it was a draft
    verdict: Verdict
    values: Sequence[str]  # the cells as they came
    case: int | None = None
    reason: str = ""
    changes: dict[str, Any] = field(default_factory=dict)


def write_fresh(
    batch: Batch, count: int, fresh: Iterable[Fresh], *, actor: int | None, at: datetime
) -> None:
    """Write ``count`` new cases with their first event and clocks. Ids are filled in, in the rows too.

    The cases are taken one by one while the server stores those before them, so that both work at
    once; whoever makes them must not ask the database meanwhile.
    """
    if not count:
        return
    made: list[Fresh] = []

    def cases() -> Iterator[tuple[Any, ...]]:
        for case_id, one in zip(ids, fresh, strict=True):
            one.columns["id"] = one.kept.case = case_id
            made.append(one)
            yield tuple(map(one.columns.__getitem__, CASE))

    ids = _ids(count)
    _copy("cases_case", CASE, cases())
    _copy("cases_event", EVENT, (_first_event(batch, one, actor, at) for one in made))
    _copy(
        "cases_clock", CLOCK,
        (_clock(one, *clock) for one in made for clock in one.clocks),
    )  # fmt: skip


def keep_rows(batch: Batch, kept: Iterable[Kept]) -> None:
    """Keep rows as they came, sealed, with what became of them."""
    seal = Arrival._meta.get_field("values").sealed  # type: ignore[union-attr]
    _copy(
        "intake_arrival", ARRIVAL,
        (
            (batch.office_id, batch.pk, one.sheet, one.row, one.where, one.number, one.digest,
             one.verdict.value, personal.within(one.reason), json.dumps(one.changes, ensure_ascii=False),
             seal(one.values),
             one.case)
            for one in kept
        ),
    )  # fmt: skip


def _first_event(batch: Batch, one: Fresh, actor: int | None, at: datetime) -> tuple[Any, ...]:
    columns = one.columns
    finished = columns["stage"] == Stage.CLOSED
    action = Action.ARRIVE_FINISHED if finished else Action.ARRIVE
    facts = {"batch": batch.pk, "row": one.kept.row, "arrival": columns["arrival"]}
    if one.placed:
        facts["placed"] = one.placed
    return (
        batch.office_id, one.kept.case, 1, action.value, columns["stage"], True, actor, at,
        columns["result"] if finished else "", json.dumps(facts),
    )  # fmt: skip


def _clock(one: Fresh, kind: ClockKind, started_at: datetime, sized: Sized) -> tuple[Any, ...]:
    return (
        one.kept.case, kind.value, started_at, sized.due_at, sized.source, sized.length,
        sized.count.value, sized.hours, sized.fixed, sized.watch_at, one.rule_set, "",
    )  # fmt: skip


def _ids(count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('cases_case', 'id')) FROM generate_series(1, %s)",
            [count],
        )
        return [row[0] for row in cursor.fetchall()]


def _copy(table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    names = ", ".join(f'"{name}"' for name in columns)
    with connection.cursor() as wrapped:
        cursor = wrapped.cursor  # psycopg's own: Django's wrapper knows no writer
        # what the server has not yet taken waits in memory, so that making rows never waits for it
        writer = LibpqWriter(cursor, flush_threshold=UNSENT)
        with cursor.copy(f"COPY {table} ({names}) FROM STDIN", writer=writer) as out:
            for row in rows:
                out.write_row(row)
