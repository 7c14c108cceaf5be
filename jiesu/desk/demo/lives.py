"""What the verbs of the stages leave on a case, worked out in memory.

Each function here does to a ``Life`` what the verb of the same name in ``intake.actions``,
``dispatch.actions`` or ``handling.actions`` does to the tables; a test takes the same steps through
both and compares every row. So a month of cases is made in a second rather than a minute.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from jiesu.cases.models import Part
from jiesu.desk.demo.course import Step
from jiesu.org.models import Member, Unit
from jiesu.rules import ladder, workflow
from jiesu.rules.clocks import ClockKind, Due, is_urgent, sign_due, size
from jiesu.rules.counting import Limit, Pause
from jiesu.rules.counting import due_at as counted_due
from jiesu.rules.duties import on_community_list
from jiesu.rules.holidays import WorkCalendar
from jiesu.rules.rule_set import Rules
from jiesu.rules.workflow import Action, Stage

AWAY = "案件不在本单位"


@dataclass(frozen=True, slots=True)
class Cast:
    """The office's own rows that the steps name by code, and its rules."""

    units: Mapping[str, Unit]
    members: Mapping[str, Member]
    rules: Rules
    duties: tuple[tuple[str, str], ...]
    calendar: Callable[[], WorkCalendar]


@dataclass(slots=True)
class Life:
    """One case with its rows. ``columns`` are those of the case; ``standing`` is its stage."""

    cast: Cast
    columns: dict[str, Any]
    standing: Stage | None = None
    steps: int = 0
    unit: Unit | None = None
    events: list[dict[str, Any]] = field(default_factory=list)
    clocks: list[dict[str, Any]] = field(default_factory=list)
    assignments: list[dict[str, Any]] = field(default_factory=list)
    pauses: list[dict[str, Any]] = field(default_factory=list)

    @property
    def lead(self) -> dict[str, Any]:
        return next(a for a in self.now_with() if a["part"] == Part.LEAD)

    def now_with(self) -> list[dict[str, Any]]:
        return [a for a in self.assignments if a["ended_at"] is None]


def arrive(life: Life, at: datetime) -> None:
    """到达: the first event, and the clocks of 签收 and 办理, as the import starts them."""
    told = life.columns
    limits = life.cast.rules.limits
    _apply(life, Action.ARRIVE, None, at, "", arrival=told["arrival"])
    start, due = told["dispatched_at"], told["due_at"]
    urgent = is_urgent(start, due, told["tags"])
    _start(life, ClockKind.SIGN, start, sign_due(start, urgent=urgent, limits=limits))
    own = told["due_source"] == "工单自带"
    _start(life, ClockKind.HANDLE, start, Due(due, told["due_source"], fixed=own))


def arrive_again(life: Life, at: datetime) -> None:
    """再次到达: what was still open ends; an ended case stays as it is."""
    if life.standing in workflow.ENDED:
        return
    _apply(
        life, Action.ARRIVE_AGAIN, None, at, "同一编号再次到达，由新的一次承接",
        next_arrival=life.columns["arrival"] + 1,
    )  # fmt: skip
    _stop(life, at, Action.ARRIVE_AGAIN)
    life.columns["closed_at"] = at


def take(life: Life, step: Step) -> None:
    """Take one step of a course."""
    given = dict(step.given)
    if "unit" in given:
        given["unit"] = life.cast.units[given["unit"]]
    if "community" in given:
        given["community"] = life.cast.units[given["community"]]
    if "assisting" in given:
        given["assisting"] = [life.cast.units[code] for code in given["assisting"]]
    VERBS[step.verb](life, life.cast.members[step.actor], step.at, **given)


def _sign(life: Life, actor: Member, at: datetime) -> None:
    _apply(life, Action.SIGN, actor, at)
    limits = life.cast.rules.limits
    _stop(life, at, Action.SIGN, ClockKind.SIGN)
    objecting = limits.of(ClockKind.OBJECT, limits.object)
    _start(life, ClockKind.OBJECT, at, Due(None, "签收后退回异议时限", objecting))
    _start(life, ClockKind.DISPATCH, at, _dispatching(life, "签收后派转时限"))
    life.columns["signed_at"] = at


def _send_back(
    life: Life, actor: Member, at: datetime, *, reason: str, proof: str, note: str
) -> None:
    label = next(r.label for r in life.cast.rules.send_back_reasons if r.code == reason)
    before = life.standing
    _apply(life, Action.SEND_BACK, actor, at, note, reason=reason, reason_label=label, proof=proof)
    if before == Stage.TO_SIGN:
        start = life.columns["dispatched_at"]
        _start(life, ClockKind.OBJECT, start, Due(None, "未签收即退回"))
    _stop(life, at, Action.SEND_BACK, ClockKind.SIGN, ClockKind.OBJECT, ClockKind.DISPATCH)
    _start(life, ClockKind.ANSWER, at, Due(None, "等待平台裁定，无时限"))


