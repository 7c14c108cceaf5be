"""办理, 延期, 审核, 办结 (domain 2.2, 2.6; 条例第14、15条)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from jiesu.cases import access, clocks, sealing, transitions
from jiesu.cases.models import Case, Clock, Event, Part
from jiesu.catalogue.queries import rules_at
from jiesu.org.models import Member
from jiesu.rules.clocks import ClockKind, Due
from jiesu.rules.labelled import Labelled
from jiesu.rules.workflow import Action
from jiesu.triage import asking


class Channel(Labelled):
    PHONE = "phone", "电话"
    VISIT = "visit", "上门"
    MESSAGE = "message", "短信或微信"
    OFFICE = "office", "来访"


class Outcome(Labelled):
    REACHED = "reached", "已联系上"
    NO_ANSWER = "no_answer", "无人接听"
    BUSY = "busy", "占线"
    REFUSED = "refused", "拒绝沟通"
    WRONG_NUMBER = "wrong_number", "号码有误"
    CONFIDENTIAL = "confidential", "信息保密，无法联系"


class Incomplete(ValueError):
    """Something that must be said was not; the message says what."""


class Unanswered(Incomplete):
    """A point that was asked for has no answer in the result; the message says which."""

    def __init__(self, points: Sequence[str]) -> None:
        named = "”“".join(point[:30] for point in points)
        super().__init__(f"诉求点“{named}”还没有答复，每个诉求点都要答复。")


def _mine(case: Case, actor: Member) -> Any:
    return case.assignments.filter(unit=actor.unit_id, ended_at=None)


@transaction.atomic
def accept(case: Case, *, actor: Member, at: datetime, **facts: Any) -> Event:
    """接单: the unit takes the case on. A second time changes nothing and is told so.

    :raises Incomplete: the unit accepted before
    :raises NotYours: the case is not with the member's unit
    """
    access.require(actor, Action.ACCEPT, case)
    if not _mine(case, actor).filter(accepted_at=None).update(accepted_at=at, accepted_by=actor):
        raise Incomplete("本单位已经接单，不用再接。")
    return transitions.record(
        case, Action.ACCEPT, actor=actor, at=at, unit=actor.unit.name, **facts
    )


@transaction.atomic
def contact(
    case: Case, *, contacted_at: datetime, channel: str, outcome: str, actor: Member, at: datetime,
    note: str = "", promised_at: datetime | None = None, **facts: Any,
) -> Event:  # fmt: skip
    """联系诉求人: one attempt, with its own time, channel and outcome. The first reached is 响应.

    ``promised_at`` is when the requester was told to be called again (约定回电): a clock of its own,
    which the next contact ends.

    :raises Incomplete: it lies in the future, or before the order was dispatched; a promise that is past
    """
    if contacted_at > at:
        raise Incomplete("联系时间在将来，请核对。")
    if contacted_at < case.dispatched_at.replace(second=0, microsecond=0):  # forms tell the minute
        raise Incomplete("联系时间早于派单时间，请核对。")
    if promised_at is not None and promised_at <= at:
        raise Incomplete("约定再联系的时间已经过去，请改为将来的时间或留空。")
    if promised_at is not None:
        facts["promised_at"] = promised_at.isoformat()
    event = transitions.record(
        case, Action.CONTACT, actor=actor, at=at, note=note, contacted_at=contacted_at.isoformat(),
        channel=Channel(channel).value, outcome=Outcome(outcome).value, **facts,
    )  # fmt: skip
    if outcome == Outcome.REACHED and case.responded_at is None:
        case.responded_at = contacted_at
        case.save(update_fields=["responded_at"])
    if outcome in {Outcome.REACHED, Outcome.CONFIDENTIAL}:  # nobody can reach a 保密 requester
        clocks.stop(case, ClockKind.CONTACT, at=contacted_at, by=Action.CONTACT)
    kept = clocks.stop(case, ClockKind.PROMISE, at=contacted_at, by=Action.CONTACT, unit=actor.unit)
    if promised_at is not None:
        due = Due(promised_at, "与诉求人约定的再联系时间")
        clocks.start(case, ClockKind.PROMISE, at=at, due=due, unit=actor.unit)
    if kept or promised_at is not None or outcome in {Outcome.REACHED, Outcome.CONFIDENTIAL}:
        clocks.gather(case)
    return event


@transaction.atomic
def visit(
    case: Case,
    *,
    visited_at: datetime,
    place: str,
    actor: Member,
    at: datetime,
    note: str,
    **facts: Any,
) -> Event:
    """上门（现场）: when, where, what was seen.

    :raises Incomplete: it lies in the future, or nothing was said
    """
    if visited_at > at:
        raise Incomplete("到场时间在将来，请核对。")
    if not note.strip():
        raise Incomplete("请写明现场情况。")
    return transitions.record(
        case, Action.VISIT, actor=actor, at=at, note=note.strip(),
        visited_at=visited_at.isoformat(), place=place, **facts,
    )  # fmt: skip


@transaction.atomic
def progress(case: Case, *, note: str, actor: Member, at: datetime, **facts: Any) -> Event:
    """办理进展: what was done so far.

    :raises Incomplete: nothing was said
    """
    if not note.strip():
        raise Incomplete("请写明办理进展。")
    return transitions.record(
        case, Action.PROGRESS, actor=actor, at=at, note=note.strip(), unit=actor.unit.name, **facts
    )


@transaction.atomic
def assist_report(case: Case, *, note: str, actor: Member, at: datetime, **facts: Any) -> Event:
    """协办反馈: the assisting unit tells the lead what came of its part (条例第14条).

    :raises Incomplete: nothing was said
    :raises NotYours: the member's unit does not assist
    """
    if not note.strip():
        raise Incomplete("请写明协办结果；办不了的写明原因和进展。")
    access.require(actor, Action.ASSIST_REPORT, case)
    _mine(case, actor).filter(part=Part.ASSISTING).update(reported_at=at)
    event = transitions.record(
        case,
        Action.ASSIST_REPORT,
        actor=actor,
        at=at,
        note=note.strip(),
        unit=actor.unit.name,
        **facts,
    )
    clocks.stop(case, ClockKind.ASSIST, at=at, by=Action.ASSIST_REPORT, unit=actor.unit)
    clocks.gather(case)
    return event


@transaction.atomic
def extend(
    case: Case, *, until: datetime, reason: str, told_requester: bool, actor: Member, at: datetime,
    **facts: Any,
) -> Event:  # fmt: skip
    """申请延期: until when and why; the requester must have been told (条例第15条).

    :raises Incomplete: no reason, not told, not later than the present due time, too far or too often
    """
    now_due = _internal_due(case)
    if not reason.strip():
        raise Incomplete("请写明延期理由。")
    if not told_requester:
        raise Incomplete("延期须先向诉求人说明（条例第15条），说明后勾选“已向诉求人说明”。")
    if until <= (now_due or at):
        raise Incomplete("新的时限要晚于现在的时限。")
    limit = rules_at(case.office, at).whole["extension"]
    if case.events.filter(action=Action.GRANT_EXTENSION).count() >= limit["times"]:
        raise Incomplete(f"获准的延期已满 {limit['times']} 次，不能再申请。")
    if until - (now_due or at) > timedelta(days=limit["max_d"]):
        raise Incomplete(f"每次至多延期 {limit['max_d']} 天，请改早一些，届时仍需延期的再申请。")
    event = transitions.apply(
        case, Action.EXTEND, actor=actor, at=at, note=reason.strip(), until=until.isoformat(),
        due_before=now_due.isoformat() if now_due else None, told_requester=True, **facts,
    )  # fmt: skip
    clocks.gather(case)
    return event


@transaction.atomic
def decide_extension(
    case: Case, *, granted: bool, actor: Member, at: datetime, note: str = "", **facts: Any
) -> Event:
    """批延期: granted starts the unit's clock anew with the asked-for due time; the old stays on record.

    :raises Incomplete: refused without a reason
    """
    if not granted and not note.strip():
        raise Incomplete("不同意延期要写明理由。")
    action = Action.GRANT_EXTENSION if granted else Action.REFUSE_EXTENSION
    asked = case.events.filter(action=Action.EXTEND).latest("id")
    event = transitions.apply(
        case, action, actor=actor, at=at, note=note.strip(), until=asked.facts["until"], **facts
    )
    if granted:
        until = datetime.fromisoformat(asked.facts["until"])
        lead = case.assignments.get(part=Part.LEAD, ended_at=None)
        lead.due_at = until
        lead.save(update_fields=["due_at"])
        due = Due(until, "获准延期")
        clocks.start(case, ClockKind.INTERNAL, at=at, due=due, unit=lead.unit)
        if case.due_at and until > case.due_at:
            due = Due(until, "获准延期", fixed=True)
            clocks.start(case, ClockKind.HANDLE, at=at, due=due)
    clocks.gather(case)
    return event


@transaction.atomic
def submit(
    case: Case, *, result: str, actor: Member, at: datetime, answers: Sequence[str] = (), **facts: Any
) -> Event:  # fmt: skip
    """提交结果: the lead unit says what came of it; a reviewer looks next.

    ``answers`` are those to the points that were settled, in their order, where they are several.

    :raises Incomplete: nothing was said, or the requester was never contacted and no reason is given
    :raises Unanswered: one of several points has no answer
    """
    if len(result.strip()) < 10:
        raise Incomplete("请写明办理结果（联系、核实、措施、答复），至少 10 个字。")
    tried = case.responded_at or case.events.filter(action=Action.CONTACT).exists()
    if not tried:
        raise Incomplete("还没有联系诉求人的记录，请先登记联系情况（联系不上也要登记）。")
    if left := asking.unanswered(case, answers):
        raise Unanswered(left)
    if answers:
        facts["answers"] = "\n".join(" ".join(answer.split()) for answer in answers)
    event = transitions.apply(
        case, Action.SUBMIT, actor=actor, at=at, note=result.strip(), unit=actor.unit.name,
        result_before=case.result, **facts,
    )  # fmt: skip
    case.save(update_fields=sealing.amend(case, result=result.strip()))
    clocks.stop(case, ClockKind.INTERNAL, ClockKind.PROMISE, at=at, by=Action.SUBMIT)
    rules = rules_at(case.office, at)
    due = Due(None, "提交后审核时限", rules.limits.of(ClockKind.REVIEW, rules.limits.review))
    clocks.start(case, ClockKind.REVIEW, at=at, due=due, rules=rules)
    clocks.gather(case)
    return event


@transaction.atomic
def review(
    case: Case, *, passed: bool, actor: Member, at: datetime, note: str = "", **facts: Any
) -> Event:
    """审核: pass, or reject with a reason; rejected goes back to the unit, whose clock goes on.

    :raises Incomplete: rejected without a reason
    :raises Unanswered: passed, while one of several points has no answer
    """
    if not passed and not note.strip():
        raise Incomplete("驳回要写明原因，承办单位据此改正。")
    submitted = case.events.filter(action=Action.SUBMIT).last()
    left = asking.unanswered(case, asking.answers_of(submitted)) if passed else []
    if left:
        raise Unanswered(left)
    action = Action.PASS if passed else Action.REJECT
    event = transitions.apply(case, action, actor=actor, at=at, note=note.strip(), **facts)
    clocks.stop(case, ClockKind.REVIEW, at=at, by=action)
    if passed:
        rules = rules_at(case.office, at)
        limit = rules.limits.of(ClockKind.CALL_BACK, rules.limits.call_back)
        due = Due(None, "审核通过后街道回访时限", limit)
        clocks.start(case, ClockKind.CALL_BACK, at=at, due=due, rules=rules)
    else:
        _go_on(case, at, "已提交结果，等待审核")
    clocks.gather(case)
    return event


@transaction.atomic
def close(case: Case, *, actor: Member, at: datetime, note: str = "", **facts: Any) -> Event:
    """办结: every clock that still runs stops here."""
    event = transitions.apply(case, Action.CLOSE, actor=actor, at=at, note=note, **facts)
    clocks.stop(case, at=at, by=Action.CLOSE)
    case.closed_at = at
    case.save(update_fields=["closed_at"])
    clocks.gather(case)
    return event


@transaction.atomic
def reopen(case: Case, *, actor: Member, at: datetime, note: str, **facts: Any) -> Event:
    """重新办理: a closed case was not solved after all. What was closed when stays on the record.

    :raises Incomplete: no reason, or nobody had the case (it came in finished)
    """
    if not note.strip():
        raise Incomplete("请写明重新办理的原因。")
    if not case.assignments.filter(part=Part.LEAD, ended_at=None).exists():
        raise Incomplete("此件导入时已办结，没有主办单位，不能在此重新办理。")
    event = transitions.apply(case, Action.REOPEN, actor=actor, at=at, note=note.strip(), **facts)
    case.closed_at = None
    case.save(update_fields=["closed_at"])
    _go_on(case, at, "案件已办结")
    if case.due_at:
        due = Due(case.due_at, case.due_source, fixed=True)
        clocks.start(case, ClockKind.HANDLE, at=at, due=due)
    clocks.gather(case)
    return event


@transaction.atomic
def remark(case: Case, *, note: str, actor: Member, at: datetime, **facts: Any) -> Event:
    """备注: a word for whoever reads the case.

    :raises Incomplete: nothing was said
    """
    if not note.strip():
        raise Incomplete("请写下备注内容。")
    return transitions.record(case, Action.NOTE, actor=actor, at=at, note=note.strip(), **facts)


@transaction.atomic
def pause_clock(
    case: Case, *, clock: Clock, cause: str, actor: Member, at: datetime, **facts: Any
) -> Event:
    """暂停计时: one of the street's own clocks does not count until it is resumed.

    :raises clocks.NotPausable: it is not ours to pause, does not run, is overdue, or no cause is given
    """
    event = transitions.record(
        case, Action.PAUSE_CLOCK, actor=actor, at=at, note=cause.strip(), clock=clock.pk,
        kind=clock.kind, unit=clock.unit.name if clock.unit else "",
        due_before=clock.due_at.isoformat() if clock.due_at else None, **facts,
    )  # fmt: skip
    clocks.pause(case, clock, cause=cause, actor=actor, at=at)
    return event


@transaction.atomic
def resume_clock(
    case: Case, *, clock: Clock, actor: Member, at: datetime, note: str = "", **facts: Any
) -> Event:
    """恢复计时: a paused clock counts again; its due time moves by what was not counted.

    :raises clocks.NotPausable: it is not paused
    """
    event = transitions.record(
        case, Action.RESUME_CLOCK, actor=actor, at=at, note=note.strip(), clock=clock.pk,
        kind=clock.kind, unit=clock.unit.name if clock.unit else "", **facts,
    )  # fmt: skip
    clocks.resume(case, clock, actor=actor, at=at)
    return event


def _internal_due(case: Case) -> datetime | None:
    lead = case.assignments.filter(part=Part.LEAD, ended_at=None).first()
    return lead.due_at if lead else None


def _go_on(case: Case, at: datetime, cause: str) -> None:
    """The same unit has it back: its clock goes on, and what lay between does not count (domain 2.6)."""
    lead = case.assignments.get(part=Part.LEAD, ended_at=None)
    clock = clocks.go_on(case, ClockKind.INTERNAL, at=at, unit=lead.unit, cause=cause)
    if clock is None:
        due = Due(lead.due_at, "原内部截止")
        clocks.start(case, ClockKind.INTERNAL, at=at, due=due, unit=lead.unit)
    elif clock.due_at is not None and clock.due_at != lead.due_at:
        lead.due_at = clock.due_at
        lead.save(update_fields=["due_at"])
