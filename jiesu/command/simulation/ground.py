"""The ground the month is played on: the office, its people, their leaves and posts."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from jiesu.catalogue.actions import DEFAULT_OFFICE, establish
from jiesu.catalogue.queries import calendar_of
from jiesu.command.simulation import presence
from jiesu.command.simulation.presence import PATTERNS, Presence
from jiesu.command.simulation.street import Street
from jiesu.desk.demo.hiring import Hired, hire
from jiesu.desk.demo.people import people
from jiesu.desk.demo.texts import dice
from jiesu.duty import actions as duty
from jiesu.duty.models import Pattern
from jiesu.org.models import Member, Office
from jiesu.rules.moments import BEIJING

BEFORE = timedelta(days=3)  # the rota is planned so long before the month


@dataclass(frozen=True, slots=True)
class Ground:
    """What the month starts from."""

    street: Street
    presence: Presence
    hired: Hired
    patterns: dict[str, Pattern]
    unplanned: int  # posts the product refused when they were planned


def lay(seed: int, start: datetime, days: int) -> Ground:
    """Make the office, hire its people, plan its month. The database must be empty but for its tables."""
    office = establish(DEFAULT_OFFICE).office
    hired = hire(office)
    _addresses(hired)
    calendar = calendar_of(office)
    drawn = presence.plan(dice(f"{seed} people"), people(), start, days, calendar)
    patterns = _patterns(office, hired, start - BEFORE)
    known, refused = _planned(hired, drawn, patterns, start - BEFORE)
    street = Street(
        office=office, scene=hired.scene, crew=hired.crew, units=hired.units, members=hired.members,
        presence=known, seed=seed, end=start + timedelta(days=days),
    )  # fmt: skip
    return Ground(street, known, hired, patterns, refused)


def _addresses(hired: Hired) -> None:
    """Most can be reached by mail and messenger, some by one of them alone: addresses nobody has."""
    for place, (username, member) in enumerate(hired.members.items()):
        member.email = f"{username}@example.invalid" if place % 3 == 0 else ""
        member.messenger = username if place % 5 else ""
    Member.objects.bulk_update(hired.members.values(), ["email", "messenger"])


def _planner(hired: Hired) -> Member:
    return next(m for m in hired.members.values() if m.role == "reviewer")


def _patterns(office: Office, hired: Hired, at: datetime) -> dict[str, Pattern]:
    there = {pattern.name: pattern for pattern in office.duty_patterns.all()}
    made = {}
    for name, starts, ends, minimum in PATTERNS:
        given = {
            "name": name, "starts": starts, "ends": ends, "minimum": minimum,
            "holiday_minimum": minimum, "actor": _planner(hired),
        }  # fmt: skip
        if pattern := there.pop(name, None):
            duty.change_pattern(pattern, **given)
            made[name] = pattern
        else:
            made[name] = duty.add_pattern(office, **given)
    for unused in there.values():
        duty.switch_pattern(unused, active=False, actor=_planner(hired), at=at)
    return made


def _planned(
    hired: Hired, drawn: Presence, patterns: dict[str, Pattern], at: datetime
) -> tuple[Presence, int]:
    """Put everybody on their shifts as planned; whom the product refuses does not stand there."""
    kept, refused = [], 0
    for stand in drawn.stands:
        if stand.instead_of:
            kept.append(stand)
            continue
        try:
            duty.put(
                patterns[stand.pattern], stand.on, hired.members[stand.planned], lead=stand.lead,
                actor=_planner(hired), at=at,
            )  # fmt: skip
        except duty.Refused:
            refused += 1
            continue
        kept.append(stand)
    return Presence(drawn.calendar, drawn.people, drawn.away, drawn.slots, kept), refused


def first_day(text: str) -> datetime:
    """Return the first moment of a day written 2026-09-19.

    :raises ValueError: it is no day
    """
    return datetime.combine(datetime.fromisoformat(text).date(), time(0), BEIJING)
