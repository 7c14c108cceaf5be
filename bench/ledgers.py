"""The ledger as xlsx beside XlsxWriter, which has the same cells in memory already."""

import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import xlsxwriter
from django.utils import timezone

from bench.measure import ROUNDS, Figure, Sense, Took, in_turns, once, peak_of_child
from jiesu.cases import filters
from jiesu.cases.models import Case
from jiesu.ledger import actions, queries
from jiesu.ledger.sheets import CASES
from jiesu.org.models import Member

BESIDE = 20_000  # rows XlsxWriter writes: its pace is the same however many


def measure(member: Member, folder: Path, *, rows: int, at: datetime) -> list[Figure]:
    """Export the whole ledger of up to ``rows`` cases, and write the same cells with XlsxWriter."""
    wanted = queries.read_filter(_since(rows), member)
    lines = queries.raw(CASES, queries.chosen(member, wanted, at), at)[:BESIDE]
    cells = list(queries.cells(CASES, lines))
    written: list[int] = []

    def ours() -> Took:
        def take() -> None:
            made, path = actions.take(member, CASES, wanted, at=at)
            written.append(made.rows_done)
            path.unlink()

        took = once(take)
        return Took(took.wall / written[-1], took.cpu / written[-1])

    def beside() -> Took:
        took = once(lambda: _xlsxwriter(folder / "beside.xlsx", cells))
        return Took(took.wall / len(cells), took.cpu / len(cells))

    own, other = in_turns(ROUNDS, ours, beside)
    return [
        Figure(
            "ledger", f"ledger xlsx, {written[-1]:,} rows × {len(CASES.columns)} columns", f"{1 / own.wall:,.0f} rows/s",
            f"{1 / other.wall:,.0f} rows/s (XlsxWriter, constant_memory, {len(cells):,} rows from memory)",
            other.wall / own.wall, Sense.LEAST, 0.7, 1.5,
            note="ours from the database to the file, masked, trace kept",
        )
    ]  # fmt: skip


def _since(rows: int) -> dict[str, str]:
    """A filter by time that holds about so many of the newest cases."""
    if Case.objects.count() <= rows:
        return {}
    first = Case.objects.order_by("-dispatched_at", "-id").values_list("dispatched_at", flat=True)[
        rows
    ]
    return {"since": timezone.localtime(first).date().isoformat()}


def _xlsxwriter(path: Path, cells: list[list]) -> None:
    with xlsxwriter.Workbook(
        str(path), {"constant_memory": True, "default_date_format": "yyyy-mm-dd hh:mm"}
    ) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [column.title for column in CASES.columns])
        for number, row in enumerate(cells, start=1):
            for column, value in enumerate(row):
                if value is None or value == "":
                    continue
                if isinstance(value, str):
                    sheet.write_string(number, column, value)
                elif isinstance(value, datetime):
                    sheet.write_datetime(number, column, value)
                else:
                    sheet.write(number, column, value)
    path.unlink()


def measure_memory(member: Member, *, rows: int, at: datetime) -> list[Figure]:
    """How much more a process holds at its most for the whole export than for a single row."""
    wanted = queries.read_filter(_since(rows), member)
    one = filters.read(
        {"q": Case.objects.order_by("-dispatched_at").values_list("number", flat=True)[0]}, member
    )
    base = _peak(member, one.query())
    whole = _peak(member, wanted.query())
    rise = max(whole - base, 0) / 2**20
    return [
        Figure(
            "ledger-memory", "memory rise during it", f"{rise:.1f} MiB", "a ledger of one row, the same process anew",
            rise, goal=40, stretch=15, note=f"most held {whole / 2**20:.0f} MiB and {base / 2**20:.0f} MiB, once",
        )
    ]  # fmt: skip


_CHILD = """
import sys
from jiesu.__main__ import connect
connect()
from urllib.parse import parse_qsl
from django.utils import timezone
from jiesu.ledger import actions, queries
from jiesu.ledger.sheets import CASES
from jiesu.org.models import Member
member = Member.objects.get(pk=int(sys.argv[1]))
wanted = queries.read_filter(dict(parse_qsl(sys.argv[2])), member)
actions.take(member, CASES, wanted, at=timezone.now())[1].unlink()
"""


def _peak(member: Member, query: str) -> int:
    child = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", _CHILD, str(member.pk), query], env=os.environ
    )
    return peak_of_child(child)
