"""The demo's rota: a month back that was stood and handed over, a month ahead that is planned."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import pairwise
from random import Random
from typing import Any

from jiesu.cases.models import Case
from jiesu.core import personal
from jiesu.desk.demo.crew import Crew, crew_of
from jiesu.desk.demo.people import people
from jiesu.duty.models import (
    Absence,
    CoverGap,
    DutyNote,
    Handover,
    NoteKind,
    Pattern,
    Post,
    Shift,
    Swap,
)
from jiesu.org.models import Member, Office
from jiesu.rules.clocks import remaining
from jiesu.rules.rota import rotate, span

DAYS = 31  # each way
HANDED = timedelta(days=8)  # sheets are kept of so many days
PATTERNS = (("早班", 8, 16, 2), ("中班", 16, 0, 2), ("夜班", 0, 8, 1))
LATE_BY = timedelta(minutes=34)
SAID = (
    "供暖类工单多，接听后先问清楼号和温度，同楼的一并派转。",
    "两件电梯案已电话催过物业，下一班再核一次是否恢复运行。",
    "平台 2 点至 2 点 15 分响应慢，期间到达的工单已补签收。",
    "临期的已逐件电话提醒承办单位，名单见上。",
    "无特别事项。",
    "夜间停水一件已联系自来水抢修，早班回访。",
)


@dataclass(frozen=True, slots=True)
class Cast:
    office: Office
    crew: Crew
    members: Mapping[str, Member]
    now: datetime
    rng: Random


def write(office: Office, *, at: datetime, rng: Random) -> None:
    """Make the rota, who came, one gap that is over, the sheets, a swap, an absence and notes."""
    known = {m.username.removesuffix(f"-{office.code}"): m for m in office.members.all()}
    cast = Cast(office, crew_of(p for p in people() if p.username in known), known, at, rng)
    patterns = [
        Pattern.objects.create(
            office=office, name=name, starts=time(starts), ends=time(ends), minimum=minimum,
            holiday_minimum=minimum, place=place,
        )
        for place, (name, starts, ends, minimum) in enumerate(PATTERNS)
    ]  # fmt: skip
    shifts, posts = _rota(cast, patterns)
    Shift.objects.bulk_create(shifts)
    Post.objects.bulk_create(posts)
    by_shift: dict[int, list[Post]] = {}
    for post in posts:
        by_shift.setdefault(post.shift.pk, []).append(post)
    _one_gap(cast, shifts, by_shift)
    _sheets(cast, shifts, by_shift)
    _swap(cast, posts)
    _away_and_notes(cast)


def _rota(cast: Cast, patterns: Sequence[Pattern]) -> tuple[list[Shift], list[Post]]:
    days = 2 * DAYS
    seats = cast.crew.seats
    standing = {
        "早班": rotate(days, seats["early"], 2),
        "中班": rotate(days, seats["late"], 2),
        "夜班": rotate(days, seats["night"], 1),
    }
    leading = rotate(days, cast.crew.reviewers, 1)
    first = cast.now.date() - timedelta(days=DAYS)
    planned_at = cast.now - timedelta(days=DAYS + 3)
    planner = cast.members[cast.crew.leaders[0]]
    shifts, posts = [], []
    for day in range(days):
        on = first + timedelta(days=day)
        for pattern in patterns:
            since, until = span(on, pattern.starts, pattern.ends)
            shift = Shift(
                office=cast.office, pattern=pattern, on=on, starts_at=since, ends_at=until,
                minimum=pattern.minimum,
            )  # fmt: skip
            shifts.append(shift)
            names = list(standing[pattern.name][day])
            if pattern.name == "早班" and on.weekday() < 5:
                names.insert(0, *leading[day])
            for place, name in enumerate(names):
                post = Post(
                    shift=shift, member=cast.members[name], lead=place == 0, planned_by=planner,
                    planned_at=planned_at,
                )  # fmt: skip
                _attend(cast, post)
                posts.append(post)
    return shifts, posts


def _attend(cast: Cast, post: Post) -> None:
    """Say when they came and left, of what is past; of the shift that runs, that they are there."""
    since, until = post.shift.starts_at, post.shift.ends_at
    came = since - timedelta(minutes=cast.rng.randint(2, 19))
    left = until + timedelta(minutes=cast.rng.randint(1, 9))
    if since <= cast.now:
        post.arrived_at = came
    if left <= cast.now:
        post.left_at = left
    elif until <= cast.now:
        post.left_at = cast.now


def _one_gap(cast: Cast, shifts: Sequence[Shift], posts: Mapping[int, list[Post]]) -> None:
    """Three days ago somebody came half an hour late to the 中班, and the desk alarmed."""
    day = cast.now.date() - timedelta(days=3)
    shift = next(s for s in shifts if s.on == day and s.pattern.name == "中班")
    late = posts[shift.pk][-1]
    late.arrived_at = shift.starts_at + LATE_BY
    late.save(update_fields=["arrived_at"])
    CoverGap.objects.create(
        shift=shift, found_at=shift.starts_at + timedelta(minutes=10), present=len(posts[shift.pk]) - 1,
        minimum=shift.minimum, missing=[late.member.name], closed_at=late.arrived_at,
        closed_why="人员到齐",
    )  # fmt: skip
    DutyNote.objects.create(
        office=cast.office, shift=shift, kind=NoteKind.UNUSUAL, at=late.arrived_at, member=late.member,
        text="因地铁延误晚到 34 分钟，期间由同班一人接听。", done_at=late.arrived_at, done_by=late.member,
    )  # fmt: skip


def _sheets(cast: Cast, shifts: Sequence[Shift], posts: Mapping[int, list[Post]]) -> None:
    """Each shift of the last days was handed to the next, by two people."""
    in_order = sorted(shifts, key=lambda shift: shift.starts_at)
    cases = list(
        Case.objects.filter(office=cast.office)
        .select_related("unit")
        .only("number", "title", "dispatched_at", "due_at", "signed_at", "closed_at", "unit__name")
    )
    made = []
    for place, (shift, following) in enumerate(pairwise(in_order)):
        taken = shift.ends_at + timedelta(minutes=cast.rng.randint(0, 4))
        if not cast.now - HANDED < taken <= cast.now:
            continue
        given = shift.ends_at - timedelta(minutes=cast.rng.randint(3, 12))
        made.append(
            Handover(
                office=cast.office, shift=shift, to_shift=following, made_at=given - timedelta(minutes=9),
                body=_body(cases, shift, given), words=SAID[place % len(SAID)], version=1,
                given_by=posts[shift.pk][-1].member, given_at=given,
                taken_by=posts[following.pk][0].member, taken_at=taken,
            )
        )  # fmt: skip
    Handover.objects.bulk_create(made)


def _body(cases: Sequence[Case], shift: Shift, at: datetime) -> dict[str, Any]:
    """The sheet as it would have been made then, from what the cases still tell."""
    open_ = [
        c for c in cases if c.dispatched_at <= at and (c.closed_at is None or c.closed_at > at)
    ]
    due = sorted((c for c in open_ if c.due_at), key=lambda c: (c.due_at, c.pk))
    near = at + timedelta(hours=8)
    parts = (
        ("已超时", "late", [c for c in due if c.due_at <= at]),
        ("8 小时内到期", "soon", [c for c in due if at < c.due_at <= near]),
        ("待签收", "", [c for c in open_ if c.signed_at is None or c.signed_at > at]),
    )
    came = sum(shift.starts_at <= c.dispatched_at < at for c in cases)
    signed = sum(c.signed_at is not None and shift.starts_at <= c.signed_at < at for c in cases)
    return {
        "at": at.isoformat(),
        "shift": f"{shift.on.month}月{shift.on.day}日 {shift.pattern.name}",
        "figures": [["本班接单", f"{came} 件"], ["签收", f"{signed} 件"]],
        "unusual": [],
        "sections": [
            {
                "title": title, "tone": tone, "count": len(found), "unit": "件", "empty": "没有",
                "rows": list(_rows(found[:8], at)),
            }
            for title, tone, found in parts
        ],
    }  # fmt: skip


def _rows(found: Sequence[Case], at: datetime) -> Iterator[dict[str, str]]:
    for case in found:
        yield {
            "number": case.number, "title": personal.within(case.title),
            "who": case.unit.name if case.unit else "值班座席",
            "when": remaining(case.due_at, at) if case.due_at else "",
        }  # fmt: skip


def _swap(cast: Cast, posts: Sequence[Post]) -> None:
    """One of the early seats has asked the one who is off that day; it waits for a decision."""
    early = set(cast.crew.seats["early"])
    for post in posts:
        asker = next((n for n, m in cast.members.items() if m == post.member), "")
        if post.shift.starts_at < cast.now + timedelta(days=5) or asker not in early:
            continue
        there = {p.member for p in posts if p.shift is post.shift}
        free = [cast.members[n] for n in sorted(early) if cast.members[n] not in there]
        if free:
            Swap.objects.create(
                post=post, to_member=free[0], reason="孩子学校开家长会",
                asked_at=cast.now - timedelta(hours=5), agreed_at=cast.now - timedelta(hours=4),
            )  # fmt: skip
            return


def _away_and_notes(cast: Cast) -> None:
    head, deputy = cast.members["minsheng00"], cast.members["minsheng01"]
    midnight = cast.now.replace(hour=0, minute=0, second=0, microsecond=0)
    Absence.objects.create(
        office=cast.office, member=head, deputy=deputy, from_at=midnight,
        to_at=midnight + timedelta(days=2), reason="外出培训", made_by=head,
        made_at=midnight - timedelta(days=1),
    )  # fmt: skip
    leader, seat = cast.members[cast.crew.leaders[0]], cast.members[cast.crew.seats["early"][0]]
    running = Shift.objects.filter(
        office=cast.office, starts_at__lte=cast.now, ends_at__gt=cast.now
    ).first()  # fmt: skip
    before = Shift.objects.filter(office=cast.office, ends_at__lte=cast.now - timedelta(hours=9))
    past = before.order_by("-starts_at").first()
    DutyNote.objects.create(
        office=cast.office, shift=past, kind=NoteKind.INSTRUCTION, member=leader,
        text="夜间供暖工单三十分钟内派转，带班领导电话跟进。", at=cast.now - timedelta(hours=11),
        done_at=cast.now - timedelta(hours=6), done_by=seat,
    )  # fmt: skip
    near = Case.objects.filter(office=cast.office).open().by_due().first()
    for kind, text, member, number in (
        (
            NoteKind.MATTER,
            "诉求人约晚上七点后再联系，白天不接电话。",
            seat,
            near.number if near else "",
        ),
        (NoteKind.INSTRUCTION, "供暖季加强夜间值守，停暖停水一律先电话后派单。", leader, ""),
    ):
        DutyNote.objects.create(
            office=cast.office, shift=running, kind=kind, text=text, member=member, case_number=number,
            at=cast.now - timedelta(minutes=50),
        )  # fmt: skip
