"""计时单位: what counts as working time, and how much of it lies before a moment.

Inside, a moment is a whole number of microseconds of Beijing time (`ticks`). A `Meter` says how much
working time lies before a moment and where an amount of it is reached, both in a few steps whatever
the distance.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from itertools import pairwise

from jiesu.rules.holidays import MADE_UP, NoTable, Stretch, WorkCalendar
from jiesu.rules.labelled import Labelled
from jiesu.rules.moments import BEIJING

Hours = tuple[tuple[time, time], ...]  # an end of 00:00 means 24:00
Piece = tuple[int, int, bool, str]  # from, to, counted, why

DAY = 86_400_000_000
ALWAYS, SERVED, CLOSED = "自然日连续计时", "服务时间", "非服务时间"
NOTHING = WorkCalendar({})
_HOURS = re.compile(r"(\d{1,2})[:：](\d{2})\s*[-–—~～至]\s*(\d{1,2})[:：](\d{2})", re.ASCII)


class Count(Labelled):
    CALENDAR = "calendar", "自然日"
    WORKDAY = "workday", "工作日"
    SERVICE = "service", "服务时间"


def parse_hours(text: str) -> Hours:
    """Read service hours: ``09:00-12:00,13:30-17:30``; 24:00 is allowed as an end.

    :raises ValueError: they cannot be read, are empty, overlap or go backwards (said in Chinese)
    """
    hours = []
    for piece in re.split(r"[,，、;；]", text):
        found = _HOURS.fullmatch(piece.strip())
        try:
            since, until = _hour(found[1], found[2]), _hour(found[3], found[4])  # type: ignore[index]
        except (TypeError, ValueError):
            raise ValueError(
                f"服务时间“{piece.strip()}”看不懂，请写成 09:00-12:00,13:30-17:30"
            ) from None
        hours.append((since, until))
    hours.sort()
    if any(since >= until for since, until in hours):
        raise ValueError(
            f"服务时间“{text}”起止颠倒，跨夜的请分成两段写（如 00:00-06:00,22:00-24:00）"
        )
    if any(left[1] > right[0] for left, right in pairwise(hours)):
        raise ValueError(f"服务时间“{text}”有重叠，请改成不重叠的几段")
    return tuple((_time(since), _time(until)) for since, until in hours)


@dataclass(frozen=True, slots=True)
class Always:
    """自然日: every moment counts."""

    def before(self, at: int) -> int:
        return at

    def reach(self, amount: int) -> int:
        return amount

    def day(self, day: int) -> Iterator[Piece]:
        yield 0, DAY, True, ALWAYS


@dataclass(frozen=True, slots=True)
class Worked:
    """工作日 and 服务时间: the windows of each working day of an unbroken stretch of known years."""

    calendar: WorkCalendar
    stretch: Stretch
    windows: tuple[tuple[int, int, int], ...]  # from, to, and how much lies before it in the day
    whole: int  # of a day
    service: bool

    def before(self, at: int) -> int:
        """Return how much working time lies between the stretch's first day and a moment.

        :raises NoTable: the moment lies beyond the stretch
        """
        day, rest = divmod(at, DAY)
        known = self.stretch
        place = day - known.first
        if day >= known.end:
            if day > known.end or rest:
                raise NoTable(known.end_year)
            return known.before[place] * self.whole
        days = known.before[place]
        if days == known.before[place + 1]:
            return days * self.whole
        for since, until, amount in self.windows:
            if rest < until:
                return days * self.whole + amount + max(0, rest - since)
        return (days + 1) * self.whole

    def reach(self, amount: int) -> int:
        """Return the earliest moment that has so much working time before it.

        :raises NoTable: it lies beyond the stretch
        """
        days, rest = divmod(amount - 1, self.whole)
        try:
            day = self.stretch.days[days]
        except IndexError:
            raise NoTable(self.stretch.end_year) from None
        rest += 1
        for since, until, already in self.windows:
            if rest <= already + until - since:
                return day * DAY + since + rest - already
        raise AssertionError("a day's windows hold its whole")

    def day(self, day: int) -> Iterator[Piece]:
        """Yield the pieces of one day in order."""
        on = date.fromordinal(day)
        why = self.calendar.why(on)
        if not self.calendar.is_workday(on):
            yield 0, DAY, False, why
        elif not self.service:
            yield 0, DAY, True, why
        else:
            at = 0
            for since, until, _ in self.windows:
                yield at, since, False, CLOSED
                yield since, until, True, MADE_UP if why == MADE_UP else SERVED
                at = until
            yield at, DAY, False, CLOSED


Meter = Always | Worked
EVERY_MOMENT = Always()


def meter_for(count: Count, hours: Hours, calendar: WorkCalendar | None, begin: int) -> Meter:
    """Return the meter for a way of counting from a moment on.

    :raises holidays.NoTable: its year has no table
    :raises ValueError: service time without hours
    """
    if count is Count.CALENDAR:
        return EVERY_MOMENT
    year = date.fromordinal(begin // DAY).year
    return _worked(count is Count.SERVICE, hours, calendar or NOTHING, year)


@lru_cache(maxsize=512)
def _worked(service: bool, hours: Hours, calendar: WorkCalendar, year: int) -> Worked:
    if service and not hours:
        raise ValueError("按服务时间计时要写明服务时间，例如 09:00-12:00,13:30-17:30")
    windows, amount = [], 0
    for since, until in hours if service else ((time(0), time(0)),):
        first, end = _of_day(since), _of_day(until) or DAY
        windows.append((first, end, amount))
        amount += end - first
    return Worked(calendar, calendar.stretch(year), tuple(windows), amount, service)


def ticks(at: datetime) -> int:
    if at.tzinfo is not BEIJING:
        at = at.astimezone(BEIJING)
    seconds = (at.hour * 60 + at.minute) * 60 + at.second
    return at.toordinal() * DAY + seconds * 1_000_000 + at.microsecond


def moment_of(ticks: int) -> datetime:
    day, rest = divmod(ticks, DAY)
    seconds, micro = divmod(rest, 1_000_000)
    try:
        on = date.fromordinal(day)
    except (ValueError, OverflowError):
        raise ValueError("时限太长，截止时间超出了能表示的年份") from None
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return datetime(on.year, on.month, on.day, hour, minute, second, micro, BEIJING)


def _of_day(at: time) -> int:
    seconds = (at.hour * 60 + at.minute) * 60 + at.second
    return seconds * 1_000_000 + at.microsecond


def _hour(hours: str, minutes: str) -> int:
    """Minutes of the day; 24:00 is the last."""
    told = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or told > 24 * 60:
        raise ValueError(told)
    return told


def _time(minutes: int) -> time:
    return time(minutes // 60 % 24, minutes % 60)