def _answer(life: Life, actor: Member, at: datetime, *, granted: bool, note: str) -> None:
    action = Action.GRANT_SEND_BACK if granted else Action.REFUSE_SEND_BACK
    _apply(life, action, actor, at, note)
    if granted:
        _stop(life, at, action)
        life.columns["closed_at"] = at
        return
    _stop(life, at, action, ClockKind.ANSWER)
    _start(life, ClockKind.DISPATCH, at, _dispatching(life, "退回被驳回后派转时限"))
    life.columns["signed_at"] = life.columns["signed_at"] or at


def _place(life: Life, actor: Member, at: datetime, *, community: Unit) -> None:
    before = life.columns["community_text"]
    _record(life, Action.PLACE, actor, at, "", community=community.name, before=before)
    life.columns["community_id"] = community.pk


def _dispatch(
    life: Life, actor: Member, at: datetime, *, unit: Unit, assisting: list[Unit], due_at: datetime,
    note: str, dual: bool,
) -> None:  # fmt: skip
    if unit.is_community and not on_community_list(life.columns["category"], life.cast.duties):
        raise ValueError(f"{unit.name} may not lead {life.columns['category']}")
    if life.standing == Stage.SIGNED:
        _apply(life, Action.TRIAGE, actor, at)
    _apply(
        life, Action.DISPATCH, actor, at, note, unit=unit.name,
        assisting=[helper.name for helper in assisting], due_at=due_at.isoformat(), dual=dual,
    )  # fmt: skip
    _stop(life, at, Action.DISPATCH, ClockKind.DISPATCH, ClockKind.OBJECT)
    had = _go_on(life, ClockKind.INTERNAL, at, unit, AWAY)
    if had is not None:
        due_at = had["due_at"] or due_at
    else:
        _start(life, ClockKind.INTERNAL, at, Due(due_at, "派转时确定的内部截止"), unit)
    if life.columns["responded_at"] is None and not _go_on(life, ClockKind.CONTACT, at, unit, AWAY):
        limits = life.cast.rules.limits
        contact = Due(
            None, "派转后首次联系时限", limits.of(ClockKind.CONTACT, limits.first_contact)
        )
        if at + limits.first_contact > due_at:
            contact = Due(due_at, "内部截止前")
        _start(life, ClockKind.CONTACT, at, contact, unit)
    _assign(life, unit, Part.LEAD, actor, at, due_at, note)
    for helper in assisting:
        _assist(life, helper, actor, at, due_at, note)
    life.unit = unit


def _transfer(life: Life, actor: Member, at: datetime, *, reason: str, **to: Any) -> None:
    _take_away(life, Action.TRANSFER, actor, at, reason)
    _dispatch(life, actor, at, **to)


def _decline(life: Life, actor: Member, at: datetime, *, reason: str) -> None:
    _take_away(life, Action.DECLINE, actor, at, reason)
    _start(life, ClockKind.DISPATCH, at, _dispatching(life, "退派后再派时限"))


def _take_away(life: Life, action: Action, actor: Member, at: datetime, note: str) -> None:
    _apply(life, action, actor, at, note, unit=life.unit.name if life.unit else "")
    for assignment in life.now_with():
        assignment.update(ended_at=at, ended_by=action)
    _stop(life, at, action, ClockKind.INTERNAL, ClockKind.CONTACT, ClockKind.ASSIST)
    life.unit = None


def _add_assisting(
    life: Life, actor: Member, at: datetime, *, unit: Unit, due_at: datetime, note: str
) -> None:
    due = due_at.isoformat()
    _record(life, Action.ADD_ASSISTING, actor, at, note, unit=unit.name, due_at=due)
    _assist(life, unit, actor, at, due_at, note)


def _accept(life: Life, actor: Member, at: datetime) -> None:
    for assignment in life.now_with():
        if assignment["unit"] == actor.unit:
            assignment.update(accepted_at=at, accepted_by=actor)
    _record(life, Action.ACCEPT, actor, at, "", unit=actor.unit.name)


def _contact(
    life: Life, actor: Member, at: datetime, *, contacted_at: datetime, channel: str, outcome: str,
    note: str,
) -> None:  # fmt: skip
    _record(
        life, Action.CONTACT, actor, at, note, contacted_at=contacted_at.isoformat(),
        channel=channel, outcome=outcome,
    )  # fmt: skip
    if outcome == "reached" and life.columns["responded_at"] is None:
        life.columns["responded_at"] = contacted_at
    if outcome in {"reached", "confidential"}:
        _stop(life, contacted_at, Action.CONTACT, ClockKind.CONTACT)


