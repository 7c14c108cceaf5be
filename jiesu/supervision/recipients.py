"""Who is reminded: a rung of the ladder as people who are really there (domain 2.3, 8).

Whoever is away is stood in for by the deputy; where nobody is left the reminder climbs to the next
rung and says so; the last rung always finds somebody. A clock without a unit belongs to the duty desk.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from jiesu.cases.models import Assignment
from jiesu.duty import queries as duty
from jiesu.duty.models import Absence, Post
from jiesu.org.models import Member, Office, Unit
from jiesu.org.rights import Role
from jiesu.rules.ladder import Rung, climb

DESK = "值班席"
_CENTRE = (Role.REVIEWER, Role.SEAT)


@dataclass(frozen=True, slots=True)
class To:
    """One person a reminder goes to: as what, and why them."""

    member: Member
    rung: Rung
    why: str
    climbed: bool = False


@dataclass(frozen=True, slots=True)
class Roster:
    """The people of an office at a moment, read once for any number of reminders."""

    office: Office
    at: datetime
    members: Mapping[int, Member]
    units: Mapping[int, str]
    away: Mapping[int, Absence]
    on_duty: Sequence[Post]

    def of(self, *roles: Role, unit: int | None = None) -> list[Member]:
        """Return the members whose accounts work, of these roles, of one unit when it is named."""
        return [
            m for m in self.members.values() if m.role in roles and unit in (None, m.unit_id)
        ]  # fmt: skip


def roster(office: Office, at: datetime) -> Roster:
    """Read who is there. A fixed number of queries, whatever the number of people."""
    members = Member.objects.working(at).filter(office=office).order_by("username")
    return Roster(
        office=office,
        at=at,
        members={member.pk: member for member in members.select_related("unit")},
        units=dict(Unit.objects.filter(office=office).values_list("pk", "name")),
        away=duty.away(office.pk, at),
        on_duty=duty.at_desk(office, at),
    )


def accepted(cases: Iterable[int]) -> dict[tuple[int, int], int]:
    """Return who accepted (接单) each unit's part of these cases, by (case, unit): one query."""
    found = Assignment.objects.filter(
        case__in=list(cases), ended_at=None, accepted_by__isnull=False
    )  # fmt: skip
    rows = found.values_list("case_id", "unit_id", "accepted_by_id")
    return {(case, unit): member for case, unit, member in rows if member is not None}


def find(there: Roster, rung: Rung, unit: int | None, acceptor: int | None = None) -> list[To]:
    """Return whom a reminder of this rung reaches; it climbs until somebody is there.

    ``acceptor`` is who accepted the unit's part of the case. Empty only where an office has nobody.
    """
    wanted: Rung | None = rung
    empty: list[str] = []
    while wanted is not None:
        people = _at(there, wanted, unit, acceptor)
        if people:
            return _told(people, wanted, empty)
        place = _place(there, wanted, unit)
        empty = [*(known for known in empty if not known.startswith(place)), place]
        wanted = climb(wanted)
    return _told(_somebody(there), Rung.LEADER, empty)


def on_duty(there: Roster, why: str) -> list[To]:
    """Return everyone on duty at the centre, for what they must hear beside whoever else does."""
    return [To(post.member, Rung.CENTRE, _clause(why, post)) for post in there.on_duty]


def any_at_desk(there: Roster, people: Iterable[To]) -> bool:
    """True when one of them is at the duty desk now."""
    here = {post.member.pk for post in there.on_duty}
    return any(to.member.pk in here for to in people)


def at_desk(there: Roster, why: str) -> list[To]:
    """Return who leads at the desk now (带班); empty when nobody sits there."""
    return [To(to.member, to.rung, why) for to in _at(there, Rung.CENTRE, None, None)]


def lead(there: Roster, why: str) -> list[To]:
    """Return who leads the duty now (带班), else climbs as `find` does."""
    return [
        To(to.member, to.rung, to.why if to.climbed else _joined(why, to.why), to.climbed)
        for to in find(there, Rung.CENTRE, None)
    ]


def once_each(people: Iterable[To]) -> list[To]:
    """Return the same people, each once, as they were found first."""
    return list({to.member.pk: to for to in reversed(list(people))}.values())[::-1]


def _at(there: Roster, rung: Rung, unit: int | None, acceptor: int | None) -> list[To]:
    if rung is Rung.LEADER:
        return _there(there, there.of(Role.LEADER), rung, "街道领导")
    if rung is Rung.CENTRE or (unit is None and rung is Rung.HEAD):
        leads = [post for post in there.on_duty if post.lead] or list(there.on_duty[:1])
        return [To(post.member, rung, _clause("值班带班", post)) for post in leads]
    if unit is None:
        seats = [post for post in there.on_duty if not post.lead] or list(there.on_duty)
        return [To(post.member, rung, _clause("值班座席", post)) for post in seats]
    if rung is Rung.HEAD:
        return _there(there, there.of(Role.HEAD, unit=unit), rung, "单位负责人")
    first = there.members.get(acceptor or 0)
    if first is not None and (found := _there(there, [first], rung, "接单的承办人")):
        return found
    return _there(there, there.of(Role.HANDLER, unit=unit), rung, "本单位承办人")


def _there(there: Roster, wanted: Iterable[Member], rung: Rung, why: str) -> list[To]:
    """Put deputies in; leave out whoever is away without one."""
    found = []
    for member in wanted:
        who, said = duty.acting(member, there.away, there.at)
        if who is not None:
            found.append(To(who, rung, _joined(why, said)))
    return once_each(found)


def _told(people: list[To], rung: Rung, empty: list[str]) -> list[To]:
    if not empty:
        return people
    said = f"{'、'.join(empty)}无人在岗，上提至{rung.label}"
    return [To(to.member, rung, said, climbed=True) for to in people]


def _place(there: Roster, rung: Rung, unit: int | None) -> str:
    if rung is Rung.LEADER:
        return Rung.LEADER.label
    if rung is Rung.CENTRE or unit is None:
        return DESK
    name = there.units.get(unit, "")
    return f"{name}承办人" if rung is Rung.HANDLER else name


def _somebody(there: Roster) -> list[To]:
    """The last resort: a leader though away, else the centre's, else anybody who sees cases."""
    everybody = (
        there.of(Role.LEADER) or there.of(*_CENTRE) or there.of(Role.HEAD, Role.HANDLER)
        or list(there.members.values())
    )  # fmt: skip
    return [To(member, Rung.LEADER, "") for member in everybody]


def _clause(why: str, post: Post) -> str:
    return _joined(why, getattr(post, "why", ""))


def _joined(why: str, said: str) -> str:
    return f"{why}；{said}" if said else why
