"""Reminders as people read them: what of which case, to whom, by which road, seen, answered."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from jiesu.cases import access
from jiesu.cases.models import Case, Clock
from jiesu.org.models import Member
from jiesu.rules.alarms import AlarmKind
from jiesu.rules.clocks import ClockKind, remaining, spell, tone
from jiesu.rules.labelled import Labelled
from jiesu.rules.ladder import Rung, spoken
from jiesu.rules.workflow import OPEN
from jiesu.supervision.models import Channel, Delivery, DeliveryState, Notice, Reminder

SIZE = 30
COUNTED = 1000  # reminders of an office are counted so far; more are “1000+”
FRESH = 60  # unseen notices shown at once, above the others
OF_CASE = 20
ALARMS = 20
DUTIES = (ClockKind.PHONE, ClockKind.REPORT_UP)


class Unmet(Labelled):
    """Which reminders a list shows."""

    UNSEEN = "unseen", "没有人看到"
    UNANSWERED = "unanswered", "催办未答复"
    FAILED = "failed", "有渠道没送到"


class Origin(Labelled):
    """How a reminder came about."""

    LADDER = "ladder", "按时限提醒"
    HAND = "hand", "人工催办"


@dataclass(frozen=True, slots=True)
class Road:
    """One channel of one notice in words."""

    channel: str
    state: str
    at: datetime | None
    failed: bool
    error: str
    tries: int


@dataclass(frozen=True, slots=True)
class Got:
    """What one member got of a reminder."""

    pk: int
    name: str
    unit: str
    rung: str
    why: str
    climbed: bool
    sent_at: datetime
    seen_at: datetime | None
    answered_at: datetime | None
    answer: str
    roads: list[Road]
    mine: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One reminder with everybody who got it. ``open_for`` is my notice that waits for my answer."""

    pk: int
    number: str
    title: str
    community: str
    what: str
    level: str
    unit: str
    by: str
    words: str
    at: datetime
    due_at: datetime | None
    late_by: timedelta | None
    got: list[Got]
    fresh: bool
    answerable: int | None

    @property
    def late_words(self) -> str:
        return spell(self.late_by) if self.late_by else ""

    @property
    def by_hand(self) -> bool:
        return bool(self.by)


def level_label(level: str) -> str:
    """“8h” → “到期前 8 小时”; an empty level is one sent by hand."""
    return spoken(level)


_ROADS = Prefetch("deliveries", Delivery.objects.order_by("channel"))


def _whole(member: Member | None = None) -> QuerySet[Reminder]:
    """Reminders with all that a line tells; with a member, only what that one got. Three queries."""
    notices = Notice.objects.select_related("member__unit").prefetch_related(_ROADS)
    if member is not None:
        notices = notices.filter(member=member)
    told = Reminder.objects.select_related("case__community", "clock", "unit", "asked_by")
    return told.defer("case__tokens", "case__tsv", "case__content").prefetch_related(
        Prefetch("notices", notices, to_attr="gotten")
    )


@dataclass(frozen=True, slots=True)
class Page:
    fresh: list[Line]
    lines: list[Line]
    following: str
    unseen: list[int]
    more_fresh: bool = False


