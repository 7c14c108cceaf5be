"""Names in free text.

A name begins with a surname and goes on with one or two characters that names are made of. Whether it
is one is weighed: the words before it (我叫, 联系人, 业主, 经理, 找, 和) and behind it (女士, 说, 反映, 的), what the
segmenter makes of it, how common its characters are in names, and whether it is the beginning of a word,
a place or a company. Each of these is a number in ``name_tables``; ``ENOUGH`` of them is a name.

The segmenter costs most and few candidates need it: it is asked about a clause once a candidate there
could be a name if the segmenter spoke well of it.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

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
SAID_RIGHT = 1.8  # what words like 女士 behind it make of a candidate
BEST_LEFT, BEST_RIGHT, BEST_WORD = 0.5, 0.5, 1.5  # and the segmenter, at most
LONGEST = 4  # 欧阳建国, 张王雨晴
_A_HAIR = 0.01  # sums of these are not exact
_GIVEN_SIGN = f"[^\x00-\u4dff\ua000-\U0010ffff{re.escape(''.join(sorted(NEVER)))}]"
_GIVEN_RUN = re.compile(_GIVEN_SIGN + "{1,2}")
_SURNAME = re.compile(f"{FIRST.pattern}(?= |{_GIVEN_SIGN})")  # 王明, 王 先生
_YARD = re.compile(r" ?[甲乙丙丁]?\d+ ?号")
_CLAUSE = re.compile(r"[^、,。;!?\n]*[、,。;!?\n]?")  # no word of the segmenter goes across
_TELLING = dict.fromkeys(WHO, 1) | dict.fromkeys(NAMED, 2)
_TELLING_ENDS = frozenset(word[-1] for word in _TELLING) | BETWEEN
_TOLD_LEFT = (0.0, 2.0, 2.8)  # what the words before are worth
_DOUBLE_WORTH = 1.8
_SURNAME_WORTH = {
    sign: (1.0 if sign in COMMON else 0.7)
    - (0.4 if sign in AMBIGUOUS else 0)
    - (0.8 if sign in SAID else 0)
    for sign in SINGLE
}
_GIVEN_WORTH = {sign: 0.3 if sign in EVERYDAY else 0.6 for sign in GIVEN}
_GIVEN_WORTH |= dict.fromkeys(PLACE_END, -1.5)
_PARENTS = COMMON - AMBIGUOUS


def find(folded: str) -> Iterator[Span]:
    """Yield the names of a folded text."""
    yield from _foreign(folded)
    words = _Words(folded)
    at = 0
    for first in _SURNAME.finditer(folded):
        start = first.start()
        if start < at:
            continue
        piece = folded[start : start + LONGEST]
        size = _surname(piece)
        told = _told(folded, start)
        least = ENOUGH - _A_HAIR - _hope(piece, told)
        hopeful = [
            (start + length, base)
            for length, base in _candidates(piece)
            if base > least
            or (
                base > least + BEST_RIGHT - SAID_RIGHT
                and RIGHT_STRONG.match(folded, start + length)
            )
        ]
        called = PRIVATE.match(folded, start + size)
        if not hopeful and not called:
            continue
        words.look(start)
        if start not in words.at and not told:
            continue  # inside a word, and nobody is told of: no weight makes that a name
        best, most = None, ENOUGH
        for end, base in hopeful:
            score = base + _weigh(folded, start, end, words, told)
            if score >= most:
                best, most = end, score + 0.2  # a longer one must not win by a hair
        if best is not None:
            at = best
            yield Span(start, best, PersonalKind.NAME, size)
        elif called:
            at = called.end()
            if start in words.at or start in words.to:
                head = called.start() - start
                yield Span(start, at, PersonalKind.NAME, head, at - called.start())


class _Words:
    """The segmenter's words of the clauses looked at: (end, tag) by where they begin, tag by where they end."""

    def __init__(self, folded: str) -> None:
        self.folded = folded
        self.at: dict[int, tuple[int, str]] = {}
        self.to: dict[int, str] = {}
        self._clauses = _CLAUSE.finditer(folded)
        self._end = 0

    def look(self, place: int) -> None:
        """Segment the clause of a place, unless it was; places are looked at from left to right."""
        if place < self._end:
            return
        clause = next(one for one in self._clauses if one.end() > place)
        self._end = clause.end()
        at = clause.start()
        for word, tag in rjieba.tag(clause[0], False):
            end = at + len(word)
            self.at[at] = end, tag
            self.to[end] = tag
            at = end


def _surname(piece: str) -> int:
    return 2 if piece[:2] in DOUBLE else 1


