"""From labelled messages to a model: one least-squares plane a label, and calibration by folds.

Least squares with a penalty (ridge), not a support vector machine: on the same rows it was the better
of the two and of logistic regression, and it needs nothing but scipy. Everything a model says of
itself, its calibration and the threshold of 不确定, comes from messages the answering planes had not seen,
and near-duplicates never stand on both sides.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, hstack
from scipy.sparse.linalg import lsmr

from jiesu.triage.learning import alike
from jiesu.triage.learning.calibration import Calibration
from jiesu.triage.learning.measures import Floats, coverage, measure
from jiesu.triage.learning.model import Model
from jiesu.triage.learning.samples import Sample
from jiesu.triage.learning.vectors import vocabulary

PENALTY = 0.3
CONSTANT = 0.3  # the column all rows share; small, so that the penalty hardly holds it
FOLDS = 5
ENOUGH = 50  # sure answers needed before a threshold is believed

Numbers = NDArray[np.int64]


class TooLittle(ValueError):
    """There is not enough to learn from; says in Chinese what is missing."""


def train(found: Sequence[Sample], groups: Numbers | None = None) -> Model:
    """Train a model. The same samples in the same order give the same model.

    ``groups`` are the near-duplicates, where the caller knows them already.

    :raises TooLittle: fewer than two labels, or fewer messages than folds
    """
    labels = tuple(sorted({sample.label for sample in found}))
    readings = [sample.reading for sample in found]
    groups = alike.groups(readings) if groups is None else groups
    if len(labels) < 2 or len(np.unique(groups)) < 2 * FOLDS:
        raise TooLittle("要训练，至少要有两种标签和十条互不相同的内容，请补充数据。")
    truth = np.array([labels.index(sample.label) for sample in found])
    words = vocabulary(readings, groups)
    sparse = words.rows(readings)
    shape = (len(found), len(words.ids))
    rows = csr_matrix((sparse.values, sparse.columns, sparse.until), shape=shape)
    fold_of = folds(groups)
    unseen = np.zeros((len(found), len(labels)))
    for fold in range(FOLDS):
        out = fold_of == fold
        weights, bias = planes(rows[~out], truth[~out], len(labels))
        unseen[out] = rows[out] @ weights + bias
    told = _cross_fitted(unseen, truth, fold_of)
    right = told.argmax(axis=1) == truth
    covered, threshold = coverage(told.max(axis=1), right)
    measured = measure(told, labels, [sample.label for sample in found])
    weights, bias = planes(rows, truth, len(labels))
    return Model(
        labels=labels,
        vocabulary=words,
        weights=weights.astype(np.float32),
        bias=bias,
        calibration=calibrate(unseen, truth),
        threshold=threshold if covered * len(found) >= ENOUGH else float("inf"),
        about={
            "rows": len(found),
            "groups": len(np.unique(groups)),
            **asdict(measured),
            "by_class": {label: list(told) for label, told in measured.by_class.items()},
        },
    )


def folds(groups: Numbers, count: int = FOLDS) -> Numbers:
    """Return a fold for each row; a group is never split. Always the same for the same groups."""
    numbers, place = np.unique(groups, return_inverse=True)
    return (np.random.default_rng(2026).permutation(len(numbers)) % count)[place]


def planes(rows: csr_matrix, truth: Numbers, labels: int) -> tuple[Floats, Floats]:
    """Return weights (n-gram by label) and bias that come nearest to +1 for the label and -1 else."""
    constant = csr_matrix(np.full((rows.shape[0], 1), CONSTANT))
    padded = hstack([rows, constant]).tocsr()

    def plane(label: int) -> Floats:
        aim = np.where(truth == label, 1.0, -1.0)
        return np.asarray(lsmr(padded, aim, damp=PENALTY**0.5, atol=1e-3, btol=1e-3)[0])

    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        found = np.array(list(pool.map(plane, range(labels)))).T
    return found[:-1], found[-1] * CONSTANT


def calibrate(scores: Floats, truth: Numbers) -> Calibration:
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


def _cross_fitted(unseen: Floats, truth: Numbers, fold_of: Numbers) -> Floats:
    """Return the probabilities of each fold under a calibration fitted on the others."""
    told = np.zeros_like(unseen)
    for fold in range(FOLDS):
        out = fold_of == fold
        if out.any():
            told[out] = calibrate(unseen[~out], truth[~out]).probabilities(unseen[out])
    return told
