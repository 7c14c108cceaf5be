"""Scores to probabilities that mean what they say.

One sharpness for all classes and one shift for each, fitted by likelihood on scores of messages the
model had not seen. Few numbers, so they hold on other messages too.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from jiesu.triage.learning.measures import Floats


@dataclass(frozen=True)
class Calibration:
    """``softmax(scores * sharpness + shifts)``."""

    sharpness: float
    shifts: Floats

    def probabilities(self, scores: Floats) -> Floats:
        """Return a probability for each class, row by row."""
        raised = scores * self.sharpness + self.shifts
        raised = np.exp(raised - raised.max(axis=1, keepdims=True))
        return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def fit(scores: Floats, truth: NDArray[np.int64]) -> Calibration:
    """Fit the calibration under which the truth is likeliest; a faint pull keeps it finite."""
    rows, classes = scores.shape
    true = np.eye(classes)[truth]

    def unlikely(numbers: Floats) -> tuple[float, Floats]:
        told = Calibration(numbers[0], numbers[1:]).probabilities(scores)
        over = (told - true) / rows
        loss = -np.log(np.maximum(told[true.astype(bool)], 1e-12)).mean() + 1e-4 * (
            numbers @ numbers
        )
        return loss, np.append((over * scores).sum(), over.sum(axis=0)) + 2e-4 * numbers

    found = minimize(unlikely, np.append(1.0, np.zeros(classes)), jac=True).x
    return Calibration(float(found[0]), found[1:])
