"""How the street stands its shifts: who comes, goes home, is called in, takes leave."""

from datetime import datetime, timedelta
from functools import partial

from jiesu.command.simulation.ground import Ground
from jiesu.command.simulation.presence import HOUR, Away, Stand
from jiesu.duty import absences, attendance
from jiesu.duty import actions as duty
from jiesu.duty.models import Post
from jiesu.org.models import Member

CALLED = timedelta(minutes=15)  # somebody called in says yes so long before they come


def schedule(ground: Ground, start: datetime) -> None:
    """Have everybody come, go and take leave when the plan says so."""
    street = ground.street
    for leave in ground.presence.away:
        street.at(max(leave.told_at, start), partial(_register, ground, leave))
    for stand in ground.presence.stands:
        if stand.instead_of and stand.arrives:
            street.at(max(stand.arrives - CALLED, start), partial(_call_in, ground, stand))
        if stand.arrives and stand.arrives >= start:
            street.at(stand.arrives, partial(_arrive, ground, stand))
        elif stand.arrives and stand.leaves > start:
            street.at(start, partial(_arrive, ground, stand))
        if stand.early and stand.arrives:
            street.at(stand.leaves, partial(_leave, ground, stand))


def moments(ground: Ground) -> list[datetime]:
    """Return the minutes at which cover can turn out too small, or be whole again."""
    minute = timedelta(minutes=1)
    found = {slot.starts + 10 * minute for slot in ground.presence.slots}
    found |= {slot.ends for slot in ground.presence.slots}
    found |= {stand.leaves + minute for stand in ground.presence.stands if stand.early}
    return sorted(found)


def _register(ground: Ground, leave: Away, at: datetime) -> None:
    """请假: with the deputy the plan names; one the product does not take is left out."""
    street = ground.street
    who = street.members[leave.who]
    deputy = street.members[leave.deputy] if leave.deputy else None
    for standing_in in [deputy, None] if deputy else [None]:
        try:
            absences.register(
                who, from_at=leave.since, to_at=leave.until, deputy=standing_in,
                reason=leave.reason, actor=who, at=at,
            )  # fmt: skip
        except duty.Refused as why:
            street.refused[f"请假：{type(why).__name__}"] += 1
            continue
        street.done["absence"] += 1
        return


def _arrive(ground: Ground, stand: Stand, at: datetime) -> None:
    """到岗, as by logging in."""
    came = attendance.arrive(ground.street.members[stand.who], at=at)
    ground.street.done["duty_arrival" if came else "duty_arrival_for_nothing"] += 1


def _leave(ground: Ground, stand: Stand, at: datetime) -> None:
    try:
        attendance.leave(ground.street.members[stand.who], at=at)
    except duty.Refused as why:
        ground.street.refused[f"离岗：{type(why).__name__} {why}"] += 1
        return
    ground.street.done["duty_leaving"] += 1


def _call_in(ground: Ground, stand: Stand, at: datetime) -> None:
    """Somebody who did not come is replaced by the seat who was called."""
    street = ground.street
    post = Post.objects.filter(
        shift__pattern=ground.patterns[stand.pattern], shift__on=stand.on, released_at=None,
        member=street.members[stand.instead_of],
    ).select_related("shift__office", "shift__pattern").first()  # fmt: skip
    if post is None:
        return
    try:
        duty.replace(
            post, street.members[stand.who], why="未到岗，临时顶班", actor=_leader(ground), at=at
        )
    except duty.Refused as why:
        street.refused[f"顶班：{type(why).__name__} {why}"] += 1
        return
    street.done["duty_called_in"] += 1


def _leader(ground: Ground) -> Member:
    return next(m for m in ground.street.members.values() if m.role == "leader")


def reads(ground: Ground, who: str, at: datetime) -> datetime:
    """Return when somebody next looks at what reached them."""
    presence = ground.presence
    for minutes in (0, 5, 20, 60, 180, 360):
        if presence.there(who, at + timedelta(minutes=minutes)):
            return at + timedelta(minutes=minutes + 1)
    if presence.people[who].role == "seat":
        return at + 8 * HOUR
    return presence.next_at_work([who], at, 7)