def _visit(
    life: Life, actor: Member, at: datetime, *, visited_at: datetime, place: str, note: str
) -> None:
    seen = visited_at.isoformat()
    _record(life, Action.VISIT, actor, at, note, visited_at=seen, place=place)


def _progress(life: Life, actor: Member, at: datetime, *, note: str) -> None:
    _record(life, Action.PROGRESS, actor, at, note, unit=actor.unit.name)


def _assist_report(life: Life, actor: Member, at: datetime, *, note: str) -> None:
    for assignment in life.now_with():
        if assignment["unit"] == actor.unit and assignment["part"] == Part.ASSISTING:
            assignment["reported_at"] = at
    _record(life, Action.ASSIST_REPORT, actor, at, note, unit=actor.unit.name)
    _stop(life, at, Action.ASSIST_REPORT, ClockKind.ASSIST, unit=actor.unit)


def _extend(
    life: Life, actor: Member, at: datetime, *, until: datetime, reason: str, told_requester: bool
) -> None:
    before = life.lead["due_at"].astimezone(UTC).isoformat()
    _apply(
        life, Action.EXTEND, actor, at, reason, until=until.isoformat(), due_before=before,
        told_requester=told_requester,
    )  # fmt: skip


def _decide_extension(life: Life, actor: Member, at: datetime, *, granted: bool, note: str) -> None:
    asked = next(e for e in reversed(life.events) if e["action"] == Action.EXTEND)
    until = asked["facts"]["until"]
    action = Action.GRANT_EXTENSION if granted else Action.REFUSE_EXTENSION
    _apply(life, action, actor, at, note, until=until)
    if granted:
        due = Due(datetime.fromisoformat(until), "获准延期")
        life.lead["due_at"] = due.at
        _start(life, ClockKind.INTERNAL, at, due, life.lead["unit"])
        if due.at and due.at > life.columns["due_at"]:
            _start(life, ClockKind.HANDLE, at, Due(due.at, "获准延期", fixed=True))


def _submit(life: Life, actor: Member, at: datetime, *, result: str) -> None:
    before = life.columns["result"]
    _apply(life, Action.SUBMIT, actor, at, result, unit=actor.unit.name, result_before=before)
    life.columns["result"] = result
    _stop(life, at, Action.SUBMIT, ClockKind.INTERNAL)
    limits = life.cast.rules.limits
    due = Due(None, "提交后审核时限", limits.of(ClockKind.REVIEW, limits.review))
    _start(life, ClockKind.REVIEW, at, due)


def _review(life: Life, actor: Member, at: datetime, *, passed: bool, note: str) -> None:
    action = Action.PASS if passed else Action.REJECT
    _apply(life, action, actor, at, note)
    _stop(life, at, action, ClockKind.REVIEW)
    if passed:
        limits = life.cast.rules.limits
        due = Due(None, "审核通过后街道回访时限", limits.of(ClockKind.CALL_BACK, limits.call_back))
        _start(life, ClockKind.CALL_BACK, at, due)
    else:
        _back(life, at, "已提交结果，等待审核")


def _close(life: Life, actor: Member, at: datetime, *, note: str) -> None:
    _apply(life, Action.CLOSE, actor, at, note)
    _stop(life, at, Action.CLOSE)
    life.columns["closed_at"] = at


def _reopen(life: Life, actor: Member, at: datetime, *, note: str) -> None:
    _apply(life, Action.REOPEN, actor, at, note)
    life.columns["closed_at"] = None
    _back(life, at, "案件已办结")
    due = Due(life.columns["due_at"], life.columns["due_source"], fixed=True)
    _start(life, ClockKind.HANDLE, at, due)


VERBS: dict[str, Callable[..., None]] = {
    "sign": _sign, "send_back": _send_back, "answer": _answer, "place": _place,
    "dispatch": _dispatch, "transfer": _transfer, "decline": _decline,
    "add_assisting": _add_assisting, "accept": _accept, "contact": _contact, "visit": _visit,
    "progress": _progress, "assist_report": _assist_report, "extend": _extend,
    "decide_extension": _decide_extension, "submit": _submit, "review": _review, "close": _close,
    "reopen": _reopen,
}  # fmt: skip


def _apply(
    life: Life, action: Action, actor: Member | None, at: datetime, note: str = "", **facts: Any
) -> None:
    before = life.standing
    after = workflow.step(before, action)
    life.steps += 1
    _event(life, action, actor, at, note, facts, before=before, after=after, moved=True)
    life.standing = after


