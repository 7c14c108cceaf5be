"""What a plan would make of each day, before anybody is put on it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from jiesu.catalogue.queries import calendar_of
from jiesu.duty import roster
from jiesu.duty.models import Pattern, Post, Shift
from jiesu.duty.roster import CoverTooLow, Over, Refused, turn_of
from jiesu.duty.settings import rules_of
from jiesu.org.models import Member, Office
from jiesu.rules.rota import Cover, Turn, cover_of, rotate, span

LONGEST = 92  # days of one plan


@dataclass(frozen=True, slots=True)
class Plan:
    """What somebody wants planned: one pattern from one day to another, people in their order.

    ``each`` stand a day, ``run`` days before the turn goes on. ``leads`` take turns as 带班 beside
    them; without leads the first of each day leads.
    """

    pattern: Pattern
    first: date
    last: date
    people: Sequence[Member]
    each: int
    run: int = 1
    leads: Sequence[Member] = ()

    def turns(self) -> list[tuple[date, tuple[Member, ...]]]:
        """Return each day with who stands it, the lead in front."""
        days = max(0, min((self.last - self.first).days + 1, LONGEST))
        groups = rotate(days, self.people, self.each, run=self.run)
        leading = rotate(days, self.leads, 1, run=self.run)
        return [
            (self.first + timedelta(days=n), tuple(dict.fromkeys((*lead, *group))))
            for n, (lead, group) in enumerate(zip(leading, groups, strict=True))
        ]


@dataclass(frozen=True, slots=True)
class PlannedDay:
    """One day of a plan: who would be added, who stands there already, what stands against it."""

    on: date
    turn: Turn
    cover: Cover
    added: tuple[Member, ...]
    standing: tuple[Member, ...]
    lead: Member | None
    refusals: tuple[Refused, ...]


class PlanRefused(Refused):
    """Some days of the plan cannot be; ``days`` says which and why."""

    def __init__(self, days: Sequence[PlannedDay]) -> None:
        self.days = days
        super().__init__(f"有 {len(days)} 天不能这样排，请看每天的说明。")


def preview(plan: Plan, *, at: datetime) -> list[PlannedDay]:
    """Return what the plan would make of each day, with every refusal: a fixed number of queries."""
    pattern, turns = plan.pattern, plan.turns()
    if not turns:
        return []
    office = Office.objects.get(pk=pattern.office_id)
    calendar = calendar_of(office)
    since = span(turns[0][0], pattern.starts, pattern.ends)[0]
    until = span(turns[-1][0], pattern.starts, pattern.ends)[1]
    known = roster.load(office.pk, since, until, rules_of(office, at).rest)
    standing = _standing(pattern, turns[0][0], turns[-1][0])
    given: dict[int, list[Turn]] = defaultdict(list)  # by this plan, by member
    days = []
    for on, people in turns:
        shift, posts = standing.get(on, (None, []))
        turn = Turn(*span(on, pattern.starts, pattern.ends), pattern.name)
        if shift is not None:
            turn = turn_of(shift)
        here = {post.member_id for post in posts}
        added = tuple(member for member in people if member.pk not in here)
        refusals: list[Refused] = []
        if turn.until <= at:
            refusals.append(Over(f"{turn}已经过去，请从今天或以后排起。"))
        for member in added:
            refusals += known.refusals(member, turn, plus=given[member.pk])
            given[member.pk].append(turn)
        cover = cover_of(on, pattern.minimum, pattern.holiday_minimum, calendar)
        there = known.covered(posts, turn)
        there |= {member.pk for member in added if known.away(member.pk, turn) is None}
        if len(there) < cover.number:
            said = (
                f"{turn}只有 {len(there)} 人，少于最少 {cover.number} 人（{cover.why}），请加人。"
            )
            refusals.append(CoverTooLow(said))
        lead = added[0] if added and not any(post.lead for post in posts) else None
        told = tuple(post.member for post in posts)
        days.append(PlannedDay(on, turn, cover, added, told, lead, tuple(refusals)))
    return days


def _standing(pattern: Pattern, first: date, last: date) -> dict[date, tuple[Shift, list[Post]]]:
    """Return the shifts that are there with their posts, by day: two queries."""
    found = pattern.shifts.filter(on__range=(first, last)).select_related("pattern")
    shifts: dict[int, tuple[Shift, list[Post]]] = {shift.pk: (shift, []) for shift in found}
    posts = Post.objects.filter(shift__in=shifts, released_at=None).select_related("member")
    for post in posts.order_by("-lead", "id"):
        shifts[post.shift_id][1].append(post)
    return {shift.on: (shift, posts) for shift, posts in shifts.values()}
