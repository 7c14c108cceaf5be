"""The queue: one page of a list of cases as lean rows, turned by a key and never by an offset."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from html import escape
from typing import Any, NamedTuple
from urllib.parse import quote

from django.db.models import Q
from django.urls import reverse
from django.utils.safestring import SafeString

from jiesu.cases import access, filters
from jiesu.cases.case_query import CaseQuerySet
from jiesu.cases.filters import Filter
from jiesu.desk import words
from jiesu.org.models import Member
from jiesu.org.rights import Right, may
from jiesu.rules.alarms import AlarmKind
from jiesu.rules.clocks import ClockKind, Tone, remaining, tone, used
from jiesu.rules.moments import BEIJING
from jiesu.rules.workflow import ENDED, Stage
from jiesu.triage import marking
from jiesu.triage.models import CaseMark

SIZE = 50
COUNTED = 1000
PICK = '<input class="pick" type="checkbox" name="case" value="{0}" form="batch" aria-labelledby="row-{0}">'
MARKED = 3  # marks beside a case
MARK_TONES = {"urgent": "late", "sensitive": "soon", "business": "brand"}
CURRENT = ' aria-current="true"'
COLUMNS = (
    "id", "number", "arrival", "title", "stage", "tags", "category", "community__name", "community_text",
    "unit__name", "next_clock", "next_started_at", "next_due_at", "dispatched_at",
    "taken_by__name", "taken_until", "alike", "alike_sure", "alarm",
)  # fmt: skip
SPOKEN = {  # the clock that is due next, where it is not the order's own
    ClockKind.SIGN: "签收", ClockKind.OBJECT: "异议", ClockKind.DISPATCH: "派转",
    ClockKind.CONTACT: "联系", ClockKind.ASSIST: "协办", ClockKind.REVIEW: "审核",
    ClockKind.COORDINATE: "协调", ClockKind.REPORT_IN: "报到",
}  # fmt: skip
_SPOKEN = {kind.value: word for kind, word in SPOKEN.items()}
_LABEL = {stage.value: stage.label for stage in Stage}
_ALARMS = {
    kind.value: kind.label for kind in (AlarmKind.THREAT, AlarmKind.KEY)
}  # 紧急 is told by its tag
_ENDED = {stage.value for stage in ENDED}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CURSOR = re.compile(r"([ab])(n|-?\d{1,18})\.(\d{1,18})", re.ASCII)


class Cursor(NamedTuple):
    """Where a page begins (``after``) or ends (before) in the order of the list."""

    after: bool
    at: datetime | None
    pk: int

    @classmethod
    def read(cls, text: str) -> "Cursor | None":
        """Return what an address says; None for the first page, and for anything made up."""
        found = _CURSOR.fullmatch(text or "")
        if not found:
            return None
        try:
            moment = None if found[2] == "n" else _EPOCH + timedelta(microseconds=int(found[2]))
        except OverflowError:
            return None
        return cls(found[1] == "a", moment, int(found[3]))

    def write(self) -> str:
        gone = "n" if self.at is None else (self.at - _EPOCH) // timedelta(microseconds=1)
        return f"{'a' if self.after else 'b'}{gone}.{self.pk}"


@dataclass(slots=True)
class Row:
    """One line of the queue, everything in words."""

    pk: int
    url: str
    title: str
    tag: str
    tag_tone: str
    left: str
    tone: str
    due: str
    started: str
    prefix: str
    used: int
    place: str
    matter: str
    unit: str
    again: str
    alike: str
    taken: str = ""
    taken_until: str = ""
    taken_left: str = ""
    current: bool = False
    alarm: str = ""
    marks: Iterable[CaseMark] = ()

    def markup(self, *, pick: bool) -> str:
        """The row as the queue shows it. By hand: fifty of them are half of the hottest page.

        What came from outside is escaped here; the rest is numbers, moments and words of the house.
        """
        mood, due, start = self.tone, self.due, self.started
        if due:
            left = (
                f'<time class="left {mood}" datetime="{due}" data-due="{due}" data-start="{start}"'
                f' data-prefix="{self.prefix}">{self.left}</time>'
            )
            bar = (
                f'<progress class="used {mood}" max="100" value="{self.used}" data-due="{due}"'
                f' data-start="{start}" aria-hidden="true"></progress>'
            )
        else:
            left, bar = f'<span class="left muted">{self.left}</span>', ""
        about = "".join(
            [
                f"<span>{escape(text)}</span>"
                for text in (self.place, self.matter, self.unit)
                if text
            ]
        )
        if self.again:
            about += f'<span class="tag brand">{self.again}</span>'
        if self.alarm:
            about += f'<span class="tag late">{self.alarm}</span>'
        if self.alike:
            about += f'<span class="tag brand">{self.alike}</span>'
        for mark in list(self.marks)[:MARKED]:
            mood_of = MARK_TONES.get(mark.kind, "")
            about += f'<span class="tag {mood_of}" title="{escape(mark.reason)}">{escape(mark.label)}</span>'
        if self.taken:
            who = escape(self.taken)
            about += (
                f'<time class="taken" datetime="{self.taken_until}" data-due="{self.taken_until}"'
                f' data-ends data-prefix="{who} 认领 · ">{who} 认领 · {self.taken_left}</time>'
            )
        return (
            f"{PICK.format(self.pk) if pick else ''}"
            f'<a class="row" id="row-{self.pk}" data-row="{self.pk}" href="{escape(self.url)}"'
            f'{CURRENT if self.current else ""}><span class="row-1">'
            f'<span class="tag {self.tag_tone}">{escape(self.tag)}</span>'
            f'<span class="row-title">{escape(self.title)}</span>{left}</span>'
            f'<span class="row-2">{about}</span>{bar}</a>\n'
        )


@dataclass(slots=True)
class Page:
    rows: list[Row]
    count: str
    previous: str
    following: str
    pick: bool = False

    @property
    def html(self) -> SafeString:
        return SafeString("".join([row.markup(pick=self.pick) for row in self.rows]))


def page(
    member: Member, wanted: Filter, *, turn: str, at: datetime, open_case: int | None = None
) -> Page:
    """Return one page of what the member may see and asked for. Three queries, whatever it holds."""
    cases = filters.apply(access.visible_to(member), wanted, member=member, at=at)
    cursor = Cursor.read(turn)
    found = _by_due(cases, cursor) if wanted.by_due else _newest(cases, cursor)
    backwards = cursor is not None and not cursor.after
    more, found = len(found) > SIZE, found[:SIZE]
    if backwards:
        found.reverse()
    query = wanted.query()
    rows = [_row(line, query, at) for line in found]
    marks = marking.shown_of(row.pk for row in rows)
    for row in rows:
        row.current, row.marks = row.pk == open_case, marks.get(row.pk, ())
    key = 12 if wanted.by_due else 13
    ends = (
        [Cursor(True, found[-1][key], found[-1][0]), Cursor(False, found[0][key], found[0][0])]
        if found
        else []
    )
    return Page(
        rows=rows,
        pick=may(member, Right.NOTE),
        count=count(cases),
        previous=ends[1].write() if ends and (more if backwards else cursor is not None) else "",
        following=ends[0].write() if ends and (more or backwards) else "",
    )


def count(cases: CaseQuerySet) -> str:
    """Exact up to a thousand; counting on would cost more than the list."""
    number = cases.order_by()[: COUNTED + 1].count()
    return f"{COUNTED}+" if number > COUNTED else str(number)


def _newest(cases: CaseQuerySet, cursor: Cursor | None) -> list[tuple[Any, ...]]:
    cases = cases.order_by("-dispatched_at", "-id")
    if cursor is not None and cursor.at is not None:
        here, pk = cursor.at, cursor.pk
        if cursor.after:
            cases = cases.filter(
                Q(dispatched_at__lt=here) | Q(dispatched_at=here, id__lt=pk),
                dispatched_at__lte=here,
            )
        else:
            cases = cases.order_by("dispatched_at", "id").filter(
                Q(dispatched_at__gt=here) | Q(dispatched_at=here, id__gt=pk),
                dispatched_at__gte=here,
            )
    return list(cases.values_list(*COLUMNS)[: SIZE + 1])


def _by_due(cases: CaseQuerySet, cursor: Cursor | None) -> list[tuple[Any, ...]]:
    """Least time left first, then those with no clock: two pieces of one query, each by its index."""
    timed, bare = cases.filter(next_due_at__isnull=False), cases.filter(next_due_at=None)
    forward = cursor is None or cursor.after
    if cursor is not None and cursor.at is not None:
        here, pk = cursor.at, cursor.pk
        if cursor.after:
            timed = timed.filter(Q(next_due_at__gt=here) | Q(id__gt=pk), next_due_at__gte=here)
        else:
            timed = timed.filter(Q(next_due_at__lt=here) | Q(id__lt=pk), next_due_at__lte=here)
            bare = bare.none()
    elif cursor is not None:
        bare = bare.filter(id__gt=cursor.pk) if forward else bare.filter(id__lt=cursor.pk)
        timed = timed.none() if forward else timed
    sign = "" if forward else "-"
    pieces = [
        timed.order_by(f"{sign}next_due_at", f"{sign}id").values_list(*COLUMNS)[: SIZE + 1],
        bare.order_by(f"{sign}next_due_at", f"{sign}id").values_list(*COLUMNS)[: SIZE + 1],
    ]
    found = list(pieces[0].union(pieces[1], all=True))
    far = datetime.max.replace(tzinfo=UTC)
    found.sort(key=lambda line: (line[12] or far, line[0]), reverse=not forward)
    return found[: SIZE + 1]


@cache
def _address() -> tuple[str, str]:
    """What stands before and after the number: asked for once, not for every row."""
    head, _, tail = reverse("desk:case", args=["-"]).partition("-")
    return head, tail


def case_url(number: str, query: str = "") -> str:
    """The address of a case within a filter; a number may hold any sign."""
    head, tail = _address()
    return f"{head}{quote(number, safe='')}{tail}{'?' if query else ''}{query}"


def _row(line: tuple[Any, ...], query: str, at: datetime) -> Row:
    (pk, number, arrival, title, stage, tags, category, community, community_text, unit, clock, started,
     due, dispatched, taker, until, alike, sure, alarm) = line  # fmt: skip
    ended = stage in _ENDED
    late = due is not None and due <= at and not ended
    mood = tone(started or dispatched, due, at) if due and not ended else Tone.OK
    label, label_tone = _tag(stage, tags, late=late)
    prefix = _SPOKEN.get(clock, "")
    when = f"{words.short(dispatched, at)} 派"
    left = prefix + remaining(due, at) if due and not ended else when
    parts = category.split(">", 2)
    return Row(
        pk=pk, url=case_url(number, query), title=title or number, tag=label, tag_tone=label_tone,
        left=left, tone=mood.value,
        due=due.astimezone(BEIJING).isoformat(timespec="seconds") if due and not ended else "",
        started=(started or dispatched).astimezone(BEIJING).isoformat(timespec="seconds"), prefix=prefix,
        used=used(started or dispatched, due, at) if due and not ended else 0,
        place=community or community_text, matter=" › ".join(part for part in parts[-2:] if part),
        unit=unit or "", alarm=_ALARMS.get(alarm, ""), again=f"第{arrival}次" if arrival > 1 else "",
        alike=f"{'' if sure else '疑似'}同类 {alike} 件" if alike else "",
        **_claim(taker, until, at),
    )  # fmt: skip


def _claim(taker: str | None, until: datetime | None, at: datetime) -> dict[str, str]:
    """Who has taken the case, while it lasts."""
    if taker is None or until is None or until <= at:
        return {}
    iso = until.astimezone(BEIJING).isoformat(timespec="seconds")
    return {"taken": taker, "taken_until": iso, "taken_left": remaining(until, at)}


def _tag(stage: str, tags: Iterable[str], *, late: bool) -> tuple[str, str]:
    """The one word before a title: lateness, then urgency, then where the case stands."""
    if late:
        return "逾期", "late"
    if stage in _ENDED:
        return _LABEL[stage], "ok" if stage == Stage.CLOSED else ""
    if "2小时" in tags:
        return "2小时", "late"
    if stage == Stage.TO_SIGN:
        return "待签收", ""
    if "24小时" in tags:
        return "24小时", "soon"
    return _LABEL.get(stage, stage), ""
