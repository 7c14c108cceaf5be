"""One case as its page shows it: every stage's piece, gathered by a fixed number of queries."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from jiesu.assessment import truths
from jiesu.cases import access, sealing, taking
from jiesu.cases.models import Assignment, Case, Clock, Event, Part
from jiesu.coordination import queries as coordination
from jiesu.desk import case_actions, timeline, words
from jiesu.evidence import queries as evidence
from jiesu.evidence.models import Evidence
from jiesu.followup import queries as follow_up
from jiesu.followup.models import CallBack, Matter
from jiesu.groups import queries as groups
from jiesu.org.models import Member
from jiesu.org.rights import Right, may
from jiesu.rules.clocks import ClockKind, remaining, spell, tone, used
from jiesu.rules.moments import BEIJING
from jiesu.rules.personal_text import find
from jiesu.rules.workflow import STEPS, Action, Stage
from jiesu.supervision import on_case
from jiesu.supervision.queries import Line, of_case
from jiesu.triage import panel as triage_panel
from jiesu.triage import second
from jiesu.triage.models import Opinion
from jiesu.triage.reading import Reading, reading_of

LINES = 50  # of the record shown at once
CONTACT = ("requester_name", "requester_phone", "requester_address")
ORDER = (ClockKind.PHONE, ClockKind.REPORT_UP, ClockKind.PROMISE, ClockKind.SIGN, ClockKind.DISPATCH,
         ClockKind.COORDINATE, ClockKind.REPORT_IN, ClockKind.OBJECT, ClockKind.ANSWER, ClockKind.CONTACT,
         ClockKind.INTERNAL, ClockKind.ASSIST, ClockKind.REVIEW, ClockKind.HANDLE)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """One part of the road: ``state`` is done, now or nothing yet."""

    label: str
    state: str
    when: str = ""
    rest: str = ""
    told: str = ""


@dataclass(frozen=True, slots=True)
class ClockLine:
    """One clock in words. ``due`` is empty when it does not run."""

    label: str
    unit: str
    left: str
    tone: str
    due: str
    started: str
    used: int
    source: str
    since: str
    until: str
    stopped: str
    overdue: bool
    paused: str
    why_url: str


@dataclass(frozen=True, slots=True)
class Holder:
    """A unit that has or had the case."""

    unit: str
    part: str
    lead: bool
    said: list[str]
    note: str
    ended: str


@dataclass(frozen=True, slots=True)
class CasePage:
    case: Case
    bar: case_actions.Bar
    steps: list[Step]
    title: list[tuple[str, bool]]
    content: list[tuple[str, bool]]
    tags: list[tuple[str, str]]
    facts: list[tuple[str, str]]
    head: list[str]
    lines: list[timeline.Line]
    earlier: bool
    running: list[ClockLine]
    stopped: list[ClockLine]
    holders: list[Holder]
    past_holders: list[Holder]
    contact: list[tuple[str, str]]
    look: access.Look
    chain: list[tuple[int, str, bool]]
    extra: list[tuple[str, str]]
    files: list[Evidence]
    newest: bool
    alarm: on_case.AlarmHead | None
    reminders: list[Line]
    held: taking.Holder | None
    triage: triage_panel.Panel | None
    may_dispatch: bool
    call_backs: list[CallBack]
    matters: list[Matter]
    may_follow: bool
    assessed: truths.Truths | None
    opinions: list[Opinion]
    grouped: groups.OnCase
    may_group: bool
    coordinated: coordination.OnCase
    may_state: bool
    may_settle: bool
    reading: Reading
    may_read: bool


def gather(member: Member, case: Case, *, searched: str, whole: bool, at: datetime) -> CasePage:
    """Return everything the page of a case shows; ``whole`` brings the whole record (first 500)."""
    limit = 500 if whole else LINES
    events = list(case.events.select_related("actor").order_by("-id")[: limit + 1])
    moves = list(case.events.filter(moved=True).select_related("actor").order_by("id"))
    clocks = list(case.clocks.select_related("unit").prefetch_related("pauses"))
    assignments = list(case.assignments.select_related("unit", "accepted_by"))
    chain = list(
        Case.objects.filter(office=case.office_id, number=case.number)
        .order_by("arrival")
        .values_list("arrival", "dispatched_at")
    )
    newest = chain[-1][0] == case.arrival
    held = taking.holder(case, member, at)
    bar = (
        case_actions.bar(member, case, assignments, clocks, held)
        if newest
        else case_actions.Bar(None, [], [])
    )
    shown = _shown_clocks(case, clocks, at)
    triage = triage_panel.of_case(case, at) if newest else None
    searched = searched or " ".join(triage.words if triage else ())
    return CasePage(
        case=case, bar=bar, steps=_steps(case, moves, at),
        title=marked(case.title or case.number, searched), content=marked(case.content, searched),
        tags=_tags(case, at), facts=_facts(case), head=_head(case, at),
        lines=timeline.lines(case, events[:limit], at), earlier=len(events) > limit,
        running=[line for line in shown if not line.stopped],
        stopped=[line for line in shown if line.stopped],
        holders=[_holder(one, at) for one in assignments if one.ended_at is None],
        past_holders=[_holder(one, at) for one in assignments if one.ended_at is not None],
        contact=[(_label(name), getattr(case, name)) for name in CONTACT if getattr(case, name)],
        look=access.look(member, case),
        chain=[(n, words.short(when, at), n == case.arrival) for n, when in chain] if len(chain) > 1 else [],
        extra=[(str(name), _text(value)) for name, value in case.extra.items()],
        files=list(evidence.files_of(case)), newest=newest, held=held,
        assessed=truths.of_case(case, at) if may(member, Right.RATES) else None,
        triage=triage, may_dispatch=access.may_do(member, Action.DISPATCH, case),
        alarm=on_case.alarm_head(case, clocks, member, at), reminders=of_case(case, member),
        call_backs=follow_up.of_case(case), matters=follow_up.matters_of(case),
        may_follow=access.may_do(member, Action.MATTER, case),
        opinions=second.of_case(case),
        grouped=groups.on_case(case, member), may_group=access.may_do(member, Action.GROUP, case),
        coordinated=coordination.on_case(case), may_state=access.may_do(member, Action.STATE, case),
        may_settle=access.may_do(member, Action.SETTLE, case),
        reading=reading_of(case), may_read=newest and access.may_do(member, Action.MARK, case),
    )  # fmt: skip


def marked(text: str, searched: str) -> list[tuple[str, bool]]:
    """Cut a text into pieces, those that were searched for marked True."""
    wanted = [re.escape(piece) for piece in searched.split() if piece]
    if not wanted or not text:
        return [(text, False)]
    cut = re.split(f"({'|'.join(wanted)})", text, flags=re.IGNORECASE)
    return [(piece, n % 2 == 1) for n, piece in enumerate(cut) if piece]


@dataclass(frozen=True, slots=True)
class Revealed:
    """A case as it came. ``texts`` are cut into pieces, those that are hidden elsewhere marked True."""

    contact: list[tuple[str, str]]
    texts: list[tuple[str, list[tuple[str, bool]]]]
    told: list[tuple[str, list[tuple[str, list[tuple[str, bool]]]]]]


TEXTS = (("title", "标题"), ("content", "主要内容"), ("location", "点位"), ("result", "办理结果"))
SAID = {
    "points": "诉求点",
    "answers": "逐点答复",
    "note": "说明",
    "result_before": "原办理结果",
    "proof": "佐证",
    "place": "地点",
    "name": "文件名",
}


def revealed(case: Case, at: datetime) -> Revealed:
    """What is sealed of a case and of its record, opened: only after the look was recorded.

    :raises vault.Gone: it was erased
    """
    came = sealing.whole(case)
    texts = [(label, _found(came[name])) for name, label in TEXTS if came[name]]
    texts += [
        (key, _found(str(text))) for key, text in sealing.originals(case).get("extra", {}).items()
    ]
    told = [
        (
            f"{words.short(event.at, at)} {event.label} {event.actor.short if event.actor else '系统'}",
            [(SAID.get(name, ""), _found(text)) for name, text in hidden.items()],
        )
        for event, hidden in sealing.of_events(case)
    ]
    return Revealed([(_label(name), came[name] or "未提供") for name in CONTACT], texts, told)


def _found(text: str) -> list[tuple[str, bool]]:
    """Cut a text into pieces, what is personal in it marked True."""
    pieces, at = [], 0
    for span in find(text):
        pieces += [(text[at : span.start], False), (text[span.start : span.end], True)]
        at = span.end
    return [piece for piece in [*pieces, (text[at:], False)] if piece[0]]


def _label(name: str) -> str:
    return {"requester_name": "姓名", "requester_phone": "电话", "requester_address": "地址"}[name]


def _head(case: Case, at: datetime) -> list[str]:
    """The pieces of the line below the title, none of which should be broken."""
    called = f"来电 {words.short(case.called_at, at)}" if case.called_at else ""
    told = (case.path, case.order_type, called, f"派单 {words.short(case.dispatched_at, at)}")
    return [piece for piece in told if piece]


def _tags(case: Case, at: datetime) -> list[tuple[str, str]]:
    found = []
    if case.is_open and case.next_due_at and case.next_due_at <= at:
        found.append(("逾期", "late"))
    tones = {"2小时": "late", "24小时": "soon"}
    found += [(tag, tones.get(tag, "")) for tag in case.tags]
    if case.month_seq and case.month_seq > 1:
        found.append((f"月次 {case.month_seq}", ""))
    if not case.is_open:
        found.append((case.stage_label, "ok"))
    return found


def _facts(case: Case) -> list[tuple[str, str]]:
    times = [
        f"本月第 {case.month_seq} 次" if case.month_seq else "",
        f"本年第 {case.year_seq} 次" if case.year_seq else "",
    ]
    place = case.community.name if case.community else case.community_text
    if not case.community and case.community_text:
        place = f"{case.community_text}（未对应到社区）"
    told = [
        ("点位", case.location), ("社区", place),
        ("分类", case.category.replace(">", " › ")), ("类型", case.order_type), ("来源", case.path),
        ("企业", case.company), ("来单承办", case.unit_text if case.unit_text and not case.unit else ""),
        ("往来", " · ".join(filter(None, times))), ("案件号", case.case_no),
    ]  # fmt: skip
    return [(label, text) for label, text in told if text]


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _steps(case: Case, moves: list[Event], at: datetime) -> list[Step]:
    """The road with who left each part, when, and after how long. Imported ends invent no steps."""
    stage = Stage(case.stage)
    here = next((n for n, (_, stages) in enumerate(STEPS) if stage in stages), 0)
    found = []
    for n, (label, stages) in enumerate(STEPS):
        if n == here:
            last = moves[-1] if moves else None
            if case.is_open or last is None:
                found.append(Step(label, "now", "" if stage.label == label else stage.label))
            else:
                state = "done" if n == len(STEPS) - 1 else "now"
                found.append(Step(label, state, _when(last, at), _who(last), words.full(last.at)))
            continue
        left = _left(moves, stages) if n < here else None
        found.append(_passed(label, moves, left, stages, at) if left else Step(label, ""))
    return found


def _left(moves: list[Event], stages: Iterable[Stage]) -> Event | None:
    gone = [m for m in moves if m.before in stages and m.after not in stages]
    return gone[-1] if gone else None


def _passed(
    label: str, moves: list[Event], left: Event, stages: Iterable[Stage], at: datetime
) -> Step:
    """Short words for the bar, and the whole of it for who points at them."""
    entered = [m for m in moves if m.after in stages and m.before not in stages and m.at <= left.at]
    rest, told = _who(left), f"{words.full(left.at)} {left.actor.name if left.actor else '系统'}"
    if entered:
        length = left.at - entered[-1].at
        rest, told = f"{rest} · {spell(length)}", f"{told}，{words.took(length)}"
    return Step(label, "done", _when(left, at), rest, told)


def _when(event: Event, at: datetime) -> str:
    """The clock today, the day before."""
    today = words.day(event.at, at) == "今天"
    return words.short(event.at, at) if today else words.day(event.at, at)


def _who(event: Event) -> str:
    return event.actor.short if event.actor else "系统"


def _shown_clocks(case: Case, clocks: list[Clock], at: datetime) -> list[ClockLine]:
    place = {kind.value: n for n, kind in enumerate(ORDER)}
    ordered = sorted(
        clocks,
        key=lambda clock: (clock.stopped_at is not None, place.get(clock.kind, 99), clock.pk),
    )
    return [_clock(case, clock, at) for clock in ordered]


def _clock(case: Case, clock: Clock, at: datetime) -> ClockLine:
    due, stopped = clock.due_at, clock.stopped_at
    running = stopped is None and due is not None
    if stopped is not None:
        left = words.took(stopped - clock.started_at)
        if clock.overdue and due is not None:
            left += f"，超 {spell(stopped - due)}"
    elif due is not None:
        left = remaining(due, at)
    else:
        left = f"已等 {spell(at - clock.started_at)}"
    open_pause = next((p for p in clock.pauses.all() if p.to_at is None), None)
    paused = ""
    if open_pause is not None and stopped is None:
        left = "暂停计时"
        paused = f"{words.short(open_pause.from_at, at)} 起暂停：{open_pause.cause}"
    return ClockLine(
        label=clock.label, unit=clock.unit.name if clock.unit else "", left=left,
        tone=tone(clock.started_at, due, at).value if running and due else "",
        due=_iso(due) if running and due else "", started=_iso(clock.started_at),
        used=used(clock.started_at, due, stopped or at) if due else 0,
        source=clock.source, since=words.short(clock.started_at, at),
        until=words.short(due, at) if due else "无时限",
        stopped=f"{words.short(stopped, at)}（{Action.label_of(clock.stopped_by) if clock.stopped_by != 'restart' else '重新计时'}）" if stopped else "",
        overdue=clock.overdue, paused=paused,
        why_url=reverse("desk:why", args=[case.number, clock.pk]),
    )  # fmt: skip


def _iso(at: datetime) -> str:
    return at.astimezone(BEIJING).isoformat(timespec="seconds")


def _holder(one: Assignment, at: datetime) -> Holder:
    said = [f"{words.short(one.assigned_at, at)} 派"]
    if one.accepted_at:
        who = f" {one.accepted_by.name}" if one.accepted_by else ""
        said.append(f"{words.short(one.accepted_at, at)}{who} 接单")
    elif one.ended_at is None:
        said.append("未接单")
    if one.due_at:
        said.append(f"内部截止 {words.short(one.due_at, at)}")
    if one.reported_at:
        said.append(f"{words.short(one.reported_at, at)} 已反馈")
    ended = ""
    if one.ended_at:
        ended = f"{words.short(one.ended_at, at)} {Action.label_of(one.ended_by)}"
    lead = one.part == Part.LEAD
    return Holder(one.unit.name, Part.label_of(one.part), lead, said, one.note, ended)
