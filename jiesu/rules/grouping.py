"""并案: when orders are proposed to be grouped, and when a reminder may stand instead of a new order.

Group, never merge (domain 5.3): a group has one plan of action, each order its own reply, clock and rates.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from jiesu.rules.labelled import Labelled

ARTICLE_11 = "《北京市接诉即办工作条例》第十一条第三项"
REMINDER_WORDS = (
    "正在办理或者已经办结且无新情况、新理由的重复诉求，告知办理进展或者结果"
    "（《北京市接诉即办工作条例》第十一条，转述）；完善重复诉求认定机制，扩大“催办告知”适用范围"
    "（2025年《关于进一步深化接诉即办改革的意见》，转述）。"
)


class GroupKind(Labelled):
    REQUESTER = "requester", "一人多诉"
    MATTER = "matter", "多人同诉"
    PLACE = "place", "同点位同类"


class GroupState(Labelled):
    PROPOSED = "proposed", "待确认"
    CONFIRMED = "confirmed", "已确认"
    ENDED = "ended", "已解散"


@dataclass(frozen=True, slots=True)
class Grouping:
    """What the rule set says of grouping.

    ``propose``: from which chance on. ``confirm``: from which chance on a proposal counts as confirmed
    without a person; None: never. ``within``: how far apart two orders may lie. ``windows``: so many of one
    place and kind within so long are a burst.
    """

    propose: float
    confirm: float | None
    within: timedelta
    windows: tuple[tuple[timedelta, int], ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an order is about: its community (an id, or its own word for it) and its words for the place."""

    community: int | str | None
    text: str


def grouping(told: Mapping[str, Any], hot: Mapping[str, Any]) -> Grouping:
    """Read ``[groups]`` and ``[hot]`` of a rule set; one of before these keys gets the defaults below."""
    confirm = told.get("confirm", "")
    return Grouping(
        propose=float(told.get("propose", "0.42")),
        confirm=float(confirm) if confirm else None,
        within=timedelta(days=told.get("within_d", 90)),
        windows=tuple((timedelta(hours=h), n) for h, n in hot.get("windows", [[24, 5]])),
        words=tuple(told.get("words", ())),
    )


ELSEWHERE = 0.4  # 推定: what the chance is multiplied by where two orders are plainly of two places
OTHERWISE = 0.5  # 推定: and where the platform has put them into two classes
_NUMBERED = re.compile(r"(\d+)\s*号?(院|号楼|楼|栋|单元)")


def elsewhere(one: Spot, other: Spot) -> bool:
    """True when two orders are plainly of two places: two communities, two compounds or two buildings.

    The same words about the heating of two compounds are two matters. What is not told is no difference.
    """
    if one.community and other.community and one.community != other.community:
        return True
    mine, theirs = _numbers(one.text), _numbers(other.text)
    return any(mine[kind].isdisjoint(theirs[kind]) for kind in mine.keys() & theirs.keys())


def otherwise(one: str, other: str) -> bool:
    """True when two orders stand in two classes of the second level; calls share their forms of words."""
    mine, theirs = one.split(">")[:2], other.split(">")[:2]
    return len(mine) == len(theirs) == 2 and mine != theirs


def _numbers(text: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for number, kind in _NUMBERED.findall(text):
        found.setdefault("楼" if kind in {"号楼", "栋"} else kind, set()).add(number)
    return found


def kinds(category: str, title: str, content: str, words: Iterable[str]) -> frozenset[str]:
    """Return what kinds of matter an order is: its third-level class, and the plain words it opens with."""
    found = {word for word in words if word in title or word in content[:120]}
    if category.count(">") >= 2:
        found.add(category)
    return frozenset(found)


def burst(moments: Sequence[datetime], windows: Iterable[tuple[timedelta, int]]) -> list[int]:
    """Return which of the moments (in order) belong to a burst: enough of them within one window."""
    within: set[int] = set()
    for length, least in windows:
        first = 0
        for last, at in enumerate(moments):
            while at - moments[first] > length:
                first += 1
            if last - first + 1 >= least:
                within.update(range(first, last + 1))
    return sorted(within)


def kind_of(requesters: Sequence[frozenset[Any]]) -> GroupKind:
    """Return what a group of like orders is: of one requester when all of them share a phone, else of many."""
    if requesters and frozenset.intersection(*requesters):
        return GroupKind.REQUESTER
    return GroupKind.MATTER
