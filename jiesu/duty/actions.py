"""What duty does with its rota: patterns, plans, and who is put on or taken off a shift.

Plans of one office are made one after the other, so that two of them cannot each look fine alone.
"""

from collections.abc import Sequence
from datetime import date, datetime, time

from django.db import transaction
from django.db.models import Count

from jiesu.catalogue.queries import calendar_of
from jiesu.core import live
from jiesu.duty import traces
from jiesu.duty.models import Pattern, Post, Shift
from jiesu.duty.planning import Plan, PlannedDay, PlanRefused, preview
from jiesu.duty.roster import (
    AlreadyOn,
    CoverTooLow,
    NotPlanner,
    Over,
    Refused,
    load,
    turn_of,
)
from jiesu.duty.settings import rules_of
from jiesu.org.models import Member, Office
from jiesu.org.rights import Right, may
from jiesu.rules.rota import cover_of, span

UNDONE = "撤销排班"


class PatternInUse(Refused):
    """The pattern still has shifts to come."""


def _planner(actor: Member, office_id: int) -> None:
    if actor.office_id != office_id or not may(actor, Right.PLAN_DUTY):
        raise NotPlanner("只有本街道的审核员或领导可以排班。")


def lock(office_id: int) -> None:
    """Let one change of an office's rota follow the other."""
    list(Pattern.objects.select_for_update(no_key=True).filter(office=office_id).order_by("pk"))


@transaction.atomic
def add_pattern(
    office: Office, *, name: str, starts: time, ends: time, minimum: int, holiday_minimum: int,
    actor: Member,
) -> Pattern:  # fmt: skip
    """Add a pattern; it stands in the rota where its start puts it.

    :raises NotPlanner: the actor may not; :raises AlreadyOn: there is one of that name
    """
    _planner(actor, office.pk)
    if office.duty_patterns.filter(name=name).exists():
        raise AlreadyOn(f"已有名为“{name}”的班次，请换个名称或启用原来的。")
    made = Pattern.objects.create(
        office=office, name=name, starts=starts, ends=ends, minimum=minimum,
        holiday_minimum=holiday_minimum, place=starts.hour,
    )  # fmt: skip
    traces.changed(actor, f"pattern:{made.pk}", after=traces.pattern(made))
    return made


@transaction.atomic
def change_pattern(
    pattern: Pattern, *, name: str, starts: time, ends: time, minimum: int, holiday_minimum: int,
    actor: Member,
) -> None:  # fmt: skip
    """Change a pattern from the next plan on: shifts already planned stay as they were.

    :raises NotPlanner: the actor may not; :raises AlreadyOn: another one has that name
    """
    _planner(actor, pattern.office_id)
    others = Pattern.objects.filter(office=pattern.office_id, name=name).exclude(pk=pattern.pk)
    if others.exists():
        raise AlreadyOn(f"已有名为“{name}”的班次，请换个名称。")
    before = traces.pattern(Pattern.objects.get(pk=pattern.pk))
    pattern.name, pattern.starts, pattern.ends = name, starts, ends
    pattern.minimum, pattern.holiday_minimum = minimum, holiday_minimum
    pattern.place = starts.hour
    pattern.save()
    traces.changed(actor, f"pattern:{pattern.pk}", before=before, after=traces.pattern(pattern))


@transaction.atomic
def switch_pattern(pattern: Pattern, *, active: bool, actor: Member, at: datetime) -> None:
    """停用 or 启用 a pattern.

    :raises PatternInUse: people are planned on shifts to come
    """
    _planner(actor, pattern.office_id)
    lock(pattern.office_id)
    to_come = Post.objects.filter(shift__pattern=pattern, released_at=None, shift__ends_at__gt=at)
    if not active and (many := to_come.count()):
        raise PatternInUse(f"“{pattern.name}”还有 {many} 人次已排未值，请先撤下再停用。")
    before, pattern.active = {"active": pattern.active}, active
    pattern.save(update_fields=["active"])
    traces.changed(actor, f"pattern:{pattern.pk}", before=before, after={"active": active})


