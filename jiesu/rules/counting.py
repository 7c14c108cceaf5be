"""计时: a limit is a length of counted time; due is the end of the last counted span.

The clock counts only inside working time (自然日: always; 工作日: 0:00 to 24:00 of each working day;
服务时间: the unit's hours on working days) and outside pauses, which may overlap, begin before the
start or still be open. A Friday 24:00 is Saturday 00:00, not Monday. Domain 2.3: calendar time is what
the systems found use, the others are for the street to choose.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from jiesu.rules.holidays import NoTable, WorkCalendar
from jiesu.rules.meters import (
    ALWAYS,
    CLOSED,
    DAY,
    Always,
    Count,
    Hours,
    Meter,
    Piece,
    Worked,
    meter_for,
    moment_of,
    parse_hours,
    ticks,
)

__all__ = [
    "Count", "Hours", "Limit", "Pause", "Reckoning", "Span", "counted", "due_at", "parse_hours",
    "reckon", "sentences", "spell",
]  # fmt: skip

TICK = timedelta(microseconds=1)
PAUSED = "暂停"
WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True, slots=True)
class Limit:
    """时限: a length of counted time and how it is counted. An hour's end of 00:00 means 24:00."""

    length: timedelta
    count: Count = Count.CALENDAR
    hours: Hours = ()


@dataclass(frozen=True, slots=True)
class Pause:
    """暂停: nothing counts from ``since`` to ``until``; None: it is still paused."""

    since: datetime
    until: datetime | None
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    since: datetime
    until: datetime
    counted: bool
    why: str


@dataclass(frozen=True, slots=True)
class Reckoning:
    """A due time with every span that led to it.

    ``due`` is None when an open pause (``held``) came before the limit was counted; the spans then
    reach to that pause. ``unconfirmed`` are the years touched whose table is 暂定.
    """

    due: datetime | None
    spans: tuple[Span, ...]
    unconfirmed: tuple[int, ...] = ()
    held: Pause | None = None


def due_at(
    start: datetime,
    limit: Limit,
    *,
    pauses: Iterable[Pause] = (),
    calendar: WorkCalendar | None = None,
) -> datetime | None:
    """Return when the limit is counted out, in Beijing time; None when an open pause came before.

    :raises holidays.NoTable: it reaches by workdays into a year without a table
    :raises ValueError: the limit is negative, too long, or has no hours to count by
    """
    begin, length = ticks(start), _length(limit)
    if not length:
        return moment_of(begin)
    meter = meter_for(limit.count, limit.hours, calendar, begin)
    stops = _merged(pauses, begin)
    end, held = _end(meter, begin, length, stops)
    return None if held else moment_of(end)


def reckon(
    start: datetime,
    limit: Limit,
    *,
    pauses: Iterable[Pause] = (),
    calendar: WorkCalendar | None = None,
) -> Reckoning:
    """Return the due time with every span from the start to it: counted or not, and why.

    The spans are contiguous and none is empty; raises as `due_at` does.
    """
    begin, length = ticks(start), _length(limit)
    if not length:
        return Reckoning(moment_of(begin), ())
    pauses = tuple(pauses)
    meter = meter_for(limit.count, limit.hours, calendar, begin)
    end, held = _end(meter, begin, length, _merged(pauses, begin))
    spans = _overlaid(_plain(meter, begin, end), _reasons(pauses, begin, end))
    years: tuple[int, ...] = ()
    if isinstance(meter, Worked):
        last = max(end - 1, begin)
        touched = range(moment_of(begin).year, moment_of(last).year + 1)
        years = tuple(year for year in touched if not meter.calendar.confirmed(year))
    return Reckoning(
        due=None if held else moment_of(end),
        spans=tuple(Span(moment_of(a), moment_of(b), c, why) for a, b, c, why in spans),
        unconfirmed=years,
        held=_holding(pauses) if held else None,
    )


