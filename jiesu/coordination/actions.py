"""四个能否, 吹哨记录 and 报到, 提交协调, 陈述, and the decision. All of it on the record of the case."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from jiesu.cases import access, clocks, transitions
from jiesu.cases.models import Assignment, Case, Event
from jiesu.catalogue.queries import rules_at
from jiesu.coordination import queries
from jiesu.coordination.models import Coordination, Statement
from jiesu.dispatch import actions as dispatching
from jiesu.evidence import actions as evidence
from jiesu.org.models import Member, Unit
from jiesu.rules.clocks import ClockKind, Due
from jiesu.rules.coordinating import (
    Able,
    Outcome,
    Stance,
    Whistle,
    coordination_limit,
    whistle_limit,
)
from jiesu.rules.workflow import Action, Stage


class Unsettled(ValueError):
    """The coordination cannot go on like this; the message says why and what to do."""


@transaction.atomic
def answer(
    case: Case, *, able: bool, asked: Sequence[Unit], person: str, words: str, actor: Member,
    at: datetime, **facts: Any,
) -> Event:  # fmt: skip
    """四个能否: record the answer to the question that is asked next.

    :raises Unsettled: all questions were answered, or it is not said who was asked
    """
    question = queries.next_question(case)
    if question is None:
        raise Unsettled("四问已经问完，请按结论派转、吹哨或提交协调。")
    if not asked:
        raise Unsettled("请选择问了哪个单位。")
    if question is Able.COMMUNITY and not all(unit.is_community for unit in asked):
        raise Unsettled("这一问问的是社区，请选择社区。")
    return transitions.record(
        case, Action.ASK_ABLE, actor=actor, at=at, note=words.strip(), question=question.value,
        able=able, asked=[unit.name for unit in asked], units=[unit.code for unit in asked],
        person=person.strip(), **facts,
    )  # fmt: skip


@transaction.atomic
def dispatch(case: Case, *, actor: Member, at: datetime, **to: Any) -> Assignment:
    """The end of the questions where somebody can: a dispatch as any other, which says so."""
    answered = queries.answers(case)
    return dispatching.dispatch(
        case, actor=actor, at=at, able=answered[-1].question.value if answered else "", **to
    )


@transaction.atomic
def whistle(
    case: Case, *, departments: str, whistle: str, actor: Member, at: datetime, **to: Any
) -> Assignment:
    """吹哨: the lead section has it and whistles; the departments must report in within the limit.

    :raises Unsettled: no department is named
    """
    if not departments.strip():
        raise Unsettled("请写明向哪些部门吹哨。")
    lead = dispatch(case, actor=actor, at=at, **to)
    kind, rules = Whistle(whistle), rules_at(case.office, at)
    transitions.record(
        case, Action.BLOW_WHISTLE, actor=actor, at=at, departments=departments.strip(), whistle=kind.value,
        unit=lead.unit.name,
    )  # fmt: skip
    due = Due(None, f"{kind.label}报到时限", whistle_limit(kind, rules.whole.get("whistle", {})))
    clocks.start(case, ClockKind.REPORT_IN, at=at, due=due, rules=rules)
    clocks.gather(case)
    return lead


@transaction.atomic
def report_in(case: Case, *, words: str, actor: Member, at: datetime, **facts: Any) -> Event:
    """报到: the departments came; who came and what was agreed. Ends the clock of the whistle.

    :raises Unsettled: nobody was whistled for, or nothing was said
    """
    if not words.strip():
        raise Unsettled("请写明谁到场、商定了什么。")
    event = transitions.record(
        case, Action.REPORT_IN, actor=actor, at=at, note=words.strip(), **facts
    )
    if not clocks.stop(case, ClockKind.REPORT_IN, at=at, by=Action.REPORT_IN):
        raise Unsettled("此件没有等待报到的吹哨。")
    clocks.gather(case)
    return event


@transaction.atomic
def coordinate(
    case: Case, *, question: str, actor: Member, at: datetime, **facts: Any
) -> Coordination:
    """提交协调: nobody can say whose it is. The clock of 派转 stops, that of 协调 starts.

    :raises Unsettled: nothing was said, or it is being coordinated
    """
    if not question.strip():
        raise Unsettled("请写明难在哪里：涉及哪些单位、各自怎么说、缺什么依据。")
    if queries.standing(case) is not None:
        raise Unsettled("此件已在协调。")
    if case.stage == Stage.SIGNED:
        transitions.apply(case, Action.TRIAGE, actor=actor, at=at)
    transitions.record(case, Action.COORDINATE, actor=actor, at=at, note=question.strip(), **facts)
    made = Coordination.objects.create(
        case=case, question=question.strip(), asked_at=at, asked_by=actor
    )
    rules = rules_at(case.office, at)
    clocks.stop(case, ClockKind.DISPATCH, at=at, by=Action.COORDINATE)
    length = coordination_limit(rules.whole.get("coordination", {}))
    limit = rules.limits.of(ClockKind.COORDINATE, length)
    due = Due(None, "无法确权，协调时限", limit)
    clocks.start(case, ClockKind.COORDINATE, at=at, due=due, rules=rules)
    clocks.gather(case)
    return made


@transaction.atomic
def state(
    case: Case, *, unit: Unit, person: str, stance: str, words: str, said_at: datetime, actor: Member,
    at: datetime, files: Sequence[evidence.Checked] = (), **facts: Any,
) -> Statement:  # fmt: skip
    """陈述: record who of which unit said what, and when, with files.

    :raises Unsettled: it is not being coordinated, nothing was said, or it lies in the future
    """
    coordination = queries.standing(case)
    if coordination is None:
        raise Unsettled("此件没有在协调。")
    if not words.strip():
        raise Unsettled("请写明理由和依据。")
    if said_at > at:
        raise Unsettled("陈述的时间在将来，请核对。")
    transitions.record(
        case, Action.STATE, actor=actor, at=at, note=words.strip(), unit=unit.name, person=person.strip(),
        stance=Stance(stance).value, said_at=said_at.isoformat(), **facts,
    )  # fmt: skip
    kept = evidence.add(case, files, actor=actor, at=at, note=f"{unit.name}的陈述") if files else []
    return Statement.objects.create(
        coordination=coordination, unit=unit, person=person.strip(), stance=stance, words=words.strip(),
        said_at=said_at, recorded_by=actor, files=[one.pk for one in kept],
    )  # fmt: skip


@transaction.atomic
def settle(
    case: Case, *, outcome: str, decision: str, actor: Member, at: datetime, unit: Unit | None = None,
    assisting: Sequence[Unit] = (), due_at: datetime | None = None, community_reason: str = "",
    **facts: Any,
) -> Coordination:  # fmt: skip
    """协调决定: a leader or the centre's head says whose it is, or that the district is asked.

    The dispatch that follows is the product's doing on their word: who decided stands in both events.

    :raises Unsettled: it is not being coordinated, no reason, or no lead unit
    :raises WrongUnit, OutsideDutyList: as ``dispatch.actions.dispatch``
    """
    coordination = queries.standing(case)
    if coordination is None:
        raise Unsettled("此件没有在协调。")
    if not decision.strip():
        raise Unsettled("请写明决定和理由。")
    chosen = Outcome(outcome)
    if chosen is Outcome.DISPATCHED and (unit is None or due_at is None):
        raise Unsettled("定主办派转的，请选择主办单位和内部截止。")
    transitions.record(
        case, Action.SETTLE, actor=actor, at=at, note=decision.strip(), outcome=chosen.value,
        unit=unit.name if unit and chosen is Outcome.DISPATCHED else "", **facts,
    )  # fmt: skip
    clocks.stop(case, ClockKind.COORDINATE, ClockKind.ANSWER, at=at, by=Action.SETTLE)
    coordination.outcome, coordination.decision = chosen, decision.strip()
    if chosen is Outcome.DISPATCHED:
        assert unit is not None
        assert due_at is not None
        coordination.settled_at, coordination.settled_by = at, actor
        coordination.save()
        dispatching.dispatch(
            case, unit=unit, assisting=assisting, due_at=due_at, actor=None, at=at,
            note=decision.strip(), community_reason=community_reason, decided_by=actor.name,
        )  # fmt: skip
    else:
        coordination.reported_at = at
        coordination.save()
        clocks.start(case, ClockKind.ANSWER, at=at, due=Due(None, "已报区，等待裁定，无时限"))
        clocks.gather(case)
    return coordination


@transaction.atomic
def moved_on(case: Case, *, at: datetime) -> None:
    """The case was dispatched, sent back or dispatched anew by another road: its coordination is over."""
    over = Coordination.objects.filter(case=case, settled_at=None)
    if over.update(settled_at=at, outcome=Outcome.ELSEWHERE):
        clocks.stop(case, ClockKind.COORDINATE, at=at, by=Action.SETTLE)
        clocks.gather(case)


def may_settle(member: Member, case: Case) -> bool:
    return access.may_do(member, Action.SETTLE, case)
