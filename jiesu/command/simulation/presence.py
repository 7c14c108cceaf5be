"""Who is really there, minute by minute: drawn once, known to the simulation alone.

Absences are told to the product as the office would (a leave with or without a deputy); whoever
simply does not come is told to nobody. The checks at the end ask this plan, never the product.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from random import Random

from jiesu.desk.demo.people import Person
from jiesu.rules.holidays import WorkCalendar
from jiesu.rules.moments import BEIJING

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
OPENS, CLOSES = time(8, 30), time(18, 0)
PATTERNS = (  # name, starts, ends, at least so many
    ("早班", time(7, 0), time(15, 0), 2),
    ("中班", time(15, 0), time(23, 0), 2),
    ("夜班", time(23, 0), time(7, 0), 1),
)
SHIFT_OF = {"早班": "early", "中班": "late", "夜班": "night"}
NO_SHOW, LATE, UNWELL = 0.03, 0.05, 0.015  # of posts: never come, come late, go home early
REST = timedelta(hours=8)
DESK = frozenset({"seat", "reviewer"})
NO_LEAVE = frozenset({"analyst", "inspector", "system", "security", "auditor"})


@dataclass(frozen=True, slots=True)
class Away:
    """A leave, and when the product is told of it."""

    who: str
    since: datetime
    until: datetime
    deputy: str | None
    reason: str
    told_at: datetime


@dataclass(frozen=True, slots=True)
class Stand:
    """One person's post on one shift, and when they are really there. ``arrives`` None: never.

    ``planned`` is who stands in the rota: somebody on leave is there by their deputy, ``who``.
    """

    pattern: str
    on: date
    starts: datetime
    ends: datetime
    who: str
    lead: bool
    arrives: datetime | None
    leaves: datetime
    planned: str = ""
    instead_of: str = ""  # called in because this one had not come
    early: bool = False  # left before the shift's end

    def here(self, at: datetime) -> bool:
        return self.arrives is not None and self.arrives <= at < self.leaves


@dataclass(frozen=True, slots=True)
class Slot:
    """One shift of the month."""

    pattern: str
    on: date
    starts: datetime
    ends: datetime
    minimum: int


@dataclass
class Presence:
    """The plan of the month: who is there when."""

    calendar: WorkCalendar
    people: Mapping[str, Person]
    away: Sequence[Away]
    slots: Sequence[Slot]
    stands: Sequence[Stand]
    _of: dict[str, list[Away]] = field(default_factory=dict)
    _starts: list[datetime] = field(default_factory=list)

    def __post_init__(self) -> None:
        for absence in self.away:
            self._of.setdefault(absence.who, []).append(absence)
        self.stands = sorted(self.stands, key=lambda s: (s.starts, s.pattern, s.who))
        self._starts = [stand.starts for stand in self.stands]

    def gone(self, who: str, at: datetime) -> Away | None:
        """Return the leave somebody is on."""
        return next((a for a in self._of.get(who, ()) if a.since <= at < a.until), None)

    def on_duty(self, at: datetime) -> list[str]:
        """Return who really sits at the duty desk, whoever leads in front."""
        place = bisect_right(self._starts, at + HOUR)
        near = [s for s in self.stands[max(0, place - 24) : place] if s.here(at)]
        near.sort(key=lambda s: (not s.lead, s.who))
        return list(dict.fromkeys(s.who for s in near))

    def at_work(self, who: str, at: datetime) -> bool:
        """True in the office's hours of a working day, unless on leave."""
        local = at.astimezone(BEIJING)
        return (
            OPENS <= local.time() < CLOSES
            and self.calendar.is_workday(local.date())
            and self.gone(who, at) is None
        )

    def there(self, who: str, at: datetime) -> bool:
        """True when somebody can read what reaches them: on duty, or at work."""
        return who in self.on_duty(at) or (
            self.people[who].role != "seat" and self.at_work(who, at)
        )

    def next_at_work(self, crowd: Iterable[str], at: datetime, minute: int) -> datetime:
        """Return when the first of them is at work, ``minute`` minutes after they come at the most."""
        everybody = list(crowd)
        if any(self.at_work(who, at) for who in everybody):
            return at
        day = at.astimezone(BEIJING)
        for _ in range(60):
            opens = datetime.combine(day.date(), OPENS, BEIJING) + timedelta(minutes=minute % 50)
            if opens > at and any(self.at_work(who, opens) for who in everybody):
                return opens
            day += DAY
        return at + 60 * DAY