def _record(
    life: Life, action: Action, actor: Member, at: datetime, note: str, **facts: Any
) -> None:
    here = life.standing
    _event(life, action, actor, at, note, facts, before=here, after=here, moved=False)


def _event(
    life: Life, action: Action, actor: Member | None, at: datetime, note: str, facts: dict[str, Any],
    **where: Any,
) -> None:  # fmt: skip
    life.events.append(
        {
            "step": life.steps, "action": action, "actor": actor, "at": at, "note": note.strip(),
            "facts": facts, **where,
        }
    )  # fmt: skip


def _start(life: Life, kind: ClockKind, at: datetime, due: Due, unit: Unit | None = None) -> None:
    for clock in _running(life):
        if clock["kind"] == kind and clock["unit"] == unit:
            _end(clock, at, "restart")
    rules = life.cast.rules
    sized = size(at, due, rules.ladder, life.cast.calendar)
    life.clocks.append(
        {
            "kind": kind, "unit": unit, "started_at": at, "due_at": sized.due_at,
            "source": sized.source, "limit": sized.length, "count": sized.count,
            "hours": sized.hours, "fixed": sized.fixed, "rule_set": rules.name,
            "watch_at": sized.watch_at, "overdue_at": None, "stopped_at": None, "stopped_by": "",
        }
    )  # fmt: skip


def _stop(
    life: Life, at: datetime, by: Action, *kinds: ClockKind, unit: Unit | None = None
) -> None:
    for clock in _running(life):
        if (not kinds or clock["kind"] in kinds) and unit in (None, clock["unit"]):
            _end(clock, at, by)


def _end(clock: dict[str, Any], at: datetime, by: Action | str) -> None:
    clock.update(stopped_at=at, stopped_by=by, watch_at=None)
    if clock["overdue_at"] is None and clock["due_at"] is not None and clock["due_at"] < at:
        clock["overdue_at"] = clock["due_at"]


def _go_on(
    life: Life, kind: ClockKind, at: datetime, unit: Unit, cause: str
) -> dict[str, Any] | None:
    """What ``cases.clocks.go_on`` does: the unit's last clock goes on, the time away a pause."""
    had = [c for c in life.clocks if c["kind"] == kind and c["unit"] == unit]
    if not had or had[-1]["stopped_at"] is None:
        return had[-1] if had else None
    clock = had[-1]
    away = Pause(clock["stopped_at"], max(at, clock["stopped_at"]), cause)
    life.pauses.append({"clock": clock, "cause": cause, "from_at": away.since, "to_at": away.until})
    if clock["overdue_at"] is None:
        pauses = [
            Pause(p["from_at"], p["to_at"], p["cause"]) for p in life.pauses if p["clock"] is clock
        ]
        limit = Limit(clock["limit"] or timedelta(0), clock["count"])
        clock["due_at"] = counted_due(
            clock["started_at"], limit, pauses=pauses, calendar=life.cast.calendar()
        )
    levels = life.cast.rules.ladder
    watch_at = ladder.next_watch(clock["started_at"], clock["due_at"], at, levels)
    clock.update(stopped_at=None, stopped_by="", watch_at=watch_at)
    return clock


def _back(life: Life, at: datetime, cause: str) -> None:
    lead = life.lead
    clock = _go_on(life, ClockKind.INTERNAL, at, lead["unit"], cause)
    if clock is not None and clock["due_at"] is not None:
        lead["due_at"] = clock["due_at"]


def _dispatching(life: Life, words: str) -> Due:
    limits = life.cast.rules.limits
    return Due(None, words, limits.of(ClockKind.DISPATCH, limits.dispatch))


def _running(life: Life) -> list[dict[str, Any]]:
    return [clock for clock in life.clocks if clock["stopped_at"] is None]


def _assist(
    life: Life, unit: Unit, actor: Member, at: datetime, due_at: datetime, note: str
) -> None:
    _start(life, ClockKind.ASSIST, at, Due(due_at, "派转时确定的协办截止"), unit)
    _assign(life, unit, Part.ASSISTING, actor, at, due_at, note)


def _assign(
    life: Life, unit: Unit, part: Part, actor: Member, at: datetime, due_at: datetime, note: str
) -> None:
    life.assignments.append(
        {
            "unit": unit, "part": part, "assigned_at": at, "assigned_by": actor, "due_at": due_at,
            "note": note, "accepted_at": None, "accepted_by": None, "reported_at": None,
            "ended_at": None, "ended_by": "",
        }
    )  # fmt: skip
