"""Names in free text.

A name begins with a surname and goes on with one or two characters that names are made of. Whether it
is one is weighed: the words before it (我叫, 联系人, 业主, 经理, 找, 和) and behind it (女士, 说, 反映, 的), what the
segmenter makes of it, how common its characters are in names, and whether it is the beginning of a word,
a place or a company. Each of these is a number in ``name_tables``; ``ENOUGH`` of them is a name.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import rjieba

from jiesu.rules.name_tables import (
    AMBIGUOUS,
    BETWEEN,
    COMMON,
    DOING,
    DOUBLE,
    EVERYDAY,
    FIRST,
    FOLLOWING,
    FUNCTION,
    GIVEN,
    GIVEN_WORDS,
    LEADING,
    LEFT_WEAK,
    NAME_TAGS,
    NAMED,
    NEVER,
    NOT_LAST,
    PLACE,
    PLACE_END,
    PRIVATE,
    RIGHT_STRONG,
    RIGHT_WEAK,
    SAID,
    SINGLE,
    SOUNDS,
    TITLES,
    WHO,
    WORDS,
)
from jiesu.rules.personal_kinds import PersonalKind, Span

ENOUGH = 2.6
_NO_GIVEN = re.compile(f"[^一-鿿]|[{re.escape(''.join(sorted(NEVER)))}]")
_YARD = re.compile(r" ?[甲乙丙丁]?\d+ ?号")


def find(folded: str) -> Iterator[Span]:
    """Yield the names of a folded text."""
    yield from _foreign(folded)
    words = _words(folded)
    ends = {word.end: word for word in words.values()}
    at = 0
    for first in FIRST.finditer(folded):
        start = first.start()
        if start < at or (start not in words and not _told(folded, start)):
            continue  # inside a word, and nobody is told of: no weight makes that a name
        best, most = None, ENOUGH
        for end, base in _candidates(folded, start):
            score = base + _weigh(folded, start, end, words, ends)
            if score >= most:
                best, most = end, score + 0.2  # a longer one must not win by a hair
        if best is not None:
            at = best
            yield Span(
                start, best, PersonalKind.NAME, 2 if folded[start : start + 2] in DOUBLE else 1
            )
            continue
        if called := PRIVATE.match(
            folded, start + (2 if folded[start : start + 2] in DOUBLE else 1)
        ):
            at = called.end()
            if start in words or start in ends:
                yield Span(
                    start,
                    at,
                    PersonalKind.NAME,
                    called.start() - start,
                    called.end() - called.start(),
                )


@dataclass(frozen=True, slots=True)
class _Word:
    end: int
    tag: str


def _words(folded: str) -> dict[int, _Word]:
    out, at = {}, 0
    for word, tag in rjieba.tag(folded, False):
        out[at] = _Word(at + len(word), tag)
        at += len(word)
    return out


def _candidates(folded: str, start: int) -> Iterator[tuple[int, float]]:
    """Yield (end, what surname and given characters alone are worth)."""
    sign = folded[start]
    double = folded[start : start + 2] in DOUBLE
    if double:
        first, base = 2, 1.8
    elif sign in SINGLE:
        first, base = (
            1,
            (1.0 if sign in COMMON else 0.7)
            - (0.4 if sign in AMBIGUOUS else 0)
            - (0.8 if sign in SAID else 0),
        )
    else:
        return
    for length in (1, 2):
        end = start + first + length
        given = folded[start + first : end]
        if len(given) < length or not _may_be_given(given):
            return
        if given in TITLES or given == "家":
            continue
        worth = 1.5 if given in GIVEN_WORDS else sum(map(_worth, given))
        worth -= 0.9 if given[-1] in NOT_LAST and given not in GIVEN_WORDS else 0
        yield end, base + worth - (0.3 if length == 1 else 0)
    if (
        not double and sign in COMMON and sign not in AMBIGUOUS and folded[start + 1] in COMMON
    ):  # 张王雨晴: both parents' surnames
        given = folded[start + 2 : start + 4]
        if len(given) == 2 and all(one in GIVEN for one in given) and given not in TITLES:
            yield start + 4, base + 1.2


def _may_be_given(given: str) -> bool:
    return _NO_GIVEN.search(given) is None


def _worth(sign: str) -> float:
    if sign in PLACE_END:
        return -1.5
    return (0.3 if sign in EVERYDAY else 0.6) if sign in GIVEN else -0.6


def _weigh(
    folded: str, start: int, end: int, words: dict[int, _Word], ends: dict[int, _Word]
) -> float:
    """What stands around a candidate, and how it lies in the segmenter's words, is worth."""
    strong = _told(folded, start)
    after = words.get(end)
    if strong:
        score = 2.8 if strong == 2 else 2.0
    elif start == 0 or folded[start - 1] in LEFT_WEAK:
        score = 0.5
    else:
        score = 0.3 if start in ends and ends[start].tag in LEADING else 0.0
    if RIGHT_STRONG.match(folded, end):
        score += 1.8
    elif end == len(folded) or folded[end] in RIGHT_WEAK:
        score += 0.5
    elif after:
        score += 0.4 if after.tag in FOLLOWING else 0.0
    else:
        score -= 0.3
    if folded[start : start + 2] in WORDS:
        score -= 1.0 if strong else 3.0
    if not strong and _YARD.match(folded, end):
        score -= 3.0  # 乔建8号院
    if after and folded[end : after.end] in PLACE:
        score -= 1.0 if strong else 3.0
    return score + _lies(folded, start, end, words, ends, strong=strong > 0)


