"""The three rates, the composite and the rank (领域说明 3.1): exact fractions, rounded only to be shown.

``full`` counts every valid call-back whatever its standing; ``excl`` lets each standing into the rates
the rule set names for it. So a standing can never move a figure of the full basis.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol, TypeVar

from jiesu.rules.answers import Contacted, Satisfied, Solved, Standing
from jiesu.rules.labelled import Labelled

Key = TypeVar("Key", bound=Hashable)


class Basis(Labelled):
    """The two bases that stand side by side."""

    FULL = "full", "全口径"
    EXCL = "excl", "不含剔除"


class Question(Labelled):
    """What a call-back asks, and the rate it goes into."""

    RESPONSE = "response", "响应率"
    SOLUTION = "solution", "解决率"
    SATISFACTION = "satisfaction", "满意率"


class Summary(Labelled):
    """How the units' figures become one line."""

    WEIGHTED = "weighted", "按件加权"
    MEAN = "mean_of_units", "各单位平均"


class Answered(Protocol):
    """The answers of one call-back and how its case counts."""

    @property
    def valid(self) -> bool: ...
    @property
    def contacted(self) -> Contacted: ...
    @property
    def solved(self) -> Solved: ...
    @property
    def satisfied(self) -> Satisfied: ...
    @property
    def standing(self) -> Standing: ...


@dataclass(frozen=True, slots=True)
class Method:
    """What a rule set says about rates: worths, weights, and which standing enters which rate."""

    solved: Mapping[Solved, Fraction]
    satisfied: Mapping[Satisfied, Fraction]
    weights: Mapping[Question, Fraction]
    scale: int
    empty: Fraction
    enters: Mapping[Standing, frozenset[Question]]
    decimals: int
    summary: Summary

    def mark(self, question: Question, one: Answered) -> Fraction:
        """Return what an answer is worth for a question, from 0 to 1. What nobody said is worth nothing."""
        if question is Question.RESPONSE:
            return Fraction(one.contacted == Contacted.YES)
        if question is Question.SOLUTION:
            return self.solved.get(one.solved, Fraction())
        return self.satisfied.get(one.satisfied, Fraction())

    def asks(self, question: Question, one: Answered, basis: Basis) -> bool:
        """True when the answer stands in the denominator of the question's rate."""
        return one.valid and (basis is Basis.FULL or question in self.enters[one.standing])


@dataclass(frozen=True, slots=True)
class Rates:
    """Counts and rates on one basis. ``of`` is each rate's denominator, ``marks`` what was scored of it."""

    valid: int
    contact: int
    solved: int
    satisfied: int
    basic: int
    of: Mapping[Question, int]
    marks: Mapping[Question, Fraction]
    response: Fraction
    solution: Fraction
    satisfaction: Fraction
    score: Fraction

    def rate(self, question: Question) -> Fraction:
        return {
            Question.RESPONSE: self.response,
            Question.SOLUTION: self.solution,
            Question.SATISFACTION: self.satisfaction,
        }[question]


def rates(answers: Iterable[Answered], method: Method, basis: Basis) -> Rates:
    """Return the rates of the answers. Where there is nothing to count, the rule set says what that is worth."""
    of = dict.fromkeys(Question, 0)
    marks = dict.fromkeys(Question, Fraction())
    contact = solved = satisfied = basic = 0
    for one in answers:
        for question in Question:
            if method.asks(question, one, basis):
                of[question] += 1
                marks[question] += method.mark(question, one)
        contact += method.asks(Question.RESPONSE, one, basis) and one.contacted == Contacted.YES
        solved += method.asks(Question.SOLUTION, one, basis) and one.solved == Solved.SOLVED
        if method.asks(Question.SATISFACTION, one, basis):
            satisfied += one.satisfied == Satisfied.SATISFIED
            basic += one.satisfied == Satisfied.BASIC
    return _made(of, marks, contact, solved, satisfied, basic, method)


