"""How good a tagger is: a part counts when its kind, its beginning and its end are all right."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from jiesu.triage.addresses.samples import Marked, Span


@dataclass(frozen=True)
class Measured:
    """Micro-averages over all parts of all kinds; ``by_kind``: F1 of each kind and how many there are."""

    precision: float
    recall: float
    micro_f1: float
    by_kind: dict[str, tuple[float, int]]


def measure(truth: Sequence[Marked], answers: Iterable[Sequence[Span]]) -> Measured:
    """Compare answers with the marked parts."""
    right: Counter[str] = Counter()
    said: Counter[str] = Counter()
    true: Counter[str] = Counter()
    for one, answer in zip(truth, answers, strict=True):
        right.update(span.kind for span in set(answer) & set(one.spans))
        said.update(span.kind for span in answer)
        true.update(span.kind for span in one.spans)
    hits = right.total()
    by_kind = {
        kind: (2 * right[kind] / (said[kind] + true[kind]), true[kind]) for kind in sorted(true)
    }
    return Measured(
        precision=hits / max(said.total(), 1), recall=hits / max(true.total(), 1),
        micro_f1=2 * hits / max(said.total() + true.total(), 1), by_kind=by_kind,
    )  # fmt: skip
