"""What a 系统管理员 does with accounts: who there is, where they belong, whether they may come in.

Roles, passwords and second factors are the 安全管理员's (``authorising``): an account made here is
待授权 and can do nothing. Each action leaves an entry in the trail.
"""

import secrets

from django.db import transaction

from jiesu.org import sittings
from jiesu.org.models import Contract, Member, Office, Unit
from jiesu.org.rights import ADMINISTRATORS, Right, Role, may
from jiesu.trail.actions import leave
from jiesu.trail.models import Kind

ALPHABET = (
    "abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789"  # no 0/O, 1/l/I: read out on a phone
)

REACHED = {"phone", "email", "messenger"}


class OneMustStay(ValueError):
    """It would leave the office without one of its three administrators, or shut the actor out."""


class NotAdministrator(ValueError):
    """Only the administrator whose part it is, of the same office, may do this."""


def new_password() -> str:
    """A temporary password that can be read out."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(3))


def subject(member: Member) -> str:
    """How the trail names a member."""
    return f"member:{member.pk}"


@transaction.atomic
def add_member(
    *,
    username: str,
    name: str,
    unit: Unit,
    actor: Member,
    contract: Contract | None = None,
    **reached: str,
) -> tuple[Member, str]:
    """Make a 待授权 member and return them with their temporary password, which is kept nowhere.

    ``reached`` is where they can be reached: phone, email, messenger.

    :raises NotAdministrator: the actor may not, or the unit is another office's
    """
    require(actor, Right.MEMBERS, unit, *([contract] if contract else []))
    password = new_password()
    made = Member.objects.create_member(
        office_id=actor.office_id,
        unit=unit,
        contract=contract,
        must_change=True,
        username=username,
        name=name,
        role=Role.PENDING,
        password=password,
        **_reached(reached),
    )
    leave(
        Kind.ACCOUNT, actor=actor, subject=subject(made), what="added", username_of=username,
        after={"role": Role.PENDING, "unit": unit.code, "contract": made.contract_id},
    )  # fmt: skip
    return made, password


@transaction.atomic
def change_member(
    member: Member,
    *,
    name: str,
    unit: Unit,
    actor: Member,
    contract: Contract | None = None,
    **reached: str,
) -> None:
    """Give a member another name, unit or contract, or another phone, email or messenger.

    The trail names the fields that changed; of the values it holds unit and contract alone.

    :raises NotAdministrator: the actor may not
    """
    require(actor, Right.MEMBERS, unit, member, *([contract] if contract else []))
    told = {"name": name, "unit": unit, "contract": contract, **_reached(reached)}
    changed = [field for field, value in told.items() if getattr(member, field) != value]
    before = {"unit": member.unit.code, "contract": member.contract_id}
    for field, value in told.items():
        setattr(member, field, value)
    member.save(update_fields=list(told))
    if changed:
        leave(
            Kind.ACCOUNT, actor=actor, subject=subject(member), what="changed", fields=changed,
            before=before, after={"unit": unit.code, "contract": member.contract_id},
        )  # fmt: skip
        sittings.look_again(member.office_id)


@transaction.atomic
def switch_member(member: Member, *, active: bool, actor: Member) -> None:
    """Let a member in, or no longer: their sessions and open streams end at once.

    :raises OneMustStay: it is the actor, or the office's last administrator of that kind
    :raises NotAdministrator: the actor may not
    """
    require(actor, Right.MEMBERS, member)
    if member.pk == actor.pk:
        raise OneMustStay("不能停用自己的账号，请由另一位系统管理员来做。")
    if not active:
        keep_one(member)
    before, member.is_active = member.is_active, active
    member.save(update_fields=["is_active"])
    leave(
        Kind.ACCOUNT, actor=actor, subject=subject(member), what="switched",
        before={"active": before}, after={"active": active},
    )  # fmt: skip
    if not active:
        sittings.end(member, actor=actor, why="disabled")


def keep_one(member: Member) -> None:
    """Hold the office and refuse when it would be left without an administrator of this kind.

    :raises OneMustStay: there is no other who can come in
    """
    Office.objects.select_for_update().get(pk=member.office_id)
    if member.role not in ADMINISTRATORS:
        return
    others = Member.objects.filter(office=member.office_id, role=member.role, is_active=True)
    if not others.exclude(pk=member.pk).exists():
        raise OneMustStay(f"{Role.label_of(member.role)}只有这一位，请先另设一位。")


def require(actor: Member, right: Right, *things: Unit | Member | Contract) -> None:
    """Refuse who has not the right, and what is another office's.

    :raises NotAdministrator: either
    """
    if not may(actor, right) or {one.office_id for one in things} - {actor.office_id}:
        raise NotAdministrator(f"只有本街道有“{right.label}”权限的管理员可以这样做。")


def _reached(told: dict[str, str]) -> dict[str, str]:
    """Keep what says where a member can be reached.

    :raises TypeError: something else was told
    """
    if unknown := set(told) - REACHED:
        raise TypeError(f"not where somebody is reached: {sorted(unknown)}")
    return {field: value.strip() for field, value in told.items()}
