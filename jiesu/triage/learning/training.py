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
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, diags_array, hstack
from scipy.sparse.linalg import lsmr
from scipy.special import betaincinv

from jiesu.triage.learning import alike
from jiesu.triage.learning.calibration import Calibration, log_shares
from jiesu.triage.learning.measures import TRUSTED, Flags, Floats, measure
from jiesu.triage.learning.model import Model
from jiesu.triage.learning.samples import Sample
from jiesu.triage.learning.vectors import vocabulary

CONSTANT = 0.3  # the column all rows share; small, so that the penalty hardly holds it
FOLDS = 5
NEVER = -1  # the fold of rows that are not asked about
BELIEVED = 0.95  # how certain it must be that sure answers are as right as is asked
CHANCE = 2  # standard errors by which one weighing may seem better than another and be no better

Numbers = NDArray[np.int64]


class Weighing(NamedTuple):
    """What holds the planes: the penalty on all that was said, and how much louder the marks speak."""

    penalty: float = 0.3
    marks: float = 1.0


ALONE = (Weighing(),)


class TooLittle(ValueError):
    """There is not enough to learn from; says in Chinese what is missing."""


def train(
    found: Sequence[Sample], groups: Numbers | None = None, *, trusted: float = TRUSTED,
    weighings: Sequence[Weighing] = ALONE, ahead: bool = False,
) -> Model:  # fmt: skip
    """Train a model. The same samples in the same order give the same model.

    ``groups`` are the near-duplicates, where the caller knows them already; ``trusted`` is the accuracy
    asked of what it answers without a doubt. Of several ``weighings`` the first is taken under which the
    truth was as likely as under the best. ``ahead``: the samples stand in the order of time, and
    calibration, threshold and figures come from planes of what was before: each fifth but the first is
    asked about in its turn.

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
    marks = words.marks()
    held = fifths(len(found)) if ahead else folds(groups)
    asked = np.flatnonzero(held != NEVER)
    inner = folds(groups[asked])
    tried = [
        _tried(rows, marks, truth, len(labels), held, inner, weighing, ahead)
        for weighing in weighings
    ]
    best = _likeliest(tried)
    right = best.told.argmax(axis=1) == truth[asked]
    measured = measure(best.told, labels, [found[i].label for i in asked.tolist()])
    weights, bias = planes(rows, marks, truth, len(labels), best.weighing)
    return Model(
        labels=labels,
        vocabulary=words,
        weights=weights.astype(np.float32),
        bias=bias,
        calibration=best.calibration,
        threshold=surely(best.told.max(axis=1), right, trusted),
        about={
            "rows": len(found),
            "groups": len(np.unique(groups)),
            "tested": len(asked),
            "trusted": trusted,
            **best.weighing._asdict(),
            **asdict(measured),
            "by_class": {label: list(told) for label, told in measured.by_class.items()},
        },
    )


@dataclass(frozen=True)
class _Tried:
    """What planes of one weighing answered about rows they had not seen."""

    weighing: Weighing
    told: Floats  # by a calibration that had not seen the row either
    calibration: Calibration
    unlikely: Floats  # of each row: minus the logarithm of what was given to the truth


def _tried(
    rows: csr_matrix, marks: Flags, truth: Numbers, labels: int, held: Numbers, inner: Numbers,
    weighing: Weighing, ahead: bool,
) -> _Tried:  # fmt: skip
    unseen = np.zeros((len(truth), labels))
    for fold in range(held.max() + 1):
        out = held == fold
        known = held < fold if ahead else ~out
        weights, bias = planes(rows[known], marks, truth[known], labels, weighing)
        unseen[out] = rows[out] @ weights + bias
    asked = held != NEVER
    told = _cross_fitted(unseen[asked], truth[asked], inner)
    of_truth = told[np.arange(len(told)), truth[asked]]
    unlikely = -np.log(np.maximum(of_truth, 1e-12))
    return _Tried(weighing, told, calibrate(unseen[asked], truth[asked]), unlikely)


def _likeliest(tried: Sequence[_Tried]) -> _Tried:
    """Return the first under which the truth was as likely as under the best, but for what chance explains."""
    best = min(tried, key=lambda one: one.unlikely.mean())

    def as_good(one: _Tried) -> bool:
        behind = one.unlikely - best.unlikely
        return bool(behind.mean() <= CHANCE * behind.std() / len(behind) ** 0.5)

    return next(one for one in tried if as_good(one))


def fifths(count: int) -> Numbers:
    """Return for so many rows in the order of time which fifth each is of; the first is `NEVER` asked."""
    return np.arange(count) * FOLDS // max(count, 1) + NEVER


def folds(groups: Numbers, count: int = FOLDS) -> Numbers:
    """Return a fold for each row; a group is never split. Always the same for the same groups."""
    numbers, place = np.unique(groups, return_inverse=True)
    return (np.random.default_rng(2026).permutation(len(numbers)) % count)[place]


def planes(
    rows: csr_matrix, marks: Flags, truth: Numbers, labels: int, weighing: Weighing
) -> tuple[Floats, Floats]:
    """Return weights (n-gram by label) and bias that come nearest to +1 for the label and -1 else.

    A mark that speaks louder is held less by the penalty; its weights are told for the row as it stands.
    """
    loud = np.where(marks, weighing.marks**0.5, 1.0)
    constant = csr_matrix(np.full((rows.shape[0], 1), CONSTANT))
    padded = hstack([rows @ diags_array(loud), constant]).tocsr()

    def plane(label: int) -> Floats:
        aim = np.where(truth == label, 1.0, -1.0)
        return np.asarray(lsmr(padded, aim, damp=weighing.penalty**0.5, atol=1e-3, btol=1e-3)[0])

    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        found = np.array(list(pool.map(plane, range(labels)))).T
    return found[:-1] * loud[:, None], found[-1] * CONSTANT


def surely(top: Floats, right: Flags, accuracy: float) -> float:
    """Return the probability from which answers are as right as asked, and not only by luck; infinity: from none.

    Of the surest rows the largest share is taken whose accuracy, at the lower end of what so many rows
    allow (Clopper-Pearson, one-sided), still is enough. Rows equally sure stand or fall together.
    """
    order = np.argsort(-top, kind="stable")
    hits, rows = np.cumsum(right[order]), np.arange(1, len(order) + 1)
    least = betaincinv(np.maximum(hits, 0.5), rows - hits + 1, 1 - BELIEVED)
    last = np.append(top[order][1:] < top[order][:-1], True)
    enough = np.flatnonzero(last & (least >= accuracy))
    return float(top[order[enough[-1]]]) if len(enough) else float("inf")


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
