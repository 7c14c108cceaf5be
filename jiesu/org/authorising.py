"""What a 安全管理员 does with accounts: roles and passwords. Makes none, sees no case and no trail."""

from django.db import transaction

from jiesu.org.actions import OneMustStay, keep_one, new_password, require, subject
from jiesu.org.models import Member
from jiesu.org.rights import Right, Role
from jiesu.trail.actions import leave
from jiesu.trail.models import Kind


class NotOneself(ValueError):
    """Nobody gives rights to themself."""


@transaction.atomic
def grant(member: Member, *, role: Role, actor: Member) -> None:
    """Give another member a role; it holds from their next request on.

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
    leave(
        Kind.ACCOUNT, actor=actor, subject=subject(member), what="granted", before={"role": before},
        after={"role": role},
    )  # fmt: skip


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
    member.set_password(password)
    member.save(update_fields=["password"])
    leave(Kind.SECURITY, actor=actor, subject=subject(member), what="password_reset")
    return password


__all__ = ["NotOneself", "OneMustStay", "grant", "reset_password"]