def _lies(
    folded: str,
    start: int,
    end: int,
    words: dict[int, _Word],
    ends: dict[int, _Word],
    *,
    strong: bool,
) -> float:
    """How a candidate lies in the segmenter's words is worth."""
    word = words.get(start)
    smooth = end in ends or (_is_guessed(folded, end, words) and folded[end] in RIGHT_WEAK)
    rough = 0.0 if smooth else -0.5 if strong or _is_guessed(folded, end, words) else -1.2
    if word is None:
        if _is_guessed(folded, start, words):
            return rough + (0.6 if smooth and folded[start - 1] in LEFT_WEAK else -0.2)
        return rough - (0.5 if strong else 2.5)
    if word.end == end:
        if word.tag in NAME_TAGS:
            return 1.5
        if rjieba.has_word(folded[start:end]):
            return -1.0 if strong else -3.5
        return 0.8
    if word.end < end:
        inner = words.get(word.end)
        if (
            word.end - start == 1
            and inner
            and inner.end <= end
            and _is_function(folded, word.end, inner)
        ):
            return rough - 0.7
        if (
            word.end - start == 1
            and inner
            and inner.end == end == word.end + 2
            and _is_doing(folded, word.end, inner)
        ):
            return rough + (0.9 if strong else 0.5 if word.tag in NAME_TAGS else -0.6)
        if word.end - start > 1 and folded[start : word.end] not in DOUBLE:
            return rough + (1.2 if word.tag in NAME_TAGS else 0.3 if strong else -1.5)
        return rough + (0.9 if smooth else 0)
    if word.tag in NAME_TAGS and folded[end] in RIGHT_WEAK:
        return 1.0  # the segmenter took a 于 or 和 for the last character of the name
    return rough


def _is_function(folded: str, start: int, word: _Word) -> bool:
    own = folded[start : word.end]
    return (
        word.tag in FUNCTION and own not in GIVEN_WORDS and any(_worth(sign) < 0.6 for sign in own)
    )


def _is_doing(folded: str, start: int, word: _Word) -> bool:
    """True for a word that says what is done or how, unless names are made of it (建国, 文静)."""
    own = folded[start : word.end]
    return word.tag in DOING and own not in GIVEN_WORDS and sum(map(_worth, own)) < 1.2


def _is_guessed(folded: str, at: int, words: dict[int, _Word]) -> bool:
    """True when the word across ``at`` is none of the segmenter's dictionary, only its guess."""
    for start in range(at - 1, max(at - 5, -1), -1):
        if word := words.get(start):
            return (
                word.end > at
                and word.end - start <= 4
                and not rjieba.has_word(folded[start : word.end])
            )
    return False


def _told(folded: str, start: int) -> int:
    """2 when the words before name somebody (我叫, 联系人:), 1 when they say who it is (业主, 经理), else 0."""
    piece = folded[max(start - 12, 0) : start]
    pieces = {piece}
    for _ in range(3):
        if piece[-1:] in BETWEEN:
            piece = piece[:-1]
            pieces.add(piece)
    told = {part[-size:] for part in pieces for size in (1, 2, 3) if len(part) >= size}
    return 2 if told & NAMED else 1 if told & WHO else 0


def _foreign(folded: str) -> Iterator[Span]:
    """阿卜杜拉·买买提: what sounds foreign on both sides of a dot."""
    at = folded.find("·")
    while at >= 0:
        start, end = at, at + 1
        while start > max(at - 7, 0) and folded[start - 1] in SOUNDS:
            start -= 1
        while end < min(at + 8, len(folded)) and folded[end] in SOUNDS:
            end += 1
        if at - start >= 2 and end - at >= 3:
            yield Span(start, end, PersonalKind.NAME, 1)
        at = folded.find("·", at + 1)
