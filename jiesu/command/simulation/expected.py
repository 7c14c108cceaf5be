"""What should have been, worked out anew: reminders from due times and the ladder, gaps from the plan.

Nothing of the supervision is asked here. The ladder is read from the rule set's own text.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from jiesu.command.simulation.presence import Presence, Slot, Stand
from jiesu.command.simulation.witness import Life

OVERDUE, SHORT, THIRD = "overdue", "short", 3
MINUTE = timedelta(minutes=1)
GRACE = 10 * MINUTE  # a shift with too few is a gap from here on (推定, as the rule set's default)


@dataclass(frozen=True, slots=True)
class Stretch:
    """From when to when a clock ran with one due time."""

    since: datetime
    until: datetime | None
    due: datetime


def stretches(life: Life) -> list[Stretch]:
    """Return the stretches in which a clock really ran to a due time."""
    found = []
    for seen, after in zip(life.seen, [*life.seen[1:], None], strict=True):
        if seen.running and seen.due is not None:
            found.append(Stretch(seen.at, after.at if after else None, seen.due))
    return found


def ladder(life: Life, due: datetime, hours: Sequence[str]) -> list[tuple[datetime, str]]:
    """Return when each level of the clock comes, earliest first."""
    found = []
    for text in hours:
        hour = float(text)
        name = f"{hour:g}h" if hour >= 1 else f"{hour * 60:g}m"
        at = due - timedelta(hours=hour)
        if at > life.started_at:
            found.append((at, name))
    if not found and due > life.started_at:
        found.append((due - (due - life.started_at) / THIRD, SHORT))
    return [*sorted(found), (due, OVERDUE)]


def reminders(
    life: Life, hours: Sequence[str], ticks: Sequence[datetime], end: datetime
) -> dict[str, datetime]:
    """Return the levels a clock should have been reminded of, and at which round of the worker.

    Levels that come between two rounds are one reminder, of the last of them. A level is reminded of
    once, even when its moment comes again after a pause.
    """
    found: dict[str, datetime] = {}
    overdue = False
    for place, run in enumerate(stretches(life)):
        after = life.started_at if place == 0 else run.since
        moments = ladder(life, run.due, hours)
        waiting = [m for m in moments if m[0] > after]
        if not waiting and not overdue:  # late from the beginning
            waiting = moments[-1:]
        while waiting:
            first = max(waiting[0][0], run.since)
            at = bisect_left(ticks, first)
            if at < len(ticks) and ticks[at] == run.since:
                at += 1  # a round comes before what people do in its minute
            if at == len(ticks) or (run.until is not None and ticks[at] > run.until):
                break
            tick = ticks[at]
            come = [m for m in waiting if m[0] <= tick]
            waiting = [m for m in waiting if m[0] > tick]
            if tick < end:
                found.setdefault(come[-1][1], tick)
                overdue = overdue or come[-1][1] == OVERDUE
    return found


def gaps(presence: Presence, start: datetime, end: datetime) -> Iterator[dict[str, Any]]:
    """Yield each time a shift had too few from ten minutes on: found when, over when."""
    for slot in presence.slots:
        if slot.starts < start:
            continue
        mine = [s for s in presence.stands if (s.pattern, s.on) == (slot.pattern, slot.on)]
        open_since: datetime | None = None
        at = slot.starts + GRACE
        while at < min(slot.ends, end):
            enough = _here(mine, at) >= slot.minimum
            if not enough and open_since is None:
                open_since = at
            elif enough and open_since is not None:
                yield _gap(slot, open_since, at)
                open_since = None
            at += MINUTE
        if open_since is not None:
            yield _gap(slot, open_since, slot.ends)


def _here(stands: Sequence[Stand], at: datetime) -> int:
    """How many the worker of that minute finds: who has come before it, and not gone before it."""
    return sum(
        1 for s in stands if s.arrives and s.arrives < at and not (s.early and s.leaves < at)
    )


def _gap(slot: Slot, since: datetime, until: datetime) -> dict[str, Any]:
    return {"pattern": slot.pattern, "on": slot.on, "found": since, "over": until}
