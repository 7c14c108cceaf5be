"""The tables of the board as plain data: what the page shows and what its file holds are the same."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

from django.urls import reverse

from jiesu.cases.filters import NONE
from jiesu.rules.clocks import spell
from jiesu.rules.workflow import Stage
from jiesu.supervision.board import Dwell, Hand, Waiting

DESK = "值班座席（未派）"
NO_COMMUNITY = "未定社区"
UP = ".up"


@dataclass(frozen=True, slots=True)
class Column:
    key: str
    title: str
    number: bool = True


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands there, where it leads, and what it is sorted and written to a file by."""

    text: str
    value: Any = None
    url: str = ""
    tone: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    column: Column
    url: str
    sorted: str  # "", "ascending" or "descending": the words of aria-sort


@dataclass(frozen=True, slots=True)
class Table:
    code: str
    title: str
    note: str
    heads: list[Head]
    rows: list[list[Cell]]


WAITING = (
    Column("late", "逾期"),
    Column("today", "今日到期"),
    Column("day", "24 小时内"),
    Column("open", "在办"),
)
DWELL = (
    Column("stage", "环节", number=False),
    Column("standing", "现有"),
    Column("median", "已停留"),
    Column("longest", "最长"),
    Column("left", "30 日离开"),
    Column("left_median", "停留"),
    Column("left_most", "九成以内"),
)
HANDS = (
    Column("unit", "主办单位", number=False),
    Column("given", "30 日接手"),
    Column("accepted", "接单"),
    Column("reached", "首次联系"),
    Column("answered", "提交结果"),
    Column("answered_most", "九成以内"),
)


def cases(**words: str) -> str:
    """The address of the list of cases that holds just these."""
    return f"{reverse('desk:cases')}?{urlencode(words)}" if words else reverse("desk:cases")


def case(number: str) -> str:
    """The address of one case, whatever signs its number holds."""
    head, _, tail = reverse("desk:case", args=["-"]).partition("-")
    return f"{head}{quote(number, safe='')}{tail}"


def units(rows: Iterable[Waiting], asked: Mapping[str, str]) -> Table:
    return _waiting("unit", "按单位", "主办单位", DESK, rows, asked)


def communities(rows: Iterable[Waiting], asked: Mapping[str, str]) -> Table:
    return _waiting("community", "按社区", "社区", NO_COMMUNITY, rows, asked)


def dwell(rows: Iterable[Dwell], asked: Mapping[str, str]) -> Table:
    """停留 by stage: now, and of those that left the stage lately."""
    made = [
        [
            Cell(one.stage.label, list(Stage).index(one.stage)),
            _count(one.standing, standing=one.stage.value),
            _length(one.median),
            _length(one.longest, case(one.longest_number) if one.longest_number else "", one.longest_number),
            _count(one.left, stage="all", left=one.stage.value),
            _length(one.left_median),
            _length(one.left_most),
        ]
        for one in rows
    ]  # fmt: skip
    note = "现在在该环节的，和近 30 日离开的；停留为中位数"
    return _table("stage", "各环节停留", note, DWELL, made, asked)


def hands(rows: Iterable[Hand], asked: Mapping[str, str]) -> Table:
    """每手用时: from given to the unit until it accepted, reached the requester, handed in its result."""
    made = [
        [
            Cell(one.unit.name, one.unit.place),
            _count(one.given, stage="all", hand=one.unit.code),
            _length(one.accepted),
            _length(one.reached),
            _length(one.answered),
            _length(one.answered_most),
        ]
        for one in rows
    ]
    note = "近 30 日派给它主办的，从派到起算，中位数；还没做到的不计"
    return _table("hand", "各单位用时", note, HANDS, made, asked)


def _waiting(
    code: str, title: str, of: str, nobody: str, rows: Iterable[Waiting], asked: Mapping[str, str]
) -> Table:
    made = []
    for place, one in enumerate(rows):
        here = {code: one.of.code if one.of else NONE}
        made.append([
            Cell(one.of.name if one.of else nobody, place),
            _count(one.late, "late", due="late", **here),
            _count(one.today, "soon", due="today", **here),
            _count(one.day, due="day", **here),
            _count(one.open, **here),
        ])  # fmt: skip
    columns = (Column(code, of, number=False), *WAITING)
    return _table(code, title, "", columns, made, asked)


def _count(number: int, tone: str = "", **words: str) -> Cell:
    url = cases(**words) if number else ""
    return Cell(str(number), number, url, tone if number else "")


def _length(length: timedelta | None, url: str = "", title: str = "") -> Cell:
    return Cell(spell(length) if length is not None else "", length, url, title=title)


def _table(
    code: str, title: str, note: str, columns: Sequence[Column], rows: list[list[Cell]],
    asked: Mapping[str, str],
) -> Table:  # fmt: skip
    """Sort by what the address asks for; without a word the rows stay in their own order."""
    word = asked.get(code, "")
    key, up = word.removesuffix(UP), word.endswith(UP)
    places = {column.key: place for place, column in enumerate(columns)}
    if key in places:
        place = places[key]
        known = [row for row in rows if row[place].value is not None]
        known.sort(key=lambda row: row[place].value, reverse=not up)
        rows = known + [row for row in rows if row[place].value is None]
    heads = [_head(code, column, asked, key, up=up) for column in columns]
    return Table(code, title, note, heads, rows)


def _head(code: str, column: Column, asked: Mapping[str, str], key: str, *, up: bool) -> Head:
    on = column.key == key
    first = "" if column.number else UP
    word = column.key + (("" if up else UP) if on else first)
    query = urlencode({**asked, code: word})
    return Head(column, f"?{query}#{code}", ("ascending" if up else "descending") if on else "")
