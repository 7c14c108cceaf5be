"""Scores to probabilities that mean what they say.

Two numbers for all classes and one shift for each, fitted by likelihood on scores of messages the model
had not seen. Few numbers, so they hold on other messages too. A plane aims at +1 and -1, so where people
did not always decide alike its score is itself a share; ``bend`` reads it as one, ``sharpness`` as a distance.
"""

from dataclasses import dataclass

import numpy as np

from jiesu.triage.learning.measures import Floats

FAINT = 0.01  # a share is taken to be at least this


@dataclass(frozen=True)
class Calibration:
    """``softmax(scores * sharpness + log(shares) * bend + shifts)``."""

    sharpness: float
    shifts: Floats
    bend: float = 0.0

    def probabilities(self, scores: Floats) -> Floats:
        """Return a probability for each class, row by row."""
        raised = scores * self.sharpness + log_shares(scores) * self.bend + self.shifts
        raised = np.exp(raised - raised.max(axis=1, keepdims=True))
        return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def log_shares(scores: Floats) -> Floats:
    """Return the logarithm of the share that a score of a plane stands for: +1 is all, -1 none."""
    return np.asarray(np.log(np.clip((scores + 1) / 2, FAINT, 1)))
