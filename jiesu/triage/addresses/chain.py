"""The chain: probabilities of whole labellings, many addresses at a time.

Labels are ``B-road``, ``M-road``, ``E-road``, ``S-road`` and ``O``; what cannot follow what has a score so
low that it never happens.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jiesu.triage.addresses.samples import Marked, Span

Scores = NDArray[np.float32]
NEVER = np.float32(-60)  # exp of it is nothing beside 1, and still a number


class Borders(NamedTuple):
    """What may follow what, begin and end: 0 where it may, ``NEVER`` where it may not."""

    follows: Scores
    begins: Scores
    ends: Scores


def labels_of(kinds: Sequence[str]) -> list[str]:
    """Return every label for these kinds of parts."""
    return ["O", *(f"{place}-{kind}" for kind in kinds for place in "BMES")]


def borders(labels: Sequence[str]) -> Borders:
    """Return what may follow what among the labels."""

    def may(before: str, after: str) -> bool:
        if before[0] in "BM":
            return after[0] in "ME" and before[2:] == after[2:]
        return after[0] in "BSO"

    never = lambda allowed: np.float32(0) if allowed else NEVER  # noqa: E731
    return Borders(
        np.array([[never(may(a, b)) for b in labels] for a in labels], np.float32),
        np.array([never(label[0] in "BSO") for label in labels], np.float32),
        np.array([never(label[0] in "ESO") for label in labels], np.float32),
    )


def written(marked: Marked) -> list[str]:
    """Return the label of each character."""
    labels = ["O"] * len(marked.text)
    for kind, start, end in marked.spans:
        for i in range(start, end):
            place = "S" if end - start == 1 else "B" if i == start else "E" if i == end - 1 else "M"
            labels[i] = f"{place}-{kind}"
    return labels


def spans(labels: Sequence[str]) -> list[Span]:
    """Return the parts that labels say; the labels follow each other as they may."""
    found, start = [], 0
    for i, label in enumerate(labels):
        if label[0] in "BS":
            start = i
        if label[0] in "ES":
            found.append(Span(label[2:], start, i + 1))
    return found


class Expected(NamedTuple):
    """What the chain expects of a batch: log of the sum over all labellings, labels, and pairs of labels."""

    total: float
    labels: Scores  # (addresses, places, labels)
    pairs: Scores  # (labels, labels)


def expected(
    scores: Scores, sizes: NDArray[np.int64], follows: Scores, between: Borders
) -> Expected:
    """Return what the chain expects, forward and backward, scaled at each step.

    :param scores: (addresses, places, labels), places beyond an address's size unread
    """
    batch, places, labels = scores.shape
    steps = np.exp(np.maximum(follows + between.follows, NEVER))
    high = scores.max(axis=2)
    raised = np.exp(scores - high[:, :, None])
    forward = np.empty_like(scores)
    scale = np.ones((batch, places), np.float32)
    now = np.exp(between.begins) * raised[:, 0]
    scale[:, 0] = now.sum(axis=1)
    now = now / scale[:, :1]
    forward[:, 0] = now
    for t in range(1, places):
        live = t < sizes
        then = (now @ steps) * raised[:, t]
        scale[:, t] = np.where(live, then.sum(axis=1), 1)
        now = np.where(live[:, None], then / scale[:, t][:, None], now)
        forward[:, t] = now
    ending = np.exp(between.ends)
    last = now @ ending
    inside = np.arange(places)[None, :] < sizes[:, None]
    total = float((np.log(scale) + np.where(inside, high, 0)).sum() + np.log(last).sum())

    told = np.zeros_like(scores)
    pairs = np.zeros((labels, labels), np.float32)
    back = ending[None, :] / last[:, None]
    for t in range(places - 1, -1, -1):
        live = (t < sizes)[:, None]
        told[:, t] = np.where(live, forward[:, t] * back, 0)
        if t:
            onward = np.where(live, raised[:, t] * back / scale[:, t][:, None], 0)
            pairs += forward[:, t - 1].T @ onward
            back = np.where(live, onward @ steps.T, back)
    return Expected(total, told, pairs * steps)


def best(scores: Scores, follows: Scores, between: Borders) -> list[int]:
    """Return the best labelling of one address (Viterbi)."""
    steps = follows + between.follows
    now = between.begins + scores[0]
    came = np.empty((len(scores), scores.shape[1]), np.int32)
    for t in range(1, len(scores)):
        through = now[:, None] + steps
        came[t] = through.argmax(axis=0)
        now = through.max(axis=0) + scores[t]
    path = [int((now + between.ends).argmax())]
    for t in range(len(scores) - 1, 0, -1):
        path.append(int(came[t][path[-1]]))
    return path[::-1]
