"""Who is there to do it: the members of the demo office by shift, role and unit."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from jiesu.desk.demo.people import Person


@dataclass(frozen=True, slots=True)
class Crew:
    """The members by what they do. Everybody is named by username."""

    seats: Mapping[str, tuple[str, ...]]  # by shift
    reviewers: tuple[str, ...]
    leaders: tuple[str, ...]
    units: Mapping[str, tuple[str, ...]]  # handlers, or the head where a unit has none

    def seat(self, rng: random.Random, at: datetime) -> str:
        """Return a seat on shift at that hour."""
        shift = "early" if 7 <= at.hour < 15 else "late" if 15 <= at.hour < 23 else "night"
        return rng.choice(self.seats[shift])

    def of(self, rng: random.Random, unit: str) -> str:
        """Return somebody of the unit."""
        return rng.choice(self.units[unit])

    def reviewer(self, rng: random.Random) -> str:
        return rng.choice(self.reviewers)

    def decider(self, rng: random.Random) -> str:
        """Return who decides an extension: mostly a reviewer, now and then a leader."""
        return rng.choice(self.leaders if rng.random() < 0.3 else self.reviewers)


def crew_of(people: Iterable[Person]) -> Crew:
    """Sort people into a crew."""
    everybody = tuple(people)

    def named(role: str, unit: str | None = None, shift: str | None = None) -> tuple[str, ...]:
        return tuple(
            p.username
            for p in everybody
            if p.role == role and unit in (None, p.unit) and shift in (None, p.shift)
        )

    units = dict.fromkeys(p.unit for p in everybody if p.role in ("handler", "head"))
    return Crew(
        seats={shift: named("seat", shift=shift) for shift in ("early", "late", "night")},
        reviewers=named("reviewer"),
        leaders=named("leader"),
        units={unit: named("handler", unit) or named("head", unit) for unit in units},
    )
