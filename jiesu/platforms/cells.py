"""Cells as they come into values as they are kept: text without what a database cannot hold."""

import re
import unicodedata
from datetime import date, datetime, time

# Written where nothing is meant; an empty cell never replaces anything.
NOTHING = frozenset(
    ["", "-", "--", "---", "—", "——", "–", "/", "//", "\\", "\\N", "无", "暂无", "空", "null", "NULL",
     "Null", "(null)", "none", "None", "nan", "NaN", "NaT", "N/A", "n/a", "#N/A", "#VALUE!", "#REF!",
     "#NAME?"]
)  # fmt: skip

_FORBIDDEN = re.compile("[\x00\ud800-\udfff\ufffe\uffff]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_BREAKS = re.compile("\r\n|[\r\x85\u2028\u2029]")
# Directional marks could make a text read otherwise than it is stored.
_UNSEEN = (
    "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069"
)
_ENDS = (
    " \t\n\r\x0b\x0c\x85\xa0\u3000\u2000\u2002\u2003\u2009\u2028\u2029\u202f\xad\ufeff" + _UNSEEN
)
_DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_DASHES = re.compile("[‐‑‒–—―−﹣－﹘⁃]+")
_BLANKS = re.compile(r"[\s\u200b-\u200f\u2060\ufeff\xad]+")
_WHOLE = re.compile(r"(\d+)\.0+", re.ASCII)
_COUNT = re.compile(r"\s*(?:第)?(\d{1,6})(?:\.0+)?\s*(?:次|件)?\s*", re.ASCII)
_TAGS = re.compile(r"[,，、;；|\s]+")
_ARROWS = re.compile(r"\s*(?:-+>+|=+>|[>＞›»→]+)\s*")
_SLASHES = re.compile(r"\s*[/／\\|]+\s*")
_OTHERS = re.compile(r"\s*(?:—+|--+|、)\s*")
MAX_LEVELS = 5


def as_text(value: object) -> str:
    """Return a native cell value as a person sees it: whole numbers without “.0”."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e16 else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)


def storable(text: str) -> str:
    """Return the text as it came, save the characters PostgreSQL cannot store."""
    return _FORBIDDEN.sub("", text)


def tidy(text: str) -> str:
    """Return text without control characters, and without anything unseen at its ends."""
    text = text.strip()
    if text.isprintable():
        return text
    text = _DIRECTIONS.sub("", _CONTROL.sub("", _BREAKS.sub("\n", text)))
    return text.strip(_ENDS)


def one_line(text: str) -> str:
    """Return tidy text on one line, with single blanks."""
    text = tidy(text)
    if not text.isprintable() or "  " in text:
        text = " ".join(text.split())
    return text


def order_number(text: str) -> str:
    """Return an order number as it is written everywhere: half-width, no blanks, plain dashes."""
    return _BLANKS.sub("", _DASHES.sub("-", unicodedata.normalize("NFKC", tidy(text))))


def phone(text: str) -> str:
    """Return a phone as text: never a float, never with blanks inside a single number."""
    plain = unicodedata.normalize("NFKC", tidy(text))
    if whole := _WHOLE.fullmatch(plain):
        return whole[1]
    joined = _DASHES.sub("-", _BLANKS.sub("", plain))
    single = joined.replace("-", "").lstrip("+").isdigit() and len(joined) <= 18
    return joined if single else " ".join(plain.split())


def count(text: str) -> int | None:
    """Return the number in “3”, “3次” or “3.0”; None where there is none."""
    found = _COUNT.fullmatch(text)
    return int(found[1]) if found else None


def tags(text: str) -> tuple[str, ...]:
    """Return the tags of a cell, each once, in their order."""
    return tuple(dict.fromkeys(tag for tag in _TAGS.split(tidy(text)) if tag not in NOTHING))


def levels(text: str) -> tuple[str, ...]:
    """Return the levels of a category path; the strongest separator in it is the one that counts."""
    plain = one_line(text)
    for separator in (_ARROWS, _SLASHES, _OTHERS):
        parts = [part for part in separator.split(plain) if part and part not in NOTHING]
        if len(parts) > 1:
            return tuple(parts[:MAX_LEVELS])
    return tuple(parts)
