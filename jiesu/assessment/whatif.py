"""假如: which orders move the score most, and where it stands if some of them turn out well."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from jiesu.assessment import cycles, forecast
from jiesu.assessment import lines as reading
from jiesu.assessment.forecast import Chances, Forecast
from jiesu.assessment.lines import Line
from jiesu.assessment.models import Frozen
from jiesu.assessment.queries import Book
from jiesu.followup import reversals
from jiesu.followup.models import CallBack
from jiesu.rules import rates
from jiesu.rules.answers import Contacted, Satisfied, Solved
from jiesu.rules.rates import Basis, Question, Rates

PAST = 6  # cycles learnt from
WELL = {
    "valid": True, "contacted": Contacted.YES, "solved": Solved.SOLVED,
    "satisfied": Satisfied.SATISFIED,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Candidate:
    """One order that could still move the score, and by how many points."""

    line: Line
    tag: str
    tone: str
    points: float
    risk: int  # per cent


@dataclass(frozen=True, slots=True)
class Outlook:
    """A running cycle: where it will end, and the orders that move it most."""

    forecast: Forecast
    candidates: list[Candidate]


def past(book: Book) -> list[list[Line]]:
    """Return what was heard in the cycles before, the newest first."""
    office, found = book.office, []
    days = cycles.almanac(office)
    for code in cycles.known(office, book.at):
        if code < book.cycle.code and len(found) < PAST:
            kept = (
                Frozen.objects.filter(office=office, cycle=code)
                .values_list("lines", flat=True)
                .first()
            )
            found.append(
                reading.read(kept) if kept is not None else reading.of_cycle(office, days.named(code), book.at)
            )  # fmt: skip
    return found


def outlook(book: Book, basis: Basis) -> Outlook:
    """Return where a cycle will end and what could still change that."""
    chances = Chances([book.lines, *past(book)])
    more = forecast.coming(book.lines, book.cycle, book.at)
    told = forecast.forecast(book.lines, book.method, basis, chances, more)
    return Outlook(told, candidates(book, basis, chances, told.valid))


def candidates(book: Book, basis: Basis, chances: Chances, valid: float) -> list[Candidate]:
    """Return the orders by what they would bring if they turned out well, the most first."""
    found = lost(book, basis, valid)
    for line in forecast.still_open(book.lines, basis, book.method):
        points = forecast.gain(line, book.method, chances, valid)
        risk = round(100 * forecast.risk(line, chances))
        found.append(Candidate(line, "待回访", "soon", points, risk))
    return sorted(found, key=lambda one: (-one.points, one.line.number))


def lost(book: Book, basis: Basis, valid: float = 0) -> list[Candidate]:
    """Return the orders that lost points, the dearest first; among ``valid`` answers in the end each costs less."""
    whole, turned = book.rates(basis), _reversed(book.lines)
    found = []
    for line in book.lines:
        cost = rates.lost(line, whole, book.method, basis)
        if cost:
            points = sum(
                float(part) * whole.of[question] / max(valid, whole.of[question])
                for question, part in cost.items()
            )
            found.append(Candidate(line, *_tag(line, cost, turned), points, 100))
    return sorted(found, key=lambda one: (-one.points, one.line.number))


def _tag(line: Line, lost: dict[Question, Fraction], turned: set[int]) -> tuple[str, str]:
    if line.case in turned:
        return "反水", "late"
    if Question.SOLUTION in lost:
        return "未解决", "late"
    if Question.RESPONSE in lost:
        return "未联系", "late"
    return line.satisfied.label, "soon"


def _reversed(lines: Sequence[Line]) -> set[int]:
    """Cases whose requester was pleased when the street called and not when the city did: 反水."""
    asked = [line.case for line in lines if line.case and line.satisfied is Satisfied.UNSATISFIED]
    found = CallBack.objects.filter(reversals.turned(), case__in=asked)
    return set(found.values_list("case_id", flat=True))


@dataclass(frozen=True, slots=True)
class Turned:
    """The figures of a basis as they are, and as they would be."""

    basis: Basis
    now: Rates
    then: Rates


def turned(book: Book, numbers: Iterable[str]) -> list[Turned]:
    """Return both bases as they are and as if these orders had been called back and all was well."""
    chosen = set(numbers)
    lines = [replace(line, **WELL) if line.number in chosen else line for line in book.lines]
    changed = book.only(lines)
    return [Turned(basis, book.rates(basis), changed.rates(basis)) for basis in Basis]
