"""Two models on the same rows: which was right more often, and could that be chance?

Only the rows on which one was right and the other wrong say anything. McNemar's test asks how likely so
many of them on one side are if neither is better; here exactly, by the binomial. The bootstrap draws the
rows anew, both answers together, and says between what the difference lies.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import comb

import numpy as np

from jiesu.triage.learning.measures import Flags

DRAWS = 2000
SURE = Fraction(1, 20)  # chance of being wrong that is borne when one is called better
OUTER = (2.5, 97.5)  # percent: the interval that is told


@dataclass(frozen=True, slots=True)
class Compared:
    """``wins``: the candidate alone was right; ``losses``: the other alone. Shares and chances as fractions."""

    rows: int
    right: int
    other_right: int
    wins: int
    losses: int
    chance: float  # McNemar, exact, two-sided
    gain: float  # difference of accuracy
    least: float
    most: float

    @property
    def better(self) -> bool:
        """True when it was right more often than chance explains."""
        return self.wins > self.losses and self.chance < SURE

    @property
    def worse(self) -> bool:
        """True when the other was right more often than chance explains."""
        return self.losses > self.wins and self.chance < SURE


def compare(right: Flags, other: Flags) -> Compared:
    """Compare a candidate with another, row by row. Always the same for the same answers."""
    wins, losses = int((right & ~other).sum()), int((other & ~right).sum())
    least, most = _between(right, other)
    return Compared(
        rows=len(right),
        right=int(right.sum()),
        other_right=int(other.sum()),
        wins=wins,
        losses=losses,
        chance=float(mcnemar(wins, losses)),
        gain=(wins - losses) / len(right) if len(right) else 0.0,
        least=least,
        most=most,
    )


def mcnemar(wins: int, losses: int) -> Fraction:
    """Return the exact two-sided probability of a split at least so uneven, if both are equally good."""
    rows, fewer = wins + losses, min(wins, losses)
    tail = Fraction(sum(comb(rows, k) for k in range(fewer + 1)), 2**rows)
    return min(Fraction(1), 2 * tail)


def _between(right: Flags, other: Flags) -> tuple[float, float]:
    """Return the interval of the difference by paired bootstrap: every row may win, lose or say nothing."""
    rows = len(right)
    if not rows:
        return 0.0, 0.0
    kinds = np.array([(right & ~other).sum(), (other & ~right).sum(), (right == other).sum()])
    drawn = np.random.default_rng(2026).multinomial(rows, kinds / rows, DRAWS)
    least, most = np.percentile((drawn[:, 0] - drawn[:, 1]) / rows, OUTER)
    return float(least), float(most)
