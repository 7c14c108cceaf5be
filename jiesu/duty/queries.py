"""Who is on duty, who is away, and who stands in. Each function costs a fixed number of queries."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from jiesu.duty.models import Absence, Post, Shift
from jiesu.org.models import Member, Office, working

LONGEST = timedelta(hours=24)  # no shift is longer: what began before has ended
STAYS = timedelta(hours=4)  # 推定: so long somebody not relieved is taken to be still at the desk
NOBODY = "没有可用的代理人"


def running(office: Office, at: datetime) -> QuerySet[Shift]:
    """Return the shifts that run at ``at``, the one that began first in front."""
    return (
        Shift.objects.filter(office=office, starts_at__lte=at, starts_at__gte=at - LONGEST)
        .filter(ends_at__gt=at)
        .select_related("pattern")
    )


def current_shift(office: Office, at: datetime) -> Shift | None:
    """Return the shift that runs at ``at``; of several, the one that began last."""
    return running(office, at).order_by("-starts_at", "-id").first()


def next_shift(office: Office, at: datetime) -> Shift | None:
    """Return the first shift that begins after ``at``."""
    later = Shift.objects.filter(office=office, starts_at__gt=at).select_related("pattern")
    return later.order_by("starts_at", "id").first()


def in_force(at: datetime, until: datetime | None = None) -> Q:
    """Absences in force at ``at``, or at any moment from ``at`` up to ``until``."""
    ended = Q(ended_at=None) | Q(ended_at__gt=at)
    begun = Q(from_at__lte=at) if until is None else Q(from_at__lt=until)
    return Q(to_at__gt=at) & begun & ended


def away(office_id: int, at: datetime) -> dict[int, Absence]:
    """Return every absence of the office at ``at`` by its member; of several, the last registered."""
    found = Absence.objects.filter(in_force(at), office=office_id)
    found = found.select_related("member__unit", "deputy__unit", "deputy__contract").order_by("id")
    return {absence.member_id: absence for absence in found}


def absent(members: Iterable[Member], at: datetime) -> dict[int, Absence]:
    """Return who of ``members`` is away at ``at``, by the member's id: one query."""
    found = Absence.objects.filter(in_force(at), member__in=[member.pk for member in members])
    found = found.select_related("member__unit", "deputy__unit", "deputy__contract").order_by("id")
    return {absence.member_id: absence for absence in found}


def stand_in(member: Member, at: datetime) -> tuple[Member | None, str]:
    """Return who acts for a member at ``at`` and why: the member, a deputy who is there, or nobody.

    ``why`` is empty when the member is there, else a clause such as “冯秀琪请假，由于佳宁代理”.
    A deputy who is away is stood in for by theirs; a circle ends with nobody. One query.
    """
    return acting(member, away(member.office_id, at), at)


def stand_ins(members: Iterable[Member], at: datetime) -> dict[int, tuple[Member | None, str]]:
    """Return the same for several members of one office, by the member's id: one query."""
    asked = list(members)
    gone = away(asked[0].office_id, at) if asked else {}
    return {member.pk: acting(member, gone, at) for member in asked}


def acting(member: Member, gone: Mapping[int, Absence], at: datetime) -> tuple[Member | None, str]:
    """Follow the deputies through the absences ``gone``, as `stand_in` tells."""
    said, seen, here = "", {member.pk}, member
    while (absence := gone.get(here.pk)) is not None:
        said += f"{here.name}请假，" if here is member else f"代理人{here.name}也请假，"
        deputy = absence.deputy
        if deputy is None or deputy.pk in seen:
            return None, said + NOBODY
        if not deputy.works_at(at):
            return None, said + f"代理人{deputy.name}已停用，{NOBODY}"
        seen.add(deputy.pk)
        here = deputy
    return here, f"{said}由{here.name}代理" if said else ""


def on_duty(office: Office, at: datetime) -> list[Post]:
    """Return the posts that somebody fills at ``at``, 带班 first: two queries.

    A post whose member is away has the acting deputy as its ``member`` (to read, never to save)
    and ``instead_of`` names who is away; without a deputy it is left out, as is whoever has
    left. Between an early handover and the next shift's start, those who took over are on duty.
    """
    early = Q(shift__starts_at__gt=at, shift__starts_at__lte=at + LONGEST, arrived_at__lte=at)
    now = Q(shift__starts_at__lte=at, shift__starts_at__gte=at - LONGEST, shift__ends_at__gt=at)
    posts = (
        Post.objects.filter(now | early, shift__office=office, released_at=None)
        .filter(Q(left_at=None) | Q(left_at__gt=at), working(at, "member__"))
        .select_related("shift__pattern", "member__unit")
        .order_by("shift__starts_at", "-lead", "id")
    )
    filled = filled_posts(posts, away(office.pk, at), at)
    begun = [post for post in filled if post.shift.starts_at <= at]
    return begun or filled


def at_desk(office: Office, at: datetime) -> list[Post]:
    """Return the posts of those who really sit at the desk at ``at``, 带班 first: two or three queries.

    While anybody of the shift has come, whoever has not come is not counted on. Until the first of
    them comes, those of the shift before who have not left still sit there (交接班). Where nobody
    marks 到岗, those planned are returned, as `on_duty` tells.
    """
    posts = on_duty(office, at)
    if come := [post for post in posts if post.arrived_at is not None and post.arrived_at <= at]:
        return come
    lately = Post.objects.filter(
        working(at, "member__"), shift__office=office, released_at=None, arrived_at__lte=at,
        shift__starts_at__lte=at, shift__ends_at__gt=at - STAYS,
    ).select_related("shift__pattern", "member__unit")  # fmt: skip
    came = list(lately.order_by("-shift__ends_at", "-lead", "id"))
    if any(post.shift.ends_at > at for post in came):  # they came, relieved the others, and left
        return posts
    stayed = [post for post in came if post.left_at is None or post.left_at > at]
    return (filled_posts(stayed, away(office.pk, at), at) if stayed else []) or posts


def filled_posts(posts: Iterable[Post], gone: Mapping[int, Absence], at: datetime) -> list[Post]:
    """Return the posts somebody fills, each person once a shift; deputies put in as `on_duty` tells."""
    filled: list[Post] = []
    taken: set[tuple[int, int]] = set()
    for post in posts:
        who, why = acting(post.member, gone, at)
        if who is None or (post.shift_id, who.pk) in taken:
            continue
        post.instead_of, post.why = (post.member if why else None), why  # type: ignore[attr-defined]
        post.member = who
        taken.add((post.shift_id, who.pk))
        filled.append(post)
    return filled


def lead_on_duty(office: Office, at: datetime) -> Member | None:
    """Return who leads at ``at`` (带班), else the first on duty, else nobody: two queries."""
    posts = on_duty(office, at)
    leads = [post for post in posts if post.lead]
    return (leads or posts)[0].member if posts else None


def present(shift: Shift, at: datetime) -> list[Post]:
    """Return the posts of the shift whose people have come and not left: one query."""
    here = shift.posts.filter(released_at=None, arrived_at__lte=at)
    here = here.filter(Q(left_at=None) | Q(left_at__gt=at))
    return list(here.select_related("member").order_by("-lead", "id"))
