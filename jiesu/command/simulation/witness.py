"""What the simulation saw of every clock with its own eyes: when it ran, and until when.

Looked at after everything that anybody does to a case, so that at the end the reminders that should
have been can be worked out without asking the product.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection

_OF_CASE = """
SELECT clock.id, clock.kind, coalesce(unit.code, ''), clock.started_at, clock.due_at,
       clock.stopped_at, c.number, c.arrival, clock.overdue_at
FROM cases_clock clock JOIN cases_case c ON c.id = clock.case_id
LEFT JOIN org_unit unit ON unit.id = clock.unit_id
WHERE {which}
ORDER BY clock.id
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """How one clock stood from a moment on."""

    at: datetime
    due: datetime | None
    running: bool


@dataclass(slots=True)
class Life:
    """One clock, from its start to the end of the month."""

    pk: int
    number: str
    arrival: int
    kind: str
    unit: str
    started_at: datetime
    seen: list[Seen] = field(default_factory=list)
    overdue_at: datetime | None = None
    rewritten: int = 0  # an overdue fact that was changed: never to happen

    @property
    def name(self) -> str:
        again = f"#{self.arrival}" if self.arrival > 1 else ""
        return f"{self.number}{again} {self.kind} {self.unit}".strip()

    def at(self, when: datetime) -> Seen | None:
        """Return how it stood at a moment; None before it was there."""
        return next((seen for seen in reversed(self.seen) if seen.at <= when), None)


@dataclass
class Witness:
    """The lives of all clocks, by their id in this database."""

    lives: dict[int, Life] = field(default_factory=dict)
    newest: int = 0

    def look(self, numbers: Sequence[str], at: datetime) -> None:
        """Look at all clocks of some order numbers."""
        self._keep("c.number = ANY(%s)", [list(numbers)], at)

    def look_for_new(self, at: datetime) -> list[Life]:
        """Look for clocks nobody of the street started: the product's own work did."""
        return self._keep("clock.id > %s", [self.newest], at)

    def _keep(self, which: str, given: list[object], at: datetime) -> list[Life]:
        """Note how the clocks stand; return those never seen before."""
        new = []
        with connection.cursor() as cursor:
            cursor.execute(_OF_CASE.format(which=which), given)
            rows = cursor.fetchall()
        for pk, kind, unit, started, due, stopped, number, arrival, overdue in rows:
            self.newest = max(self.newest, pk)
            life = self.lives.get(pk)
            if life is None:
                life = self.lives[pk] = Life(pk, number, arrival, kind, unit, started)
                new.append(life)
            now = Seen(at, due, running=stopped is None)
            last = life.seen[-1] if life.seen else None
            if last is None or (last.due, last.running) != (now.due, now.running):
                life.seen.append(now)
            life.rewritten += life.overdue_at is not None and overdue != life.overdue_at
            life.overdue_at = overdue
        return new
