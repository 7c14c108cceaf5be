"""账号规则: a change of them by the 安全管理员. What held before stays on record as its own row."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from jiesu.org import factors, sittings
from jiesu.org.actions import require
from jiesu.org.models import AccountRules, Member, School, Sitting
from jiesu.org.rights import Right, Role
from jiesu.trail.actions import leave
from jiesu.trail.models import Kind

FIELDS = ("compulsory", "school", "idle_minutes", "desk_idle_minutes", "absolute_hours")


def history(office: int) -> QuerySet[AccountRules]:
    """Return every set of rules the office has had, the newest first."""
    return AccountRules.objects.filter(office=office).select_related("by")


@transaction.atomic
def change(
    *, compulsory: Iterable[Role], school: School, idle_minutes: int, desk_idle_minutes: int,
    absolute_hours: int, actor: Member,
) -> AccountRules:  # fmt: skip
    """Set the rules of the actor's office; they hold at once, for open sessions too.

    :raises NotAdministrator: the actor may not
    """
    require(actor, Right.AUTHORISE)
    before = sittings.rules_of(actor.office_id)
    made = AccountRules(
        office_id=actor.office_id, by=actor, compulsory=sorted(compulsory), school=school,
        idle_minutes=idle_minutes, desk_idle_minutes=desk_idle_minutes,
        absolute_hours=absolute_hours,
    )  # fmt: skip
    if told(made) == told(before):
        return before
    made.save()
    leave(
        Kind.SECURITY, actor=actor, subject=f"account_rules:{made.pk}", what="account_rules",
        before=told(before), after=told(made),
    )  # fmt: skip
    _hold_for_open_sessions(made)
    factors.settle(made.office_id)
    return made


def told(rules: AccountRules) -> dict[str, Any]:
    """Return the rules as plain data."""
    return {field: getattr(rules, field) for field in FIELDS}


def _hold_for_open_sessions(rules: AccountRules) -> None:
    for row in Sitting.objects.filter(member__office=rules.office_id).select_related("member"):
        if row.member is None or row.began_at is None or row.active_at is None:
            continue  # a visitor's
        row.expire_date = sittings.over_at(rules, row.member.role, row.began_at, row.active_at)
        row.until = row.began_at + rules.longest
        row.save(update_fields=["expire_date", "until"])
    sittings.look_again(rules.office_id)