def counted(
    since: datetime,
    until: datetime,
    limit: Limit,
    *,
    pauses: Iterable[Pause] = (),
    calendar: WorkCalendar | None = None,
) -> timedelta:
    """Return how much time counts from ``since`` to ``until`` by the limit's way of counting.

    :raises holidays.NoTable: by workdays, and a year between has no table
    """
    begin, end = ticks(since), ticks(until)
    if end <= begin:
        return timedelta(0)
    meter = meter_for(limit.count, limit.hours, calendar, begin)
    amount = meter.before(end) - meter.before(begin)
    for a, b in _merged(pauses, begin):
        if a >= end:
            break
        amount -= meter.before(end if b is None else min(b, end)) - meter.before(a)
    return timedelta(microseconds=amount)


def sentences(reckoning: Reckoning, limit: Limit) -> list[str]:
    """Return the reckoning in words a clerk can repeat on the phone, one sentence a line.

    Working hours of days that follow each other are told as one: nobody reads out every lunch break.
    """
    told = [f"时限 {spell(limit.length)}，按{limit.count.label}计{_hours_in_words(limit)}。"]
    if not reckoning.spans and reckoning.due is not None:
        return [*told, f"时限为零，开始即到期：{_full(reckoning.due)}。"]
    if reckoning.spans:
        told.append(f"{_full(reckoning.spans[0].since)} 开始。")
    used = timedelta(0)
    for group in _told_together(reckoning.spans):
        amount = sum((s.until - s.since for s in group if s.counted), timedelta(0))
        used += amount
        between = f"{_short(group[0].since)} 至 {_short(group[-1].until, end=True)}"
        if not amount:
            told.append(f"{between}，{group[0].why}，不计时。")
        else:
            words = dict.fromkeys(s.why for s in group if s.counted)
            told.append(f"{between}，{'、'.join(words)}，计 {spell(amount)}，累计 {spell(used)}。")
    if reckoning.due is not None:
        told.append(f"计满 {spell(limit.length)}，截止时间是 {_full(reckoning.due, end=True)}。")
    elif reckoning.held is not None:
        cause = f"（{reckoning.held.cause}）" if reckoning.held.cause else ""
        told.append(
            f"{_full(reckoning.held.since)} 起暂停计时{cause}，还没有恢复，还剩 "
            f"{spell(limit.length - used)}，恢复计时后才能算出截止时间。"
        )
    if reckoning.unconfirmed:
        years = "、".join(f"{year}年" for year in reckoning.unconfirmed)
        told.append(f"{years}的放假安排是暂定的，待公布后会重算。")
    return told


def spell(length: timedelta) -> str:
    """Spell a length of counted time exactly: 72 小时, 1 小时 30 分, 45 秒."""
    minutes, seconds = divmod(round(length.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "小时"), (minutes, "分"), (seconds, "秒")]
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 分"


def _hours_in_words(limit: Limit) -> str:
    if limit.count is not Count.SERVICE:
        return ""
    words = [f"{a:%H:%M}–{b:%H:%M}".replace("–00:00", "–24:00") for a, b in limit.hours]
    return f"（工作日 {'、'.join(words)}）"


def _told_together(spans: Sequence[Span]) -> Iterator[list[Span]]:
    """Gather 服务时间 with the closed hours between; everything else is told by itself."""
    group: list[Span] = []
    for span in spans:
        serving = span.why == CLOSED or (span.counted and bool(group) and group[-1].why == CLOSED)
        if group and not (serving and _serves(group[-1])):
            yield group
            group = []
        group.append(span)
    if group:
        yield group


def _serves(span: Span) -> bool:
    return span.counted or span.why == CLOSED


def _full(at: datetime, *, end: bool = False) -> str:
    """2026年10月10日（周六）16:00; an end at midnight is the day before, 24:00."""
    shown, clock = _clock(at, end=end)
    return f"{shown.year}年{_day(shown)}{clock}"


def _short(at: datetime, *, end: bool = False) -> str:
    shown, clock = _clock(at, end=end)
    return f"{_day(shown)}{clock}"


def _day(at: datetime) -> str:
    return f"{at.month}月{at.day}日（周{WEEKDAYS[at.weekday()]}）"


