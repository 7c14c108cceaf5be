"""Where the lines of a chart run, in the units of its picture. The template draws, the tokens colour.

A picture is ``WIDE`` by ``HIGH``; what is plotted stands inside its margins. Each chart carries the words
of its axes and the table that says the same to who does not see it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil

WIDE, HIGH = 420, 220
LEFT, RIGHT, TOP, BOTTOM = 44, 20, 12, 26
GOAL = 0.975
LOWS = (0.9, 0.8, 0.6, 0.4, 0.2, 0.0)  # where the upright axis may begin


@dataclass(frozen=True, slots=True)
class Tick:
    """A line across the picture and its word."""

    at: float
    word: str

    @property
    def leans_left(self) -> bool:
        """True when its word has room on its left."""
        return self.at > LEFT + 90


@dataclass(frozen=True, slots=True)
class Dot:
    """A point, and what it says when pointed at."""

    x: float
    y: float
    told: str


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart: a line through ``path``, dots, ticks of both axes, and marks of its own."""

    name: str
    path: str
    dots: list[Dot]
    across: list[Tick]  # of the upright axis
    along: list[Tick]  # of the level axis
    heads: tuple[str, ...]
    rows: list[tuple[str, ...]]
    goal: float | None = None  # how high the wished line stands
    mark: Tick | None = None  # an upright line with a word
    slope: str = ""  # a line to compare with
    bars: list[tuple[float, float, float, float]] = field(default_factory=list)


def percent(share: float | None, digits: int = 1) -> str:
    """Say a share: 97.5%; of nothing, a dash."""
    return "—" if share is None else f"{share * 100:.{digits}f}%"


def coverage(curve: Sequence[Sequence[float]], reached: float | None) -> Chart:
    """Draw accuracy over coverage; ``reached``: the coverage at 97.5 %."""
    least = min((accuracy for _, accuracy in curve), default=1.0)
    low = next(one for one in LOWS if one <= least)

    def high(share: float) -> float:
        return _up((share - low) / (1 - low))

    steps = [low + (1 - low) * n / 4 for n in range(5)]
    mark = Tick(_over(reached), f"{percent(reached)} 的件") if reached else None
    return Chart(
        name="覆盖率与准确率", path=_line([(_over(x), high(y)) for x, y in curve]),
        dots=[Dot(_over(x), high(y), f"覆盖 {percent(x)}，准确 {percent(y)}") for x, y in curve],
        across=[Tick(high(step), percent(step, 0 if low != LOWS[0] else 1)) for step in steps],
        along=[Tick(_over(n / 4), percent(n / 4, 0)) for n in range(5)],
        heads=("覆盖率", "准确率"), rows=[(percent(x), percent(y)) for x, y in curve],
        goal=high(GOAL) if low < GOAL else None, mark=mark,
    )  # fmt: skip


def reliability(bins: Sequence[Sequence[float]]) -> Chart:
    """Draw how often each bin was right over how sure it was; on the slope both are the same."""
    dots = [
        Dot(_over(said), _up(true), f"说 {percent(said)}，实 {percent(true)}（{int(rows)} 件）")
        for said, true, rows in bins
    ]
    return Chart(
        name="可靠性", path="", dots=dots,
        across=[Tick(_up(n / 4), percent(n / 4, 0)) for n in range(5)],
        along=[Tick(_over(n / 4), percent(n / 4, 0)) for n in range(5)],
        heads=("平均概率", "实际对的", "件数"),
        rows=[(percent(said), percent(true), str(int(rows))) for said, true, rows in bins],
        slope=_line([(_over(0), _up(0)), (_over(1), _up(1))]),
    )  # fmt: skip


def weekly(
    name: str, weeks: Sequence[str], values: Sequence[float | None], *, most: float, shares: bool,
    goal: float | None = None,
) -> Chart:  # fmt: skip
    """Draw one figure by week as bars, the axis up to a multiple of ``most``; a week without one has none."""
    highest = max((value for value in values if value is not None), default=0.0)
    top = most * max(1, ceil(highest / most))
    wide = (WIDE - LEFT - RIGHT) / max(len(weeks), 1)

    def say(value: float | None) -> str:
        if value is None:
            return "—"
        return percent(value) if shares else f"{value:.2f}"

    bars, dots = [], []
    for place, value in enumerate(values):
        if value is None:
            continue
        x, y = LEFT + wide * place, _up(value / top)
        bars.append((round(x + wide * 0.2, 1), y, round(wide * 0.6, 1), round(_up(0) - y, 1)))
        dots.append(Dot(round(x + wide / 2, 1), y, f"{weeks[place]} 这周 {say(value)}"))
    every = max(1, (len(weeks) + 5) // 6)
    return Chart(
        name=name, path="", dots=dots, bars=bars,
        across=[
            Tick(_up(n / 2), percent(top * n / 2, 0) if shares else f"{top * n / 2:.2f}")
            for n in range(3)
        ],
        along=[
            Tick(round(LEFT + wide * (n + 0.5), 1), week)
            for n, week in enumerate(weeks) if n % every == 0
        ],
        heads=("周（起）", name), rows=[(week, say(value)) for week, value in zip(weeks, values, strict=True)],
        goal=_up(goal / top) if goal is not None else None,
    )  # fmt: skip


def _over(share: float) -> float:
    return round(LEFT + (WIDE - LEFT - RIGHT) * share, 1)


def _up(share: float) -> float:
    return round(HIGH - BOTTOM - (HIGH - TOP - BOTTOM) * share, 1)


def _line(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{'L' if place else 'M'}{x} {y}" for place, (x, y) in enumerate(points))