@transaction.atomic
def plan(wanted: Plan, *, actor: Member, at: datetime, skip: bool = False) -> int:
    """Put the people of a plan on its days and return how many posts were made.

    :param skip: leave out the days that cannot be, instead of refusing the whole
    :raises NotPlanner: the actor may not
    :raises PlanRefused: a day cannot be (its refusals say why); nothing was planned
    """
    _planner(actor, wanted.pattern.office_id)
    lock(wanted.pattern.office_id)
    days = preview(wanted, at=at)
    bad = [day for day in days if day.refusals]
    if bad and (not skip or len(bad) == len(days)):
        raise PlanRefused(bad)
    good = [day for day in days if not day.refusals]
    Shift.objects.bulk_create([_shift(wanted.pattern, day) for day in good], ignore_conflicts=True)
    shifts = dict(
        wanted.pattern.shifts.filter(on__in=[day.on for day in good]).values_list("on", "pk")
    )
    made = Post.objects.bulk_create(
        Post(
            shift_id=shifts[day.on], member=member, lead=member is day.lead, planned_by=actor,
            planned_at=at,
        )
        for day in good
        for member in day.added
    )  # fmt: skip
    live.tell("duty", o=wanted.pattern.office_id)
    days_told = {day.on.isoformat(): [member.username for member in day.added] for day in good}
    traces.changed(actor, f"pattern:{wanted.pattern.pk}", after={"planned": days_told})
    return len(made)


def _shift(pattern: Pattern, day: PlannedDay) -> Shift:
    return Shift(
        office_id=pattern.office_id, pattern=pattern, on=day.on, starts_at=day.turn.since,
        ends_at=day.turn.until, minimum=day.cover.number,
    )  # fmt: skip


@transaction.atomic
def undo_plan(pattern: Pattern, *, planned_at: datetime, actor: Member, at: datetime) -> int:
    """Take off whoever a plan of ``planned_at`` put on the pattern's shifts to come; return how many.

    A shift may be left with nobody, as it was before the plan, but never with some and too few.

    :raises CoverTooLow: a shift would keep some and too few, by a swap since
    :raises Over: nothing of the plan is left to take off
    """
    _planner(actor, pattern.office_id)
    lock(pattern.office_id)
    mine = Post.objects.filter(
        shift__pattern=pattern, planned_at=planned_at, released_at=None, shift__starts_at__gt=at
    )
    touched = list(Shift.objects.filter(posts__in=mine).distinct())
    many = mine.update(released_at=at, released_why=UNDONE)
    if not many:
        raise Over("这次排班已经撤销，或都已开始，没有可撤的。")
    left = Post.objects.filter(shift__in=touched, released_at=None).values("shift")
    remaining = {row["shift"]: row["n"] for row in left.order_by().annotate(n=Count("id"))}
    for shift in touched:
        if 0 < remaining.get(shift.pk, 0) < shift.minimum:
            raise CoverTooLow(
                f"{shift.on:%m月%d日}换过班，撤销后人数不足，请先处理这一天的换班再撤销。"
            )
    live.tell("duty", o=pattern.office_id)
    told = {"posts": many, "planned_at": planned_at.isoformat()}
    traces.changed(actor, f"pattern:{pattern.pk}", before=told, after=None, undone=True)
    return many


def shift_of(pattern: Pattern, on: date) -> Shift:
    """Return the shift of a pattern on a day, made if nobody was planned on it yet."""
    since, until = span(on, pattern.starts, pattern.ends)
    calendar = calendar_of(Office.objects.get(pk=pattern.office_id))
    needed = cover_of(on, pattern.minimum, pattern.holiday_minimum, calendar).number
    values = {"office_id": pattern.office_id, "starts_at": since, "ends_at": until}
    shift, _ = Shift.objects.get_or_create(
        pattern=pattern, on=on, defaults=values | {"minimum": needed}
    )
    return shift


