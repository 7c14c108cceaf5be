"""The members of the demo in an office's own units."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.contrib.auth.hashers import make_password

from jiesu.desk.demo.crew import Crew, crew_of
from jiesu.desk.demo.people import OFFICES, PASSWORD, Person, people
from jiesu.desk.demo.scene import Community, Scene, scene
from jiesu.org.models import Member, Office, Unit


class UnfitOffice(ValueError):
    """The office lacks the units the demo is played with."""


@dataclass(frozen=True, slots=True)
class Hired:
    """Who plays: the office's units and members by the names the demo has for them."""

    scene: Scene
    crew: Crew
    units: Mapping[str, Unit]
    members: Mapping[str, Member]


def hire(office: Office) -> Hired:
    """Make the demo's members in the office and return who plays.

    An office other than 羊坊店 plays too when it has a unit for each role code; its first communities
    then get the accounts. A username somebody has already is given with the office's code behind it.

    :raises UnfitOffice: a unit for one of the roles, or any community, is missing
    """
    units = _units(office)
    communities = [unit for unit in units.values() if unit.is_community]
    crowd = _settled(people(), units, communities)
    taken = set(Member.objects.values_list("username", flat=True))
    password = make_password(PASSWORD)
    made = [
        Member(
            office=office, unit=units[person.unit], name=person.name, role=person.role,
            password=password,
            username=f"{person.username}-{office.code}" if person.username in taken else person.username,
        )
        for person in crowd
    ]  # fmt: skip
    Member.objects.bulk_create(made)
    crew = crew_of(crowd)
    place = Scene(
        district=office.district,
        street=office.name,
        communities=tuple(Community(unit.code, unit.name) for unit in communities),
        units={code: unit.name for code, unit in units.items()},
        silent=frozenset(unit.code for unit in communities if unit.code not in crew.units),
    )
    members = {person.username: member for person, member in zip(crowd, made, strict=True)}
    return Hired(place, crew, units, members)


def _units(office: Office) -> dict[str, Unit]:
    """Return the units by code, those of the demo's own codes found by their role if need be."""
    own = list(office.units.filter(active=True))
    by_code = {unit.code: unit for unit in own}
    by_role = {unit.role_code: unit for unit in own if not unit.is_community}
    for code, role in scene().roles.items():
        if code not in by_code and role in by_role:
            by_code[code] = by_role[role]
    missing = [scene().units[code] for code in OFFICES if code not in by_code]
    if missing or not any(unit.is_community for unit in own):
        raise UnfitOffice(
            f"{office.name}缺少演示所需的单位：{'、'.join(missing) or '社区'}。"
            "请在街道文件中写明各单位的 role，或不装演示数据。"
        )
    return by_code


def _settled(
    crowd: Sequence[Person], units: Mapping[str, Unit], communities: Sequence[Unit]
) -> list[Person]:
    """Give the people of communities this office does not have to its own first ones."""
    free = iter(communities)
    settled = []
    for person in crowd:
        if person.unit in units:
            settled.append(person)
        elif (community := next(free, None)) is not None:
            settled.append(replace(person, unit=community.code))
    return settled
