"""Whom a message concerns, decided in memory by the very rule of ``cases.access.visible_to``."""

from collections.abc import Iterable
from dataclasses import dataclass

from jiesu.cases import access


@dataclass(frozen=True, slots=True)
class Seat:
    """What of a member decides who sees what: many desks share one."""

    office: int
    role: str
    unit: int


@dataclass(frozen=True, slots=True)
class Who:
    """A member at a desk: somebody active, whose role may see cases."""

    member: int
    seat: Seat


@dataclass(frozen=True, slots=True)
class Audience:
    """``centre``: those who see all of the office; ``units``: whose members see it as their own.

    ``member`` narrows it to one, who need not see anything else.
    """

    office: int
    centre: bool = False
    units: frozenset[int] = frozenset()
    member: int | None = None

    def reaches(self, seat: Seat) -> bool:
        """True when somebody at that seat may know it (``member`` aside)."""
        if seat.office != self.office:
            return False
        if self.member is not None:
            return True
        return access.reaches(seat.role, centre=self.centre, unit=seat.unit in self.units)


def of_case(office: int, lead: int | None, assisting: Iterable[int]) -> Audience:
    """Return who may see a case: the centre, its lead unit and those that assist now."""
    units = frozenset(assisting) | (frozenset() if lead is None else frozenset({lead}))
    return Audience(office, centre=True, units=units)


@dataclass(frozen=True, slots=True)
class Everyone(Audience):
    """Every desk of an office."""

    def reaches(self, seat: Seat) -> bool:
        return seat.office == self.office