def plan(
    rng: Random, crowd: Sequence[Person], start: datetime, days: int, calendar: WorkCalendar
) -> Presence:
    """Draw the month's leaves, posts, no-shows and late arrivals."""
    together = _whole_units(rng, crowd, start, days)
    gone = {(a.who, a.since.date()) for a in together}
    single = [
        leave
        for leave in _leaves(rng, crowd, start, days)
        if not any(leave.who == who and leave.since - 7 * DAY < _noon(on) < leave.until + DAY for who, on in gone)
    ]  # fmt: skip
    away = _fit([*single, *together])
    people = {person.username: person for person in crowd}
    slots = [slot for day in range(-1, days + 1) for slot in _slots((start + day * DAY).date())]
    found = Presence(calendar, people, away, slots, ())
    stands: list[Stand] = []
    for slot in slots:
        stands += _posts(rng, found, slot)
    return Presence(calendar, people, away, slots, _held(rng, found, slots, stands))


def _slots(day: date) -> list[Slot]:
    found = []
    for name, starts, ends, minimum in PATTERNS:
        begin = datetime.combine(day, starts, BEIJING)
        end = datetime.combine(day if ends > starts else day + DAY, ends, BEIJING)
        found.append(Slot(name, day, begin, end, minimum))
    return found


def _leaves(rng: Random, crowd: Sequence[Person], start: datetime, days: int) -> list[Away]:
    """One in three takes leave; a deputy of the same unit where there is one, some without any."""
    found: list[Away] = []
    for person in crowd:
        if person.role in NO_LEAVE or rng.random() > 0.34:
            continue
        desk = person.role in DESK  # their leaves go from shift to shift, and end an hour before
        since = start + rng.uniform(0, max(1, days - 3)) * DAY
        hour = 7 if desk else rng.choice((0, 8, 13))
        since = since.replace(hour=hour, minute=0, second=0, microsecond=0)
        until = since + timedelta(hours=rng.choice((23, 47, 71) if desk else (5, 24, 48, 72, 120)))
        mates = [
            other.username
            for other in crowd
            if other.unit == person.unit and other.role == person.role and other is not person
        ]
        if person.role == "head":
            mates = [p.username for p in crowd if p.unit == person.unit and p.role == "handler"]
        busy = {a.who for a in found if a.since < until and since < a.until}
        mates = [who for who in mates if who not in busy]
        deputy = rng.choice(mates) if mates and rng.random() < 0.75 else None
        told_at = since - timedelta(hours=rng.choice((2, 20, 50)))
        reason = rng.choice(("年假", "病假", "外出开会", "培训"))
        found.append(Away(person.username, since, until, deputy, reason, told_at))
    return found


def _fit(leaves: Sequence[Away]) -> list[Away]:
    """Nobody stands in for another while away themselves: such a leave has no deputy."""

    def busy(leave: Away) -> bool:
        return any(
            other.who == leave.deputy and other.since < leave.until and leave.since < other.until
            for other in leaves
        )

    return [replace(leave, deputy=None) if busy(leave) else leave for leave in leaves]


def _whole_units(rng: Random, crowd: Sequence[Person], start: datetime, days: int) -> list[Away]:
    """One or two units away together for a day or two, nobody standing in."""
    units = sorted({p.unit for p in crowd if p.role in {"handler", "head"} and p.unit != "request"})
    found = []
    for unit in rng.sample(units, 2 if days > 7 else 1):
        since = (start + rng.uniform(0.1, 0.8) * days * DAY).replace(
            hour=8, minute=0, second=0, microsecond=0
        )
        until = since + timedelta(hours=rng.choice((10, 34)))
        found += [
            Away(p.username, since, until, None, "全体外出", since - HOUR)
            for p in crowd
            if p.unit == unit
        ]
    return found


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), BEIJING)


