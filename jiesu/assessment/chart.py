"""逐日累计: the composite day by day, this cycle beside the one before, as lines of an SVG."""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from jiesu.assessment.lines import Line
from jiesu.assessment.picking import window_of
from jiesu.assessment.queries import Book
from jiesu.rules import rates
from jiesu.rules.rates import Basis

WIDTH, HEIGHT = 560, 170
LEFT, RIGHT, TOP, BOTTOM = 34, 550, 22, 142
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Day:
    """The figures up to the cut of a day, and how many valid call-backs it brought."""

    on: date
    many: int
    score: Fraction


@dataclass(frozen=True, slots=True)
class Point:
    x: float
    y: float
    day: Day
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything the drawing needs, in the units of its own box."""

    points: list[Point]
    path: str
    before: str
    before_end: Point | None
    grid: list[tuple[float, str]]
    labels: list[tuple[float, str]]


def days(book: Book, basis: Basis) -> list[Day]:
    """Return the cumulative composite by daily window, from the first valid call-back to the last."""
    by_day: dict[date, list[Line]] = {}
    for line in book.lines:
        if line.valid and line.called_at:
            by_day.setdefault(window_of(line.called_at, book.cycle.cut_hour), []).append(line)
    if not by_day:
        return []
    found, held = [], list[Line]()
    on, last = min(by_day), max(by_day)
    while on <= last:
        held += by_day.get(on, [])
        score = rates.rates(held, book.method, basis).score
        found.append(Day(on, len(by_day.get(on, [])), score))
        on += DAY
    return found


def draw(now: list[Day], before: list[Day]) -> Chart | None:
    """Lay two courses over each other, day by day from their first; None when there is nothing to draw."""
    if not now:
        return None
    length = max(len(now), len(before), 2) - 1
    shown = [float(day.score) for day in [*now[2:], *before[2:]]] or [float(now[-1].score)]
    low, high = _range(min(shown), max(shown))

    def place(n: int, day: Day) -> Point:
        y = BOTTOM - (min(max(float(day.score), low), high) - low) * (BOTTOM - TOP) / (high - low)
        x = LEFT + n * (RIGHT - LEFT) / length
        return Point(round(x, 1), round(y, 1), day, rates.shown(day.score, 2))

    points = [place(n, day) for n, day in enumerate(now)]
    old = [place(n, day) for n, day in enumerate(before)]
    middle = (low + high) / 2
    grid = [
        (round(BOTTOM - (value - low) * (BOTTOM - TOP) / (high - low), 1), f"{value:g}")
        for value in (low, middle, high)
    ]
    at = {0, len(now) // 2, len(now) - 1}
    labels = [(points[n].x, f"{points[n].day.on:%m-%d}") for n in sorted(at)]
    return Chart(points, _path(points), _path(old), old[-1] if old else None, grid, labels)


def _range(low: float, high: float) -> tuple[float, float]:
    """Even numbers around the figures, never closer than two points."""
    bottom, top = int(low), int(high) + 1
    bottom -= bottom % 2
    top += top % 2
    return float(max(min(bottom, 98), 0)), float(max(min(top, 100), bottom + 2))


def _path(points: list[Point]) -> str:
    return " ".join(f"{'ML'[n > 0]}{point.x},{point.y}" for n, point in enumerate(points))
