"""期末预计: where a cycle's rates will end, from what was heard so far and the orders still to be called.

An order still to be called ends in one of seven ways: no valid call-back, or solved or not by satisfied,
basically, or not. How often each happens is counted over the cycles before (older ones weigh less) and the
running one, and partly pooled: a unit leans on the street, a unit's category on the unit, the more so the less
is known of it. Drawn from that many times with a fixed seed; the middle four fifths are the interval.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from jiesu.assessment.lines import Line
from jiesu.rules.answers import Contacted, Satisfied, Solved
from jiesu.rules.cycles import Cycle
from jiesu.rules.rates import Basis, Method, Question

Floats = NDArray[np.float64]
Group = tuple[str, str]

OUTCOMES = (
    None,
    (Solved.SOLVED, Satisfied.SATISFIED), (Solved.SOLVED, Satisfied.BASIC),
    (Solved.SOLVED, Satisfied.UNSATISFIED), (Solved.UNSOLVED, Satisfied.SATISFIED),
    (Solved.UNSOLVED, Satisfied.BASIC), (Solved.UNSOLVED, Satisfied.UNSATISFIED),
)  # fmt: skip
DRAWS = 2000
SEED = 20261119
DECAY = 0.9  # what a cycle weighs beside the one after it
LEAN = 40.0  # so many orders' worth a unit leans on the street, and a category on its unit
PRIOR = (4.0, 5.0, 0.5, 0.3, 0.1, 0.1, 0.3)  # before anything is known: ten orders' worth
INTERVAL = 0.8
NAMES = ("response", "solution", "satisfaction", "score")


@dataclass(frozen=True, slots=True)
class Span:
    """What is expected, and the interval it lies in four times out of five."""

    middle: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """Where the figures of a cycle will end, in points. ``waiting`` are here, ``coming`` not dispatched yet."""

    spans: dict[str, Span]
    waiting: int
    coming: int
    valid: float


class Chances:
    """How often orders end in which way, by unit and category, partly pooled."""

    def __init__(self, past: Sequence[Iterable[Line]]) -> None:
        """``past``: what was heard in each cycle, the newest first."""
        self.street = np.array(PRIOR)
        self.units: dict[str, Floats] = defaultdict(lambda: np.zeros(len(OUTCOMES)))
        self.groups: dict[Group, Floats] = defaultdict(lambda: np.zeros(len(OUTCOMES)))
        self.contacted = np.array([2.0, 0.02])
        for age, lines in enumerate(past):
            for line in lines:
                if line.result is not None:
                    self._learn(line, DECAY**age)

    def _learn(self, line: Line, weight: float) -> None:
        place = outcome_of(line)
        for counts in (self.street, self.units[line.unit], self.groups[line.unit, line.category]):
            counts[place] += weight
        if line.valid:
            self.contacted[int(line.contacted is not Contacted.YES)] += weight

    def of(self, unit: str, category: str) -> Floats:
        """Return the expected share of each outcome."""
        street = self.street / self.street.sum()
        leaning = self._leaning(self.units.get(unit), street)
        return self._leaning(self.groups.get((unit, category)), leaning)

    @staticmethod
    def _leaning(counts: Floats | None, on: Floats) -> Floats:
        known = counts if counts is not None else np.zeros(len(OUTCOMES))
        found: Floats = (known + LEAN * on) / (known.sum() + LEAN)
        return found

    def draw(self, rng: np.random.Generator, many: dict[Group, int], draws: int) -> Floats:
        """Return how many orders of all groups end in each way: a row a draw."""
        total = np.zeros((draws, len(OUTCOMES)))
        street = _dirichlet(rng, np.broadcast_to(self.street, (draws, len(OUTCOMES))))
        by_unit: dict[str, Floats] = {}
        for (unit, category), n in sorted(many.items()):
            if unit not in by_unit:
                by_unit[unit] = _dirichlet(rng, LEAN * street + self._known(self.units, unit))
            shares = _dirichlet(
                rng, LEAN * by_unit[unit] + self._known(self.groups, (unit, category))
            )
            total += rng.multinomial(n, shares)
        return total

    @staticmethod
    def _known(counts: dict, key: object) -> Floats | float:
        found: Floats | float = counts.get(key, 0.0)
        return found


def outcome_of(line: Line) -> int:
    """Return which of the seven ways an order ended; what is in between counts as not."""
    if not line.valid:
        return 0
    solved = 0 if line.solved is Solved.SOLVED else 3
    satisfied = {Satisfied.SATISFIED: 1, Satisfied.BASIC: 2}.get(line.satisfied, 3)
    return solved + satisfied


def _dirichlet(rng: np.random.Generator, counts: Floats) -> Floats:
    drawn = rng.standard_gamma(counts + 1e-9) + 1e-12
    found: Floats = drawn / drawn.sum(axis=1, keepdims=True)
    return found


def worths(method: Method) -> dict[Question, Floats]:
    """Return what each outcome is worth for a question."""
    solved = [float(method.solved.get(one[0], Fraction())) if one else 0.0 for one in OUTCOMES]
    satisfied = [
        float(method.satisfied.get(one[1], Fraction())) if one else 0.0 for one in OUTCOMES
    ]
    return {Question.SOLUTION: np.array(solved), Question.SATISFACTION: np.array(satisfied)}


def still_open(lines: Iterable[Line], basis: Basis, method: Method) -> list[Line]:
    """Return the orders still to be called that would count."""
    return [
        line for line in lines
        if line.result is None
        and (basis is Basis.FULL or Question.SATISFACTION in method.enters[line.standing])
    ]  # fmt: skip


def coming(lines: Sequence[Line], cycle: Cycle, at: datetime) -> dict[Group, int]:
    """Return how many orders are still to be dispatched, by group, at the pace of the cycle so far."""
    passed, whole = at - cycle.begins, cycle.ends - cycle.begins
    if passed <= whole * 0.03 or at >= cycle.ends:
        return {}
    more = (whole - passed) / passed
    mix = Counter((line.unit, line.category) for line in lines)
    exact = {group: many * more for group, many in mix.items()}
    found = {group: int(many) for group, many in exact.items()}
    short = round(sum(exact.values())) - sum(found.values())
    for group in sorted(exact, key=lambda group: (found[group] - exact[group], group))[:short]:
        found[group] += 1
    return found


def forecast(
    lines: Sequence[Line], method: Method, basis: Basis, chances: Chances, more: dict[Group, int],
    *, draws: int = DRAWS, seed: int = SEED,
) -> Forecast:  # fmt: skip
    """Return where the figures of a cycle end. ``more``: orders that are still to come, by group."""
    rng = np.random.default_rng(seed)
    waiting = still_open(lines, basis, method)
    many = Counter((line.unit, line.category) for line in waiting)
    many.update(more)
    ends = chances.draw(rng, dict(many), draws)
    valid = ends[:, 1:].sum(axis=1)
    unreached = rng.binomial(
        valid.astype(int), rng.beta(chances.contacted[1], chances.contacted[0], draws)
    )
    gained = {Question.RESPONSE: valid - unreached}
    gained |= {question: ends @ worth for question, worth in worths(method).items()}
    score = np.zeros(draws)
    spans = {}
    for question in Question:
        asked = [line for line in lines if method.asks(question, line, basis)]
        marks = float(sum((method.mark(question, line) for line in asked), Fraction()))
        of = len(asked) + valid
        rate = np.divide(marks + gained[question], of, out=np.full(draws, float(method.empty)), where=of > 0)  # fmt: skip
        spans[question.value] = _span(rate * 100)
        score += float(method.weights[question]) * rate * method.scale
    spans["score"] = _span(score)
    known = sum(method.asks(Question.RESPONSE, line, basis) for line in lines)
    return Forecast(spans, len(waiting), sum(more.values()), known + float(valid.mean()))


def _span(drawn: Floats) -> Span:
    low, high = np.quantile(drawn, [(1 - INTERVAL) / 2, (1 + INTERVAL) / 2])
    return Span(float(drawn.mean()), float(low), float(high))


def gain(line: Line, method: Method, chances: Chances, valid: float) -> float:
    """Return by how many points the score is expected to rise when an order still to be called turns out well."""
    shares = chances.of(line.unit, line.category)
    short = sum(
        float(method.weights[question]) * (shares[1:] * (1 - worth[1:])).sum()
        for question, worth in worths(method).items()
    )
    return float(method.scale) * short / max(valid, 1.0)


def risk(line: Line, chances: Chances) -> float:
    """Return the chance that an order, once validly called, is not solved or not fully satisfied."""
    shares = chances.of(line.unit, line.category)
    return float(shares[2:].sum() / max(shares[1:].sum(), 1e-9))
