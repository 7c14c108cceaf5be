"""What a ledger shows: the rows of a filter, a page of them, how many there are."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from jiesu.cases import access, filters
from jiesu.cases.case_query import CaseQuerySet
from jiesu.cases.filters import RECENT, Filter, Group
from jiesu.ledger.sheets import Column, Sheet
from jiesu.ledger.sources import Local
from jiesu.org.models import Member

SIZE = 100
COUNTED = 100_000
CHUNK = 500
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CURSOR = re.compile(r"([ab])(-?\d{1,18})\.(\d{1,18})\.(\d{1,9})", re.ASCII)

ROUND = 1000  # what an estimate is told to

Cells = list[Any]


def read_filter(asked: Mapping[str, str], member: Member) -> Filter:
    """Read a filter as the desk does, but a ledger that is asked for nothing holds every case."""
    return filters.read({"stage": Group.ALL.value} | {k: v for k, v in asked.items() if v}, member)


def chosen(member: Member, wanted: Filter, at: datetime) -> CaseQuerySet:
    """Return the cases of the filter that the member may see."""
    return filters.apply(access.visible_to(member), wanted, member=member, at=at)


def lines(sheet: Sheet, member: Member, wanted: Filter, at: datetime) -> QuerySet[Any]:
    """Return what a ledger has its rows of, for counting them."""
    return sheet.lines(chosen(member, wanted, at))


class Count(NamedTuple):
    number: int
    exact: bool

    def __str__(self) -> str:
        return f"{self.number:,}" if self.exact else f"约 {self.number:,}"


def count(cases: QuerySet[Any]) -> Count:
    """Return how many rows: exact up to a hundred thousand, beyond it what the planner expects."""
    bare = cases.order_by()
    number = bare.values("pk")[: COUNTED + 1].count()
    if number <= COUNTED:
        return Count(number, exact=True)
    plan = json.loads(bare.values("pk").explain(format="json"))
    told = round(plan[0]["Plan"]["Plan Rows"] / ROUND) * ROUND
    return Count(max(COUNTED, told), exact=False)


def raw(sheet: Sheet, cases: QuerySet[Any], at: datetime) -> QuerySet[Any, tuple[Any, ...]]:
    """Return what the database gives for a ledger, newest first: the sheet's key, then each source once."""
    given = sheet.lines(cases).annotate(**sheet.sources(at)).order_by(f"-{sheet.key[1]}", "-id")
    moments = {_name(column): Local(column.source) for column in sheet.columns if column.is_moment}
    return given.annotate(**moments).values_list(*_names(sheet))


def _name(column: Column) -> str:
    return f"{column.source}_local" if column.is_moment else column.source


def _names(sheet: Sheet) -> list[str]:
    known = {"", *sheet.key[2:]}
    names = {_name(column): None for column in sheet.columns if column.source not in known}
    return [*sheet.key, *names]


def cells(sheet: Sheet, lines: Iterable[tuple[Any, ...]], first: int = 1) -> Iterator[Cells]:
    """Yield the cells of each line, columns in order, the first counting from ``first``."""
    names = _names(sheet)
    blank = len(names)  # the place of the None put behind each line
    places = [names.index(_name(c)) if c.source else blank for c in sheet.columns]
    pick = itemgetter(*places)
    cleaned = [(i, c.cleaner) for i, c in enumerate(sheet.columns) if c.source and c.cleaner]
    for number, line in enumerate(lines, first):
        row = list(pick((*line, None)))
        row[0] = number
        for place, clean in cleaned:
            if value := row[place]:
                row[place] = clean(value)
        yield row


class Turn(NamedTuple):
    """Where a page begins (``after``) or ends: a row's time and id, and the number the page starts with."""

    after: bool
    at: datetime
    pk: int
    first: int

    @classmethod
    def read(cls, text: str) -> "Turn | None":
        """Return what an address says; None for the first page, and for anything made up."""
        found = _CURSOR.fullmatch(text or "")
        if not found:
            return None
        try:
            at = _EPOCH + timedelta(microseconds=int(found[2]))
        except OverflowError:
            return None
        return cls(found[1] == "a", at, int(found[3]), max(int(found[4]), 1))

    def write(self) -> str:
        gone = (self.at - _EPOCH) // timedelta(microseconds=1)
        return f"{'a' if self.after else 'b'}{gone}.{self.pk}.{self.first}"


@dataclass(frozen=True, slots=True)
class Page:
    """``rows`` are (which arrival of its number, cells)."""

    rows: list[tuple[int, Cells]]
    first: int
    previous: str
    following: str

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1


def page(sheet: Sheet, cases: CaseQuerySet, turn: Turn | None, at: datetime) -> Page:
    """Return one page of a ledger, found by key and never by an offset: one query."""
    found = raw(sheet, cases, at)
    moment = sheet.key[1]
    backwards = turn is not None and not turn.after
    if turn is not None and turn.after:
        earlier = Q(**{f"{moment}__lt": turn.at}) | Q(id__lt=turn.pk)
        found = found.filter(earlier, **{f"{moment}__lte": turn.at})
    elif turn is not None:
        later = Q(**{f"{moment}__gt": turn.at}) | Q(id__gt=turn.pk)
        found = found.order_by(moment, "id").filter(later, **{f"{moment}__gte": turn.at})
    lines = list(found[: SIZE + 1])
    more, lines = len(lines) > SIZE, lines[:SIZE]
    if backwards:
        lines.reverse()
    first = turn.first if turn else 1
    after = Turn(True, lines[-1][1], lines[-1][0], first + len(lines)).write() if lines else ""
    before = Turn(False, lines[0][1], lines[0][0], max(first - SIZE, 1)).write() if lines else ""
    return Page(
        rows=[(line[2], row) for line, row in zip(lines, cells(sheet, lines, first), strict=True)],
        first=first,
        previous=before if (more if backwards else turn is not None) else "",
        following=after if more or backwards else "",
    )


def described(wanted: Filter) -> str:
    """Return the filter in words, as it stands on an export."""
    told = [
        ("搜索", wanted.q),
        ("环节", "" if wanted.group is Group.ALL else wanted.group.label),
        ("主办单位", "未派单位" if wanted.no_unit else wanted.unit and wanted.unit.name),
        ("社区", "未定社区" if wanted.no_community else wanted.community and wanted.community.name),
        ("到期", wanted.due and wanted.due.label),
        ("当前环节", wanted.standing and wanted.standing.label),
        ("提醒", wanted.reminded and wanted.reminded.label),
        ("标记", wanted.mark and wanted.mark.label),
        ("告警", "只看告警" if wanted.alarm else ""),
        (f"{RECENT.days} 日内离开", wanted.left and wanted.left.label),
        (f"{RECENT.days} 日内主办", wanted.hand and wanted.hand.name),
        ("问题分类", wanted.category.replace(">", " › ")),
        ("标签", wanted.tag),
        ("派单自", wanted.since and wanted.since.isoformat()),
        ("派单至", wanted.until and wanted.until.isoformat()),
        ("范围", wanted.mine and wanted.mine.label),
        ("重点", "只看重点" if wanted.urgent else ""),
    ]
    return "；".join(f"{name}：{word}" for name, word in told if word) or "全部"
