"""Whether a text says a word and means it: not denied (没有扬言), not part of another word (跳楼价)."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

# what denies the words right behind it; a wish (想, 要) or a doer may stand between, nothing else
_DENIED = re.compile(
    r"(?:没有?|并没有?|并未|并无|从未|从没|未曾|未|无|不会|不是|并非|绝不|绝非|不存在|不要|请勿|禁止|严禁|防止|避免|杜绝|否认|以防|以免|谨防|不愿|不想)"
    r"(?:任何|再|过|要|想|去|有|出现|发生|进行|表示|作出|人|打算|意图|企图|倾向|过激|的|、){0,3}$"
)
# what makes of the words behind it a fear, not an event (一旦发生火灾), and what does so from behind (火灾隐患)
_FEARED = re.compile(
    r"(?:一旦|一但|万一|假如|假使|如果|要是|倘若|若是|若|极易|容易|很易|可能|随时|恐怕|恐|怕|担心|避免|引发|引起|诱发|"
    r"造成|导致|会|将|免得|防|谨防)[^，。！？；,]{0,10}$"
)
_FEAR = re.compile(r".{0,3}(?:隐患|风险|危险|可能|预防|防范|演练|事故频|怎么办)")
_SENTENCE = re.compile(r"[^。！？!?；;\n]*[。！？!?；;\n]?")
LOOKS_BACK = 12


class Hit(NamedTuple):
    """A word that was found, and where."""

    start: int
    end: int
    word: str


def hits(
    text: str, words: Iterable[str], but: Iterable[str] = (), *, denied: bool = True
) -> Iterator[Hit]:
    """Yield every place where one of the words is said and meant.

    :param but: longer words in which a word means something else (没电梯 for 没电)
    :param denied: False: take the words even where the text denies them
    """
    if not any(word in text for word in words):
        return
    covered = [
        (m.start(), m.end())
        for other in but
        if other in text
        for m in re.finditer(re.escape(other), text)
    ]
    for word in words:
        start = text.find(word)
        while start >= 0:
            end = start + len(word)
            inside = any(a <= start and end <= b for a, b in covered)
            if not inside and not (
                denied and _DENIED.search(text[max(0, start - LOOKS_BACK) : start])
            ):
                yield Hit(start, end, word)
            start = text.find(word, end)


def feared(text: str, hit: Hit) -> bool:
    """True when what was found is only feared or imagined, not told as having happened."""
    return bool(
        _FEARED.search(text[max(0, hit.start - 16) : hit.start])
        or _FEAR.match(text[hit.end : hit.end + 8])
    )


def says(text: str, word: str, but: Iterable[str] = ()) -> bool:
    """True when the text says the word and means it."""
    return next(hits(text, (word,), but), None) is not None


def sentences(text: str) -> Iterator[tuple[int, str]]:
    """Yield each sentence with where it begins."""
    for found in _SENTENCE.finditer(text):
        if found[0].strip():
            yield found.start(), found[0]