@lru_cache(maxsize=16_384)  # the same beginnings of words all day long
def _candidates(piece: str) -> tuple[tuple[int, float], ...]:
    """Return (length, what surname and given characters alone are worth) of names a piece may begin with."""
    size = _surname(piece)
    base = _DOUBLE_WORTH if size == 2 else _SURNAME_WORTH.get(piece[0])
    run = _GIVEN_RUN.match(piece, size)
    if base is None or run is None:
        return ()
    found = []
    both = run[0]
    for given in (both[0], both) if len(both) == 2 else (both,):
        if given in TITLES or given == "家":
            continue
        if given in GIVEN_WORDS:
            worth = 1.5
        else:
            worth = sum(map(_worth, given)) - (0.9 if given[-1] in NOT_LAST else 0)
        found.append((size + len(given), base + worth - (0.3 if len(given) == 1 else 0)))
    if len(both) == 2 and size == 1 and piece[0] in _PARENTS and both[0] in COMMON:
        given = piece[2:4]  # 张王雨晴: both parents' surnames
        if len(given) == 2 and all(one in GIVEN for one in given) and given not in TITLES:
            found.append((4, base + 1.2))
    return tuple(found)


def _worth(sign: str) -> float:
    return _GIVEN_WORTH.get(sign, -0.6)


def _hope(piece: str, told: int) -> float:
    """Return the most that ``_weigh`` can come to where no ``RIGHT_STRONG`` stands behind."""
    score = (_TOLD_LEFT[told] if told else BEST_LEFT) + BEST_RIGHT + BEST_WORD
    if piece[:2] in WORDS:
        score -= 1.0 if told else 3.0
    return score


def _weigh(folded: str, start: int, end: int, words: _Words, told: int) -> float:
    """What stands around a candidate, and how it lies in the segmenter's words, is worth."""
    after = words.at.get(end)
    if told:
        score = _TOLD_LEFT[told]
    elif start == 0 or folded[start - 1] in LEFT_WEAK:
        score = 0.5
    else:
        score = 0.3 if words.to.get(start) in LEADING else 0.0
    if RIGHT_STRONG.match(folded, end):
        score += SAID_RIGHT
    elif end == len(folded) or folded[end] in RIGHT_WEAK:
        score += 0.5
    elif after:
        score += 0.4 if after[1] in FOLLOWING else 0.0
    else:
        score -= 0.3
    if folded[start : start + 2] in WORDS:
        score -= 1.0 if told else 3.0
    if not told and _YARD.match(folded, end):
        score -= 3.0  # 乔建8号院
    if after and folded[end : after[0]] in PLACE:
        score -= 1.0 if told else 3.0
    return score + _lies(folded, start, end, words, strong=told > 0)


def _lies(folded: str, start: int, end: int, words: _Words, *, strong: bool) -> float:
    """How a candidate lies in the segmenter's words is worth."""
    word = words.at.get(start)
    smooth = end in words.to or (_is_guessed(folded, end, words) and folded[end] in RIGHT_WEAK)
    rough = 0.0 if smooth else -0.5 if strong or _is_guessed(folded, end, words) else -1.2
    if word is None:
        if _is_guessed(folded, start, words):
            return rough + (0.6 if smooth and folded[start - 1] in LEFT_WEAK else -0.2)
        return rough - (0.5 if strong else 2.5)
    till, tag = word
    if till == end:
        if tag in NAME_TAGS:
            return BEST_WORD
        if rjieba.has_word(folded[start:end]):
            return -1.0 if strong else -3.5
        return 0.8
    if till < end:
        inner = words.at.get(till)
        if till - start == 1 and inner:
            if inner[0] <= end and _is_function(folded[till : inner[0]], inner[1]):
                return rough - 0.7
            if inner[0] == end == till + 2 and _is_doing(folded[till : inner[0]], inner[1]):
                return rough + (0.9 if strong else 0.5 if tag in NAME_TAGS else -0.6)
        if till - start > 1 and folded[start:till] not in DOUBLE:
            return rough + (1.2 if tag in NAME_TAGS else 0.3 if strong else -1.5)
        return rough + (0.9 if smooth else 0)
    if tag in NAME_TAGS and folded[end] in RIGHT_WEAK:
        return 1.0  # the segmenter took a 于 or 和 for the last character of the name
    return rough


def _is_function(own: str, tag: str) -> bool:
    return tag in FUNCTION and own not in GIVEN_WORDS and any(_worth(sign) < 0.6 for sign in own)


def _is_doing(own: str, tag: str) -> bool:
    """True for a word that says what is done or how, unless names are made of it (建国, 文静)."""
    return tag in DOING and own not in GIVEN_WORDS and sum(map(_worth, own)) < 1.2


def _is_guessed(folded: str, at: int, words: _Words) -> bool:
    """True when the word across ``at`` is none of the segmenter's dictionary, only its guess."""
    for start in range(at - 1, max(at - 5, -1), -1):
        if word := words.at.get(start):
            end = word[0]
            return end > at and end - start <= 4 and not rjieba.has_word(folded[start:end])
    return False


def _told(folded: str, start: int) -> int:
    """2 when the words before name somebody (我叫, 联系人:), 1 when they say who it is (业主, 经理), else 0."""
    told, end = 0, start
    while end and folded[end - 1] in _TELLING_ENDS:
        for size in range(1, min(end, 3) + 1):
            told = max(told, _TELLING.get(folded[end - size : end], 0))
        if folded[end - 1] not in BETWEEN or end == start - 3:
            break
        end -= 1
    return told


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
