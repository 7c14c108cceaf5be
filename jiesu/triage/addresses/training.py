"""From marked addresses to a tagger: gradient steps (AdaGrad) on small batches, features dropped at random.

Half of a character's features are withheld at each step, so that none can carry an answer alone; the
weights of the later rounds, and of several runs, are averaged. What was tried and measured: decision 0019.
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
from jiesu.triage.addresses.samples import Marked

FEWEST = 50  # addresses; from fewer nothing is learnt
SEEN = 2  # times a feature must have been seen
WITHHELD = 0.5
BATCH, ROUNDS, RUNS = 64, 6, 3
RATE, DECAY = 0.15, 1e-4
SMALL = 0.02  # a weight below says nothing and is left out


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
    weights = np.zeros((len(words), len(labels)), np.float32)
    follows = np.zeros((len(labels), len(labels)), np.float32)
    for run in range(runs):
        told = _run(ground, len(words), between, rounds, np.random.default_rng(run), tell, run)
        weights += told[0] / runs
        follows += told[1] / runs
    weights[np.abs(weights) < SMALL] = 0
    said = weights.any(axis=1)
    ids = np.array([hashed(word) for word in words], np.uint64)[said]
    order = np.argsort(ids)
    return Tagger(
        kinds, ids[order], csr_matrix(weights[said][order]), follows,
        {"rows": len(found), "features": int(said.sum())},
    )  # fmt: skip


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
    ground: _Ground, size: int, between: chain.Borders, rounds: int, chance: np.random.Generator,
    tell: Callable[[str], None], run: int,
) -> tuple[chain.Scores, chain.Scores]:  # fmt: skip
    """Return weights and steps of one run, averaged over its later rounds."""
    count = len(between.begins)
    weights, steps = np.zeros((size, count), np.float32), np.zeros((count, count), np.float32)
    moved, stepped = np.full_like(weights, 1e-6), np.full_like(steps, 1e-6)
    mean, mean_steps, later = np.zeros_like(weights), np.zeros_like(steps), 0
    for number in range(rounds):
        loss = 0.0
        for ids in _batches(ground, chance):
            loss += _step(ground, ids, between, chance, weights, moved, steps, stepped)
        if number >= rounds // 2:
            mean, mean_steps, later = mean + weights, mean_steps + steps, later + 1
        tell(
            f"第 {run + 1} 遍第 {number + 1}/{rounds} 轮，损失 {loss / (len(ground.begins) - 1):.3f}"
        )
    return mean / later, mean_steps / later


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
    weights: chain.Scores, moved: chain.Scores, steps: chain.Scores, stepped: chain.Scores,
) -> float:  # fmt: skip
    """Take one step on a batch, changing the weights in place. Returns its loss."""
    sizes = ground.begins[ids + 1] - ground.begins[ids]
    rows = np.concatenate([np.arange(ground.begins[i], ground.begins[i + 1]) for i in ids])
    which = np.repeat(np.arange(len(ids)), sizes)
    where = np.concatenate([np.arange(size) for size in sizes])
    told = ground.rows[rows]
    columns, place = np.unique(told.indices, return_inverse=True)
    shown = (chance.random(len(place)) >= WITHHELD).astype(np.float32) / np.float32(1 - WITHHELD)
    said = csr_matrix((shown, place.astype(np.int32), told.indptr), (len(rows), len(columns)))
    here = weights[columns]
    each = said @ here
    scores = np.zeros((len(ids), int(sizes.max()), here.shape[1]), np.float32)
    scores[which, where] = each
    found = chain.expected(scores, sizes, steps, between)

    truth, every = ground.labels[rows], np.arange(len(rows))
    inner = where[1:] > 0
    before, after = truth[:-1][inner], truth[1:][inner]
    gold = float(each[every, truth].sum() + steps[before, after].sum())
    wrong = found.labels[which, where]
    wrong[every, truth] -= 1
    pull = said.T @ wrong + np.float32(DECAY * len(ids)) * here
    moved[columns] += pull**2
    weights[columns] = here - np.float32(RATE) * pull / np.sqrt(moved[columns])
    pairs = found.pairs
    np.add.at(pairs, (before, after), -1)
    pairs += np.float32(DECAY * len(ids)) * steps
    stepped += pairs**2
    steps -= np.float32(RATE) * pairs / np.sqrt(stepped)
    return found.total - gold
