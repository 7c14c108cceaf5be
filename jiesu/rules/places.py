"""社区与点位: which community an order speaks of, by the words the office keeps for its communities.

A community's own field names it or does not. A place field (问题点位) names one when exactly one word
fits it whole. Free text is asked last and answers seldom: a short name is an everyday word (东风), so there
it counts only beside 社区 or 小区, and whatever another district or street is said of is not ours. Nothing
is guessed: of several fitting communities all are offered and none is taken.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from jiesu.rules.labelled import Labelled

SHORT = 3  # characters; a name up to here is also an everyday word
_NOISE = frozenset(" \t\r\n\u3000（）()·・、，,")
_TAIL = re.compile(r"(社区居民委员会|社区居委会|居民委员会|居委会|社区)$")
_DIGITS = {c: str(n) for n, c in enumerate("零一二三四五六七八九")} | {"〇": "0", "两": "2"}
_NUMBER = re.compile(r"([零〇一二两三四五六七八九十百]+)(?=号|院|栋|幢|单元|区|期|门)")
_BUILDING = re.compile(r"(?:\d+号院)?(?:甲|乙|丙|丁)?(\d{1,4})(?:号楼|栋|幢|楼)")
# what turns a name into that of a road, a school, a shop, or into another place
_ELSEWHERE = re.compile(
    r"(?:[东西南北中]|[一二三四五六七八九]|\d)?(?:路|街(?!坊)|大街|大道|桥|胡同)|"
    r"地?铁?站|公园|医院|学校|小学|中学|幼儿园|大学|大厦|饭店|宾馆|酒店|商场|超市|市场|派出所|"
    r"地区|街道|镇|乡|村|县|市|区(?!\d)|商圈|热线|系统|公司|集团|牌|汽车|标致|日产"
)
_NAMED = re.compile(r"社区|小区|居委会")
_STANDS = re.compile(r"社区|小区|居委会|第?[甲乙丙丁]?\d|院|楼|家属|宿舍|$")
_OTHERS = re.compile(r"([\w]{1,6}?)(区|县|街道|镇|乡)$")


class PlaceKind(Labelled):
    NAME = "name", "社区名称"
    ALIAS = "alias", "社区别名"
    COMPOUND = "compound", "小区院落"


@dataclass(frozen=True, slots=True)
class Buildings:
    """楼号: numbers of buildings, such as ``1-6,9``. Empty: all of them."""

    spans: tuple[tuple[int, int], ...] = ()

    @classmethod
    def read(cls, text: str) -> "Buildings":
        """Return what ``1-6,9`` says.

        :raises ValueError: it says something else
        """
        spans = []
        for piece in re.split(r"[,，、;；\s]+", unicodedata.normalize("NFKC", text).strip()):
            found = re.fullmatch(r"(\d{1,4})(?:[-~—至到](\d{1,4}))?号?楼?", piece)
            if piece and not found:
                raise ValueError(f"楼号“{text}”看不懂，请写成 1-6,9 这样。")
            if found:
                first, last = int(found[1]), int(found[2] or found[1])
                spans.append((min(first, last), max(first, last)))
        return cls(tuple(spans))

    def holds(self, number: int) -> bool:
        return any(first <= number <= last for first, last in self.spans)


@dataclass(frozen=True, slots=True)
class Word:
    """One word for a community: ``community`` is its code; ``buildings`` says of which buildings only."""

    text: str
    community: str
    kind: PlaceKind = PlaceKind.ALIAS
    buildings: Buildings = field(default_factory=Buildings)


@dataclass(frozen=True, slots=True)
class Found:
    """A word that fits: what was written, and whether it names the community beyond doubt."""

    word: Word
    said: str
    sure: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What a text says of communities: the one that is sure, and every one that may be meant, best first."""

    community: str | None
    offered: tuple[Found, ...] = ()


NOTHING = Answer(None)


@lru_cache(maxsize=4096)  # an export says the same few hundred names over and over
def plain(text: str) -> str:
    """Fold widths, blanks, brackets and Chinese numbers of houses away: what is compared."""
    return _folded(text)[0]


