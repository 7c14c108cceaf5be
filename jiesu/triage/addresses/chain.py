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
NOTHING = 1e-300  # has a logarithm


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


def shares(scores: Scores, follows: Scores, between: Borders) -> Scores:
    """Return how probable each part of one address is: (first, last character, kind).

    Summed over all labellings in which that part, and no longer or shorter one, stands there.
    """
    places, labels = scores.shape
    scores, steps = scores.astype(np.float64), (follows + between.follows).astype(np.float64)
    raised = np.exp(steps)
    forward, backward = np.empty_like(scores), np.empty_like(scores)
    forward[0] = between.begins + scores[0]
    for t in range(1, places):
        forward[t] = scores[t] + _through(forward[t - 1], raised)
    backward[-1] = between.ends
    for t in range(places - 2, -1, -1):
        backward[t] = _through(backward[t + 1] + scores[t + 1], raised.T)
    high = (forward[-1] + between.ends).max()
    whole = high + np.log(np.exp(forward[-1] + between.ends - high).sum())

    begin, middle, end, single = (1 + at + np.arange(0, labels - 1, 4) for at in range(4))
    found = np.zeros((places, places, len(begin)))
    every = np.arange(places)
    found[every, every] = forward[:, single] + backward[:, single]
    so_far = np.concatenate([np.zeros((1, len(begin))), scores[:, middle].cumsum(axis=0)])
    first, last = np.triu_indices(places, 1)
    between_them = (last - first - 1)[:, None]
    inside = np.where(
        between_them > 0,
        so_far[last] - so_far[first + 1] + steps[begin, middle] + steps[middle, end]
        + steps[middle, middle] * (between_them - 1),
        steps[begin, end],
    )  # fmt: skip
    found[first, last] = (
        forward[:, begin][first] + inside + (scores[:, end] + backward[:, end])[last]
    )
    reaching = np.triu(np.ones((places, places)))[:, :, None]
    return np.asarray(np.exp(np.minimum(found - whole, 0)) * reaching, np.float32)


def _through(said: NDArray[np.float64], steps: NDArray[np.float64]) -> NDArray[np.float64]:
    high = said.max()
    return np.asarray(high + np.log(np.exp(said - high) @ steps + NOTHING))


def likeliest(told: Scores, kinds: Sequence[str], least: float) -> list[Span]:
    """Return the parts, none over another, whose probabilities beyond ``least`` are most in sum.

    The labelling that is likeliest as a whole is not the one with most parts right: a doubtful part is better
    left out, and what several labellings agree on is taken.
    """
    worth, kind = told.max(axis=2) - least, told.argmax(axis=2)
    most, came = np.zeros(len(told) + 1), np.full(len(told) + 1, -1)
    for end in range(1, len(most)):
        through = most[:end] + worth[:end, end - 1]
        start = int(through.argmax())
        most[end], came[end] = max((most[end - 1], -1), (through[start], start))
    found, end = [], len(told)
    while end:
        start = int(came[end])
        if start >= 0:
            found.append(Span(kinds[kind[start, end - 1]], start, end))
        end = start if start >= 0 else end - 1
    return found[::-1]
