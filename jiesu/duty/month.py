"""The rota of a month as a grid of days and patterns."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.urls import reverse

from jiesu.catalogue.queries import calendar_of
from jiesu.duty import roster
from jiesu.duty.models import CoverGap, Pattern, Post, Shift
from jiesu.duty.roster import Roster, turn_of
from jiesu.duty.settings import rules_of
from jiesu.org.models import Office
from jiesu.rules.moments import BEIJING
from jiesu.rules.rota import Cover, Turn, cover_of, span

WEEKDAYS = "一二三四五六日"
NEAR = timedelta(days=7)  # an unplanned shift nearer than this is said in amber


@dataclass(frozen=True, slots=True)
class Name:
    """One name in a cell. ``mark`` says what is special, such as “乙代”; ``tone`` colours it."""

    text: str
    lead: bool
    member: int
    mark: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One shift of the grid, planned or not. ``amber`` says what is wrong with its cover."""

    pattern: str
    url: str
    names: tuple[Name, ...]
    amber: str
    muted: str
    now: bool
    past: bool
    hours: str


@dataclass(frozen=True, slots=True)
class Row:
    on: date
    weekday: str
    today: bool
    cover: Cover
    holiday: str  # a feast or a make-up day; nothing for plain days and weekends
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Month:
    first: date
    patterns: tuple[Pattern, ...]
    rows: tuple[Row, ...]
    known: bool  # False: no table of days off, weekends were taken instead

    @property
    def last(self) -> date:
        return self.rows[-1].on


def days_of(first: date) -> list[date]:
    """Return the days of the month that begins with ``first``."""
    following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    return [first + timedelta(days=n) for n in range((following - first).days)]


def month(office: Office, first: date, *, at: datetime) -> Month:
    """Return the grid of a month: a fixed number of queries, however many stand."""
    days = days_of(first)
    shifts = {
        (shift.pattern_id, shift.on): shift
        for shift in Shift.objects.filter(office=office, on__range=(days[0], days[-1]))
        .select_related("pattern")
    }  # fmt: skip
    used = {pattern for pattern, _ in shifts}
    patterns = tuple(p for p in office.duty_patterns.all() if p.active or p.pk in used)
    posts: dict[int, list[Post]] = defaultdict(list)
    found = Post.objects.filter(shift__in=shifts.values(), released_at=None)
    for post in found.select_related("member").order_by("-lead", "id"):
        posts[post.shift_id].append(post)
    gaps: dict[int, CoverGap] = {}
    for gap in CoverGap.objects.filter(shift__in=shifts.values()).order_by("id"):
        gaps[gap.shift_id] = gap
    since = datetime.combine(first, time(), BEIJING)
    until = since + timedelta(days=len(days) + 1)
    known = roster.load(office.pk, since, until, rules_of(office, at).rest, posts=False)
    calendar, today = calendar_of(office), at.astimezone(BEIJING).date()
    rows = []
    for on in days:
        cover = cover_of(on, 0, 0, calendar)
        cells = tuple(
            _cell(p, on, shifts.get((p.pk, on)), posts, gaps, known, at) for p in patterns
        )
        plain = cover.why in {"工作日", "周末"} or not cover.known
        holiday = "" if plain else cover.why.removesuffix("放假").removesuffix("上班")
        weekday = WEEKDAYS[on.weekday()]
        rows.append(Row(on, weekday, on == today, cover, holiday, cells))
    return Month(first, patterns, tuple(rows), all(row.cover.known for row in rows))


def _cell(
    pattern: Pattern, on: date, shift: Shift | None, posts: dict[int, list[Post]],
    gaps: dict[int, CoverGap], known: Roster, at: datetime,
) -> Cell:  # fmt: skip
    turn = turn_of(shift) if shift else Turn(*span(on, pattern.starts, pattern.ends), pattern.name)
    here = posts[shift.pk] if shift else []
    gap = gaps.get(shift.pk) if shift else None
    past, begun = turn.until <= at, turn.since <= at
    amber = muted = ""
    if shift and here:
        short = shift.minimum - len(known.covered(here, turn))
        if gap is not None:
            amber = said_gap(gap, at)
        elif short > 0 and not past:
            amber = f"差 {short} 人"
    elif past or not pattern.active:
        muted = "—"
    elif begun or turn.since - at < NEAR:
        amber = "未排班"
    else:
        muted = "未排"
    return Cell(
        pattern=pattern.name, url=reverse("duty:shift", args=[pattern.pk, on.isoformat()]),
        names=names(here, turn, known, at), amber=amber, muted=muted, now=begun and not past,
        past=past, hours=said_hours(turn),
    )  # fmt: skip


def names(posts: Iterable[Post], turn: Turn, known: Roster, at: datetime) -> tuple[Name, ...]:
    """Return the names of a shift with what is special about each."""
    told = []
    for post in posts:
        mark = tone = ""
        if gone := known.away(post.member_id, turn):
            mark = f"假，{gone.deputy.name}代" if gone.deputy else "假"
            tone = "" if gone.deputy else "soon"
        elif turn.since <= at and post.arrived_at is None and turn.until <= at:
            mark, tone = "未到岗", "soon"
        told.append(Name(post.member.name, post.lead, post.member_id, mark, tone))
    return tuple(told)


def said_hours(turn: Turn) -> str:
    """“08:00–16:00”, with 24:00 for midnight at the end."""
    since, until = turn.since.astimezone(BEIJING), turn.until.astimezone(BEIJING)
    end = "24:00" if not (until.hour or until.minute) else f"{until:%H:%M}"
    return f"{since:%H:%M}–{end}"


def said_gap(gap: CoverGap, at: datetime) -> str:
    """“缺岗 08:12–08:40” for a gap that is over, “缺岗，应到 2 实到 1” for one that is open."""
    found = gap.found_at.astimezone(BEIJING)
    if gap.closed_at is not None:
        return f"缺岗 {found:%H:%M}–{gap.closed_at.astimezone(BEIJING):%H:%M}"
    return f"缺岗，应到 {gap.minimum} 实到 {gap.present}"


def said_missing(missing: Iterable[str]) -> str:
    """“乙未到、丙（已离岗）”; “没有排班” where nobody was planned."""
    told = [name if name.endswith("（已离岗）") else f"{name}未到" for name in missing]
    return "、".join(told) or "没有排班"
