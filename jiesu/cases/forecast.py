"""What other working days would do to the clocks that run: which due times move, which years are missing."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from jiesu.cases.models import Clock
from jiesu.org.models import Office
from jiesu.rules.clocks import ClockKind
from jiesu.rules.counting import Count, Limit, Pause, due_at, parse_hours
from jiesu.rules.holidays import NoTable, WorkCalendar


@dataclass(frozen=True, slots=True)
class Shift:
    """The clocks of one kind that new tables move, counted by how."""

    kind: ClockKind
    found: int  # could not be worked out before
    lost: int  # cannot be worked out any more
    later: int
    earlier: int
    first: tuple[datetime | None, datetime | None]  # of the one that is due first

    @property
    def total(self) -> int:
        return self.found + self.lost + self.later + self.earlier


def shifts(office: Office, calendar: WorkCalendar, at: datetime) -> list[Shift]:
    """Return how the running clocks would move under another calendar; changes nothing.

    What `clocks.recompute` would leave alone is left out: fixed, overdue, or due already.
    """
    moved: dict[str, list[tuple[datetime | None, datetime | None]]] = {}
    for clock in _counted(office):
        before, after = clock.due_at, _due(clock, calendar)
        if before != after and (before is None or before > at):
            moved.setdefault(clock.kind, []).append((before, after))
    return [_shift(ClockKind(kind), pairs) for kind, pairs in sorted(moved.items())]


def missing_years(office: Office, calendar: WorkCalendar) -> dict[int, int]:
    """Return the years without a table that running clocks reach into, and how many clocks do."""
    years: Counter[int] = Counter()
    for clock in _counted(office).filter(due_at=None):
        try:
            _reckoned(clock, calendar)
        except NoTable as missing:
            years[missing.year] += 1
    return dict(sorted(years.items()))


def _counted(office: Office) -> QuerySet[Clock]:
    return (
        Clock.objects.filter(
            case__office=office, stopped_at=None, overdue_at=None, limit__isnull=False, fixed=False
        )
        .exclude(count=Count.CALENDAR)
        .prefetch_related("pauses")
    )


def _due(clock: Clock, calendar: WorkCalendar) -> datetime | None:
    try:
        return _reckoned(clock, calendar)
    except NoTable:
        return None


def _reckoned(clock: Clock, calendar: WorkCalendar) -> datetime | None:
    assert clock.limit is not None
    limit = Limit(clock.limit, Count(clock.count), parse_hours(clock.hours) if clock.hours else ())
    return due_at(clock.started_at, limit, pauses=_pauses(clock), calendar=calendar)


def _pauses(clock: Clock) -> Iterator[Pause]:
    return (Pause(p.from_at, p.to_at, p.cause) for p in clock.pauses.all())


def _shift(kind: ClockKind, pairs: list[tuple[datetime | None, datetime | None]]) -> Shift:
    both = [(before, after) for before, after in pairs if before and after]
    return Shift(
        kind=kind,
        found=sum(before is None for before, _ in pairs),
        lost=sum(after is None for _, after in pairs),
        later=sum(after > before for before, after in both),
        earlier=sum(after < before for before, after in both),
        first=min(pairs, key=lambda pair: min(moment for moment in pair if moment)),
    )