@transaction.atomic
def put(
    pattern: Pattern, on: date, member: Member, *, lead: bool, actor: Member, at: datetime
) -> Post:
    """Put one more on a shift.

    :raises NotPlanner, NotEntitled, Away, Overlaps, TooLittleRest, AlreadyOn, Over: said in words
    """
    _planner(actor, pattern.office_id)
    lock(pattern.office_id)
    shift = shift_of(pattern, on)
    _still(shift, at)
    if shift.posts.filter(member=member, released_at=None).exists():
        raise AlreadyOn(f"{member.name}已在这一班。")
    if lead and (leading := shift.posts.filter(lead=True, released_at=None).first()):
        raise AlreadyOn(f"{leading.member.name}已是这一班的带班，请先撤下或不选带班。")
    require(shift, member, at=at)
    live.tell("duty", o=pattern.office_id)
    made = Post.objects.create(
        shift=shift, member=member, lead=lead, planned_by=actor, planned_at=at
    )
    traces.changed(actor, traces.shift(shift), after=traces.post(made))
    return made


@transaction.atomic
def take_off(post: Post, *, why: str, actor: Member, at: datetime) -> None:
    """Take one off a shift; the post stays on record with the reason.

    :raises CoverTooLow: too few would be left; put somebody on first, or replace them
    :raises NotPlanner, Over: said in words
    """
    _planner(actor, post.shift.office_id)
    lock(post.shift.office_id)
    _still(post.shift, at)
    shift, turn = post.shift, turn_of(post.shift)
    rest = rules_of(shift.office, at).rest
    roster = load(shift.office_id, turn.since, turn.until, rest, posts=False)
    others = list(shift.posts.filter(released_at=None).exclude(pk=post.pk))
    there = len(roster.covered(others, turn))
    if there < shift.minimum:
        raise CoverTooLow(
            f"撤下后{turn}只剩 {there} 人，少于最少 {shift.minimum} 人，请先加人或直接换人。"
        )
    release(post, why, at)
    live.tell("duty", o=shift.office_id)
    traces.changed(actor, traces.shift(shift), before=traces.post(post))


@transaction.atomic
def replace(post: Post, member: Member, *, why: str, actor: Member, at: datetime) -> Post:
    """Put another in somebody's place; a lead's place leads.

    :raises NotPlanner, NotEntitled, Away, Overlaps, TooLittleRest, AlreadyOn, Over: said in words
    """
    _planner(actor, post.shift.office_id)
    lock(post.shift.office_id)
    _still(post.shift, at)
    made = hand_on(post, member, why=why, actor=actor, at=at)
    live.tell("duty", o=post.shift.office_id)
    before, after = traces.post(post), traces.post(made)
    traces.changed(actor, traces.shift(post.shift), before=before, after=after)
    return made


def hand_on(
    post: Post,
    member: Member,
    *,
    why: str,
    actor: Member,
    at: datetime,
    without: Sequence[int] = (),
) -> Post:
    """Give a post to another member, inside somebody's transaction.

    :param without: posts the new member gives up for this one
    """
    shift = post.shift
    if shift.posts.filter(member=member, released_at=None).exclude(pk__in=without).exists():
        raise AlreadyOn(f"{member.name}已在{turn_of(shift)}。")
    require(shift, member, at=at, without=[post.pk, *without])
    release(post, why, at)
    return Post.objects.create(
        shift=shift,
        member=member,
        lead=post.lead,
        planned_by=actor,
        planned_at=at,
        in_place_of=post,
    )


def require(shift: Shift, member: Member, *, at: datetime, without: Sequence[int] = ()) -> None:
    """Raise the first of what stands against the member standing the shift."""
    turn, rest = turn_of(shift), rules_of(shift.office, at).rest
    roster = load(shift.office_id, turn.since, turn.until, rest)
    for refusal in roster.refusals(member, turn, without=without):
        raise refusal


def release(post: Post, why: str, at: datetime) -> None:
    """Mark a post as taken off; one that was taken off already stays as it is.

    :raises Over: somebody was quicker
    """
    still = Post.objects.filter(pk=post.pk, released_at=None)
    if not still.update(released_at=at, released_why=why):
        raise Over("这一班刚被他人改过，请刷新后再看。")
    post.released_at, post.released_why = at, why


def _still(shift: Shift, at: datetime) -> None:
    if shift.ends_at <= at:
        raise Over(f"{turn_of(shift)}已经过去，不能再改。")
