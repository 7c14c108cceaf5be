"""From labelled messages to a model: one least-squares plane a label, and calibration by folds.

Least squares with a penalty (ridge), not a support vector machine: on the same rows it was the better
of the two and of logistic regression, and it needs nothing but scipy. Everything a model says of
itself, its calibration and the threshold of 不确定, comes from messages the answering planes had not seen,
and near-duplicates never stand on both sides.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, hstack
from scipy.sparse.linalg import lsmr

from jiesu.triage.learning import alike
from jiesu.triage.learning.calibration import Calibration, log_shares
from jiesu.triage.learning.measures import TRUSTED, Floats, coverage, measure
from jiesu.triage.learning.model import Model
from jiesu.triage.learning.samples import Sample
from jiesu.triage.learning.vectors import vocabulary

PENALTY = 0.3
CONSTANT = 0.3  # the column all rows share; small, so that the penalty hardly holds it
FOLDS = 5
NEVER = -1  # the fold of rows that are not asked about
ENOUGH = 50  # sure answers needed before a threshold is believed

Numbers = NDArray[np.int64]


class TooLittle(ValueError):
    """There is not enough to learn from; says in Chinese what is missing."""


def train(
    found: Sequence[Sample], groups: Numbers | None = None, *, trusted: float = TRUSTED,
    penalties: Sequence[float] = (PENALTY,), ahead: bool = False,
) -> Model:  # fmt: skip
    """Train a model. The same samples in the same order give the same model.

    ``groups`` are the near-duplicates, where the caller knows them already; ``trusted`` is the accuracy
    asked of what it answers without a doubt. Of several ``penalties`` the one is taken under which the
    truth was likeliest. ``ahead``: the samples stand in the order of time, and calibration, threshold
    and figures come from planes of what was before: each fifth but the first is asked about in its turn.

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
    held = fifths(len(found)) if ahead else folds(groups)
    asked = np.flatnonzero(held != NEVER)
    inner = folds(groups[asked])
    best = min(
        (_tried(rows, truth, len(labels), held, inner, penalty, ahead) for penalty in penalties),
        key=lambda tried: tried.unlikely,
    )
    right = best.told.argmax(axis=1) == truth[asked]
    covered, threshold = coverage(best.told.max(axis=1), right, trusted)
    measured = measure(best.told, labels, [found[i].label for i in asked.tolist()])
    weights, bias = planes(rows, truth, len(labels), best.penalty)
    return Model(
        labels=labels,
        vocabulary=words,
        weights=weights.astype(np.float32),
        bias=bias,
        calibration=best.calibration,
        threshold=threshold if covered * len(asked) >= ENOUGH else float("inf"),
        about={
            "rows": len(found),
            "groups": len(np.unique(groups)),
            "tested": len(asked),
            "trusted": trusted,
            "penalty": best.penalty,
            **asdict(measured),
            "by_class": {label: list(told) for label, told in measured.by_class.items()},
        },
    )


@dataclass(frozen=True)
class _Tried:
    """What planes of one penalty answered about rows they had not seen."""

    penalty: float
    told: Floats  # by a calibration that had not seen the row either
    calibration: Calibration
    unlikely: float


def _tried(
    rows: csr_matrix, truth: Numbers, labels: int, held: Numbers, inner: Numbers, penalty: float,
    ahead: bool,
) -> _Tried:  # fmt: skip
    unseen = np.zeros((len(truth), labels))
    for fold in range(held.max() + 1):
        out = held == fold
        known = held < fold if ahead else ~out
        weights, bias = planes(rows[known], truth[known], labels, penalty)
        unseen[out] = rows[out] @ weights + bias
    asked = held != NEVER
    told = _cross_fitted(unseen[asked], truth[asked], inner)
    of_truth = told[np.arange(len(told)), truth[asked]]
    unlikely = float(-np.log(np.maximum(of_truth, 1e-12)).mean())
    return _Tried(penalty, told, calibrate(unseen[asked], truth[asked]), unlikely)


def fifths(count: int) -> Numbers:
    """Return for so many rows in the order of time which fifth each is of; the first is `NEVER` asked."""
    return np.arange(count) * FOLDS // max(count, 1) + NEVER


def folds(groups: Numbers, count: int = FOLDS) -> Numbers:
    """Return a fold for each row; a group is never split. Always the same for the same groups."""
    numbers, place = np.unique(groups, return_inverse=True)
    return (np.random.default_rng(2026).permutation(len(numbers)) % count)[place]


def planes(
    rows: csr_matrix, truth: Numbers, labels: int, penalty: float = PENALTY
) -> tuple[Floats, Floats]:
    """Return weights (n-gram by label) and bias that come nearest to +1 for the label and -1 else."""
    constant = csr_matrix(np.full((rows.shape[0], 1), CONSTANT))
    padded = hstack([rows, constant]).tocsr()

    def plane(label: int) -> Floats:
        aim = np.where(truth == label, 1.0, -1.0)
        return np.asarray(lsmr(padded, aim, damp=penalty**0.5, atol=1e-3, btol=1e-3)[0])

    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        found = np.array(list(pool.map(plane, range(labels)))).T
    return found[:-1], found[-1] * CONSTANT


def calibrate(scores: Floats, truth: Numbers) -> Calibration:
    """Fit the calibration under which the truth is likeliest; a faint pull keeps it finite."""
    rows, classes = scores.shape
    true = np.eye(classes)[truth]
    logs = log_shares(scores)

    def unlikely(numbers: Floats) -> tuple[float, Floats]:
        told = Calibration(numbers[0], numbers[2:], numbers[1]).probabilities(scores)
        over = (told - true) / rows
        loss = -np.log(np.maximum(told[true.astype(bool)], 1e-12)).mean() + 1e-4 * (
            numbers @ numbers
        )
        slope = [(over * scores).sum(), (over * logs).sum(), *over.sum(axis=0)]
        return loss, np.array(slope) + 2e-4 * numbers

    start = np.append([1.0, 0.0], np.zeros(classes))
    bounds = [(0, None), (0, None), *[(None, None)] * classes]
    found = minimize(unlikely, start, jac=True, bounds=bounds).x
    return Calibration(float(found[0]), found[2:], float(found[1]))


def _cross_fitted(unseen: Floats, truth: Numbers, fold_of: Numbers) -> Floats:
    """Return the probabilities of each fold under a calibration fitted on the others."""
    told = np.zeros_like(unseen)
    for fold in range(FOLDS):
        out = fold_of == fold
        if out.any():
            told[out] = calibrate(unseen[~out], truth[~out]).probabilities(unseen[out])
    return told
