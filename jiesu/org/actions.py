"""What an administrator does with members. Each takes effect at the member's next request."""

import logging
import secrets

from django.db import transaction

from jiesu.org.models import Member, Unit
from jiesu.org.rights import Right, Role, may

log = logging.getLogger("jiesu.members")
ALPHABET = (
    "abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789"  # no 0/O, 1/l/I: read out on a phone
)

REACHED = {"phone", "email", "messenger"}


class OneMustStay(ValueError):
    """It would leave the administrator without a way back in."""


class NotAdministrator(ValueError):
    """Only an administrator of the same office may do this."""


def new_password() -> str:
    """A temporary password that can be read out."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(3))


@transaction.atomic
def add_member(
    *, username: str, name: str, role: Role, unit: Unit, actor: Member, **reached: str
) -> tuple[Member, str]:
    """Make a member and return them with their temporary password, which is kept nowhere.

    ``reached`` is where they can be reached: phone, email, messenger.

    :raises NotAdministrator: the actor may not, or the unit is another office's
    """
    _require(actor, unit)
    password = new_password()
    made = Member.objects.create_member(
        office_id=actor.office_id,
        unit=unit,
        username=username,
        name=name,
        role=role,
        password=password,
        **_reached(reached),
    )
    log.info("member %s added as %s by member %s", made.pk, role, actor.pk)
    return made, password


@transaction.atomic
def change_member(
    member: Member, *, name: str, role: Role, unit: Unit, actor: Member, **reached: str
) -> None:
    """Give a member another name, role or unit, or another phone, email or messenger.

    :raises OneMustStay: an administrator would take the role from themself
    :raises NotAdministrator: the actor may not
    """
    _require(actor, unit, member)
    if member.pk == actor.pk and role != Role.SYSTEM:
        raise OneMustStay("不能取消自己的管理员角色，请由另一位管理员来改。")
    before = (member.role, member.unit_id)
    member.name, member.role, member.unit = name, role, unit
    told = _reached(reached)
    for field, value in told.items():
        setattr(member, field, value)
    member.save(update_fields=["name", "role", "unit", *told])
    log.info(
        "member %s changed %s -> %s by member %s", member.pk, before, (role, unit.pk), actor.pk
    )


@transaction.atomic
def switch_member(member: Member, *, active: bool, actor: Member) -> None:
    """Let a member in, or no longer: somebody logged in is out at their next request.

    :raises OneMustStay: an administrator would shut themself out
    :raises NotAdministrator: the actor may not
    """
    _require(actor, None, member)
    if member.pk == actor.pk:
        raise OneMustStay("不能停用自己的账号，请由另一位管理员来做。")
    member.is_active = active
    member.save(update_fields=["is_active"])
    log.info("member %s %s by member %s", member.pk, "enabled" if active else "disabled", actor.pk)


@transaction.atomic
def reset_password(member: Member, *, actor: Member) -> str:
    """Give a member a temporary password and return it; all their sessions end.

    :raises NotAdministrator: the actor may not
    """
    _require(actor, None, member)
    password = new_password()
    member.set_password(password)
    member.save(update_fields=["password"])
    log.info("password of member %s reset by member %s", member.pk, actor.pk)
    return password


def _reached(told: dict[str, str]) -> dict[str, str]:
    """Keep what says where a member can be reached.

    :raises TypeError: something else was told
    """
    if unknown := set(told) - REACHED:
        raise TypeError(f"not where somebody is reached: {sorted(unknown)}")
    return {field: value.strip() for field, value in told.items()}


def _require(actor: Member, unit: Unit | None, member: Member | None = None) -> None:
    offices = {one.office_id for one in (unit, member) if one is not None}
    if not may(actor, Right.MEMBERS) or offices - {actor.office_id}:
        raise NotAdministrator("只有本街道的管理员可以管理成员。")
