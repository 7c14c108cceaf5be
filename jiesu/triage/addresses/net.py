"""A small network: what the features of a character say together, and together with its neighbours.

Each feature has a vector; their sum, bent, is what a character says. A second layer reads two characters
on either side. Both give each label its score.
"""

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

Numbers = NDArray[np.float32]
Places = NDArray[np.int64]
REACH = 2  # characters on either side that the second layer reads
WIDE = 2 * REACH + 1
WIDTH = 64  # of a feature's vector, and of each layer
SPREADS = (
    0.06,
    0,
    (WIDE * WIDTH) ** -0.5,
    0,
    0.05,
    0,
    0,
)  # of the numbers to begin with, array by array


class Net(NamedTuple):
    """The numbers of a network, and what it says of a label after another."""

    vectors: Numbers  # (features, width)
    lift: Numbers
    around: Numbers  # (WIDE * width, width)
    around_lift: Numbers
    says: Numbers  # (2 * width, labels)
    says_lift: Numbers
    follows: Numbers  # (labels, labels)

    @classmethod
    def begun(cls, features: int, labels: int, chance: np.random.Generator) -> Self:
        """Return one that has learnt nothing yet: numbers at random, so that no two say the same."""
        return cls(*(
            (chance.normal(size=size) * wide).astype(np.float32) if wide else np.zeros(size, np.float32)
            for size, wide in zip(cls.sizes(features, labels), SPREADS, strict=True)
        ))  # fmt: skip

    @staticmethod
    def sizes(features: int, labels: int) -> tuple[tuple[int, ...], ...]:
        """Return the shape of each array."""
        return (
            (features, WIDTH), (WIDTH,), (WIDE * WIDTH, WIDTH), (WIDTH,), (2 * WIDTH, labels), (labels,),
            (labels, labels),
        )  # fmt: skip


class Where(NamedTuple):
    """Which address each character belongs to, and where in it it stands."""

    which: Places
    place: Places

    @classmethod
    def of(cls, sizes: Places) -> Self:
        """Return it for addresses of so many characters, one after the other."""
        return cls(
            np.repeat(np.arange(len(sizes)), sizes), np.concatenate([np.arange(n) for n in sizes])
        )


class Layers(NamedTuple):
    """What the layers said of each character; the second beside what it read."""

    first: Numbers
    read: Numbers  # (characters, WIDE * width)
    second: Numbers


def layers(net: Net, told: csr_matrix, vectors: Numbers, where: Where) -> Layers:
    """Return what both layers say. ``told``: the features of each character, ``vectors`` those of its columns."""
    first = np.tanh(told @ vectors + net.lift)
    read = neighbours(first, where)
    return Layers(first, read, np.maximum(read @ net.around + net.around_lift, 0))


def scores(net: Net, told: csr_matrix, vectors: Numbers, where: Where) -> Numbers:
    """Return the score of every label for each character."""
    said = layers(net, told, vectors, where)
    return np.concatenate([said.first, said.second], 1) @ net.says + net.says_lift


def neighbours(said: Numbers, where: Where) -> Numbers:
    """Return beside each other what a character and its neighbours say; outside of an address is nothing."""
    padded = np.zeros((where.which.max() + 1, where.place.max() + WIDE, said.shape[1]), np.float32)
    padded[where.which, where.place + REACH] = said
    return np.concatenate([padded[where.which, where.place + step] for step in range(WIDE)], 1)


def back_to_neighbours(pull: Numbers, where: Where) -> Numbers:
    """Return for each character what is asked of it and, by its neighbours, of it as theirs."""
    width = pull.shape[1] // WIDE
    padded = np.zeros((where.which.max() + 1, where.place.max() + WIDE, width), np.float32)
    for step in range(WIDE):
        padded[where.which, where.place + step] += pull[:, step * width : (step + 1) * width]
    return padded[where.which, where.place + REACH]
