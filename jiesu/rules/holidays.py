"""节假日: which days are worked, by the State Council's yearly notices (放假调休安排).

A year without a table is never guessed at: `NoTable` names it, and who counts workdays into it is told.
A table belongs to the year of its notice; the notice for 2019 also moves days of December 2018.
"""

import csv
import io
import tomllib
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from jiesu.rules.moments import moment

WORKED, WEEKEND, MADE_UP = "工作日", "周末", "调休上班"
FEASTS = ("元旦", "春节", "清明", "劳动", "端午", "中秋", "国庆")  # 全国年节及纪念日放假办法第二条
COLUMNS = {
    "date": ("date", "日期"),
    "name": ("name", "名称", "节日"),
    "is_off_day": ("is_off_day", "是否放假"),
    "notice_year": ("notice_year", "公告年份", "年份"),
}
YES = {"1", "true", "是", "放假", "休"}
NO = {"0", "false", "否", "上班", "班"}
UNNAMED = "导入的文件（未写依据）"
SATURDAY = 5


class NoTable(LookupError):
    """A clock reaches into a year whose days off are not known here. Nothing is guessed."""

    def __init__(self, year: int) -> None:
        super().__init__(
            f"还没有{year}年的放假调休安排，按工作日算不出来：安排公布后请管理员导入，再重算。"
        )
        self.year = year


@dataclass(frozen=True, slots=True)
class YearTable:
    """The notice of one year: days off and make-up working days, each with the feast's name."""

    year: int
    off: Mapping[date, str]
    work: Mapping[date, str]
    confirmed: bool
    source: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """Unbroken years that have tables, made for counting by. All days are ordinals."""

    first: int
    end: int
    end_year: int  # the first year after it, which has no table
    days: tuple[int, ...]  # every working day
    before: tuple[int, ...]  # how many working days lie before each day from ``first`` to ``end``


@dataclass(frozen=True, eq=False)
class WorkCalendar:
    """The tables of several years as one calendar. Where two speak of one day, the later notice holds."""

    tables: Mapping[int, YearTable]

    def is_workday(self, day: date) -> bool:
        """Return whether people work on that day.

        :raises NoTable: there is no table of its year
        """
        return self._meant(day)[0]

    def why(self, day: date) -> str:
        """Return in a word what kind of day it is: 工作日, 周末, 国庆节放假, 调休上班.

        :raises NoTable: there is no table of its year
        """
        return self._meant(day)[1]

    def confirmed(self, year: int) -> bool:
        """True when the table of that year is the published one and not a guess (暂定)."""
        return year in self.tables and self.tables[year].confirmed

    def stretch(self, year: int) -> Stretch:
        """Return the unbroken years around ``year``.

        :raises NoTable: there is no table of that year
        """
        try:
            return self._stretches[year]
        except KeyError:
            raise NoTable(year) from None

    def overlaid(self, tables: Mapping[int, YearTable]) -> "WorkCalendar":
        """Return this calendar with some years added or replaced."""
        return WorkCalendar({**self.tables, **tables}) if tables else self

    def _meant(self, day: date) -> tuple[bool, str]:
        if day.year not in self.tables:
            raise NoTable(day.year)
        if named := self._named.get(day):
            return named
        return (False, WEEKEND) if day.weekday() >= SATURDAY else (True, WORKED)

    @cached_property
    def _named(self) -> dict[date, tuple[bool, str]]:
        found: dict[date, tuple[bool, str]] = {}
        for _, table in sorted(self.tables.items()):
            found |= {day: (False, f"{name}放假") for day, name in table.off.items()}
            found |= {
                day: (True, MADE_UP if day.weekday() >= SATURDAY else WORKED) for day in table.work
            }
        return found

    @cached_property
    def _stretches(self) -> dict[int, Stretch]:
        found: dict[int, Stretch] = {}
        for year in sorted(self.tables):
            if year not in found:
                end = year
                while end in self.tables:
                    end += 1
                found |= dict.fromkeys(range(year, end), self._lay_out(year, end))
        return found

    def _lay_out(self, year: int, end_year: int) -> Stretch:
        first, end = date(year, 1, 1).toordinal(), date(end_year, 1, 1).toordinal()
        days = [d for d in range(first, end) if self.is_workday(date.fromordinal(d))]
        before = [bisect_left(days, d) for d in range(first, end + 1)]
        return Stretch(first, end, end_year, tuple(days), tuple(before))


