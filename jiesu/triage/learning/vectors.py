"""Messages as sparse rows: each n-gram by how often it stands there and how rare it is (TF-IDF).

The kinds are brought to length one each and then share the row: n-grams inside words and those of the
opening 60 to 40, so that a long message does not drown its own opening, and marks beside them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jiesu.triage.learning.reading import MARK_BIT, OPENING_BIT, Ids, Reading, grams

SHARES = np.sqrt([0.6, 0.4, 2.0])  # of n-grams inside words, of those of the opening, of marks
MARK = 2  # the place of marks among the shares
RARE = 2  # an n-gram in fewer groups of messages than this teaches nothing


@dataclass(frozen=True)
class Rows:
    """Sparse rows: row i has ``values`` in ``columns``, each from ``until[i]`` to ``until[i + 1]``."""

    values: NDArray[np.float64]
    columns: NDArray[np.int64]
    until: NDArray[np.int64]

    def times(self, weights: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return for each row the sum of its columns' weights, each by its value."""
        product = np.zeros((len(self.until) - 1, weights.shape[1]))
        full = np.flatnonzero(np.diff(self.until))
        if len(full):
            parts = weights[self.columns] * self.values[:, None]
            product[full] = np.add.reduceat(parts, self.until[full], axis=0)
        return product


@dataclass(frozen=True)
class Vocabulary:
    """The n-grams that count, sorted by hash, and what each is worth."""

    ids: Ids
    worth: NDArray[np.float32]

    def rows(self, readings: Sequence[Reading]) -> Rows:
        """Return one row a message. N-grams outside the vocabulary are passed over."""
        found = [self._known(reading) for reading in readings]
        sizes = [len(columns) for columns, _ in found]
        columns = np.concatenate([np.empty(0, np.int64), *(one for one, _ in found)])
        times = np.concatenate([np.empty(0, np.int64), *(many for _, many in found)])
        values = (1 + np.log(times)) * self.worth[columns]
        kind = _kinds(self.ids[columns])
        part = np.repeat(np.arange(len(found)), sizes) * len(SHARES) + kind
        length = np.sqrt(np.bincount(part, values**2, len(SHARES) * len(found)))
        values *= SHARES[kind] / length[part]
        until = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])
        return Rows(values, columns, until)

    def knows(self, ids: Ids) -> NDArray[np.bool_]:
        """Return which of these hashes are in the vocabulary."""
        return self._places(ids)[1]

    def marks(self) -> NDArray[np.bool_]:
        """Return which of the vocabulary are marks."""
        return _kinds(self.ids) == MARK

    def _places(self, ids: Ids) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        if not len(self.ids):
            return np.zeros(len(ids), np.int64), np.zeros(len(ids), bool)
        place = np.minimum(np.searchsorted(self.ids, ids), len(self.ids) - 1)
        return place, self.ids[place] == ids

    def _known(self, reading: Reading) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the known n-grams of a message by their place, in order, and how often each stands there."""
        ids, times = np.unique(grams(reading).ids, return_counts=True)
        place, known = self._places(ids)
        return place[known], times[known]


def _kinds(ids: Ids) -> NDArray[np.int64]:
    """Return 0 for n-grams inside words, 1 for those of the opening, 2 for marks."""
    kinds = (ids & OPENING_BIT).astype(bool).astype(np.int64)
    kinds[(ids & MARK_BIT).astype(bool)] = MARK
    return kinds


def vocabulary(readings: Sequence[Reading], groups: NDArray[np.int64]) -> Vocabulary:
    """Learn which n-grams count and what each is worth. Near-duplicates of one group count once."""
    seen = [np.unique(grams(reading).ids) for reading in readings]
    ids, place = np.unique(np.concatenate(seen), return_inverse=True)
    group = np.repeat(groups, [len(one) for one in seen])
    apart = np.unique(place * (groups.max() + 1) + group)  # each n-gram once in each group
    frequency = np.bincount(apart // (groups.max() + 1), minlength=len(ids))
    kept = frequency >= RARE
    worth = np.log((1 + len(np.unique(groups))) / (1 + frequency[kept])) + 1
    return Vocabulary(ids[kept], worth.astype(np.float32))
