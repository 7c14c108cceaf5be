"""A model put to the test: on rows it never saw, by folds, and against the clock."""

import time
from collections.abc import Iterator, Sequence

import numpy as np

from jiesu.triage.learning import alike, samples
from jiesu.triage.learning.measures import Floats
from jiesu.triage.learning.model import Model
from jiesu.triage.learning.samples import Sample, Told
from jiesu.triage.learning.training import FOLDS, Numbers, folds, train

SINGLE = 500  # messages answered one by one


def by_folds(found: Sequence[Sample]) -> tuple[Floats, tuple[str, ...], Model]:
    """Answer every sample by a model trained, calibration and all, on the other folds.

    Near-duplicates stand in one fold. Returns the probabilities, their labels, and the last model.
    """
    readings = [sample.reading for sample in found]
    labels = tuple(sorted({sample.label for sample in found}))
    told = np.zeros((len(found), len(labels)))
    groups = alike.groups(readings)
    for out, model in _trained(found, groups):
        columns = np.array([labels.index(label) for label in model.labels])
        told[out[:, None], columns] = model.probabilities([readings[i] for i in out])
    return told, labels, model


def _trained(found: Sequence[Sample], groups: Numbers) -> Iterator[tuple[Numbers, Model]]:
    fold_of = folds(groups)
    for fold in range(FOLDS):
        rest = np.flatnonzero(fold_of != fold)
        yield (
            np.flatnonzero(fold_of == fold),
            train([found[i] for i in rest.tolist()], groups[rest]),
        )


def speed(model: Model, rows: Sequence[Told]) -> tuple[float, float]:
    """Return milliseconds for one suggestion (95 % are quicker), and messages a second all at once.

    From the raw row to the answer; one by one with reasons, at once with probabilities.
    """
    taken = []
    for row in [rows[0], *rows[:: max(1, len(rows) // SINGLE)]]:
        began = time.perf_counter()
        model.suggest(row.read())
        taken.append(time.perf_counter() - began)
    began = time.perf_counter()
    model.probabilities([sample.reading for sample in samples.samples(rows)])
    whole = time.perf_counter() - began
    return float(np.percentile(taken[1:], 95) * 1000), len(rows) / whole
