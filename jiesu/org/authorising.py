"""What a 安全管理员 does with accounts: roles and passwords. Makes none, sees no case and no trail."""

from django.db import transaction
from django.utils import timezone

from jiesu.org import factors, sittings, slowdown
from jiesu.org.actions import keep_one, new_password, require, subject
from jiesu.org.models import Member
from jiesu.org.passwords import set_password
from jiesu.org.rights import Right, Role
from jiesu.trail.actions import leave
from jiesu.trail.models import Kind


class NotOneself(ValueError):
    """Nobody gives rights to themself."""


@transaction.atomic
def grant(member: Member, *, role: Role, actor: Member) -> None:
    """Give another member a role; their sessions end, and the next one has it.

    One member has one role, so that an administrator's is never combined with another.

    :raises NotOneself: the actor would change their own role
    :raises OneMustStay: the office would lose its last administrator of a kind
    :raises NotAdministrator: the actor may not
    """
    require(actor, Right.AUTHORISE, member)
    if member.pk == actor.pk:
        raise NotOneself("不能改自己的角色，请由另一位安全管理员来改。")
    if role == member.role:
        return
    keep_one(member)
    before, member.role = member.role, role
    member.save(update_fields=["role"])
    factors.settle(member.office_id)
    member.refresh_from_db(fields=["must_secure"])
    leave(
        Kind.ACCOUNT, actor=actor, subject=subject(member), what="granted", before={"role": before},
        after={"role": role},
    )  # fmt: skip
    if before == Role.PENDING:  # nothing was open to them: they go on with what they have now
        sittings.look_again(member.office_id)
    else:
        sittings.end(member, actor=actor, why="granted")


@transaction.atomic
def reset_password(member: Member, *, actor: Member) -> str:
    """Give another member a temporary password and return it; all their sessions end.

    :raises NotOneself: one's own password is changed by knowing it
    :raises NotAdministrator: the actor may not
    """
    require(actor, Right.AUTHORISE, member)
    if member.pk == actor.pk:
        raise NotOneself("自己的密码请在“我的账号”里改。")
    password = new_password()
    set_password(member, password, temporary=True, at=timezone.now())
    leave(Kind.SECURITY, actor=actor, subject=subject(member), what="password_reset")
    sittings.end(member, actor=actor, why="password_reset")
    return password


@transaction.atomic
def take_factors_away(member: Member, *, actor: Member) -> None:
    """Remove another member's second steps, lost with the phone; all their sessions end.

    :raises NotOneself: one's own are changed by having them
    :raises NotAdministrator: the actor may not
    """
    require(actor, Right.AUTHORISE, member)
    if member.pk == actor.pk:
        raise NotOneself("自己的第二步验证请在“我的账号”里改，丢了请另一位安全管理员重置。")
    factors.take_all_away(member)
    leave(Kind.SECURITY, actor=actor, subject=subject(member), what="factors_reset")
    sittings.end(member, actor=actor, why="factors_reset")


@transaction.atomic
def unlock(member: Member, *, actor: Member) -> int:
    """Forget a member's failed log-ins, so that they need not wait; return how many.

    :raises NotAdministrator: the actor may not
    """
    require(actor, Right.AUTHORISE, member)
    forgiven = slowdown.forgive(member)
    leave(Kind.SECURITY, actor=actor, subject=subject(member), what="unlocked", failed=forgiven)
    return forgiven