def _posts(rng: Random, known: Presence, slot: Slot) -> list[Stand]:
    """Who is to stand a shift: its seats in turn, and a reviewer as lead (带班) of working mornings."""
    shift = SHIFT_OF[slot.pattern]
    seats = [p.username for p in known.people.values() if p.shift == shift]
    turn = slot.on.toordinal() % len(seats)
    seats = [*seats[turn:], *seats[:turn]]
    there = [who for who in seats if known.gone(who, slot.starts + HOUR) is None]
    chosen = [*there, *(who for who in seats if who not in there)][: slot.minimum]
    if slot.pattern == "早班" and known.calendar.is_workday(slot.on):
        reviewers = [p.username for p in known.people.values() if p.role == "reviewer"]
        lead = reviewers[slot.on.toordinal() % len(reviewers)]
        if known.gone(lead, slot.starts + HOUR) is None:
            chosen = [lead, *chosen]
    return [_stand(rng, known, slot, who, lead=place == 0) for place, who in enumerate(chosen)]


def _stand(rng: Random, known: Presence, slot: Slot, who: str, *, lead: bool) -> Stand:
    turn, early, late, home = (
        rng.random(),
        rng.uniform(1, 12),
        rng.uniform(6, 55),
        rng.uniform(2, 7),
    )
    leave = known.gone(who, slot.starts + HOUR)
    comes = (leave.deputy if leave else who) or ""
    arrives: datetime | None = slot.starts - early * MINUTE
    leaves = slot.ends
    if turn < NO_SHOW or not comes or known.gone(comes, slot.starts + HOUR) is not None:
        arrives = None
    elif turn < NO_SHOW + LATE:
        arrives = slot.starts + late * MINUTE
    unwell = NO_SHOW + LATE < turn < NO_SHOW + LATE + UNWELL
    if unwell:
        leaves = slot.starts + home * HOUR
    return Stand(
        slot.pattern, slot.on, slot.starts, slot.ends, comes or who, lead,
        arrives and _whole(arrives), _whole(leaves), planned=who, early=unwell,
    )  # fmt: skip


def _whole(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _held(
    rng: Random, known: Presence, slots: Sequence[Slot], stands: Sequence[Stand]
) -> list[Stand]:
    """Nobody leaves an empty desk (交接班: both confirm): whoever was there stays until somebody comes.

    For whoever did not come somebody is called in, half an hour to an hour and a half later.
    """
    found: list[Stand] = []
    before: list[Stand] = []
    everything = list(stands)
    for slot in slots:
        mine = [s for s in stands if s.pattern == slot.pattern and s.on == slot.on]
        for gone in [s for s in mine if s.arrives is None]:
            reserve = [
                p.username
                for p in known.people.values()
                if p.role == "seat" and known.gone(p.username, slot.starts) is None
                and known.gone(p.username, slot.ends) is None
                and _rested(p.username, slot, [*everything, *mine])
            ]  # fmt: skip
            if reserve:
                called = _whole(slot.starts + rng.uniform(30, 90) * MINUTE)
                who = rng.choice(reserve)
                relief = replace(
                    gone, who=who, planned=who, instead_of=gone.planned, arrives=called
                )
                mine.append(relief)
                everything.append(relief)
        mine = _not_alone(mine)
        first = min((s.arrives for s in mine if s.arrives), default=slot.ends)
        found += _stay(before, first)
        before = mine
    return [*found, *before]


def _not_alone(mine: Sequence[Stand]) -> list[Stand]:
    """Who is alone at the desk does not go home early."""

    def alone(stand: Stand) -> bool:
        return not any(
            o is not stand and not o.early and o.arrives and o.arrives < stand.leaves for o in mine
        )

    return [replace(s, early=False, leaves=s.ends) if s.early and alone(s) else s for s in mine]


def _stay(before: Sequence[Stand], first: datetime) -> list[Stand]:
    """Let those who have not gone home wait for the first of the next shift."""
    return [s if s.early else replace(s, leaves=max(s.leaves, first + 2 * MINUTE)) for s in before]


def _rested(who: str, slot: Slot, stands: Iterable[Stand]) -> bool:
    mine = [s for s in stands if who in {s.who, s.planned}]
    return all(s.ends + REST <= slot.starts or slot.ends + REST <= s.starts for s in mine)
