"""Finding Chinese: overlapping pairs of characters as words, looked up as phrases.

PostgreSQL's own trigrams fail on two-character words, so each run of Chinese becomes its
overlapping pairs (停水了 → 停水 水了) in the ``tokens`` column, and a query becomes a phrase of
pairs. A run of digits also stands with its tails, so that any three digits of a number are found.
"""

import re
import unicodedata
from operator import concat
from uuid import UUID

from jiesu.core import vault
from jiesu.rules.personal_numbers import digits

_RUN = re.compile(r"[\u3400-\u9fff]+|[^\W\u3400-\u9fff_]+")
# what most texts are made of: NFKC leaves its words as they are, and costs more than looking
_PLAIN = re.compile(r"[\x00-\x7f\u4e00-\u9fff，。、；：？！“”‘’（）《》【】…—·～\u3000]*")
_DIGITS = re.compile(r"\d{4,}")
TAIL = 3
_DIALLED = re.compile(r"[\d０-９〇零一幺二三四五六七八九+＋()（）\s\-—－转]{7,24}")
_WHOLE = re.compile(
    r"1\d{10}|0\d{9,11}|[2-8]\d{7}"
)  # mobile, landline with its area, Beijing's without


def _runs(text: str) -> list[str]:
    if not _PLAIN.fullmatch(text):
        text = unicodedata.normalize("NFKC", text)
    return _RUN.findall(text.lower())


def _chinese(run: str) -> bool:
    return "\u3400" <= run[0] <= "\u9fff"


def _tokens(runs: list[str]) -> list[str]:
    out: list[str] = []
    for run in runs:
        if len(run) > 1 and _chinese(run):
            out += map(concat, run, run[1:])  # type: ignore[arg-type]
        else:
            out.append(run[:80])
    return out


def _tails(number: str) -> list[str]:
    found = _DIGITS.findall(number)
    return [run[i:] for run in found for i in range(1, len(run) - TAIL + 1)]


def index_text(number: str, *texts: str) -> str:
    """Return what goes into ``tokens``: the number with its tails, then the texts."""
    return " ".join([*_tokens(_runs(number)), *_tails(number), *_tokens(_runs("\n".join(texts)))])


def _phrase(piece: str) -> list[str]:
    runs = _runs(piece)
    if len(runs) > 1 and (len(runs[0]) == 1 or not _chinese(runs[0])) and not runs[0].isdigit():
        runs = runs[1:]  # may be the tail of a longer run in the text
    return _tokens(runs)


def phrases(query: str) -> list[list[str]]:
    """Return the phrases of a query, one for each piece between blanks."""
    return [tokens for tokens in map(_phrase, query.split()) if tokens]


def pg_query(query: str) -> str:
    """Return the tsquery text: each piece a phrase, the last word of it open at its end.

    Only letters, digits and Chinese come through ``_RUN``, so nothing needs quoting beyond ''.
    """

    def one(tokens: list[str]) -> str:
        last = len(tokens) - 1
        words = [
            f"'{word}'" + (":*" if at == last and (len(word) == 1 or not _chinese(word)) else "")
            for at, word in enumerate(tokens)
        ]
        return "(" + " <-> ".join(words) + ")"

    return " & ".join(map(one, phrases(query)))


def phone_keys(query: str) -> list[UUID]:
    """Return the keyed digests to look a whole phone number up by; none when the query is something else."""
    if not _DIALLED.fullmatch(query.strip()):
        return []
    plain = digits(query)
    return [phone_key(plain)] if _WHOLE.fullmatch(plain) else []


def phone_key(plain: str) -> UUID:
    """Return the keyed digest of a phone's digits."""
    return vault.digest("phone", plain)


def too_short(query: str) -> bool:
    """True when a query is a single Chinese character or holds nothing that can be looked up."""
    found = phrases(query)
    return not found or all(len(tokens) == 1 and len(tokens[0]) == 1 for tokens in found)