class Places:
    """The words of one office, laid out for finding. ``own`` are its ways to say city, district and street."""

    def __init__(self, words: Iterable[Word], own: Iterable[str] = ()) -> None:
        self._names: dict[str, set[str]] = {}
        self._words: dict[str, list[Word]] = {}
        self._lengths: dict[str, list[int]] = {}
        self._own = tuple(plain(word) for word in own)
        for word in words:
            text = plain(word.text)
            if not text:
                continue
            if not word.buildings.spans:
                self._names.setdefault(_bare(text), set()).add(word.community)
            for written in dict.fromkeys((text, _bare(text))):
                if len(written) > 1:
                    self._words.setdefault(written, []).append(word)
        for written in self._words:
            self._lengths.setdefault(written[0], []).append(len(written))
        for lengths in self._lengths.values():
            lengths[:] = sorted(set(lengths), reverse=True)

    def in_field(self, text: str) -> str | None:
        """Return the community a field of its own names, with or without 社区 or 居委会 behind it."""
        found = self._names.get(_bare(plain(text)), set()) if text else set()
        return next(iter(found)) if len(found) == 1 else None

    def in_location(self, text: str) -> Answer:
        """Return what a place field says: sure when one word fits, at its head or as a place of its own."""
        folded, at = _folded(text)
        begins = self._begins(folded)
        return _answer(
            Found(word, _said(text, at, start, end), self._fits(folded, start, end, begins))
            for start, end, word in self._each(folded)
        )

    def in_text(self, text: str) -> Answer:
        """Return what free text says. Seldom, and then right: see the head of this file."""
        folded, at = _folded(text)
        return _answer(
            Found(word, _said(text, at, start, end), True)
            for start, end, word in self._each(folded)
            if self._spoken(folded, start, end)
        )

    def _each(self, folded: str) -> Iterator[tuple[int, int, Word]]:
        """Yield the longest words that fit, from left to right, none inside another."""
        start = 0
        while start < len(folded):
            for length in self._lengths.get(folded[start], ()):
                written = folded[start : start + length]
                if written in self._words and _whole(folded, start, start + len(written)):
                    end = start + len(written)
                    yield from (
                        (start, end, w) for w in _narrowed(self._words[written], folded[end:])
                    )
                    start = end - 1
                    break
            start += 1

    def _begins(self, folded: str) -> int:
        """Where a place begins after 北京市海淀区羊坊店街道."""
        start, before = 0, -1
        while start != before:
            before = start
            start += max(
                (len(own) for own in self._own if folded.startswith(own, start)), default=0
            )
        return start

    def _fits(self, folded: str, start: int, end: int, begins: int) -> bool:
        rest = folded[end:]
        if self._foreign(folded[:start]):
            return False
        written = folded[start:end]
        stands = bool(_STANDS.match(rest) or _NAMED.search(written))
        if _short(written):
            return bool(_NAMED.match(rest)) or (stands and start == begins)
        return stands or start == begins

    def _spoken(self, folded: str, start: int, end: int) -> bool:
        rest, written = folded[end:], folded[start:end]
        if self._foreign(folded[:start]):
            return False
        return not _short(written) or bool(_NAMED.match(rest) or _NAMED.search(written))

    def _foreign(self, before: str) -> bool:
        """True when the words just before name a district or street that is not ours."""
        if any(before.endswith(own) for own in self._own):
            return False
        return bool(_OTHERS.search(before[-8:])) and not before.endswith(("社区", "小区"))


def _answer(found: Iterable[Found]) -> Answer:
    offered = sorted(dict.fromkeys(found), key=lambda f: (not f.sure, -len(f.said)))
    sure = {one.word.community for one in offered if one.sure}
    return Answer(next(iter(sure)) if len(sure) == 1 else None, tuple(offered))


def _narrowed(words: list[Word], rest: str) -> list[Word]:
    """Of the words written alike, those of the building that follows; else those of all buildings."""
    found = _BUILDING.match(rest)
    if found and (here := [w for w in words if w.buildings.holds(int(found[1]))]):
        return here
    whole = [w for w in words if not w.buildings.spans]
    return whole or ([] if found else words)


def _whole(folded: str, start: int, end: int) -> bool:
    """True when the word is not cut out of a longer number or name."""
    before, word, rest = folded[start - 1 : start], folded[start:end], folded[end:]
    if (word[0].isdigit() and before.isdigit()) or (word[-1].isdigit() and rest[:1].isdigit()):
        return False
    return not _ELSEWHERE.match(rest)


def _short(written: str) -> bool:
    return len(written) <= SHORT and not any(c.isdigit() for c in written)


def _bare(text: str) -> str:
    return _TAIL.sub("", text)


def _said(text: str, at: list[int], start: int, end: int) -> str:
    return text[at[start] : at[end - 1] + 1]


def _folded(text: str) -> tuple[str, list[int]]:
    """Return the plain text, and for each of its characters where it stood."""
    chars: list[tuple[str, int]] = []
    for place, char in enumerate(text):
        if char not in _NOISE:
            plainly = char if "一" <= char <= "鿿" else unicodedata.normalize("NFKC", char)
            chars += [(c, place) for c in plainly if c not in _NOISE]
    folded = "".join(c for c, _ in chars)
    for found in reversed(list(_NUMBER.finditer(folded))):
        start, end = found.span(1)
        chars[start:end] = [(digit, chars[start][1]) for digit in _number(found[1])]
    return "".join(c for c, _ in chars), [place for _, place in chars]


def _number(text: str) -> str:
    """二十三 as 23; what is read figure by figure stays so (一零八 is 108)."""
    if "十" not in text and "百" not in text:
        return "".join(_DIGITS[c] for c in text)
    value, digit = 0, 0
    for char in text:
        if char in "十百":
            value += (digit or 1) * (10 if char == "十" else 100)
            digit = 0
        else:
            digit = int(_DIGITS[char])
    return str(value + digit)
