"""What is drawn of a set of answers: accuracy against coverage, and probability against what came true."""

from collections.abc import Sequence

import numpy as np

from jiesu.triage.learning.measures import BINS, Flags, Floats

POINTS = 40  # of the curve
FAINT = 1e-4  # a share is taken to be at least this, so that a class nobody had can be compared


def coverage_curve(top: Floats, right: Flags, points: int = POINTS) -> list[tuple[float, float]]:
    """Return (coverage, accuracy) from the surest rows to all of them; equally sure rows come together."""
    order = np.argsort(-top, kind="stable")
    so_far = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    last = np.flatnonzero(np.append(top[order][1:] < top[order][:-1], True))
    shown = last[np.unique(np.linspace(0, len(last) - 1, min(points, len(last))).astype(int))]
    return [(float((n + 1) / len(order)), float(so_far[n])) for n in shown]


def reliability(top: Floats, right: Flags, bins: int = BINS) -> list[tuple[float, float, int]]:
    """Return (mean probability, share that was right, rows) of bins of equally many rows, faintest first."""
    parts = np.array_split(np.argsort(top, kind="stable"), bins)
    return [(float(top[p].mean()), float(right[p].mean()), len(p)) for p in parts if len(p)]


def stability(before: Sequence[int], now: Sequence[int]) -> float | None:
    """Return the population stability index of two mixes of the same classes; None: one holds nothing.

    The sum over the classes of (now - before) x ln(now / before), in shares. By custom below 0.1 is
    steady, from 0.25 another mix.
    """
    if not sum(before) or not sum(now):
        return None
    old = np.maximum(np.array(before, float) / sum(before), FAINT)
    new = np.maximum(np.array(now, float) / sum(now), FAINT)
    return float(((new - old) * np.log(new / old)).sum())
