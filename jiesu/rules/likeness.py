"""How alike two messages are: whether one plan of action would settle both (domain 1.3, 2.4).

Two neighbours never write the same words about the same thing; what they share are the names of it, and
names are rare. So every pair of characters has a weight, 0 for what everybody writes and 1 for what
nobody else does, and three things are measured: how much of all that is said the two have in common, the
longest stretch of a title that stands in the other message, and the weightiest place or body that both
name. ``chance`` makes one number of them; its factors were learnt on labelled pairs of real messages
(``tests/shared_data/likeness_pairs.csv``, the tuning half), and the other half tells how good it is.
"""

import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

HEAD = 400  # characters of the text that are read: what a message is about stands at its beginning
_RUN = re.compile(r"[\u3400-\u9fff]+|[a-z0-9]+")
_KINDS = (
    "小区|家园|花园|公寓|大厦|大道|路|街|巷|村|组|社区|学校|小学|中学|学院|大学|幼儿园|公园|医院|公司|集团|广场|城|府|苑|园|"
    "湾|庭|郡|镇|乡|站|ktv|驾校|银行|号线|公交|栋|号楼|饭店|餐厅|市场|中心|工地|河|湖|桥|院"
)
_NAMED = re.compile(rf"(?=([\u4e00-\u9fffa-z0-9]{{2}}(?:{_KINDS})))")
_NOBODYS = re.compile(r"^.?(?:们|本|该|这个|我|各|多|全|些|民|边|有|宅|主|在|的)")

Weights = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Saying:
    """What is compared of a message: its title and its beginning without signs, and its pairs of characters."""

    title: str
    whole: str
    words: frozenset[str]
    names: frozenset[str]
    title_names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Likeness:
    """``share`` of what is said, ``stretch`` of a title found in the other, ``place`` both name; 0 is nothing."""

    share: float
    stretch: float
    place: float


def saying(title: str, content: str) -> Saying:
    """Read a message for comparing."""
    head, text = _runs(title), _runs(f"{title}\n{content[:HEAD]}")
    whole = "".join(text)
    first = "".join(head)
    return Saying(
        title=first, whole=whole, words=frozenset(_pairs(text)),
        names=frozenset(_NAMED.findall(whole)), title_names=_named(first),
    )  # fmt: skip


def likeness(
    one: Saying, other: Saying, weights: Weights, *, size: float | None = None
) -> Likeness:
    """Measure two messages; a pair of characters without a weight counts as rare.

    ``size`` is that of ``one`` where it was worked out before, for many others.
    """
    common = one.words & other.words
    mine = size_of(one, weights) if size is None else size
    total = math.sqrt(mine * size_of(other, weights))
    names = (one.title_names & other.names) | (other.title_names & one.names)
    return Likeness(
        share=math.sqrt(_square(common, weights) / total) if total else 0.0,
        stretch=max(
            _stretch(one.title, other.whole, weights), _stretch(other.title, one.whole, weights)
        ),
        place=max((_weight_of(name, weights) for name in names), default=0.0),
    )


def size_of(one: Saying, weights: Weights) -> float:
    """Return how much a message says, all in all."""
    return _square(one.words, weights)


def chance(measured: Likeness) -> float:
    """Return how likely the two are one matter, 0 to 1."""
    told = (
        BASE + SHARE * measured.share + STRETCH * math.log1p(measured.stretch) + PLACE * measured.place
    )  # fmt: skip
    return 1 / (1 + math.exp(-told))


# learnt on the tuning half of the labelled pairs (tests/shared_data/test_likeness_pairs.py)
BASE, SHARE, STRETCH, PLACE = -6.65, 5.25, 2.88, 0.42


def weight(cases: int, of: int) -> float:
    """Return the weight of what stands in ``cases`` of ``of`` cases; a small collection is not sure of itself."""
    size = max(of, 1000)
    return 1 - math.log1p(min(cases / max(of, 1), 1.0) * size) / math.log1p(size)


def _runs(text: str) -> list[str]:
    return _RUN.findall(unicodedata.normalize("NFKC", text.replace("_x000D_", " ")).lower())


def _pairs(runs: list[str]) -> list[str]:
    found: list[str] = []
    for run in runs:
        if len(run) > 1 and "\u3400" <= run[0] <= "\u9fff":
            found += [run[at : at + 2] for at in range(len(run) - 1)]
        else:
            found.append(run)
    return found


def _named(text: str) -> frozenset[str]:
    return frozenset(name for name in _NAMED.findall(text) if not _NOBODYS.match(name))


def _square(words: frozenset[str], weights: Weights) -> float:
    return sum(weights.get(word, 1.0) ** 2 for word in words)


def _weight_of(name: str, weights: Weights) -> float:
    return sum(weights.get(name[at : at + 2], 1.0) for at in range(len(name) - 1))


def _stretch(title: str, whole: str, weights: Weights) -> float:
    """The weight of the weightiest stretch of the title that stands in the other message."""
    best, begin, end = 0.0, 0, 2
    while end <= len(title):
        if title[begin:end] in whole:
            best = max(best, _weight_of(title[begin:end], weights))
            end += 1
        else:
            begin += 1
            end = max(end, begin + 2)
    return best
