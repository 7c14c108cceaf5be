"""From marked addresses to a tagger: gradient steps (AdaGrad) on small batches, features dropped at random.

Most of a character's features are withheld at each step, so that none can carry an answer alone, and so is
part of what the layers say; the numbers of the later rounds are averaged. Several networks that began
differently answer together. What was tried and measured: decision 0019.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from jiesu.triage.addresses import chain
from jiesu.triage.addresses.features import features, hashed
from jiesu.triage.addresses.model import Tagger
from jiesu.triage.addresses.net import WIDTH, Net, Numbers, Where, back_to_neighbours, layers
from jiesu.triage.addresses.samples import Marked

FEWEST = 50  # addresses; from fewer nothing is learnt
SEEN = 8  # times a feature must have been seen
WITHHELD, WITHHELD_FIRST, WITHHELD_SECOND = 0.65, 0.2, 0.3  # of the features, and of each layer
BATCH, ROUNDS, RUNS = 64, 6, 3
RATE, DECAY = 0.05, 1e-5
KEPT = 3  # times a round that the numbers are taken into the mean


class TooLittle(ValueError):
    """There is too little to learn from; says in Chinese what is missing."""


@dataclass(frozen=True)
class _Ground:
    """What is trained on: a row of features and a label for each character, and where addresses begin."""

    rows: csr_matrix
    labels: NDArray[np.int64]
    begins: NDArray[np.int64]


def train(
    found: Sequence[Marked], *, rounds: int = ROUNDS, runs: int = RUNS,
    tell: Callable[[str], None] = lambda words: None,
) -> Tagger:  # fmt: skip
    """Return a tagger. The same addresses give the same tagger.

    :raises TooLittle: fewer than fifty addresses, or none has a part
    """
    kinds = tuple(sorted({span.kind for one in found for span in one.spans}))
    if len(found) < FEWEST or not kinds:
        raise TooLittle(f"只有 {len(found)} 条标好的地址，至少要 {FEWEST} 条才学得出来。")
    labels = chain.labels_of(kinds)
    words, ground = _ground(found, labels)
    between = chain.borders(labels)
    nets = [_run(ground, between, rounds, run, tell) for run in range(runs)]
    ids = np.array([hashed(word) for word in words], np.uint64)
    order = np.argsort(ids)
    nets = [net._replace(vectors=net.vectors[order]) for net in nets]
    return Tagger(kinds, ids[order], tuple(nets), {"rows": len(found), "features": len(ids)})


def _ground(found: Sequence[Marked], labels: list[str]) -> tuple[list[str], _Ground]:
    """Return the features seen often enough, and the rows of all characters."""
    every: dict[str, int] = {}
    seen: Counter[int] = Counter()
    columns: list[NDArray[np.int64]] = []
    for one in found:
        for here in features(one.text):
            ids = {every.setdefault(feature, len(every)) for feature in here}
            columns.append(np.fromiter(ids, np.int64, len(ids)))
            seen.update(ids)
    kept = [feature for feature, i in every.items() if seen[i] >= SEEN]
    place = np.full(len(every), -1, np.int64)
    place[[every[feature] for feature in kept]] = np.arange(len(kept))
    rows = [place[column] for column in columns]
    rows = [row[row >= 0] for row in rows]
    starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
    flat = np.concatenate(rows).astype(np.int32)
    matrix = csr_matrix(
        (np.ones(len(flat), np.float32), flat, starts), shape=(len(rows), len(kept))
    )
    of = {label: i for i, label in enumerate(labels)}
    truth = np.array([of[label] for one in found for label in chain.written(one)])
    begins = np.concatenate([[0], np.cumsum([len(one.text) for one in found])])
    return kept, _Ground(matrix, truth, begins)


def _run(
    ground: _Ground, between: chain.Borders, rounds: int, run: int, tell: Callable[[str], None]
) -> Net:
    """Return one network, the mean of what it was in the later half of the rounds."""
    chance = np.random.default_rng(run)
    net = Net.begun(ground.rows.shape[1], len(between.begins), chance)
    moved = Net(*(np.full_like(numbers, 1e-6) for numbers in net))
    mean, times = Net(*(np.zeros_like(numbers) for numbers in net)), 0
    for number in range(rounds):
        batches, loss = list(_batches(ground, chance)), 0.0
        kept = {len(batches) * (part + 1) // KEPT - 1 for part in range(KEPT)}
        for place, ids in enumerate(batches):
            loss += _step(ground, ids, between, chance, net, moved)
            if number >= rounds // 2 and place in kept:
                times += 1
                for total, numbers in zip(mean, net, strict=True):
                    total += numbers
        tell(
            f"第 {run + 1} 遍第 {number + 1}/{rounds} 轮，损失 {loss / (len(ground.begins) - 1):.3f}"
        )
    return Net(*(total / np.float32(times) for total in mean))


def _batches(ground: _Ground, chance: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """Yield batches of addresses that are about equally long, in a random order."""
    sizes = np.diff(ground.begins)
    order = chance.permutation(len(sizes))
    pools = [order[i : i + BATCH * 20] for i in range(0, len(order), BATCH * 20)]
    batches = [
        ranked[i : i + BATCH]
        for pool in pools
        for ranked in [pool[np.argsort(sizes[pool], kind="stable")]]
        for i in range(0, len(ranked), BATCH)
    ]
    for i in chance.permutation(len(batches)):
        yield batches[i]


def _step(
    ground: _Ground, ids: NDArray[np.int64], between: chain.Borders, chance: np.random.Generator,
    net: Net, moved: Net,
) -> float:  # fmt: skip
    """Take one step on a batch, changing the network in place. Returns its loss."""
    sizes = ground.begins[ids + 1] - ground.begins[ids]
    rows = np.concatenate([np.arange(ground.begins[i], ground.begins[i + 1]) for i in ids])
    where = Where.of(sizes)
    told = ground.rows[rows]
    columns, place = np.unique(told.indices, return_inverse=True)
    shown = _shown(chance, place.shape, WITHHELD)
    told = csr_matrix((shown, place.astype(np.int32), told.indptr), (len(rows), len(columns)))
    vectors = net.vectors[columns]
    said = layers(net, told, vectors, where)
    first_shown = _shown(chance, said.first.shape, WITHHELD_FIRST)
    second_shown = _shown(chance, said.second.shape, WITHHELD_SECOND)
    together = np.concatenate([said.first * first_shown, said.second * second_shown], 1)
    each = together @ net.says + net.says_lift
    scores = np.zeros((len(ids), int(sizes.max()), each.shape[1]), np.float32)
    scores[where.which, where.place] = each
    found = chain.expected(scores, sizes, net.follows, between)

    truth, every = ground.labels[rows], np.arange(len(rows))
    inner = where.place[1:] > 0
    before, after = truth[:-1][inner], truth[1:][inner]
    gold = float(each[every, truth].sum() + net.follows[before, after].sum())
    wrong = found.labels[where.which, where.place]
    wrong[every, truth] -= 1
    pairs = found.pairs
    np.add.at(pairs, (before, after), -1)

    back = wrong @ net.says.T
    second = back[:, WIDTH:] * second_shown * (said.second > 0)
    first = back[:, :WIDTH] * first_shown + back_to_neighbours(second @ net.around.T, where)
    first *= 1 - said.first**2
    pulls = Net(
        told.T @ first, first.sum(0), said.read.T @ second, second.sum(0), together.T @ wrong, wrong.sum(0),
        pairs,
    )  # fmt: skip
    decay = np.float32(DECAY * len(ids))
    for numbers, pull, sofar in list(zip(net, pulls, moved, strict=True))[1:]:
        pull += decay * numbers
        sofar += pull**2
        numbers -= np.float32(RATE) * pull / np.sqrt(sofar)
    pull = pulls.vectors + decay * vectors
    moved.vectors[columns] += pull**2
    net.vectors[columns] = vectors - np.float32(RATE) * pull / np.sqrt(moved.vectors[columns])
    return found.total - gold


def _shown(chance: np.random.Generator, shape: tuple[int, ...], withheld: float) -> Numbers:
    """Return nothing for what is withheld, and for the rest so much that the sum stays as it was."""
    return (chance.random(shape) >= withheld).astype(np.float32) / np.float32(1 - withheld)
