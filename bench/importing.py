"""The import of a workbook, beside reading it bare and storing the same rows bare."""

import os
import subprocess
import sys
from pathlib import Path

import python_calamine
from django.db import connection, models
from django.utils import timezone

from bench import workbooks
from bench.measure import ROUNDS, Figure, Sense, Took, in_turns, once, peak_of_child
from jiesu.cases.models import Case
from jiesu.intake import importing, receiving
from jiesu.intake.models import Arrival, Batch, Sheet
from jiesu.org.models import Office

LARGE = 200_000
LIMIT = 600 * 2**20


class Plain(models.Model):
    """The columns of the workbook as they are, with no index: what bare storing fills."""

    n01, n29 = models.IntegerField(), models.IntegerField()
    t02, t03, t04, t05, t06, t07, t08, t09, t10, t11, t12, t13 = (
        models.TextField() for _ in range(12)
    )
    t14, t15, t16, t17, t18, t22, t23, t25 = (models.TextField() for _ in range(8))
    t26, t27, t28, t30 = (models.TextField() for _ in range(4))
    d19, d20, d21 = (models.DateTimeField() for _ in range(3))
    d24 = models.DateTimeField(null=True)

    class Meta:
        app_label = "bench"


PLAIN = [field.name for field in sorted(Plain._meta.fields[1:], key=lambda field: field.name[1:])]


def measure(office: Office, folder: Path, *, rows: int) -> list[Figure]:
    """Import the workbook into an empty record, again unchanged, and both denominators, in turns."""
    path = workbooks.write(folder / f"orders-{rows}.xlsx", rows)
    plain = [
        Plain(**dict(zip(PLAIN, _storable(line), strict=True))) for line in workbooks.lines(rows)
    ]
    with connection.schema_editor() as editor:
        editor.create_model(Plain)

    def new() -> Took:
        empty()
        return _run(office, path, new=rows)

    def again() -> Took:
        return _run(office, path, new=0)

    def read() -> Took:
        def all_rows() -> None:
            book = python_calamine.load_workbook(str(path))
            assert len(book.get_sheet_by_index(0).to_python()) == rows + 2

        return once(all_rows)

    def store() -> Took:
        _truncate("bench_plain")
        for one in plain:
            one.pk, one._state.adding = None, True
        return once(lambda: Plain.objects.bulk_create(plain, batch_size=1000))

    taken = in_turns(ROUNDS, new, again, read, store)
    with_case = _store_cases()
    with connection.schema_editor() as editor:
        editor.delete_model(Plain)
    ours, second, reading, storing = (rows / took.wall for took in taken)
    harmonic = 1 / (1 / reading + 1 / storing)
    same = 1 / (1 / reading + 1 / with_case)
    return [
        Figure(
            "import", f"import of a {rows:,} × 30 workbook", f"{ours:,.0f} rows/s",
            f"{harmonic:,.0f} rows/s (calamine {reading:,.0f}, bulk_create of the 30 plain columns {storing:,.0f})",
            ours / harmonic, Sense.LEAST, 0.5, 1.0,
            note=f"beside bulk_create of ready `Case` objects into our own table ({with_case:,.0f} rows/s) "
            f"the ratio is {ours / same:.2f}",
        ),
        Figure(
            "import-again", "the same file again", f"{second:,.0f} rows/s", f"{reading:,.0f} rows/s (calamine)",
            second / reading, Sense.LEAST, 0.3, 0.6,
        ),
    ]  # fmt: skip


def _storable(line: tuple) -> list:
    return [
        timezone.make_aware(value) if hasattr(value, "hour") else None if column == 23 else value
        for column, value in enumerate(line)
    ]


def _run(office: Office, path: Path, *, new: int) -> Took:
    batch = receiving.receive_path(office, path)
    told: list[importing.Tally] = []
    took = once(lambda: told.append(importing.run(batch, at=timezone.now())))
    assert told[0].new == new, told[0].told()
    return took


def _store_cases() -> float:
    """Return how many of the cases just imported ``bulk_create`` stores a second, into our own table."""
    count = min(Case.objects.count(), 20_000)
    cases = list(Case.objects.order_by("id")[:count])
    empty()
    for case in cases:
        case.pk, case._state.adding = None, True
    return count / once(lambda: Case.objects.bulk_create(cases, batch_size=1000)).wall


def empty() -> None:
    """Forget all cases, which the product itself never can."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE cases_event DISABLE TRIGGER USER")
    _truncate(*(model._meta.db_table for model in (Case, Arrival, Sheet, Batch)))
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE cases_event ENABLE TRIGGER USER")
        cursor.execute("CHECKPOINT")


def _truncate(*tables: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(tables)} CASCADE")


def measure_memory(folder: Path, *, rows: int = LARGE) -> list[Figure]:
    """Import a large workbook by the command, in a process of its own, and say the most it held."""
    path = workbooks.write(folder / f"orders-{rows}.xlsx", rows, seed=9)
    child = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "jiesu", "import", "orders", str(path)],
        env=os.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    peaks: list[int] = []
    wall = once(lambda: peaks.append(peak_of_child(child))).wall
    peak = peaks[0]
    return [
        Figure(
            "import-memory", f"most memory of `jiesu import orders`, {rows:,} × 30", f"{peak / 2**20:,.0f} MiB",
            f"limit {LIMIT / 2**20:,.0f} MiB", peak / LIMIT, Sense.MOST, 1.0,
            note=f"once, {rows / wall:,.0f} rows/s from start to end of the command",
        )
    ]  # fmt: skip
