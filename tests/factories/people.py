"""Members with sensible units for their role."""

from itertools import count

from jiesu.org.models import Member, Office
from jiesu.org.rights import Role

_number = count(1)
_UNIT_OF_ROLE = {
    Role.SEAT: "REQUEST",
    Role.REVIEWER: "REQUEST",
    Role.ANALYST: "REQUEST",
    Role.LEADER: "GENERAL",
    Role.INSPECTOR: "DISCIPLINE",
    Role.SYSTEM: "GENERAL",
    Role.SECURITY: "GENERAL",
    Role.AUDITOR: "GENERAL",
    Role.PENDING: "GENERAL",
    Role.HANDLER: "LIVELIHOOD",
    Role.HEAD: "LIVELIHOOD",
}


def make_member(
    office: Office, role: str = "seat", unit: str | None = None, **fields: object
) -> Member:
    """Return a member of ``role``; ``unit`` is a unit's code, role code or name."""
    wanted = unit or _UNIT_OF_ROLE[Role(role)]
    units = office.units
    found = (
        units.filter(code=wanted).first()
        or units.filter(role_code=wanted).first()
        or units.get(name=wanted)
    )
    number = next(_number)
    made = Member(
        office=office, unit=found, role=role,
        **({"username": f"{role}{number}", "name": f"测{number}"} | fields),
    )  # fmt: skip
    made.set_unusable_password()
    made.save()
    return made