def _clock(at: datetime, *, end: bool) -> tuple[datetime, str]:
    if end and not (at.hour or at.minute or at.second or at.microsecond):
        return at - timedelta(days=1), "24:00"
    return at, f"{at:%H:%M:%S}" if at.second else f"{at:%H:%M}"


def _end(
    meter: Meter, begin: int, length: int, stops: Sequence[tuple[int, int | None]]
) -> tuple[int, bool]:
    """Return where the counting ends, and whether an open pause ended it too early.

    A pause beyond the years known is never asked about unless the counting goes on that far.
    """
    target = meter.before(begin) + length
    for since, until in stops:
        try:
            amount = meter.before(since)
        except NoTable:
            break  # the rest lies further still; `reach` says whether it matters
        if target <= amount:
            break
        if until is None:
            return since, True
        target += meter.before(until) - amount
    return meter.reach(target), False


def _merged(pauses: Iterable[Pause], begin: int) -> list[tuple[int, int | None]]:
    """Return pauses in order, none before the start, none touching the next; the open one is last."""
    cut = [
        (max(ticks(p.since), begin), None if p.until is None else ticks(p.until)) for p in pauses
    ]
    if len(cut) > 1:
        cut.sort(key=lambda pair: pair[0])
    merged: list[tuple[int, int | None]] = []
    for since, until in cut:
        if until is not None and until <= since:
            continue
        last, end = merged[-1] if merged else (0, 0)
        if end is None:
            break
        if since > end:
            merged.append((since, until))
        elif until is None or until > end:
            merged[-1] = (last, until)
    return merged


def _plain(meter: Meter, begin: int, end: int) -> Iterator[Piece]:
    """Yield what lies between two moments when nothing pauses."""
    if isinstance(meter, Always):
        if begin < end:
            yield begin, end, True, ALWAYS
        return
    for day in range(begin // DAY, -(-end // DAY)):
        for since, until, counts, why in meter.day(day):
            a, b = max(day * DAY + since, begin), min(day * DAY + until, end)
            if a < b:
                yield a, b, counts, why


def _reasons(pauses: Iterable[Pause], begin: int, end: int) -> list[tuple[int, int, str]]:
    """Return the paused stretches between two moments in order, cut where their causes change."""
    cut = [
        (
            max(ticks(p.since), begin),
            end if p.until is None else min(ticks(p.until), end),
            p.cause,
        )
        for p in pauses
    ]
    cut = [one for one in cut if one[0] < one[1]]
    marks = sorted({mark for a, b, _ in cut for mark in (a, b)})
    found = []
    for a, b in pairwise(marks):
        inside = [cause for since, until, cause in cut if since <= a and b <= until]
        if inside:
            causes = "、".join(dict.fromkeys(cause for cause in inside if cause))
            found.append((a, b, f"{PAUSED}：{causes}" if causes else PAUSED))
    return found


def _overlaid(plain: Iterable[Piece], paused: Sequence[tuple[int, int, str]]) -> list[Piece]:
    """Lay the pauses over the pieces; neighbours with the same reason become one."""
    found: list[Piece] = []

    def add(a: int, b: int, counts: bool, why: str) -> None:
        if a >= b:
            return
        if found and found[-1][2:] == (counts, why):
            found[-1] = (found[-1][0], b, counts, why)
        else:
            found.append((a, b, counts, why))

    for since, until, counts, why in plain:
        at = since
        for a, b, cause in paused:
            if a < until and b > at:
                add(at, a, counts, why)
                add(max(at, a), min(b, until), False, cause)
                at = min(b, until)
        add(at, until, counts, why)
    return found


def _holding(pauses: Iterable[Pause]) -> Pause:
    """Return the open pause that stops the clock; of several, the one that came first."""
    return min((p for p in pauses if p.until is None), key=lambda p: p.since)


def _length(limit: Limit) -> int:
    length = limit.length // TICK
    if length < 0:
        raise ValueError("时限不能是负数")
    return length