def parse_toml(text: str) -> dict[int, YearTable]:
    """Read year tables from TOML: ``[2026]`` with source, confirmed, and its off and work by name.

    A feast's days are one text or a list of texts, each a day or a range ``2026-02-15..2026-02-23``.

    :raises ValueError: what is wrong and what to do, in Chinese
    """
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as broken:
        raise ValueError(f"节假日文件不是有效的 TOML：{broken}。请对照样例改正。") from None
    found = {}
    for name, about in told.items():
        if not (len(name) == 4 and name.isdecimal() and isinstance(about, dict)):
            raise ValueError(f"节假日文件里的“{name}”不是年份，请写成 [2027]。")
        year = int(name)
        table = YearTable(
            year=year, off=_by_name(year, about, "off"), work=_by_name(year, about, "work"),
            confirmed=bool(about.get("confirmed", False)), source=str(about.get("source", UNNAMED)),
        )  # fmt: skip
        found[year] = _checked(table)
    if not found:
        raise ValueError("节假日文件里没有年份，请写成 [2027] 开头的一节。")
    return found


def parse_csv(text: str, *, source: str = "", confirmed: bool = True) -> dict[int, YearTable]:
    """Read year tables from a table with the columns 日期, 名称, 是否放假 and, at will, 公告年份.

    :param source: on whose word the days are; :param confirmed: False for a guess (暂定)
    :raises ValueError: the row number, what is wrong and what to do, in Chinese
    """
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    place = _places(next(rows, []))
    off: dict[int, dict[date, str]] = {}
    work: dict[int, dict[date, str]] = {}
    for number, row in enumerate(rows, start=2):
        if not any(cell.strip() for cell in row):
            continue
        year, day, name, is_off = _read_row(number, row, place)
        if day in off.get(year, {}) or day in work.get(year, {}):
            raise ValueError(f"第 {number} 行：{day} 前面已经有了，请删去重复的一行。")
        (off if is_off else work).setdefault(year, {})[day] = name
    if not off:
        raise ValueError("节假日文件里没有放假的日子，请核对内容后再导入。")
    return {
        year: _checked(
            YearTable(year, off.get(year, {}), work.get(year, {}), confirmed, source or UNNAMED)
        )
        for year in sorted({*off, *work})
    }


def days_of(table: YearTable) -> dict[str, list[str]]:
    """Return the days of a table as plain JSON: {"2027-01-01": ["off", "元旦"]}."""
    told = [(day, "off", name) for day, name in table.off.items()]
    told += [(day, "work", name) for day, name in table.work.items()]
    return {day.isoformat(): [kind, name] for day, kind, name in sorted(told)}


