"""排班: turns of duty that follow one another, the rest between them, and the cover a day needs.

All numbers here are 推定 until the street confirms them; its rule set may say otherwise in ``[duty]``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar

from jiesu.rules.clocks import spell
from jiesu.rules.holidays import SATURDAY, NoTable, WorkCalendar
from jiesu.rules.moments import BEIJING

Person = TypeVar("Person")


@dataclass(frozen=True, slots=True)
class DutyRules:
    """The numbers of duty. ``rest_h``: 两班之间; ``no_show_min``: 开班多久仍缺人即告警."""

    rest: timedelta
    no_show: timedelta
    early: timedelta
    near: timedelta
    unsent: timedelta
    top: int


def duty_rules(whole: Mapping[str, Any]) -> DutyRules:
    """Read ``[duty]`` of a rule set; what it does not say has the default that stands here."""
    told = whole.get("duty", {})
    return DutyRules(
        rest=timedelta(hours=float(told.get("rest_h", 8))),  # 推定
        no_show=timedelta(minutes=float(told.get("no_show_min", 10))),  # 推定
        early=timedelta(
            minutes=float(told.get("early_min", 30))
        ),  # 推定：提前多久到岗、接班算这一班
        near=timedelta(hours=float(told.get("handover_near_h", 8))),  # 推定：交接单上的临期
        unsent=timedelta(hours=float(told.get("handover_unsent_h", 24))),  # 推定：未反馈多久列出
        top=int(told.get("handover_top", 50)),
    )


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of duty: from when to when, and its name for people."""

    since: datetime
    until: datetime
    name: str

    def __str__(self) -> str:
        return f"{said_day(self.since.astimezone(BEIJING).date())} {self.name}"


def said_day(day: date) -> str:
    """2026-11-23 → “11月23日”."""
    return f"{day.month}月{day.day}日"


def span(day: date, starts: time, ends: time) -> tuple[datetime, datetime]:
    """Return from when to when a shift of ``day`` runs; one that ends not after it starts ends next day."""
    since = datetime.combine(day, starts, BEIJING)
    until = datetime.combine(day, ends, BEIJING)
    return since, until if ends > starts else until + timedelta(days=1)


def overlapping(turn: Turn, others: Iterable[Turn]) -> Turn | None:
    """Return the first of ``others`` that shares any time with ``turn``. Ends touching share none."""
    return next((o for o in others if o.since < turn.until and turn.since < o.until), None)


def too_close(turn: Turn, others: Iterable[Turn], rest: timedelta) -> tuple[Turn, timedelta] | None:
    """Return the turn with less than ``rest`` between it and ``turn``, and the rest there is."""
    for other in others:
        between = max(other.since - turn.until, turn.since - other.until)
        if timedelta(0) <= between < rest:
            return other, between
    return None


def said_rest(other: Turn, between: timedelta, rest: timedelta) -> str:
    """“与11月23日 夜班之间只休息 4 小时，少于 8 小时”."""
    had = f"只休息 {spell(between)}" if between else "没有休息"
    return f"与{other}之间{had}，少于 {spell(rest)}"


def rotate(
    days: int, people: Sequence[Person], each: int, *, run: int = 1
) -> list[tuple[Person, ...]]:
    """Return who stands each of ``days`` days: ``each`` people in order, ``run`` days before the turn.

    Everybody's turn comes equally often: over days that make whole rounds the shares are equal.
    With fewer people than ``each``, all stand every day.
    """
    if not people or each < 1:
        return [()] * days
    many = len(people)
    if each >= many:
        return [tuple(people)] * days
    starts = (day // max(run, 1) * each for day in range(days))
    return [tuple(people[(start + i) % many] for i in range(each)) for start in starts]


@dataclass(frozen=True, slots=True)
class Cover:
    """How many a day's shift needs, whether the day is off, and what kind of day it is.

    ``known`` is False where no table of the year stands behind it and weekends were taken instead.
    """

    number: int
    off: bool
    why: str
    known: bool = True


def cover_of(day: date, minimum: int, holiday_minimum: int, calendar: WorkCalendar) -> Cover:
    """Return the cover a day needs: the holiday minimum on days off, the usual one else."""
    try:
        off, why, known = not calendar.is_workday(day), calendar.why(day), True
    except NoTable:
        off, known = day.weekday() >= SATURDAY, False
        why = f"{'周末' if off else '工作日'}（没有{day.year}年放假安排，按星期推算）"
    return Cover(holiday_minimum if off else minimum, off, why, known)
