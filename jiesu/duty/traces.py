"""What changing the rota leaves in the trail: 修改, before and after, people by their usernames.

Why somebody is away stays with duty: it may say more about them than the trail should.
"""

from typing import Any

from jiesu.duty.models import Absence, Pattern, Post, Shift
from jiesu.org.models import Member
from jiesu.rules.moments import BEIJING
from jiesu.trail.actions import leave
from jiesu.trail.models import Kind


def changed(
    actor: Member, subject: str, *, before: Any = None, after: Any = None, **more: Any
) -> None:
    """Leave one entry for a change of the rota, in its transaction."""
    leave(Kind.CHANGE, actor=actor, subject=subject, before=before, after=after, **more)


def pattern(one: Pattern) -> dict[str, Any]:
    """What the trail says of a pattern."""
    return {
        "name": one.name, "starts": f"{one.starts:%H:%M}", "ends": f"{one.ends:%H:%M}",
        "minimum": one.minimum, "holiday_minimum": one.holiday_minimum, "active": one.active,
    }  # fmt: skip


def shift(one: Shift) -> str:
    """Name a shift: ``shift:3:2026-11-26``."""
    return f"shift:{one.pattern_id}:{one.on.isoformat()}"


def post(one: Post) -> dict[str, Any]:
    """What the trail says of who stands a shift."""
    return {"member": one.member.username, "lead": one.lead}


def absence(one: Absence) -> dict[str, Any]:
    """What the trail says of an absence: who, from when to when, who stands in."""
    until = one.ended_at or one.to_at
    return {
        "member": one.member.username, "deputy": one.deputy.username if one.deputy else None,
        "from": one.from_at.astimezone(BEIJING).isoformat(timespec="minutes"),
        "to": until.astimezone(BEIJING).isoformat(timespec="minutes"),
    }  # fmt: skip
