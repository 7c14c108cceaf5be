"""Two plain ways to name a unit, to be measured beside: keywords of a list, and logistic regression on words.

Neither is served. The regression is what anybody would try first: TF-IDF of cut words with the class and
the community as words among them, one label for each unit by its name, C = 1.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from jiesu.triage.learning.measures import Floats
from jiesu.triage.learning.orders import BETWEEN, Order, paths
from jiesu.triage.learning.reading import read

ROUNDS = 100


def by_keywords(order: Order, words: Mapping[str, Sequence[str]], otherwise: str) -> list[str]:
    """Return the units whose words stand in the text, the one with most of them first, then ``otherwise``."""
    hits = Counter({unit: sum(w in order.text for w in said) for unit, said in words.items()})
    found = [unit for unit, count in hits.most_common() if count and unit != otherwise]
    return [*found, otherwise]


@dataclass(frozen=True)
class Linear:
    """Words with their worth, and a plane for each label."""

    labels: tuple[str, ...]
    place: dict[str, int]
    worth: Floats
    weights: Floats

    def probabilities(self, orders: Sequence[Order]) -> Floats:
        """Return the probability of every label, one row an order."""
        return _softmax(_rows(orders, self.place, self.worth) @ self.weights)


def linear(orders: Sequence[Order]) -> Linear:
    """Fit the plain regression on orders with their units."""
    labels = tuple(sorted({order.unit for order in orders}))
    seen = Counter(word for order in orders for word in set(_words(order)))
    place = {word: n for n, word in enumerate(sorted(w for w, many in seen.items() if many > 1))}
    worth = np.array([np.log((1 + len(orders)) / (1 + seen[word])) + 1 for word in place])
    rows = _rows(orders, place, worth)
    true = np.eye(len(labels))[[labels.index(order.unit) for order in orders]]

    def unlikely(flat: Floats) -> tuple[float, Floats]:
        weights = flat.reshape(-1, len(labels))
        told = _softmax(rows @ weights)
        loss = -np.log(np.maximum(told[true.astype(bool)], 1e-12)).sum()
        return float(loss + (flat @ flat) / 2), np.asarray(rows.T @ (told - true) + weights).ravel()

    start = np.zeros(rows.shape[1] * len(labels))
    found = minimize(unlikely, start, jac=True, method="L-BFGS-B", options={"maxiter": ROUNDS}).x
    return Linear(labels, place, worth, found.reshape(-1, len(labels)))


def _words(order: Order) -> list[str]:
    told = [*read(order.text).words, f"社区{BETWEEN}{order.community}"]
    return told + [f"分类{BETWEEN}{path}" for path in paths(order.category)]


def _rows(orders: Sequence[Order], place: Mapping[str, int], worth: Floats) -> csr_matrix:
    """Return TF-IDF rows of length one, and a last column that is 1 for all."""
    values, columns, until = [], [], [0]
    for order in orders:
        counts = Counter(place[word] for word in _words(order) if word in place)
        row = np.array([times * worth[n] for n, times in counts.items()])
        values += [*(row / (np.sqrt(row @ row) or 1)).tolist(), 1.0]
        columns += [*counts, len(place)]
        until.append(len(values))
    return csr_matrix((values, columns, until), shape=(len(orders), len(place) + 1))


def _softmax(scores: Floats) -> Floats:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))
