"""Near-duplicates: messages sent twice, to two places, or copied by neighbours.

A message is its set of five-character runs; how alike two are is the share of runs they have in
common (Jaccard). MinHash keeps 126 numbers a message whose agreement estimates that share; messages
that agree on three neighbouring numbers anywhere become candidates, and candidates are compared in
full. At the default threshold a pair is missed about once in twenty, a pair at one half once in two hundred.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from jiesu.triage.learning.reading import Ids, Reading, shingles

ALIKE = 0.4
BAND, BANDS = 3, 42
CROWD = 60  # more in a bucket than this are compared with their neighbours only


class Pair(NamedTuple):
    """Two messages by their place in the list, and the share of runs they have in common."""

    first: int
    second: int
    similarity: float


def pairs(readings: Sequence[Reading], threshold: float = ALIKE) -> list[Pair]:
    """Return the pairs at least so alike, in order."""
    sets = [shingles(reading) for reading in readings]
    found = [Pair(i, j, _jaccard(sets[i], sets[j])) for i, j in sorted(set(_candidates(sets)))]
    return [pair for pair in found if pair.similarity >= threshold]


def groups(readings: Sequence[Reading], threshold: float = ALIKE) -> NDArray[np.int64]:
    """Return a group number for each message; whoever is alike, even through others, shares one."""
    found = pairs(readings, threshold)
    first, second = [p.first for p in found], [p.second for p in found]
    links = coo_matrix((np.ones(len(found)), (first, second)), shape=(len(readings),) * 2)
    return connected_components(links, directed=False)[1].astype(np.int64)


def signature(runs: Ids) -> Ids:
    """Return the MinHash of a set of runs; of no runs, the largest numbers."""
    if not len(runs):
        return np.full(BAND * BANDS, np.iinfo(np.uint64).max)
    return (runs[:, None] * _FACTORS + _SHIFTS).min(axis=0)


def _candidates(sets: Sequence[Ids]) -> Iterator[tuple[int, int]]:
    spoken = np.array([i for i, runs in enumerate(sets) if len(runs)])
    signatures = [signature(sets[i]) for i in spoken]
    for band in np.split(np.array(signatures).reshape(-1, BAND * BANDS), BANDS, axis=1):
        _, bucket, size = np.unique(band, axis=0, return_inverse=True, return_counts=True)
        order = np.argsort(bucket, kind="stable")
        for members in np.split(spoken[order], np.cumsum(size)[:-1]):
            if len(members) > 1:
                near = combinations if len(members) <= CROWD else _neighbours
                yield from near(members.tolist(), 2)


def _neighbours(members: Sequence[int], _: int) -> Iterator[tuple[int, int]]:
    return pairwise(members)


def _jaccard(one: Ids, other: Ids) -> float:
    common = len(np.intersect1d(one, other, assume_unique=True))
    return common / (len(one) + len(other) - common)


_CHANCE = np.random.default_rng(20260919)
_FACTORS = _CHANCE.integers(0, 1 << 63, BAND * BANDS, np.uint64) * np.uint64(2) + np.uint64(1)
_SHIFTS = _CHANCE.integers(0, 1 << 63, BAND * BANDS, np.uint64)
