"""谁先回访: what speaks for calling a requester first, each with its weight and its reason in words.

Weights, words and limits are data of the rule set (``[follow_up]``); what it does not say stays as here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from jiesu.rules.labelled import Labelled


class Worry(Labelled):
    """为何先回访."""

    UNSOLVED = "unsolved", "可能未解决"
    REVERSAL = "reversal", "反水"
    REPEAT = "repeat", "多次来电"
    KEY_PERSON = "key_person", "重点人"
    CYCLE_END = "cycle_end", "考核期将止"
    MISSED = "missed", "没打通"
    WAITING = "waiting", "等候已久"


WEIGHTS: Mapping[Worry, int] = {
    Worry.UNSOLVED: 40, Worry.REVERSAL: 35, Worry.REPEAT: 20, Worry.KEY_PERSON: 25,
    Worry.CYCLE_END: 15, Worry.MISSED: 10, Worry.WAITING: 5,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FollowUpRules:
    """What the rule set says of calling back."""

    weights: Mapping[Worry, int] = field(default_factory=lambda: dict(WEIGHTS))
    unsolved_words: tuple[str, ...] = ("无法解决", "暂时无法", "暂无法", "协调中")
    key_tags: frozenset[str] = frozenset({"重点人"})
    reversal_tags: frozenset[str] = frozenset({"反水"})
    month_times: int = 2
    year_times: int = 3
    near_cycle_end: timedelta = timedelta(days=3)
    waiting: timedelta = timedelta(hours=24)
    tries: int = 3
    again: timedelta = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Signs:
    """What is known of a case that waits to be called back."""

    tags: Sequence[str]
    result: str
    since: datetime
    month_seq: int | None = None
    year_seq: int | None = None
    same_phone: int = 0
    rejected: int = 0
    reopened: int = 0
    reversed_before: int = 0
    reversed_here: bool = False
    attempts: int = 0
    last_result: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason to call first: what it is, why so, and what it weighs."""

    worry: Worry
    words: str
    weight: int


def follow_up_rules(told: Mapping[str, Any]) -> FollowUpRules:
    """Read ``[follow_up]`` of a rule set."""
    plain = FollowUpRules()
    weights = dict(plain.weights) | {
        Worry(name): int(points) for name, points in told.get("weights", {}).items()
    }
    return FollowUpRules(
        weights=weights,
        unsolved_words=tuple(told.get("unsolved_words", plain.unsolved_words)),
        key_tags=frozenset(told.get("key_tags", plain.key_tags)),
        reversal_tags=frozenset(told.get("reversal_tags", plain.reversal_tags)),
        month_times=int(told.get("month_times", plain.month_times)),
        year_times=int(told.get("year_times", plain.year_times)),
        near_cycle_end=timedelta(days=float(told.get("near_cycle_end_d", 3))),
        waiting=timedelta(hours=float(told.get("waiting_h", 24))),
        tries=int(told.get("tries", plain.tries)),
        again=timedelta(hours=float(told.get("again_h", 48))),
    )


def reasons(signs: Signs, rules: FollowUpRules, *, at: datetime, ends: datetime) -> list[Reason]:
    """Return what speaks for calling this requester first, the heaviest first.

    ``ends`` is when the cycle that counts the case is over: what is found unsolved after it comes too late.
    """
    found = [
        (Worry.UNSOLVED, _unsolved(signs, rules)),
        (Worry.REVERSAL, _reversal(signs, rules)),
        (Worry.REPEAT, _repeat(signs, rules)),
        (Worry.KEY_PERSON, "平台标为重点人" if rules.key_tags.intersection(signs.tags) else ""),
        (Worry.CYCLE_END, _near(at, ends, rules)),
        (Worry.MISSED, f"已打 {signs.attempts} 次，{signs.last_result}" if signs.attempts else ""),
        (Worry.WAITING, _waiting(at - signs.since, rules)),
    ]
    told = [Reason(worry, words, rules.weights[worry]) for worry, words in found if words]
    return sorted(told, key=lambda reason: -reason.weight)


def score(told: Iterable[Reason]) -> int:
    """Return what the reasons weigh together."""
    return sum(reason.weight for reason in told)


def _unsolved(signs: Signs, rules: FollowUpRules) -> str:
    if word := next((word for word in rules.unsolved_words if word in signs.result), ""):
        return f"办理结果里写着“{word}”"
    if signs.reopened:
        return f"重新办理过 {signs.reopened} 次"
    return f"审核驳回过 {signs.rejected} 次" if signs.rejected else ""


def _reversal(signs: Signs, rules: FollowUpRules) -> str:
    if tag := next((tag for tag in signs.tags if tag in rules.reversal_tags), ""):
        return f"平台标为“{tag}”"
    if signs.reversed_here:
        return "街道回访时说满意，上级回访时说不满意"
    if signs.reversed_before:
        return f"同一来电人 {signs.reversed_before} 次先说满意、后说不满意"
    return ""


def _repeat(signs: Signs, rules: FollowUpRules) -> str:
    if signs.month_seq and signs.month_seq >= rules.month_times:
        return f"本月第 {signs.month_seq} 次来电"
    if signs.year_seq and signs.year_seq >= rules.year_times:
        return f"本年第 {signs.year_seq} 次来电"
    return f"同一号码另有 {signs.same_phone} 件" if signs.same_phone else ""


def _near(at: datetime, ends: datetime, rules: FollowUpRules) -> str:
    left = ends - at
    if not timedelta(0) < left <= rules.near_cycle_end:
        return ""
    hours = int(left.total_seconds() // 3600)
    return f"考核期还剩 {hours // 24} 天" if hours >= 24 else f"考核期还剩 {hours} 小时"


def _waiting(length: timedelta, rules: FollowUpRules) -> str:
    days = int(length.total_seconds() // 86400)
    if length < rules.waiting:
        return ""
    return f"等了 {days} 天" if days else f"等了 {int(length.total_seconds() // 3600)} 小时"
