"""How good a set of answers is: right ones, right ones by class, how much can be trusted, how honest."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
BINS = 15
TRUSTED = 0.975  # the accuracy asked of what is answered without a doubt


@dataclass(frozen=True)
class Measured:
    """The measures of one trial, as fractions. ``by_class``: F1 of each label and its rows."""

    accuracy: float
    macro_f1: float
    top2: float
    coverage_at_97_5: float
    ece: float
    by_class: dict[str, tuple[float, int]]


def measure(probabilities: Floats, labels: Sequence[str], truth: Sequence[str]) -> Measured:
    """Compare answers with the truth. A true label the model does not have is simply missed."""
    order = np.argsort(-probabilities, axis=1, kind="stable")
    named, true = np.array(labels), np.array(truth)
    answered, right = named[order[:, 0]], named[order[:, 0]] == true
    top = probabilities.max(axis=1)
    by_class = {str(label): f1(answered, true, label) for label in sorted(set(truth))}
    return Measured(
        accuracy=float(right.mean()),
        macro_f1=float(np.mean([score for score, _ in by_class.values()])),
        top2=float((named[order[:, :2]] == true[:, None]).any(axis=1).mean()),
        coverage_at_97_5=coverage(top, right)[0],
        ece=expected_calibration_error(top, right),
        by_class=by_class,
    )


def f1(answered: NDArray[np.str_], true: NDArray[np.str_], label: str) -> tuple[float, int]:
    """Return F1 of one label, and how many rows truly have it."""
    rows, said = int(np.sum(true == label)), int(np.sum(answered == label))
    hits = int(np.sum((answered == label) & (true == label)))
    return 2 * hits / (said + rows), rows


def coverage(top: Floats, right: Flags, accuracy: float = TRUSTED) -> tuple[float, float]:
    """Return the largest share of rows, surest first, still so accurate, and its lowest probability.

    Rows equally sure stand or fall together. Where no share is so accurate: 0 and infinity.
    """
    order = np.argsort(-top, kind="stable")
    so_far = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    last = np.append(top[order][1:] < top[order][:-1], True)
    enough = np.flatnonzero(last & (so_far >= accuracy))
    if not len(enough):
        return 0.0, float("inf")
    return float((enough[-1] + 1) / len(order)), float(top[order[enough[-1]]])


def expected_calibration_error(top: Floats, right: Flags, bins: int = BINS) -> float:
    """Return how far probability and accuracy lie apart, over bins of equally many rows."""
    parts = np.array_split(np.argsort(top, kind="stable"), bins)
    gaps = [len(part) * abs(top[part].mean() - right[part].mean()) for part in parts if len(part)]
    return float(sum(gaps) / len(top))
