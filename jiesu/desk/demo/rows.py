"""Writing the lives of the demo cases: one COPY a table, in the order things happened.

Beside ``cases.transitions`` and ``intake.storing`` this is the one place that writes a stage: a month
of history is put there as it would stand had it been lived, and announced to nobody.
"""

import json
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

from django.db import connection
from django.db.models import Model

from jiesu.cases import sealing
from jiesu.cases.models import Assignment, Case, Clock, ClockPause, Event
from jiesu.desk.demo.lives import Life

Row = dict[str, Any]


def write(lives: Sequence[Life]) -> None:
    """Write lives in the order given, which is the order they arrived in; ids are filled in.

    A life whose ``previous_id`` names another life in the list (by its place there) must come after it.
    """
    for case_id, life in zip(_ids(len(lives)), lives, strict=True):
        life.columns["id"] = case_id
    for life in lives:
        earlier = life.columns["previous_id"]
        life.columns["previous_id"] = None if earlier is None else lives[earlier].columns["id"]
    _copy(Case, [_case(life) for life in lives])
    _copy(Event, _in_order(lives, "events", "at", _event))
    clocks = _in_order(lives, "clocks", "started_at", _row)
    for clock_id, row in zip(_ids(len(clocks), "cases_clock"), clocks, strict=True):
        row["id"] = row["told"]["id"] = clock_id
    _copy(Clock, clocks)
    _copy(ClockPause, _in_order(lives, "pauses", "from_at", _pause))
    _copy(Assignment, _in_order(lives, "assignments", "assigned_at", _row))


def _case(life: Life) -> Row:
    running = [c for c in life.clocks if c["stopped_at"] is None and c["due_at"] is not None]
    first = min(running, key=itemgetter("due_at")) if running else None
    came = life.columns
    stored = sealing.seal(
        came, office=came["office_id"], number=came["number"], arrival=came["arrival"],
        arrived_at=came["arrived_at"],
    )  # fmt: skip
    return {
        **came,
        **stored,
        "stage": life.standing.value if life.standing else None,
        "steps": life.steps,
        "unit_id": life.unit.pk if life.unit else None,
        "extra": json.dumps(stored["extra"], ensure_ascii=False),
        "next_clock": first["kind"].value if first else "",
        "next_started_at": first["started_at"] if first else None,
        "next_due_at": first["due_at"] if first else None,
    }


def _in_order(
    lives: Sequence[Life], part: str, moment: str, row: Callable[[dict[str, Any], Life], Row]
) -> list[Row]:
    """Return the rows of all lives as they came about: by time, and within a case as it was lived."""
    found = [(one, life) for life in lives for one in getattr(life, part)]
    found.sort(key=lambda pair: pair[0][moment])
    return [row(one, life) for one, life in found]


def _event(event: dict[str, Any], life: Life) -> Row:
    note, facts, _ = sealing.seal_event(event["note"], event["facts"])
    return {
        **event,
        "note": note,
        "office_id": life.columns["office_id"],
        "case_id": life.columns["id"],
        "action": event["action"].value,
        "before": event["before"].value if event["before"] else None,
        "after": event["after"].value,
        "actor_id": event["actor"].pk if event["actor"] else None,
        "recorded_at": event["at"],
        "facts": json.dumps(facts, ensure_ascii=False),
    }


def _row(told: dict[str, Any], life: Life) -> Row:
    """A clock or an assignment: members and units by their keys, words by their codes."""
    row = {name: getattr(value, "value", value) for name, value in told.items()}
    row["case_id"], row["told"] = life.columns["id"], told
    for name in ("unit", "assigned_by", "accepted_by"):
        row[f"{name}_id"] = told[name].pk if told.get(name) else None
    return row


def _pause(told: dict[str, Any], life: Life) -> Row:
    clock = told["clock"]["id"]
    return {"clock_id": clock, **{k: told[k] for k in ("cause", "from_at", "to_at")}}


def _ids(count: int, table: str = "cases_case") -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [table, count],
        )
        return [row[0] for row in cursor.fetchall()]


def _copy(model: type[Model], rows: Sequence[Row]) -> None:
    """Copy rows into a table; a column they leave out gets the field's own default."""
    if not rows:
        return
    fields = [f for f in model._meta.concrete_fields if not f.generated]
    given = [f.column for f in fields if f.column in rows[0]]
    left = {
        f.column: f.get_default() for f in fields if f.column not in rows[0] and f.has_default()
    }
    names = ", ".join(f'"{column}"' for column in (*given, *left))
    table = model._meta.db_table
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as out:
        for row in rows:
            out.write_row((*map(row.__getitem__, given), *left.values()))
