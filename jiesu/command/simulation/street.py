"""The simulated street: its people, its queue of what they are about to do, and how a verb is done."""

import heapq
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any

from jiesu.cases.access import NotYours
from jiesu.cases.clocks import NotPausable
from jiesu.cases.models import Case
from jiesu.cases.transitions import Moved
from jiesu.command.simulation.orders import Row
from jiesu.command.simulation.presence import Presence
from jiesu.desk.demo.crew import Crew
from jiesu.desk.demo.scene import Scene
from jiesu.desk.demo.texts import Demand, dice
from jiesu.dispatch.actions import OutsideDutyList, WrongUnit
from jiesu.handling.actions import Incomplete
from jiesu.org.models import Member, Office, Unit
from jiesu.rules.workflow import NotAllowed

REFUSED = (NotAllowed, Moved, NotYours, Incomplete, WrongUnit, OutsideDutyList, NotPausable)
MINUTE = timedelta(minutes=1)


@dataclass(slots=True)
class Story:
    """One case as the people around it know it: what they were told, and how they are given to act."""

    number: str
    arrival: int
    demand: Demand
    rng: Random
    unit: str = ""
    who: str = ""
    internal: datetime | None = None
    turns: int = 0  # so often dispatched
    asleep: bool = False  # the unit leaves it lying until somebody pushes
    over: bool = False

    @property
    def urgent(self) -> bool:
        return "2小时" in self.demand.tags

    def minutes(self, least: float, most: float) -> timedelta:
        return timedelta(seconds=int(60 * self.rng.uniform(least, most)))


Deed = Callable[["Street", Story, datetime], None]


@dataclass
class Street:
    """Everything the people need, and what they are about to do, in order of time."""

    office: Office
    scene: Scene
    crew: Crew
    units: Mapping[str, Unit]
    members: Mapping[str, Member]
    presence: Presence
    seed: int
    end: datetime
    stories: dict[tuple[str, int], Story] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    look: Callable[[Story, datetime], None] = lambda story, at: None
    _queue: list[tuple[datetime, int, Callable[[datetime], None]]] = field(default_factory=list)
    _order: Any = field(default_factory=count)

    def at(self, when: datetime, what: Callable[[datetime], None]) -> None:
        """Have something done at a moment; what lies beyond the month is left out."""
        if when < self.end:
            heapq.heappush(self._queue, (when.replace(microsecond=0), next(self._order), what))

    def next_at(self) -> datetime | None:
        return self._queue[0][0] if self._queue else None

    def go(self) -> datetime:
        """Do the next thing."""
        when, _, what = heapq.heappop(self._queue)
        what(when)
        return when

    def then(self, when: datetime, story: Story, deed: Deed) -> None:
        """Have somebody act on a case at a moment, unless its story is over by then."""

        def act(at: datetime) -> None:
            if not story.over:
                deed(self, story, at)

        self.at(when, act)

    def story_of(self, row: Row) -> Story:
        key = (row.demand.number, row.arrival)
        if key not in self.stories:
            rng = dice(f"{self.seed} {key} life")
            self.stories[key] = Story(*key, row.demand, rng, asleep=rng.random() < 0.05)
        return self.stories[key]

    def case(self, story: Story) -> Case:
        found = Case.objects.select_related("unit", "community", "office").defer("tokens", "tsv")
        return found.get(office=self.office, number=story.number, arrival=story.arrival)

    def do(self, story: Story, verb: Callable[..., Any], **given: Any) -> bool:
        """Do one verb on a case. False when the product says why not."""
        return self.doing(
            verb.__name__, story, given["at"], lambda: verb(self.case(story), **given)
        )

    def doing(self, name: str, story: Story, at: datetime, deed: Callable[[], Any]) -> bool:
        """Do one thing by its name. False when the product says why not."""
        try:
            deed()
        except REFUSED as why:
            self.refused[f"{name}：{type(why).__name__} {str(why)[:80]}"] += 1
            return False
        self.done[name] += 1
        self.look(story, at)
        return True

    def seat(self, story: Story, at: datetime) -> Member | None:
        """Return a seat who is really at the desk; None when there is nobody."""
        here = [who for who in self.presence.on_duty(at) if self.members[who].role == "seat"]
        return self.members[story.rng.choice(here)] if here else None

    def handler(self, story: Story, unit: str, at: datetime) -> Member | None:
        """Return somebody of the unit who is at work; for an urgent order whoever is not on leave."""
        crowd = self.crew_of(unit)
        for who in [story.who, *crowd]:
            if who in crowd and self._reached(story, who, at):
                story.who = who
                return self.members[who]
        return None

    def _reached(self, story: Story, who: str, at: datetime) -> bool:
        if story.urgent:  # by telephone, at any hour
            return self.presence.gone(who, at) is None
        return self.presence.at_work(who, at)

    def crew_of(self, unit: str) -> list[str]:
        """Return the handlers of a unit, its head last."""
        people = self.presence.people.values()
        crowd = [p for p in people if p.unit == unit and p.role in {"handler", "head"}]
        return [p.username for p in sorted(crowd, key=lambda p: (p.role == "head", p.username))]

    def of_role(self, role: str, at: datetime) -> Member | None:
        """Return the first of a role who is at work."""
        crowd = [p.username for p in self.presence.people.values() if p.role == role]
        turn = at.toordinal() % len(crowd)
        for who in [*crowd[turn:], *crowd[:turn]]:
            if self.presence.at_work(who, at):
                return self.members[who]
        return None

    def when_there(self, story: Story, crowd: list[str], at: datetime) -> datetime:
        """Return when somebody of a crowd will next be at work."""
        later = self.presence.next_at_work(crowd, at, story.rng.randrange(50))
        return max(later, at + 7 * MINUTE)
