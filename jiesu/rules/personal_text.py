"""Personal data in free text: where it stands, and the text with it masked (个人信息保护法 4、51).

``find`` gives the spans, ``mask`` the text as many may see it. Numbers are told by their shape, their
check digits and the words before them (``personal_numbers``), doors by how addresses are written
(``personal_doors``), names by their characters and what stands around them (``personal_names``). All of
it is linear in the text; one longer than ``PIECE`` is looked at in pieces that overlap.
"""

from collections.abc import Iterator
from functools import lru_cache

from jiesu.rules import personal_doors, personal_names, personal_numbers
from jiesu.rules.personal_kinds import PersonalKind, Span, fold

PIECE = 4_000  # characters looked at at once
SHORT = 1_000
OVERLAP = 160  # longer than anything that is found


def find(text: str) -> list[Span]:
    """Return what is personal in the text, in order, without overlaps."""
    if len(text) <= SHORT:
        return list(_of_short(text))
    if len(text) <= PIECE:
        return _resolved(_spans(fold(text)))
    found: dict[tuple[int, int], Span] = {}
    for start in range(0, len(text), PIECE - OVERLAP):
        for span in _spans(fold(text[start : start + PIECE])):
            cut = start + PIECE < len(text) and span.end > PIECE - 1
            if not cut:  # what the piece cuts off stands whole in the next
                moved = span.moved(start)
                found.setdefault((moved.start, moved.end), moved)
    return _resolved(iter(found.values()))


@lru_cache(
    maxsize=1024
)  # one case asks about the same text three times, an export says the same cells again
def _of_short(text: str) -> tuple[Span, ...]:
    return tuple(_resolved(_spans(fold(text))))


def mask(text: str, spans: list[Span] | None = None) -> str:
    """Return the text as many may see it: 138****0000, 张*, 3号楼*单元***室."""
    out, at = [], 0
    for span in find(text) if spans is None else spans:
        out += [text[at : span.start], span.masked(text)]
        at = span.end
    out.append(text[at:])
    return "".join(out)


def _spans(folded: str) -> Iterator[Span]:
    yield from personal_numbers.find(folded)
    yield from personal_doors.find(folded)
    yield from personal_names.find(folded)


def _resolved(spans: Iterator[Span]) -> list[Span]:
    """Of two that overlap the one of the firmer kind stays; of one kind, the longer."""
    found = list(spans)
    if len(found) < 2:
        return found
    kept: list[Span] = []
    taken = bytearray(PIECE)
    for span in sorted(found, key=lambda one: (one.kind.rank, one.start - one.end, one.start)):
        if span.end > len(taken):
            taken.extend(bytes(span.end))
        if not any(taken[span.start : span.end]):
            taken[span.start : span.end] = b"\1" * (span.end - span.start)
            kept.append(span)
    return sorted(kept, key=lambda one: one.start)


__all__ = ["PersonalKind", "Span", "find", "fold", "mask"]
