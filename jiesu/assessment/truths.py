"""Two truths of one case: what the record says happened, beside what the assessment makes of it.

The record is read by its events alone, whichever stage left them; the last word on a question counts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from jiesu.assessment.cycles import almanac
from jiesu.assessment.models import Result, StandingFact
from jiesu.assessment.standings import in_force
from jiesu.cases.models import Case, Event
from jiesu.handling.actions import Outcome
from jiesu.rules.answers import Contacted, Satisfied, Solved, Standing
from jiesu.rules.rates import Basis, Method, Question
from jiesu.rules.rule_set import Rules
from jiesu.rules.workflow import Action

CALL_BACK = Action.CALL_BACK.value  # the street's own call-back, whose stage stands on its own
TOLD = {
    Question.RESPONSE: ("contacted", Contacted), Question.SOLUTION: ("solved", Solved),
    Question.SATISFACTION: ("satisfied", Satisfied),
}  # fmt: skip
REPORTED = {
    "【已解决】": Solved.SOLVED, "【部分解决】": Solved.PARTLY, "【未解决】": Solved.UNSOLVED,
}  # fmt: skip
ASKED = {
    Question.RESPONSE: "是否联系", Question.SOLUTION: "是否解决", Question.SATISFACTION: "是否满意",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fact:
    """What the record says of one question. ``code`` is empty when it says nothing."""

    code: str
    said: str
    source: str
    at: datetime | None


NOTHING = Fact("", "没有记录", "", None)


@dataclass(frozen=True, slots=True)
class Side:
    """One question: the record's fact beside the assessed answer, and what it is worth on each basis."""

    asked: str
    rate: str
    fact: Fact
    assessed: str
    differs: bool
    full: str
    excl: str
    why: str


@dataclass(frozen=True, slots=True)
class Step:
    """What made the assessed result what it is: a call-back, a correction, a standing."""

    kind: str
    said: str
    source: str
    at: datetime
    holds: bool


@dataclass(frozen=True, slots=True)
class Truths:
    """Both sides of a case in one cycle, and the road to the assessed one."""

    cycle: str
    result: Result | None
    standing: Standing
    standing_fact: StandingFact | None
    sides: list[Side]
    steps: list[Step]

    @property
    def differs(self) -> bool:
        return any(side.differs for side in self.sides)


def of_case(case: Case, at: datetime) -> Truths:
    """Return both truths of a case, in the cycle of its last result or else of its dispatch."""
    results = list(
        Result.objects.filter(office=case.office_id, number=case.number)
        .select_related("file")
        .order_by("pk")
    )
    days = almanac(case.office)
    cycle = days.named(results[-1].cycle) if results else days.of(case.dispatched_at)
    results = [one for one in results if one.cycle == cycle.code]
    facts = list(
        StandingFact.objects.filter(office=case.office_id, cycle=cycle.code, number=case.number)
        .select_related("member")
        .order_by("pk")
    )
    held = in_force(facts, at).get(case.number)
    standing = Standing(held.standing) if held else Standing.COUNTED
    result = results[-1] if results else None
    recorded = of_record(case.events.order_by("pk"))
    rules = days.rules(cycle)
    return Truths(
        cycle.code, result, standing, held,
        [_side(q, recorded[q], result, standing, rules, results) for q in Question],
        _steps(results, facts, held),
    )  # fmt: skip


def of_record(events: Iterable[Event]) -> dict[Question, Fact]:
    """Return what the record says of each question: 联系, 提交结果, and the street's own call-back."""
    found = dict.fromkeys(Question, NOTHING)
    for event in events:
        if event.action == Action.CONTACT and event.facts.get("outcome") == Outcome.REACHED:
            found[Question.RESPONSE] = _fact(event, Contacted.YES, "办理中联系诉求人")
        elif event.action == Action.SUBMIT:
            found[Question.SOLUTION] = _reported(event)
        elif event.action == CALL_BACK:
            for question, (name, kind) in TOLD.items():
                code = event.facts.get(name)
                if code in {member.value for member in kind} - {"unknown", "unrated"}:
                    found[question] = _fact(event, kind(code), "街道回访")
    return found


def _reported(event: Event) -> Fact:
    """What the unit's result says of 解决, by the tag such replies carry (领域说明 5.2)."""
    for tag, answer in REPORTED.items():
        if tag in event.note:
            return _fact(event, answer, "承办单位提交的办理结果")
    return Fact("", "承办单位报已办理", "提交办理结果", event.at)


def _fact(event: Event, answer: Contacted | Solved | Satisfied, source: str) -> Fact:
    return Fact(answer.value, answer.label, source, event.at)


def _side(
    question: Question, fact: Fact, result: Result | None, standing: Standing, rules: Rules,
    results: list[Result],
) -> Side:  # fmt: skip
    name, kind = TOLD[question]
    if result is None:
        return Side(ASKED[question], question.label, fact, "上级还没有结果", False, "—", "—", "")
    answer = kind(getattr(result, name))
    heard = (
        answer.label
        if result.valid
        else f"无效回访{'，' + result.outcome if result.outcome else ''}"
    )
    differs = result.valid and bool(fact.code) and fact.code != answer.value
    judged = _Judged(result, standing)
    return Side(
        ASKED[question], question.label, fact, heard, differs,
        _worth(question, judged, rules.method, Basis.FULL),
        _worth(question, judged, rules.method, Basis.EXCL), _why(differs, fact, results),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Judged:
    """A kept result as the rules ask for it."""

    result: Result
    standing: Standing

    @property
    def valid(self) -> bool:
        return self.result.valid

    @property
    def contacted(self) -> Contacted:
        return Contacted(self.result.contacted)

    @property
    def solved(self) -> Solved:
        return Solved(self.result.solved)

    @property
    def satisfied(self) -> Satisfied:
        return Satisfied(self.result.satisfied)


def _worth(question: Question, judged: _Judged, method: Method, basis: Basis) -> str:
    if not judged.valid:
        return "不计，不是有效回访"
    if not method.asks(question, judged, basis):
        return f"不计，口径为“{judged.standing.label}”"
    mark = method.mark(question, judged)
    return f"计，得 {float(mark):g}"


def _why(differs: bool, fact: Fact, results: list[Result]) -> str:
    if not differs:
        return ""
    if len(results) > 1:
        return f"上级更正过 {len(results) - 1} 次，以最后一次为准"
    return f"{fact.source}与上级回访说法不同，可核录音后申诉"


def _steps(
    results: list[Result], facts: list[StandingFact], held: StandingFact | None
) -> list[Step]:
    found = [
        Step(
            "更正" if one.corrects_id else "上级回访", _said(one),
            f"{one.file.name} 第 {one.row} 行" + (f"：{one.cause}" if one.cause else ""),
            one.recorded_at, one is results[-1],
        )
        for one in results
    ]  # fmt: skip
    found += [
        Step(
            "口径", f"{Standing(one.standing).label}：{one.reason}",
            " · ".join(filter(None, (one.reference, one.member.name if one.member else ""))),
            one.recorded_at, one is held,
        )
        for one in facts
    ]  # fmt: skip
    return sorted(found, key=lambda step: step.at)


def _said(one: Result) -> str:
    if not one.valid:
        return f"无效回访{'，' + one.outcome if one.outcome else ''}"
    told = (Contacted(one.contacted), Solved(one.solved), Satisfied(one.satisfied))
    return "、".join(answer.label for answer in told)