def table_of(
    year: int, days: Mapping[str, list[str]], *, confirmed: bool, source: str
) -> YearTable:
    """Return the table that `days_of` told."""
    read = [(date.fromisoformat(day), kind, name) for day, (kind, name) in days.items()]
    return YearTable(
        year=year, confirmed=confirmed, source=source,
        off={day: name for day, kind, name in read if kind == "off"},
        work={day: name for day, kind, name in read if kind == "work"},
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """A day that a new table makes another kind of day, in words."""

    day: date
    before: str
    after: str


def changes(before: WorkCalendar, after: WorkCalendar, year: int) -> list[Change]:
    """Return the days that the new table of a year changes: those either names, of its December before too."""
    tables = [c.tables[year] for c in (before, after) if year in c.tables]
    days = sorted({day for table in tables for day in (*table.off, *table.work)})
    told = [Change(day, _said(before, day), _said(after, day)) for day in days]
    return [one for one in told if one.before != one.after]


def _said(calendar: WorkCalendar, day: date) -> str:
    try:
        return calendar.why(day)
    except NoTable:
        return "没有安排"


def tentative(table: YearTable) -> YearTable:
    """Return the same table marked 暂定."""
    return replace(table, confirmed=False)


def _by_name(year: int, about: Mapping[str, Any], kind: str) -> dict[date, str]:
    named = about.get(kind, {})
    if not isinstance(named, dict):
        raise ValueError(f'{year}年的 {kind} 写法不对，请写成 {kind}."元旦" = "{year}-01-01"。')
    found: dict[date, str] = {}
    for name, written in named.items():
        for text in written if isinstance(written, list) else [written]:
            for day in _range(year, name, str(text)):
                if day in found:
                    raise ValueError(f"{year}年“{name}”：{day} 写了两次，请删去一次。")
                found[day] = str(name)
    return found


def _range(year: int, name: str, text: str) -> Iterator[date]:
    first, _, last = text.partition("..")
    try:
        start, end = date.fromisoformat(first.strip()), date.fromisoformat((last or first).strip())
    except ValueError:
        raise ValueError(
            f"{year}年“{name}”：“{text}”看不懂或没有这一天，请写成 {year}-02-15 或 "
            f"{year}-02-15..{year}-02-23。"
        ) from None
    if not 0 <= (end - start).days <= 30:
        raise ValueError(f"{year}年“{name}”：“{text}”起止颠倒或过长，请核对。")
    yield from (start + timedelta(n) for n in range((end - start).days + 1))


def _places(head: list[str]) -> dict[str, int]:
    cells = [cell.strip().lower() for cell in head]
    place = {}
    for column, names in COLUMNS.items():
        here = [index for index, cell in enumerate(cells) if cell in names]
        if here:
            place[column] = here[0]
        elif column != "notice_year":
            raise ValueError(f"第 1 行缺少“{names[1]}”列，表头请写：日期,名称,是否放假。")
    return place


def _read_row(number: int, row: list[str], place: dict[str, int]) -> tuple[int, date, str, bool]:
    """Return the notice's year, the day, the name and whether it is off."""
    cells = {c: row[i].strip() if i < len(row) else "" for c, i in place.items()}
    try:
        day = moment(cells["date"], "日期").at.date()
    except ValueError:
        raise ValueError(
            f"第 {number} 行：日期“{cells['date']}”看不懂或没有这一天，请写成 2027-01-01。"
        ) from None
    if not cells["name"]:
        raise ValueError(f"第 {number} 行：{day} 没有节日名称，请补上。")
    if (told := cells["is_off_day"].lower()) not in YES | NO:
        raise ValueError(f"第 {number} 行：“是否放假”写的是“{told}”，请写 1（放假）或 0（上班）。")
    if written := cells.get("notice_year"):
        if not (len(written) == 4 and written.isdecimal()):
            raise ValueError(f"第 {number} 行：公告年份“{written}”不是年份，请写成 2027。")
        year = int(written)
    else:  # the last days of December are moved by the next year's notice
        year = day.year + (day.month == 12 and "元旦" in cells["name"])
    return year, day, cells["name"], told in YES


def _checked(table: YearTable) -> YearTable:
    """:raises ValueError: the table cannot be a whole year's notice"""
    year = table.year
    for day in sorted({*table.off, *table.work}):
        if day.year != year and (day.year, day.month) != (year - 1, 12):
            raise ValueError(f"{day} 不属于{year}年的安排，请核对年份。")
        if day in table.off and day in table.work:
            raise ValueError(f"{day} 既写了放假又写了上班，请留下一个。")
        ends_a_holiday = day - timedelta(days=1) in table.off  # “2月3日（星期一）起正常上班”
        if day in table.work and day.weekday() < SATURDAY and not ends_a_holiday:
            raise ValueError(f"{day} 不是周六或周日，不会是调休上班的日子，请核对日期。")
    if date(year, 1, 1) not in table.off:
        raise ValueError(f"{year}年的安排里没有元旦（{year}-01-01 放假），请补齐全年后再导入。")
    names = "、".join(table.off.values())
    if missing := [feast for feast in FEASTS if feast not in names]:
        raise ValueError(f"{year}年的安排里缺少{'、'.join(missing)}，请补齐全年后再导入。")
    return table
