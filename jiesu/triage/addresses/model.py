"""A trained tagger of addresses: what it answers about one address."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from jiesu.triage.addresses import chain
from jiesu.triage.addresses.features import features, hashed
from jiesu.triage.addresses.samples import LONGEST, Span

Ids = NDArray[np.uint64]


@dataclass(frozen=True)
class Tagger:
    """Kinds of parts, the features it knows (hashes, sorted), and what each says for a label."""

    kinds: tuple[str, ...]
    ids: Ids
    weights: csr_matrix  # (features, labels)
    follows: chain.Scores
    about: dict[str, Any] = field(default_factory=dict)
    version: str = ""

    @cached_property
    def labels(self) -> list[str]:
        return chain.labels_of(self.kinds)

    @cached_property
    def _between(self) -> chain.Borders:
        return chain.borders(self.labels)

    def parts(self, text: str) -> list[Span]:
        """Return the parts of an address, in order; of what is too long to be one, nothing."""
        if not text or len(text) > LONGEST:
            return []
        told = features(text)
        said = np.array([hashed(one) for here in told for one in here], np.uint64)
        which = np.repeat(np.arange(len(text)), [len(here) for here in told])
        at = np.searchsorted(self.ids, said)
        at[at == len(self.ids)] = 0
        known = self.ids[at] == said
        shape = (len(text), len(self.ids))
        row = csr_matrix((np.ones(int(known.sum()), np.float32), (which[known], at[known])), shape)
        row.data[:] = 1  # a feature said twice of one character is said once
        scores = np.asarray((row @ self.weights).todense(), np.float32)
        path = chain.best(scores, self.follows, self._between)
        return chain.spans([self.labels[i] for i in path])
