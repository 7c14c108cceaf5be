"""The month itself: the next thing that happens, one after the other, on a clock nobody else has."""

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from django.db import connection

from jiesu.cases.models import Case
from jiesu.command.simulation import duties, lives, orders, reacting, rounds
from jiesu.command.simulation.ground import Ground
from jiesu.command.simulation.orders import Row, whole_minute
from jiesu.command.simulation.reacting import Readers
from jiesu.command.simulation.sinks import ALIVE, Sinks
from jiesu.command.simulation.witness import Witness
from jiesu.command.simulation.worker import Worker
from jiesu.intake import importing, receiving

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
SHY = timedelta(
    minutes=25
)  # around a dead channel the push itself is left alive: see docs/operating.md
OFTEN = 15  # minutes: so often the worker looks at cover and lists though nothing speaks for it
LISTS = ((8, 30), (17, 0))  # when the daily list is due
_WAITS = """
SELECT least(
    (SELECT min(watch_at) FROM cases_clock WHERE stopped_at IS NULL AND watch_at IS NOT NULL),
    (SELECT min(next_try_at) FROM supervision_delivery WHERE state = 'waiting'),
    (SELECT min(coalesce(scheduled_at, %s)) FROM procrastinate_jobs
     WHERE status = 'todo' AND args->>'name' = ANY(%s))
)
"""
_TO_PUSH = """
SELECT EXISTS (SELECT 1 FROM supervision_delivery WHERE state = 'waiting' AND next_try_at <= %s)
"""
Progress = Callable[[datetime, int], None]


@dataclass(frozen=True, slots=True)
class Dead:
    """A channel is dead for a while, and how."""

    channel: str
    since: datetime
    until: datetime
    mode: str


@dataclass
class Month:
    """The month being played."""

    ground: Ground
    worker: Worker
    sinks: Sinks
    start: datetime
    rows: list[Row]
    dead: Sequence[Dead]
    witness: Witness = field(default_factory=Witness)
    arrived: int = 0
    ticked: datetime | None = None
    ticks: list[datetime] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.readers = Readers(self.ground)
        self.heard = rounds.heard()
        self.now = self.start - SECOND
        self.due_anyway = False

    def play(self, progress: Progress) -> None:
        """Play it from its first moment to its last."""
        street = self.ground.street
        street.look = lambda story, at: self.witness.look([story.number], at)
        duties.schedule(self.ground, self.start)
        for row in self.rows:
            street.at(row.at, partial(self._arrive, row))
        self.readers.wakes += [m for m in self._set_moments() if m >= self.start]
        heapq.heapify(self.readers.wakes)
        while True:
            when, tick = street.next_at(), self._next_tick()
            if tick is not None and tick < street.end and (when is None or tick <= when):
                self._tick(tick)
            elif when is not None:
                self.now = street.go()
                progress(when, self.arrived)
            else:
                return

    def _next_tick(self) -> datetime | None:
        """Return the next whole minute at which the product has something to do by itself.

        A round comes before what people do in its minute.
        """
        with connection.cursor() as cursor:
            cursor.execute(_WAITS, [self.now, self.heard])
            waits = cursor.fetchone()[0]
        wakes = self.readers.wakes
        while wakes and self.ticked is not None and whole_minute(wakes[0]) <= self.ticked:
            heapq.heappop(wakes)
        if wakes and (waits is None or wakes[0] < waits):
            waits = wakes[0]
        if waits is None:
            return None
        tick = whole_minute(max(waits, self.now + SECOND))
        self.due_anyway = bool(wakes) and wakes[0] <= tick
        return tick

    def _tick(self, at: datetime) -> None:
        """One minute of the worker's life; then people hear what it told them."""
        self.now = self.ticked = at
        self.ticks.append(at)
        near = False
        self.sinks.webhook.mode = self.sinks.mail.mode = ALIVE
        for window in self.dead:
            if window.since <= at < window.until:
                sink = self.sinks.webhook if window.channel == "webhook" else self.sinks.mail
                sink.mode = window.mode
            near = near or window.since - SHY <= at < window.until + SHY
        self.worker.work(rounds.SWEEP, at)
        if self.due_anyway or at.minute % OFTEN == 0:
            self.worker.work(rounds.MINUTE, at)
        if self._pushes(at):
            self.worker.work(rounds.PUSH, at, may_die=not near)
        self._alarms(at)
        wakes = len(self.readers.wakes)
        self.readers.hear(at)
        if len(self.readers.wakes) != wakes:
            heapq.heapify(self.readers.wakes)

    def _pushes(self, at: datetime) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(_TO_PUSH, [at])
            return bool(cursor.fetchone()[0])

    def _alarms(self, at: datetime) -> None:
        """Clocks nobody of the street started: an alarm demands a call and a report."""
        for life in self.witness.look_for_new(at):
            story = self.ground.street.stories.get((life.number, life.arrival))
            if story is not None and life.kind in {"phone", "report_up"}:
                case = Case(number=life.number, arrival=life.arrival)
                reacting.alarmed(self.ground, case, story, life.kind, at)

    def _set_moments(self) -> list[datetime]:
        """Minutes at which the worker has work whatever waits: cover, and the daily list."""
        found = duties.moments(self.ground)
        day, end = self.start, self.ground.street.end
        while day < end:
            found += [day.replace(hour=hour, minute=minute) for hour, minute in LISTS]
            day += timedelta(days=1)
        return found

    def _arrive(self, row: Row, at: datetime) -> None:
        """An export comes in and is imported, by whoever sits at the desk."""
        street = self.ground.street
        here = [w for w in street.presence.on_duty(at) if street.members[w].role == "seat"]
        member = street.members[here[0]] if here else None
        name = f"工单{at:%m%d%H%M%S}.csv"
        text = orders.export([row], street.scene)
        batch = receiving.receive(street.office, name, iter([text]), member=member)
        tally = importing.run(batch, at=at)
        if tally.refused or tally.rows != 1:
            raise RuntimeError(f"{row.demand.number} 没有收下：{tally.refusals} {tally.warnings}")
        self.arrived += tally.new + tally.arrived_again
        street.done["import"] += 1
        self.witness.look([row.demand.number], at)
        if row.corrects:
            heapq.heappush(self.readers.wakes, whole_minute(at))
        if tally.new or tally.arrived_again:
            story = street.story_of(row)
            earlier = street.stories.get((row.demand.number, row.arrival - 1))
            if earlier is not None:
                earlier.over = True
            lives.begin(street, story, at)
