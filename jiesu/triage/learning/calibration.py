"""Scores to probabilities that mean what they say.

One sharpness for all classes and one shift for each, fitted by likelihood on scores of messages the
model had not seen. Few numbers, so they hold on other messages too.
"""

from dataclasses import dataclass

import numpy as np

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
