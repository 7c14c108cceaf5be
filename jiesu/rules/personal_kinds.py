"""What can be personal in a text, and how each kind looks masked."""

import re
from dataclasses import dataclass, replace
from typing import Self

from jiesu.rules.labelled import Labelled

_FOLD = {0xFF01 + n: chr(0x21 + n) for n in range(94)}
_FOLD |= dict.fromkeys(map(ord, "—–－‐‑‒−─～﹣"), "-")
_FOLD |= dict.fromkeys(
    map(ord, "\u3000\xa0\u2002\u2003\u2009\u200a\u200b\u200c\u200d\ufeff\u202f\t"), " "
)
_FOLD[0xFF0E] = "."
_FOLD |= dict.fromkeys(map(ord, "•・‧∙"), "·")
_FOLD |= {0x1D7CE + n: str(n % 10) for n in range(50)}
_FOLD |= {0x660 + n: str(n) for n in range(10)}
_HALF = re.compile("[\ud800-\udfff]")  # half a character: no text of the database has one


def fold(text: str) -> str:
    """Return the text with full-width signs, odd dashes, blanks and digits as plain ones, as long as before."""
    folded = text.translate(_FOLD)
    return folded if folded.isascii() or not _HALF.search(folded) else _HALF.sub("?", folded)


class PersonalKind(Labelled):
    """What was found; the firmer kinds first: of two that overlap, the firmer stays."""

    EMAIL = "email", "电子邮箱"
    IDENTITY = "identity", "证件号码"
    BANK = "bank", "银行账号"
    PHONE = "phone", "电话"
    PLATE = "plate", "车牌"
    ACCOUNT = "account", "网络账号"
    DOOR = "door", "门牌地址"
    NAME = "name", "姓名"

    @property
    def rank(self) -> int:
        """Its place in that order."""
        return _ORDER[self]


_ORDER = {kind: place for place, kind in enumerate(PersonalKind)}


@dataclass(frozen=True, slots=True)
class Span:
    """``text[start:end]`` is personal. ``shown``: how many characters stay at its start and end."""

    start: int
    end: int
    kind: PersonalKind
    head: int = 0
    tail: int = 0
    body: tuple[int, int] | None = None  # of a door: what is hidden; the rest is needed to go there

    def moved(self, by: int) -> Self:
        """Return the span as it stands ``by`` characters further on."""
        body = (self.body[0] + by, self.body[1] + by) if self.body else None
        return replace(self, start=self.start + by, end=self.end + by, body=body)

    def masked(self, text: str) -> str:
        """Return it masked; ``text`` is the whole text it stands in."""
        own = text[self.start : self.end]
        if self.kind is PersonalKind.NAME:
            return own[: self.head] + "*" + own[len(own) - self.tail :]
        if self.kind is PersonalKind.DOOR:
            assert self.body
            hidden = _NUMBER.sub(lambda m: "*" * len(m[0]), text[self.body[0] : self.body[1]])
            return text[self.start : self.body[0]] + hidden + text[self.body[1] : self.end]
        if self.kind is PersonalKind.EMAIL:
            return own[0] + "***" + own[own.index(_at(own)) :] if _at(own) else own[0] + "***"
        return _middle(own, self.head, self.tail)


_NUMBER = re.compile(
    r"[A-Za-z0-9０-９Ａ-Ｚａ-ｚ〇零○一二三四五六七八九十百两壹贰叁肆伍陆柒捌玖拾甲乙丙丁]+"
)


def _at(own: str) -> str:
    return next((sign for sign in "@＠" if sign in own), "")


def _middle(own: str, head: int, tail: int) -> str:
    """Keep the first ``head`` and last ``tail`` letters and digits, star the others, leave the signs."""
    places = [n for n, sign in enumerate(own) if sign.isalnum()]
    hidden = set(places[head : len(places) - tail])
    return "".join("*" if n in hidden else sign for n, sign in enumerate(own))