def _made(
    of: Mapping[Question, int], marks: Mapping[Question, Fraction],
    contact: int, solved: int, satisfied: int, basic: int, method: Method,
) -> Rates:  # fmt: skip
    rate = {q: marks[q] / of[q] if of[q] else method.empty for q in Question}
    return Rates(
        of[Question.RESPONSE], contact, solved, satisfied, basic, of, marks,
        rate[Question.RESPONSE], rate[Question.SOLUTION], rate[Question.SATISFACTION],
        composite(rate, method),
    )  # fmt: skip


def composite(rate: Mapping[Question, Fraction], method: Method) -> Fraction:
    """Return 综合成绩 of three rates, on the rule set's scale."""
    weighed = (method.weights[q] * rate[q] for q in Question)
    return sum(weighed, Fraction()) * method.scale


def mean(units: Sequence[Rates], method: Method) -> Rates:
    """Return the summary line whose counts are sums and whose rates are the plain means of the units'.

    A unit with nothing valid has no rate to be averaged.
    """
    asked = [one for one in units if one.valid]
    of = {q: sum(one.of[q] for one in asked) for q in Question}
    marks = {q: sum((one.marks[q] for one in asked), Fraction()) for q in Question}
    if not asked:
        return _made(of, marks, 0, 0, 0, 0, method)

    def middle(name: str) -> Fraction:
        return sum((getattr(one, name) for one in asked), Fraction()) / len(asked)

    return Rates(
        sum(one.valid for one in asked), sum(one.contact for one in asked),
        sum(one.solved for one in asked), sum(one.satisfied for one in asked),
        sum(one.basic for one in asked), of, marks,
        middle("response"), middle("solution"), middle("satisfaction"), middle("score"),
    )  # fmt: skip


def ranks(scores: Mapping[Key, Fraction]) -> dict[Key, int]:
    """Return the rank of each: the highest score is first, equals share a rank and the next one is skipped."""
    ordered = sorted(scores.values(), reverse=True)
    return {key: ordered.index(score) + 1 for key, score in scores.items()}


def lost(one: Answered, whole: Rates, method: Method, basis: Basis) -> dict[Question, Fraction]:
    """Return how many points of the composite an answer cost, by question; only what it did cost."""
    found = {}
    for question in Question:
        if method.asks(question, one, basis):
            short = 1 - method.mark(question, one)
            if short:
                found[question] = (
                    method.weights[question] * method.scale * short / whole.of[question]
                )
    return found


def shown(value: Fraction, decimals: int) -> str:
    """Return a figure in decimals; a half at the end goes to the even digit (GB/T 8170—2008)."""
    return f"{float(round(value, decimals)):.{decimals}f}"


def percent(value: Fraction, decimals: int) -> str:
    """Return a rate as a percentage without its sign."""
    return shown(value * 100, decimals)


ENTERS = {  # for rule sets of before [standing]: 推定
    "counted": ["response", "solution", "satisfaction"],
    "response_only": ["response"],
    "exempt": [],
    "outside": [],
    "set_aside": ["response"],
}


def method(told: Mapping[str, Any]) -> Method:
    """Read what a rule set says about rates.

    :raises KeyError: something that must be there is not
    :raises ValueError: a number, a question or a standing is none
    """
    asked, worth, score = told["rates"], told["worth"], told["score"]
    enters = ENTERS | told.get("standing", {})
    return Method(
        solved={Solved.SOLVED: Fraction(1), Solved.PARTLY: _exact(asked["partly_solved"])},
        satisfied={
            Satisfied.SATISFIED: _exact(worth["satisfied"]),
            Satisfied.BASIC: _exact(worth["basic"]),
            Satisfied.NEUTRAL: _exact(worth.get("neutral", worth["not"])),
            Satisfied.UNSATISFIED: _exact(worth["not"]),
        },
        weights={question: _exact(score[question.value]) for question in Question},
        scale=int(score["scale"]),
        empty=_exact(asked["no_valid_value"]),
        enters={
            Standing(name): frozenset(Question(question) for question in into)
            for name, into in enters.items()
        },
        decimals=int(asked["decimals"]),
        summary=Summary(score["summary_row"]),
    )


def _exact(number: object) -> Fraction:
    """Return a number as it is written: "0.9", and 0.9 too, is nine tenths."""
    try:
        return Fraction(str(number))
    except ValueError:
        raise ValueError(f"规则集里的“{number}”不是数") from None
