"""到岗与缺岗: who came, who left, and the gap that alarms while a shift runs with too few."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from jiesu.core import live
from jiesu.core.announcements import announce
from jiesu.duty import queries
from jiesu.duty.actions import shift_of
from jiesu.duty.models import Absence, CoverGap, Handover, Pattern, Post, Shift
from jiesu.duty.roster import Refused
from jiesu.duty.settings import rules_of
from jiesu.org.models import Member, Office
from jiesu.org.rights import Right, may
from jiesu.rules.moments import BEIJING
from jiesu.rules.rota import span

COVERED, ENDED, HANDED = "人员到齐", "班次结束", "已交班"


class NoShift(Refused):
    """Nobody expects the member on a shift now."""


@transaction.atomic
def arrive(member: Member, *, at: datetime) -> list[Post]:
    """到岗: mark the posts the member fills, of a shift that runs or begins soon; return them.

    A deputy who is acting for somebody away marks that post; who is away is asked for the moment from
    which they stand it, which for who comes early is the start. Nothing is due: [] is returned.
    """
    if not may(member, Right.STAND_DUTY):
        return []
    office = member.office
    soon = at + rules_of(office, at).early
    mine = Q(member=member) | Q(member__in=_away_with_deputy(office, at, soon))
    posts = list(
        Post.objects.filter(
            mine, shift__office=office, released_at=None, arrived_at=None,
            shift__starts_at__lte=soon, shift__ends_at__gt=at,
        )
        .select_related("shift__office", "shift__pattern", "member")
        .select_for_update(of=("self",), no_key=True)
        .order_by("pk")
    )  # fmt: skip
    moments = {post.pk: max(at, post.shift.starts_at) for post in posts}
    gone = {moment: queries.away(office.pk, moment) for moment in set(moments.values())}
    came = [
        p for p in posts
        if queries.acting(p.member, gone[moments[p.pk]], moments[p.pk])[0] == member
    ]  # fmt: skip
    for post in came:
        post.arrived_at = at
        post.save(update_fields=["arrived_at"])
    for shift in {post.shift_id: post.shift for post in came}.values():
        settle(shift, at=at, opening=False)
    if came:
        live.tell("duty", o=office.pk)
    return came


def _away_with_deputy(office: Office, at: datetime, soon: datetime) -> Any:
    by_then = soon + timedelta(seconds=1)  # a leave that begins with the shift is among them
    gone = Absence.objects.filter(
        queries.in_force(at, by_then), office=office, deputy__isnull=False
    )
    return gone.values("member")


@transaction.atomic
def leave(member: Member, *, at: datetime) -> list[Post]:
    """离岗: mark as left the posts the member fills now; return them.

    :raises NoShift: the member has come to no shift
    """
    posts = [
        post for post in queries.on_duty(member.office, at)
        if post.member == member and post.arrived_at is not None
    ]  # fmt: skip
    if not posts:
        raise NoShift("您现在没有已到岗的班，不用离岗。")
    Post.objects.filter(pk__in=[post.pk for post in posts], left_at=None).update(left_at=at)
    live.tell("duty", o=member.office_id)
    return posts


@transaction.atomic
def come(member: Member, *, at: datetime) -> list[Post]:
    """到岗 by the button: as `arrive`, but says so when nothing is due; who had left is back.

    :raises NoShift: no shift of the member runs or begins soon
    """
    back = Post.objects.filter(
        member=member, released_at=None, left_at__isnull=False, shift__starts_at__lte=at,
        shift__ends_at__gt=at,
    ).exclude(shift__handovers__taken_at__isnull=False)  # fmt: skip
    again = list(back.select_related("shift__office", "shift__pattern"))
    back.update(left_at=None)
    for post in again:
        settle(post.shift, at=at, opening=False)
    came = again + arrive(member, at=at)
    if not came:
        minutes = int(rules_of(member.office, at).early.total_seconds()) // 60
        raise NoShift(f"您现在没有要到岗的班：开班前 {minutes} 分钟起可以到岗。")
    live.tell("duty", o=member.office_id)
    return came


def find_gaps(office: Office, at: datetime) -> list[CoverGap]:
    """Open a gap for each shift that runs with too few, close those that are over; return the new.

    Called again at the same moment it changes nothing. The number of queries does not grow with
    the people on the shifts.
    """
    _make_unplanned(office, at)
    open_gaps = CoverGap.objects.filter(shift__office=office, closed_at=None).values("shift")
    watched = Shift.objects.filter(
        Q(pk__in=open_gaps) | Q(pk__in=queries.running(office, at).values("pk")), office=office
    )
    opened = []
    for shift in watched.select_related("office", "pattern"):
        if gap := settle(shift, at=at, opening=True):
            opened.append(gap)
    return opened


@transaction.atomic
def settle(shift: Shift, *, at: datetime, opening: bool) -> CoverGap | None:
    """Bring one shift's gap in line with who is there; return it when it was opened now."""
    Shift.objects.select_for_update(no_key=True).get(pk=shift.pk)
    gap = shift.gaps.filter(closed_at=None).first()
    why, posts = _state(shift, at)
    if why:
        if gap is not None:
            gap.closed_at, gap.closed_why = at, why
            gap.save(update_fields=["closed_at", "closed_why"])
            live.tell("duty", o=shift.office_id)
        return None
    if gap is not None or not opening:
        return None
    if at < shift.starts_at + rules_of(shift.office, at).no_show:
        return None
    here = [post for post in posts if post.arrived_at and not post.left_at]
    missing = [
        f"{post.member.name}{'（已离岗）' if post.left_at else ''}"
        for post in posts
        if post not in here
    ]
    made = CoverGap.objects.create(
        shift=shift, found_at=at, present=len(here), minimum=shift.minimum, missing=missing
    )
    announce("duty.gap_found", gap=made.pk)
    live.tell("duty", o=shift.office_id)
    return made


def _state(shift: Shift, at: datetime) -> tuple[str, list[Post]]:
    """Return why the shift has no gap now ("" when it has one), and its posts."""
    if shift.ends_at <= at:
        return ENDED, []
    posts = list(shift.posts.filter(released_at=None).select_related("member").order_by("id"))
    if sum(1 for post in posts if post.arrived_at and not post.left_at) >= shift.minimum:
        return COVERED, posts
    if Handover.objects.filter(shift=shift, taken_at__isnull=False).exists():
        return HANDED, posts
    return "", posts


def _make_unplanned(office: Office, at: datetime) -> None:
    """Make the shift that ought to run and was never planned, of patterns in use: a gap from the start."""
    today = at.astimezone(BEIJING).date()
    known: dict[int, set[Any]] = defaultdict(set)
    near = Shift.objects.filter(office=office, starts_at__gte=at - 2 * queries.LONGEST)
    for used, on in near.filter(starts_at__lte=at).values_list("pattern", "on"):
        known[used].add(on)
    if not known:
        return
    for pattern in Pattern.objects.filter(office=office, active=True, pk__in=known):
        for days_back in (0, 1):
            on = today.fromordinal(today.toordinal() - days_back)
            since, until = span(on, pattern.starts, pattern.ends)
            if since <= at < until and on not in known[pattern.pk]:
                shift_of(pattern, on)
