"""请假与代理: away for a while, with the deputy who stands in."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from jiesu.core import live
from jiesu.duty import traces
from jiesu.duty.actions import lock
from jiesu.duty.models import Absence, Post
from jiesu.duty.queries import in_force
from jiesu.duty.roster import NotPlanner, Over, Refused, said_span
from jiesu.org.models import Member
from jiesu.org.rights import Right, may


class NotForward(Refused):
    """An absence ends after it begins, and not in the past."""


class TwiceAway(Refused):
    """The member is registered as absent in that time already."""


class UnfitDeputy(Refused):
    """The deputy is away, switched off, of another office, or could not do what the member does."""


@dataclass(frozen=True, slots=True)
class Registered:
    """An absence, the planned posts it touches, and the absences whose deputy is now away."""

    absence: Absence
    posts: tuple[Post, ...]
    deputising: tuple[Absence, ...]


@transaction.atomic
def register(
    member: Member, *, from_at: datetime, to_at: datetime, deputy: Member | None, reason: str,
    actor: Member, at: datetime,
) -> Registered:  # fmt: skip
    """Register an absence and tell what it touches; the posts stay, for the deputy or a change.

    :raises NotPlanner: it is neither one's own nor the actor plans duty
    :raises NotForward, TwiceAway, UnfitDeputy: said in words
    """
    if actor.office_id != member.office_id or not (
        actor.pk == member.pk or may(actor, Right.PLAN_DUTY)
    ):
        raise NotPlanner("只能登记自己的请假，别人的由审核员或领导登记。")
    if to_at <= from_at or to_at <= at:
        raise NotForward("请假的“止”要晚于“起”，且不能在过去。")
    lock(member.office_id)
    if Absence.objects.filter(in_force(from_at, to_at), member=member).exists():
        raise TwiceAway(f"{member.name}在这段时间已登记过请假，请先提前结束那一次。")
    if deputy is not None:
        _fit(member, deputy, from_at, to_at)
    absence = Absence.objects.create(
        office_id=member.office_id, member=member, deputy=deputy, from_at=from_at, to_at=to_at,
        reason=reason, made_by=actor, made_at=at,
    )  # fmt: skip
    live.tell("duty", o=member.office_id)
    traces.changed(actor, f"absence:{absence.pk}", after=traces.absence(absence))
    return Registered(absence, tuple(touched(absence)), tuple(deputised(absence)))


def touched(absence: Absence) -> list[Post]:
    """Return the posts of the member that the absence touches: one query."""
    posts = Post.objects.filter(
        member=absence.member_id, released_at=None, shift__starts_at__lt=absence.to_at,
        shift__ends_at__gt=absence.from_at,
    )  # fmt: skip
    return list(posts.select_related("shift__pattern").order_by("shift__starts_at"))


def deputised(absence: Absence) -> list[Absence]:
    """Return whose deputy the absent member is in that time: one query."""
    others = Absence.objects.filter(
        in_force(absence.from_at, absence.to_at), deputy=absence.member_id
    )
    return list(others.select_related("member").order_by("from_at"))


@transaction.atomic
def end_early(absence: Absence, *, actor: Member, at: datetime) -> None:
    """End an absence before its time: the member is back.

    :raises NotPlanner: it is neither one's own nor the actor plans duty
    :raises Over: it has ended already
    """
    if actor.office_id != absence.office_id or not (
        actor.pk == absence.member_id or may(actor, Right.PLAN_DUTY)
    ):
        raise NotPlanner("只能结束自己的请假，别人的由审核员或领导来改。")
    still = Absence.objects.filter(pk=absence.pk, ended_at=None, to_at__gt=at)
    if not still.update(ended_at=at):
        raise Over("这次请假已经结束了。")
    before, absence.ended_at = traces.absence(absence), at
    live.tell("duty", o=absence.office_id)
    traces.changed(actor, f"absence:{absence.pk}", before=before, after=traces.absence(absence))


def _fit(member: Member, deputy: Member, from_at: datetime, to_at: datetime) -> None:
    if (
        deputy.pk == member.pk
        or deputy.office_id != member.office_id
        or not deputy.works_at(from_at)
    ):
        raise UnfitDeputy("请选本街道在用账号的另一位成员做代理。")
    if may(member, Right.STAND_DUTY) and not may(deputy, Right.STAND_DUTY):
        raise UnfitDeputy(f"{deputy.name}不能值班，不能代理{member.name}，请选座席或审核员。")
    gone = Absence.objects.filter(in_force(from_at, to_at), member=deputy).first()
    if gone is not None:
        when = said_span(gone.from_at, gone.ended_at or gone.to_at)
        raise UnfitDeputy(f"{deputy.name} {when}自己也请假，请另选代理人。")