def mine(member: Member, *, before: int | None) -> Page:
    """Return a page of what I got, unseen first; ``before`` is the last notice of the page before.

    Queries: the unseen, the seen, and three for what they tell.
    """
    notices = gotten(member)
    new: list[tuple[int, int]] = []
    if before is None:
        unseen = notices.filter(seen_at=None).order_by("-id")
        new = list(unseen.values_list("id", "reminder_id")[: FRESH + 1])
    more, new = len(new) > FRESH, new[:FRESH]
    old = notices.filter(seen_at__isnull=False).order_by("-id")
    if before is not None:
        old = old.filter(id__lt=before)
    seen = list(old.values_list("id", "reminder_id")[: SIZE + 1])
    following = str(seen[SIZE - 1][0]) if len(seen) > SIZE else ""
    seen = seen[:SIZE]
    found = {one.pk: one for one in _whole(member).filter(pk__in=[pk for _, pk in (*new, *seen)])}
    return Page(
        fresh=[_line(found[pk], member, fresh=True) for _, pk in new],
        lines=[_line(found[pk], member) for _, pk in seen],
        following=following,
        unseen=[pk for pk, _ in new],
        more_fresh=more,
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list of an office's reminders is narrowed to."""

    unit: int | None = None
    no_unit: bool = False
    level: str = ""
    state: Unmet | None = None
    origin: Origin | None = None
    running: bool = False


def everybodys(member: Member, wanted: Wanted) -> QuerySet[Reminder]:
    """Return the reminders of an office that are asked for, newest first; of no use to a unit's member."""
    if not access.sees_all(member):
        return Reminder.objects.none()
    found = Reminder.objects.filter(office=member.office_id).order_by("-at", "-id")
    if wanted.unit is not None:
        found = found.filter(unit=wanted.unit)
    if wanted.no_unit:
        found = found.filter(unit=None)
    if wanted.level:
        found = found.filter(level=wanted.level)
    if wanted.origin is Origin.HAND:
        found = found.filter(asked_by__isnull=False)
    elif wanted.origin is Origin.LADDER:
        found = found.filter(asked_by=None)
    if wanted.running:
        found = found.filter(case__stage__in=OPEN)
    got = Notice.objects.filter(reminder=OuterRef("pk"))
    if wanted.state is Unmet.UNSEEN:
        found = found.filter(~Exists(got.filter(seen_at__isnull=False)))
    elif wanted.state is Unmet.UNANSWERED:
        found = found.filter(asked_by__isnull=False)
        found = found.filter(~Exists(got.filter(answered_at__isnull=False)))
    elif wanted.state is Unmet.FAILED:
        failed = Delivery.objects.filter(
            notice__reminder=OuterRef("pk"), state=DeliveryState.GIVEN_UP
        )
        found = found.filter(Exists(failed))
    return found


def page(member: Member, wanted: Wanted, *, before: tuple[datetime, int] | None) -> Page:
    """Return a page of the office's reminders, turned by key. Four queries however many there are."""
    found = everybodys(member, wanted)
    if before is not None:
        at, pk = before
        found = found.filter(Q(at__lt=at) | Q(id__lt=pk), at__lte=at)
    keys = list(found.values_list("at", "id")[: SIZE + 1])
    following = ""
    if len(keys) > SIZE:
        at, pk = keys[SIZE - 1]
        following = f"{at.isoformat()}~{pk}"
    ids = [pk for _, pk in keys[:SIZE]]
    known = {one.pk: one for one in _whole().filter(pk__in=ids)}
    return Page([], [_line(known[pk], member) for pk in ids], following, [])


def unseen_of_office(member: Member) -> int:
    """How many reminders of open cases nobody has seen; to a unit's member, how many of their own."""
    if access.sees_all(member):
        return everybodys(member, Wanted(state=Unmet.UNSEEN, running=True)).count()
    return unseen(member)


def unseen(member: Member) -> int:
    """How many notices the member has not seen. One query by its own index."""
    return gotten(member).filter(seen_at=None).count()


def gotten(member: Member) -> QuerySet[Notice]:
    """Return what the member got about cases that are still theirs to see."""
    return Notice.objects.filter(access.visible_through(member, "reminder__case"), member=member)


def of_case(case: Case, member: Member) -> list[Line]:
    """Return the reminders of a case, newest first, with everybody who got them. Three queries."""
    found = _whole().filter(case=case).order_by("-at", "-id")[:OF_CASE]
    return [_line(one, member) for one in found]


def unseen_of_case(lines: Iterable[Line]) -> list[int]:
    """Return which notices of these are mine and not yet seen."""
    return [got.pk for line in lines for got in line.got if got.mine and got.seen_at is None]


def alarms(member: Member, at: datetime) -> list[Case]:
    """Return the open cases with an alarm, what must be done of it at ``duties``. Two queries."""
    running = Clock.objects.filter(stopped_at=None, kind__in=DUTIES).order_by("kind")
    found = access.visible_to(member).open().exclude(alarm="").by_due()
    found = found.select_related("unit").defer("tokens", "tsv", "content")
    cases = list(found.prefetch_related(Prefetch("clocks", running, to_attr="duties"))[:ALARMS])
    for case in cases:
        case.alarm_label = AlarmKind.label_of(case.alarm)
        for clock in case.duties:
            if clock.due_at:
                clock.left = remaining(clock.due_at, at)
                clock.tone = tone(clock.started_at, clock.due_at, at).value
    return cases


def levels_of(member: Member) -> list[str]:
    """Return the levels that the office's reminders of open cases have."""
    found = Reminder.objects.filter(office=member.office_id, case__stage__in=OPEN)
    return list(
        found.exclude(level="").order_by("level").values_list("level", flat=True).distinct()
    )


def _line(one: Reminder, member: Member, *, fresh: bool = False) -> Line:
    got = [_got(notice, member) for notice in one.gotten]  # type: ignore[attr-defined]
    done = any(g.answered_at for g in got)
    ours = sorted(
        (n for n in one.gotten if _ours(n, member)), key=lambda n: n.member_id != member.pk
    )  # type: ignore[attr-defined]
    place = one.case.community.name if one.case.community else one.case.community_text
    return Line(
        pk=one.pk, number=one.case.number, title=one.case.title or one.case.number, community=place,
        what=one.clock.label if one.clock else "催办", level=level_label(one.level),
        unit=one.unit.name if one.unit else "", by=one.asked_by.name if one.asked_by else "",
        words=one.words, at=one.at, due_at=one.due_at, late_by=one.late_by, got=got, fresh=fresh,
        answerable=ours[0].pk if ours and not done else None,
    )  # fmt: skip


def _ours(notice: Notice, member: Member) -> bool:
    """True when the member may answer it: it came to them or to somebody of their unit."""
    return notice.member_id == member.pk or notice.member.unit_id == member.unit_id


def _got(notice: Notice, member: Member) -> Got:
    return Got(
        pk=notice.pk, name=notice.member.name, unit=notice.member.unit.name,
        rung=Rung.label_of(notice.rung), why=notice.why, climbed=notice.climbed,
        sent_at=notice.made_at, seen_at=notice.seen_at, answered_at=notice.answered_at,
        answer=notice.answer, roads=[_road(one) for one in notice.deliveries.all()],
        mine=notice.member_id == member.pk,
    )  # fmt: skip


def _road(one: Delivery) -> Road:
    return Road(
        Channel.label_of(one.channel), DeliveryState.label_of(one.state), one.sent_at,
        one.state == DeliveryState.GIVEN_UP, one.error, one.tries,
    )  # fmt: skip
