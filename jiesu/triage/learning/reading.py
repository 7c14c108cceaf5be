"""A message as the learner reads it: words without the ones that say nothing, and their n-grams.

Two kinds of n-gram are counted. *Inside* words, one to three characters, over the whole message: 房产证,
房产, 产证; a word nobody has seen still shares its pieces with known ones. *Opening*, one to four
characters over the first eighteen: what a message is about stands in its title or first words. A
message given as cut words and one given as text come out alike.

A *mark* is what is known of a message beside its text: its class, its kind. It counts as one piece,
is never cut, and is no part of the text.

An n-gram is known by a 64-bit hash, so a model holds nothing that anybody wrote.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import rjieba
from numpy.typing import NDArray

INSIDE, OPENING = 3, 4  # longest n-gram of each kind
OPENS = 18  # characters
LONGEST = 20_000  # characters; what comes after them is not read
OPENING_BIT = np.uint64(1 << 63)  # set in the hash of an opening n-gram
MARK_BIT = np.uint64(1 << 62)  # set in the hash of a mark

# Function words and forms of address; the topic is never in them.
_EMPTY = """
的 了 是 在 我 我们 和 不 有 都 也 没有 就 为 到 要 给 与 对 还 这 被 等 上 可以 又 去 能 吗 他们 但 并 而 让 将 向
来 不能 这样 把 从 没 及 该 多 什么 就是 以 为什么 本人 作为 有关 这个 由 关于 自己 会 你 你们 这些 不是 他 如果
但是 其 于 可 还是 您 按 着 过 地 得 之 它 她 它们 她们 咱们 大家 那 那个 那些 哪 哪个 哪里 哪些 怎么 怎样 怎么办
如何 因为 所以 因此 由于 虽然 尽管 可是 不过 然而 而且 并且 或者 或 以及 还有 如 即 则 若 只 只是 只有 只要 才 再
已 已经 很 非常 十分 太 更 最 比较 一 一个 一些 一样 一直 一下 这里 那里 这么 那么 这种 那种 现在 时候 之后 之前
以后 以前 后 前 中 里 下 呢 吧 啊 呀 嘛 么 无 未 别 请 请问 希望 请求 您好 你好 尊敬 领导 谢谢 此致 敬礼 为了 根据
按照 对于 通过 随着 例如 比如 等等 各 每 某 其他 其它 其中 另外 同时 然后 最后 首先 其次
"""
EMPTY = frozenset(_EMPTY.split())

_LINE_BREAK_OF_WORKBOOKS = "_x000D_"
_SAYS = re.compile(r"[^\W_]")
_SPACE = re.compile(r"\s+")

Ids = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a message: its words that are not empty, in order; and its marks."""

    words: tuple[str, ...]
    marks: tuple[str, ...] = ()

    @property
    def chars(self) -> str:
        """The words run together."""
        return "".join(self.words)


@dataclass(frozen=True, slots=True)
class Grams:
    """The n-grams of a message, one entry each time one occurs, and last its marks."""

    ids: Ids
    starts: NDArray[np.int64]  # where in ``Reading.chars``
    sizes: NDArray[np.int64]  # of how many characters; of a mark none


def read(text: str) -> Reading:
    """Read a message as it was written, dirt and all."""
    plain = _plain(text)
    return Reading(_kept(rjieba.cut(_SPACE.sub(" ", plain)) if plain else []))


def read_words(words: str) -> Reading:
    """Read a message that came as words with blanks between them."""
    return Reading(_kept(_plain(words).split()))


def _plain(text: str) -> str:
    """Widths and capitals made one, half surrogate pairs replaced, cut where it gets too long."""
    text = text[:LONGEST].replace(_LINE_BREAK_OF_WORKBOOKS, " ")
    return unicodedata.normalize("NFKC", text.encode("utf-8", "replace").decode()).lower()


def _kept(words: list[str]) -> tuple[str, ...]:
    stripped = (word.strip() for word in words)
    return tuple(word for word in stripped if word not in EMPTY and _SAYS.search(word))


def grams(reading: Reading) -> Grams:
    """Return the n-grams of both kinds."""
    text = reading.chars
    word_of = words_of_characters(reading)
    full = np.array([_full(word) for word in reading.words], bool)[word_of]
    found: list[tuple[Ids, NDArray[np.int64], int]] = []
    for n, hashes in enumerate(_windows(text, OPENING), start=1):
        opening = np.arange(max(0, min(len(text), OPENS) - n + 1))
        found.append((hashes[opening] & ~MARK_BIT | OPENING_BIT, opening, n))
        if n <= INSIDE:
            whole = full[: len(hashes)] & (word_of[: len(hashes)] == word_of[n - 1 :])
            found.append((hashes[whole] & ~(OPENING_BIT | MARK_BIT), np.flatnonzero(whole), n))
    marks = np.array([mark_id(mark) for mark in reading.marks], np.uint64)
    found.append((marks, np.zeros(len(marks), np.int64), 0))
    ids, starts, sizes = zip(*((i, s, np.full(len(s), n)) for i, s, n in found), strict=True)
    return Grams(np.concatenate(ids), np.concatenate(starts), np.concatenate(sizes))


@lru_cache(maxsize=4096)
def mark_id(mark: str) -> int:
    """Return the hash a mark is known by."""
    whole = int(_windows(mark, len(mark))[-1][0]) if mark else 0
    return whole & ~int(OPENING_BIT) | int(MARK_BIT)


def words_of_characters(reading: Reading) -> NDArray[np.int64]:
    """Return for every character the place of its word."""
    return np.repeat(np.arange(len(reading.words)), [len(word) for word in reading.words])


def shingles(reading: Reading, size: int = 5) -> Ids:
    """Return the distinct runs of ``size`` characters; of a shorter message, the message."""
    text = reading.chars
    return np.unique(_windows(text, min(size, len(text)))[-1]) if text else np.empty(0, np.uint64)


def _full(word: str) -> bool:
    return len(word) > 1 and bool(word.strip("0123456789."))


def _windows(text: str, longest: int) -> list[Ids]:
    """Return for n = 1 … longest a hash of every run of n characters."""
    codes = np.frombuffer(text.encode("utf-32-le"), "<u4").astype(np.uint64)
    rolling, found = np.zeros(len(codes) + 1, np.uint64), []
    for n in range(1, longest + 1):
        rolling = rolling[:-1] * np.uint64(0x100000001B3) + codes[n - 1 :] + np.uint64(n)
        mixed = (rolling ^ (rolling >> np.uint64(31))) * np.uint64(0x9E3779B97F4A7C15)
        found.append(mixed ^ (mixed >> np.uint64(29)))
    return found
