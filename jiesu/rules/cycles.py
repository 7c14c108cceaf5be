"""考核期: which days belong to which assessment month, and the daily windows inside (领域说明 3.3)."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from jiesu.rules.moments import BEIJING

_CODE = re.compile(r"(\d{4})[-年./]?(\d{1,2})月?(?:考核期)?", re.ASCII)
_DAY = timedelta(days=1)
LAST_DAY = {2: 28, 4: 30, 6: 30, 9: 30, 11: 30}


class NoCycle(ValueError):
    """The text names no assessment month; the message says how to write one."""


@dataclass(frozen=True, slots=True)
class Turn:
    """How cycles turn from a day on: the day they start, the hour the daily window is cut, 顺延 or not."""

    since: date
    start_day: int
    cut_hour: int
    shift_on_holiday: bool = False


@dataclass(frozen=True, slots=True)
class Cycle:
    """One assessment month: from ``begins`` to just before ``ends``."""

    year: int
    month: int
    begins: datetime
    ends: datetime
    cut_hour: int

    @property
    def code(self) -> str:
        return f"{self.year}-{self.month:02}"

    @property
    def label(self) -> str:
        return f"{self.year}年{self.month}月"

    @property
    def last_on(self) -> date:
        """The last day that belongs to it."""
        return (self.ends - timedelta(microseconds=1)).date()

    def holds(self, at: datetime) -> bool:
        return self.begins <= at < self.ends

    def day(self, at: datetime) -> int:
        """Return which day of the cycle ``at`` is, from 1; 0 before it, its last day after it."""
        if at < self.begins:
            return 0
        inside = min(at.astimezone(BEIJING).date(), self.last_on)
        return (inside - self.begins.date()).days + 1

    def windows(self) -> Iterator[tuple[date, datetime, datetime]]:
        """Yield the daily windows: day, from, to; left closed, right open.

        Each ends at the cut hour of its day. The first begins with the cycle, the last ends with it.
        """
        begins, day = self.begins, self.begins.date()
        while begins < self.ends:
            cut = datetime.combine(day, time(self.cut_hour % 24), BEIJING)
            cut += _DAY * (self.cut_hour // 24)
            ends = self.ends if day >= self.last_on else min(cut, self.ends)
            if ends > begins:
                yield day, begins, ends
                begins = ends
            day += _DAY


def turn(since: date, told: Mapping[str, Any]) -> Turn:
    """Read what a rule set says about cycles.

    :raises KeyError: something that must be there is not
    :raises ValueError: a day or an hour is none
    """
    start, cut = int(told["cycle"]["start_day"]), int(told["daily_window"]["cut_hour"])
    if not 1 <= start <= 31 or not 0 <= cut <= 24:
        raise ValueError(
            "规则集的 cycle.start_day 应为 1 至 31，daily_window.cut_hour 应为 0 至 24"
        )
    return Turn(since, start, cut, bool(told["cycle"].get("shift_on_holiday", False)))


def code(text: str) -> tuple[int, int]:
    """Return year and month of “2026-10”, “202610” or “2026年10月”.

    :raises NoCycle: it is none of these
    """
    found = _CODE.fullmatch(text.strip())
    if not found or not 1 <= int(found[2]) <= 12 or not 2000 <= int(found[1]) <= 2200:
        raise NoCycle(f"“{text.strip()[:20]}”不是考核期，请写成 2026-10。")
    return int(found[1]), int(found[2])


def cycle(
    year: int, month: int, turns: Sequence[Turn], works: Callable[[date], bool] | None = None
) -> Cycle:
    """Return the cycle of an assessment month. ``turns``, newest first; before the first, the first holds.

    It ends where the next begins, so that no moment is lost or counted twice where the rules change.
    ``works`` tells working days, for a rule set that shifts a start off a holiday.
    """
    begins, how = _begins(year, month, turns, works)
    ends, _ = _begins(*_after(year, month), turns, works)
    return Cycle(year, month, begins, ends, how.cut_hour)


def cycle_of(
    at: datetime, turns: Sequence[Turn], works: Callable[[date], bool] | None = None
) -> Cycle:
    """Return the cycle a moment belongs to."""
    day = at.astimezone(BEIJING).date()
    year, month = _before(day.year, day.month)
    found = cycle(year, month, turns, works)
    while not found.holds(at):
        year, month = _after(year, month)
        found = cycle(year, month, turns, works)
    return found


def before(one: Cycle) -> tuple[int, int]:
    """Return year and month of the cycle before."""
    return _before(one.year, one.month)


def _begins(
    year: int, month: int, turns: Sequence[Turn], works: Callable[[date], bool] | None
) -> tuple[datetime, Turn]:
    for how in turns:
        day = _start(year, month, how)
        if day >= how.since or how is turns[-1]:
            break
    if how.shift_on_holiday and works is not None:
        while not works(day):
            day += _DAY
    return datetime.combine(day, time(), BEIJING), how


def _start(year: int, month: int, how: Turn) -> date:
    """The day the month's cycle starts: in the month before, unless cycles are calendar months."""
    if how.start_day == 1:
        return date(year, month, 1)
    year, month = _before(year, month)
    return date(year, month, min(how.start_day, _length(year, month)))


def _length(year: int, month: int) -> int:
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if leap else LAST_DAY.get(month, 31)


def _before(year: int, month: int) -> tuple[int, int]:
    return (year, month - 1) if month > 1 else (year - 1, 12)


def _after(year: int, month: int) -> tuple[int, int]:
    return (year, month + 1) if month < 12 else (year + 1, 1)
