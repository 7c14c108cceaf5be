"""提醒的梯级: at which moments a clock is reminded of, and who is reminded first (domain 2.3, 推定)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from jiesu.rules.labelled import Labelled

OVERDUE = "overdue"
SHORT = "short"
ALARM = "alarm"  # what an alarm sends at once, beside the ladder of its clock
SHARE = 3  # a clock too short for any level is reminded of when a third of it is left (推定)


class Rung(Labelled):
    """Who is reminded, lowest first; what finds nobody on duty climbs to the next."""

    HANDLER = "handler", "承办人"
    HEAD = "head", "单位负责人"
    CENTRE = "centre", "值班带班"
    LEADER = "leader", "街道领导"


CLIMB = tuple(Rung)


@dataclass(frozen=True, slots=True)
class Level:
    """One level of the ladder: so long before the due time, to whom."""

    name: str
    before: timedelta
    rung: Rung


@dataclass(frozen=True, slots=True)
class Moment:
    """A level of one clock: when it comes."""

    level: Level
    at: datetime


def ladder(told: Mapping[str, Any]) -> tuple[Level, ...]:
    """Read ``[reminders]`` of a rule set: ``before_h``, and ``to`` and ``overdue_to`` where it has them.

    :raises ValueError: a name that is no rung, or hours that are no number
    """
    hours = [float(hour) for hour in told["before_h"]]
    default = [rung.value for rung in CLIMB]
    rungs = list(told.get("to", default))
    rungs += [rungs[-1]] * (len(hours) - len(rungs))
    levels = [
        Level(_name(hour), timedelta(hours=hour), Rung(rung))
        for hour, rung in zip(hours, rungs, strict=False)
    ]
    levels.sort(key=lambda level: level.before, reverse=True)
    last = Level(OVERDUE, timedelta(0), Rung(told.get("overdue_to", Rung.LEADER.value)))
    return (*levels, last)


def moments(started_at: datetime, due_at: datetime, levels: Sequence[Level]) -> tuple[Moment, ...]:
    """Return when each level of a clock comes, earliest first; the last is the due time itself.

    A level that would come at or before the start is left out. A clock too short for any has one of
    its own, when a third of it is left, so that no clock passes without a word before.
    """
    found = [Moment(level, due_at - level.before) for level in levels]
    found = [moment for moment in found if moment.at > started_at or moment.level.name == OVERDUE]
    if len(found) == 1 and due_at > started_at:
        first = Level(SHORT, (due_at - started_at) / SHARE, levels[0].rung)
        found.insert(0, Moment(first, due_at - first.before))
    return tuple(found)


def next_watch(
    started_at: datetime, due_at: datetime | None, after: datetime, levels: Sequence[Level]
) -> datetime | None:
    """Return the first moment of the ladder after ``after``; None when there is none to come."""
    if due_at is None:
        return None
    return next((m.at for m in moments(started_at, due_at, levels) if m.at > after), None)


def passed(
    started_at: datetime, due_at: datetime, at: datetime, levels: Sequence[Level]
) -> tuple[Moment, ...]:
    """Return the moments that have come by ``at``, earliest first."""
    return tuple(m for m in moments(started_at, due_at, levels) if m.at <= at)


def climb(rung: Rung) -> Rung | None:
    """Return the next higher rung; None above the street leader."""
    place = CLIMB.index(rung) + 1
    return CLIMB[place] if place < len(CLIMB) else None


def _name(hours: float) -> str:
    return f"{hours:g}h" if hours >= 1 else f"{hours * 60:g}m"


def spoken(name: str) -> str:
    """Return a level's name as people say it: “到期前 24 小时”, “已逾期”, “告警”; none is 催办 by hand."""
    plain = {"": "催办", OVERDUE: "已逾期", SHORT: "即将到期", ALARM: "告警"}
    if name in plain:
        return plain[name]
    return f"到期前 {name[:-1]} {'小时' if name.endswith('h') else '分钟'}"
