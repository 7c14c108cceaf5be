"""A trained tagger of addresses: what it answers about one address."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from jiesu.triage.addresses import chain
from jiesu.triage.addresses.features import features, hashed
from jiesu.triage.addresses.net import Net, Where, scores
from jiesu.triage.addresses.samples import LONGEST, Span

Ids = NDArray[np.uint64]
LEAST = 0.45  # probability from which a part is better answered than left out


@dataclass(frozen=True)
class Tagger:
    """Kinds of parts, the features it knows (hashes, sorted), and the networks that answer together."""

    kinds: tuple[str, ...]
    ids: Ids
    nets: tuple[Net, ...]
    about: dict[str, Any] = field(default_factory=dict)
    version: str = ""

    @cached_property
    def _between(self) -> chain.Borders:
        return chain.borders(chain.labels_of(self.kinds))

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
        columns, place = np.unique(at[known], return_inverse=True)
        shape = (len(text), len(columns))
        row = csr_matrix((np.ones(len(place), np.float32), (which[known], place)), shape)
        row.data[:] = 1  # a feature said twice of one character is said once
        where = Where.of(np.array([len(text)]))
        told_by = [
            chain.shares(
                scores(net, row, net.vectors[columns].astype(np.float32), where), net.follows, self._between
            )
            for net in self.nets
        ]  # fmt: skip
        return chain.likeliest(np.mean(told_by, axis=0), self.kinds, LEAST)
