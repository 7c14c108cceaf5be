"""The orders of the simulated month, and the exports in which they arrive."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from jiesu.desk.demo.scene import Scene
from jiesu.desk.demo.texts import Demand, demands, dice, usual_burst
from jiesu.desk.demo.workbooks import HEADERS, rows
from jiesu.rules.moments import BEIJING

DUE = HEADERS.index("到期时间")
STATUS = HEADERS.index("工单状态")
UNIT = HEADERS.index("承办单位")
NO_OWN_DUE = 0.3
CORRECTED, AGAIN, TWICE = 0.03, 0.012, 0.02
THREAT = ("扬言", "不稳定言论", "扬言信访")
THREATS = 0.012


@dataclass(frozen=True, slots=True)
class Row:
    """One row of an export that comes in at ``at``."""

    at: datetime
    demand: Demand
    arrival: int
    own_due: bool
    corrects: bool = False


def draw(seed: int, count: int, start: datetime, days: int, place: Scene) -> list[Row]:
    """Return every row that comes in, in order: orders, corrections, repeats, second arrivals."""
    end = start + timedelta(days=days)
    bursts = [usual_burst(end)] if days > 9 and count >= 200 else []
    found: list[Row] = []
    for demand in demands(
        dice(f"{seed} orders"), count, start=start, end=end, place=place, bursts=bursts
    ):
        found += _rows(dice(f"{seed} {demand.number} row"), demand, end)
    return sorted(
        (row for row in found if row.at < end), key=lambda row: (row.at, row.demand.number)
    )


def _rows(rng: Random, demand: Demand, end: datetime) -> Iterator[Row]:
    if rng.random() < THREATS:
        demand = replace(
            demand, category=THREAT, tags=("2小时", *demand.tags[1:]),
            title=f"{demand.title}（来电人扬言上访）",
            due_at=demand.dispatched_at + timedelta(hours=2),
        )  # fmt: skip
    own_due = rng.random() >= NO_OWN_DUE
    at = _seen(demand.dispatched_at, rng)
    yield Row(at, demand, 1, own_due)
    if rng.random() < TWICE:  # the same row in a later export
        yield Row(at + timedelta(minutes=rng.randrange(5, 300)), demand, 1, own_due)
    long = demand.due_at - demand.dispatched_at >= timedelta(hours=48)
    if own_due and long and rng.random() < CORRECTED:
        moved = demand.due_at + rng.choice((-1, 1, 2)) * timedelta(hours=24)
        later = at + timedelta(minutes=rng.randrange(30, 1200))
        yield Row(later, replace(demand, due_at=moved), 1, own_due, corrects=True)
    if rng.random() < AGAIN:
        since = rng.uniform(1.0, 9.0) * timedelta(days=1)
        anew = (demand.dispatched_at + since).replace(microsecond=0)
        length = demand.due_at - demand.dispatched_at
        second = replace(demand, dispatched_at=anew, due_at=anew + length)
        yield Row(_seen(anew, rng), second, 2, own_due)


def _seen(dispatched_at: datetime, rng: Random) -> datetime:
    return (dispatched_at + timedelta(seconds=rng.randrange(20, 140))).replace(microsecond=0)


def export(rows_now: Sequence[Row], place: Scene) -> bytes:
    """Return the rows as a text export of the district's layout."""
    out = io.StringIO()
    sheet = csv.writer(out, lineterminator="\r\n")
    sheet.writerow(HEADERS)
    told = rows((row.demand for row in rows_now), place=place)
    for row, cells in zip(rows_now, told, strict=True):
        line = [str(cell) for cell in cells]
        line[UNIT] = ""
        line[STATUS] = "待签收"
        if not row.own_due:
            line[DUE] = ""
        sheet.writerow(line)
    return out.getvalue().encode("utf-8-sig")


def whole_minute(at: datetime) -> datetime:
    """Return ``at``, or the next whole minute after it."""
    floor = at.astimezone(BEIJING).replace(second=0, microsecond=0)
    return floor if floor == at else floor + timedelta(minutes=1)
