"""告警: which orders somebody must look at at once (domain 2.4). It only says “look”, never decides.

扬言 are words of harming oneself or others; 紧急 are orders to be answered within two hours; 重点人 is a
tag of the platform. Tags, first levels and words are data of the rule set.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from jiesu.rules.labelled import Labelled
from jiesu.rules.saying import says


class AlarmKind(Labelled):
    THREAT = "threat", "扬言"
    URGENT = "urgent", "紧急"
    KEY = "key", "重点人"


@dataclass(frozen=True, slots=True)
class AlarmRules:
    """What alarms, and how soon the phone call and the report upward must be on record."""

    threat_words: tuple[str, ...] = ("扬言",)
    threat_but: tuple[str, ...] = ()  # longer words in which these mean something else
    threat_level1: frozenset[str] = frozenset({"扬言"})
    threat_tags: frozenset[str] = frozenset({"扬言"})
    urgent_tags: frozenset[str] = frozenset({"2小时"})
    key_tags: frozenset[str] = frozenset({"重点人"})
    call_within: timedelta = timedelta(minutes=10)
    report_within: timedelta = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Alarm:
    """Why an order alarms: its kind, the reason in words, and which words were found."""

    kind: AlarmKind
    reason: str
    found: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lifted:
    """A threat that a person has found to be none: why it alarmed, and the words that were wrong."""

    reason: str = ""
    words: frozenset[str] = frozenset()


NOTHING = Lifted()


def alarm_rules(told: Mapping[str, Any]) -> AlarmRules:
    """Read ``[alarm]`` of a rule set; what it does not say stays as it is here, so that none is deaf."""
    plain = AlarmRules()
    return AlarmRules(
        threat_words=tuple(told.get("threat_words", plain.threat_words)),
        threat_but=tuple(told.get("threat_but", plain.threat_but)),
        threat_level1=frozenset(told.get("threat_level1", plain.threat_level1)),
        threat_tags=frozenset(told.get("threat_tags", plain.threat_tags)),
        urgent_tags=frozenset(told.get("urgent_tags", plain.urgent_tags)),
        key_tags=frozenset(told.get("key_tags", plain.key_tags)),
        call_within=timedelta(minutes=told.get("call_min", plain.call_within.seconds // 60)),
        report_within=timedelta(minutes=told.get("report_min", plain.report_within.seconds // 60)),
    )


def judge(
    tags: Iterable[str], category: str, texts: Sequence[str], rules: AlarmRules,
    lifted: Lifted = NOTHING,
) -> Alarm | None:  # fmt: skip
    """Return why somebody must look at the order at once; None: nothing says so.

    ``category`` is a path such as ``扬言>自伤``. Of several reasons the gravest is told: 扬言, 紧急, 重点人.
    What a person has ``lifted`` is no reason any more; other words, or another class, are.
    """
    found = (one for one in _alarms(set(tags), category, texts, rules, lifted))
    return next((one for one in found if one.reason != lifted.reason), None)


def _alarms(
    has: set[str], category: str, texts: Sequence[str], rules: AlarmRules, lifted: Lifted
) -> Iterator[Alarm]:
    words = tuple(word for word in _words(texts, rules) if word not in lifted.words)
    level1 = category.partition(">")[0]
    if level1 in rules.threat_level1:
        yield Alarm(AlarmKind.THREAT, f"一级分类为“{level1}”", words)
    if tagged := sorted(has & rules.threat_tags):
        yield Alarm(AlarmKind.THREAT, f"标签“{tagged[0]}”", words)
    if words:
        yield Alarm(AlarmKind.THREAT, f"来单写有“{'”“'.join(words)}”", words)
    if tagged := sorted(has & rules.urgent_tags):
        yield Alarm(AlarmKind.URGENT, f"标签“{tagged[0]}”")
    if tagged := sorted(has & rules.key_tags):
        yield Alarm(AlarmKind.KEY, f"标签“{tagged[0]}”")


def _words(texts: Sequence[str], rules: AlarmRules) -> tuple[str, ...]:
    """The threatening words that are said and meant: “没有扬言” and “跳楼价” are neither."""
    return tuple(
        word
        for word in rules.threat_words
        if any(says(text, word, rules.threat_but) for text in texts)
    )
