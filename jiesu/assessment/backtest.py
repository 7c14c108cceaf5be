"""回测: what the forecast would have said in cycles that are over, beside what they came to."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import mean
from typing import Any

from jiesu.assessment import forecast
from jiesu.assessment import lines as reading
from jiesu.assessment.cycles import Almanac, almanac, known
from jiesu.assessment.forecast import Chances
from jiesu.assessment.lines import NOWHERE, Line
from jiesu.org.models import Office
from jiesu.platforms import callbacks, tables
from jiesu.platforms.drafts import Draft, clean
from jiesu.rules import rates
from jiesu.rules.answers import Contacted, Satisfied, Solved, Standing
from jiesu.rules.cycles import Cycle
from jiesu.rules.rates import Basis, Method

CUTS = (10, 15, 20, 25, 31)  # days into the cycle; 31: over, while late call-backs still come
LAG = timedelta(days=7)  # from dispatch to call-back, where no call-back time is told
BEFORE = 3  # cycles there must be to learn from


@dataclass(frozen=True, slots=True)
class Trial:
    """One forecast of a cycle that is over: expected, interval, what came, and what others would have said."""

    cycle: str
    day: int
    known: int
    expected: float
    low: float
    high: float
    came: float
    so_far: float
    last: float

    @property
    def error(self) -> float:
        return abs(self.expected - self.came)

    @property
    def inside(self) -> bool:
        return self.low <= self.came <= self.high


def run(
    cycles: Sequence[tuple[Cycle, Sequence[Line], Method]], *, draws: int = forecast.DRAWS
) -> list[Trial]:
    """Forecast each cycle from those before it, at each cut. ``cycles`` oldest first."""
    found = []
    for place in range(BEFORE, len(cycles)):
        cycle, lines, method = cycles[place]
        earlier = [told for _, told, _ in reversed(cycles[:place])]
        came = float(rates.rates(lines, method, Basis.FULL).score)
        last = float(rates.rates(earlier[0], method, Basis.FULL).score)
        for day in CUTS:
            at = cycle.begins + timedelta(days=day)
            seen = as_known(lines, at)
            heard = [line for line in seen if line.valid]
            if not heard:
                continue
            chances = Chances([seen, *earlier])
            more = forecast.coming(seen, cycle, at)
            told = forecast.forecast(seen, method, Basis.FULL, chances, more, draws=draws)
            span = told.spans["score"]
            found.append(
                Trial(
                    cycle.code, day, len(heard), span.middle, span.low, span.high, came,
                    float(rates.rates(seen, method, Basis.FULL).score), last,
                )
            )  # fmt: skip
    return found


def as_known(lines: Sequence[Line], at: datetime) -> list[Line]:
    """Return the lines as they stood at a moment: what was dispatched, and of that what was called back."""
    return [
        line if _called(line, at) else unheard(line)
        for line in lines
        if line.dispatched_at is None or line.dispatched_at <= at
    ]


def _called(line: Line, at: datetime) -> bool:
    """True when an order had been called back by ``at``: as told, else so long after its dispatch."""
    known = line.called_at or (line.dispatched_at + LAG if line.dispatched_at else at)
    return known <= at


def unheard(line: Line) -> Line:
    """Return an order as it stood before it was called."""
    return Line(
        line.number, line.case, line.unit, line.unit_id, line.community, line.category, line.person, None, None,
        False, Contacted.UNKNOWN, Solved.UNKNOWN, Satisfied.UNRATED, line.standing,
        dispatched_at=line.dispatched_at,
    )  # fmt: skip


def summary(trials: Sequence[Trial]) -> dict[str, Any]:
    """Return the errors in points, by day of the cycle and in all, and how often the interval held."""
    return _sums(trials) | {
        "interval": forecast.INTERVAL,
        "days": {str(day): _sums([t for t in trials if t.day == day]) for day in sorted({t.day for t in trials})},
        "trials": [asdict(trial) for trial in trials],
    }  # fmt: skip


def _sums(trials: Sequence[Trial]) -> dict[str, Any]:
    if not trials:
        return {"trials_many": 0}
    return {
        "trials_many": len(trials), "cycles": len({trial.cycle for trial in trials}),
        "error": round(mean(trial.error for trial in trials), 3),
        "inside": round(mean(trial.inside for trial in trials), 3),
        "width": round(mean(trial.high - trial.low for trial in trials), 3),
        "error_so_far": round(mean(abs(trial.so_far - trial.came) for trial in trials), 3),
        "error_last": round(mean(abs(trial.last - trial.came) for trial in trials), 3),
    }  # fmt: skip


def on_record(office: Office, at: datetime) -> list[tuple[Cycle, list[Line], Method]]:
    """Return the cycles that are over and were called back, oldest first."""
    days = almanac(office)
    found = []
    for code in reversed(known(office, at)):
        cycle = days.named(code)
        lines = reading.of_cycle(office, cycle, at) if cycle.ends <= at else []
        if any(line.valid for line in lines):
            found.append((cycle, lines, days.rules(cycle).method))
    return found


def from_file(path: Path, days: Almanac) -> list[tuple[Cycle, list[Line], Method]]:
    """Return the cycles of a file of finished orders with their answers, oldest first. Stores nothing.

    :raises Unreadable: the file cannot be read
    """
    found: dict[str, tuple[Cycle, list[Line], Method]] = {}
    for sheet in tables.read(path).sheets:
        for draft in clean(sheet):
            if not isinstance(draft, Draft) or draft.arrived_at is None:
                continue
            cycle = days.of(draft.arrived_at.at)
            place = found.setdefault(cycle.code, (cycle, [], days.rules(cycle).method))
            place[1].append(_line(draft))
    return [found[code] for code in sorted(found)]


def _line(draft: Draft) -> Line:
    contacted, solved, satisfied = callbacks.answers(
        draft.answer_contacted, draft.answer_solved, draft.answer_satisfied
    )
    valid = callbacks.all_answered(contacted, solved, satisfied)
    return Line(
        draft.number, None, draft.unit or NOWHERE, None, draft.community or NOWHERE,
        draft.category[0] if draft.category else NOWHERE, "", draft.row, None, valid, contacted, solved,
        satisfied, Standing.COUNTED, dispatched_at=draft.arrived_at.at if draft.arrived_at else None,
    )  # fmt: skip
