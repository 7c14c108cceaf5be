"""回访: one attempt put on record, what else came up, and what was not solved given back to its unit."""

from datetime import datetime
from typing import Any

from django.db import transaction

from jiesu.cases import clocks, transitions
from jiesu.cases.models import Case, Event, Part
from jiesu.catalogue.queries import rules_at
from jiesu.followup import queries, recordings
from jiesu.followup.models import Basis, CallBack, Matter, Recording
from jiesu.handling import actions as handling
from jiesu.org.models import Member
from jiesu.rules.answers import Contacted, Satisfied, Solved
from jiesu.rules.call_back import Answers, CallResult, Verdict, concerns, objection
from jiesu.rules.clocks import ClockKind, Due, spell
from jiesu.rules.counting import Limit
from jiesu.rules.workflow import Action, Stage

MARKS = ("contacted_s", "solved_s", "satisfied_s")


class Incomplete(ValueError):
    """Something that must be said was not, or does not go together; the message says what."""


@transaction.atomic
def call_back(
    case: Case, *, verdict: str, result: str, called_at: datetime, actor: Member, at: datetime,
    contacted: str = "", solved: str = "", satisfied: str = "", attitude: str = "", words: str = "",
    demand: str = "", advice: str = "", basis: str = Basis.CALL, close: bool = False,
    recording: Recording | None = None, contacted_s: int | None = None, solved_s: int | None = None, satisfied_s: int | None = None,
    **facts: Any,
) -> CallBack:  # fmt: skip
    """回访研判: one attempt with its answers, and what comes of it.

    Passed stops the clock of calling back (``close``: and ends the case where it waits for that); failed
    gives the case back to its unit with a fresh clock; again leaves it in the queue. Another demand opens a
    linked matter.

    :raises Incomplete: the verdict does not go with the answers, or the call lies in the future
    :raises NotYours: as ``transitions.record``
    """
    answers = Answers(
        CallResult(result), _or_none(Contacted, contacted), _or_none(Solved, solved),
        _or_none(Satisfied, satisfied),
    )  # fmt: skip
    decided, attempt = Verdict(verdict), queries.attempts_of(case) + 1
    if called_at > at:
        raise Incomplete("通话时间在将来，请核对。")
    tries = queries.follow_up_rules_of(case.office, at).tries
    refusal = objection(answers, decided, attempts=attempt, tries=tries, said=words.strip())
    if refusal:
        raise Incomplete(refusal)
    seconds = {"contacted_s": contacted_s, "solved_s": solved_s, "satisfied_s": satisfied_s}
    said = {"contacted": contacted, "solved": solved, "satisfied": satisfied, "attitude": attitude}
    if recording is not None:
        facts |= {"recording": recording.pk, "sha256": recording.sha256}
    told = {name: value for name, value in (said | seconds).items() if value not in ("", None)}
    event = transitions.record(
        case, Action.CALL_BACK, actor=actor, at=at, note=words.strip(), result=answers.result.value,
        verdict=decided.value, attempt=attempt, called_at=called_at.isoformat(), answer=advice.strip(),
        basis=Basis(basis).value, **told, **facts,
    )  # fmt: skip
    made = CallBack.objects.create(
        case=case, event=event, attempt=attempt, basis=Basis(basis).value, called_at=called_at,
        result=answers.result, words=words.strip(), demand=demand.strip(), advice=advice.strip(),
        verdict=decided, risks=concerns(answers), recording=recording, made_by=actor, made_at=at, **said, **seconds,
    )  # fmt: skip
    if demand.strip():
        open_matter(case, words=demand, actor=actor, at=at, call_back=made)
    if recording is not None:
        recordings.decide(recording, made)
    _follow(case, made, close=close, actor=actor, at=at)
    return made


def _follow(case: Case, made: CallBack, *, close: bool, actor: Member, at: datetime) -> None:
    if made.verdict == Verdict.AGAIN:
        return
    clocks.stop(case, ClockKind.CALL_BACK, at=at, by=Action.CALL_BACK)
    if made.verdict == Verdict.FAILED:
        give_back(case, note=made.words, actor=actor, at=at)
    elif close and case.stage == Stage.STREET_CALL_BACK:
        handling.close(case, actor=actor, at=at, note="街道回访通过")
    else:
        clocks.gather(case)


@transaction.atomic
def give_back(case: Case, *, note: str, actor: Member, at: datetime) -> Event:
    """退回重办: the unit that had it has it again, with a clock that begins now (规则集 [follow_up] again_h).

    :raises Incomplete: nobody had the case (it came in finished)
    :raises NotAllowed: it does not stand where it can be given back
    """
    lead = case.assignments.filter(part=Part.LEAD, ended_at=None).select_related("unit").first()
    if lead is None:
        raise Incomplete("此件导入时已办结，没有主办单位，不能退回重办；有新诉求请登记为关联事项。")
    rules = rules_at(case.office, at)
    again = queries.follow_up_rules_of(case.office, at).again
    event = transitions.apply(
        case, Action.CALL_BACK_FAIL, actor=actor, at=at, note=note, unit=lead.unit.name,
        limit=spell(again),
    )  # fmt: skip
    clocks.stop(case, ClockKind.CALL_BACK, at=at, by=Action.CALL_BACK_FAIL)
    counted = rules.limits.of(ClockKind.INTERNAL, again)
    due = Due(None, "回访不过，重新办理时限", Limit(counted.length, counted.count, counted.hours))
    clocks.start(case, ClockKind.INTERNAL, at=at, due=due, unit=lead.unit, rules=rules)
    lead.due_at = case.clocks.get(kind=ClockKind.INTERNAL, unit=lead.unit, stopped_at=None).due_at
    lead.save(update_fields=["due_at"])
    if case.closed_at is not None:
        case.closed_at = None
        case.save(update_fields=["closed_at"])
        if case.due_at:
            own = Due(case.due_at, case.due_source, fixed=True)
            clocks.start(case, ClockKind.HANDLE, at=at, due=own, rules=rules)
    clocks.gather(case)
    return event


@transaction.atomic
def open_matter(
    case: Case, *, words: str, actor: Member, at: datetime, call_back: CallBack | None = None
) -> Matter:
    """关联事项: another demand, on the record of the case it came up in.

    :raises Incomplete: nothing was said
    """
    if not words.strip():
        raise Incomplete("请写明是什么事。")
    made = Matter.objects.create(
        case=case, call_back=call_back, words=words.strip(), opened_by=actor, opened_at=at
    )
    transitions.record(
        case, Action.MATTER, actor=actor, at=at, note=words.strip(), matter=made.pk, step="opened"
    )
    return made


@transaction.atomic
def settle(
    matter: Matter, *, outcome: str, actor: Member, at: datetime, number: str = "", **facts: Any
) -> Matter:
    """了结关联事项: what became of it, and the order it turned into if there is one.

    :raises Incomplete: nothing was said, or it was settled before
    """
    if not outcome.strip():
        raise Incomplete("请写明怎样了结的。")
    open_ = Matter.objects.filter(pk=matter.pk, settled_at=None)
    if not open_.update(settled_at=at, settled_by=actor):
        raise Incomplete("这件事已经了结了。")
    matter.refresh_from_db()
    matter.outcome, matter.number = outcome.strip(), number.strip()
    matter.save(update_fields=["outcome", "number"])
    transitions.record(
        matter.case, Action.MATTER, actor=actor, at=at, note=outcome.strip(), matter=matter.pk,
        step="settled", order=number.strip(), **facts,
    )  # fmt: skip
    return matter


def _or_none(kind: Any, value: str) -> Any:
    return kind(value) if value else None
