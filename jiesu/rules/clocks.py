"""时限: which clocks a case has, where their limits come from, and how urgent a remainder is.

All counting here is by calendar time (domain 2.3: the systems found subtract days and hours plainly).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from jiesu.rules.labelled import Labelled
from jiesu.rules.rule_set import Limits


class ClockKind(Labelled):
    SIGN = "sign", "签收"
    OBJECT = "object", "退回异议"
    ANSWER = "answer", "平台裁定"
    DISPATCH = "dispatch", "派转"
    CONTACT = "contact", "首次联系"
    INTERNAL = "internal", "内部办理"
    ASSIST = "assist", "协办"
    REVIEW = "review", "审核"
    HANDLE = "handle", "办理"
    CALL_BACK = "call_back", "回访"
    REPORT_IN = "report_in", "报到"
    DECLARE = "declare", "申报"
    APPEAL = "appeal", "申诉"
    PROMISE = "promise", "约定回电"
    PHONE = "phone", "电话通知"
    REPORT_UP = "report_up", "请示报告"


@dataclass(frozen=True, slots=True)
class Due:
    """When something is due, and in words why then."""

    at: datetime | None
    source: str


URGENT = timedelta(hours=2)
NEAR = timedelta(hours=8)
SHORT = timedelta(hours=1)


def order_due(
    dispatched_at: datetime, own: datetime | None, tags: Iterable[str], limits: Limits
) -> Due:
    """Return the order's due time: its own, else the shortest of its tags, else the type's default.

    条例第13条: 派单必须注明办理时限, so the order's own always wins; the rest is a stop-gap (推定).
    """
    if own is not None:
        return Due(own, "工单自带")
    tagged = [(limits.by_tag[tag], tag) for tag in tags if tag in limits.by_tag]
    if tagged:
        length, tag = min(tagged)
        return Due(dispatched_at + length, f"标签“{tag}”")
    return Due(dispatched_at + limits.normal, "一般诉求默认时限")


def is_urgent(dispatched_at: datetime, due_at: datetime | None, tags: Iterable[str]) -> bool:
    """True for an order that must be answered within two hours (2小时类)."""
    return "2小时" in tags or (due_at is not None and due_at - dispatched_at <= URGENT)


def sign_due(dispatched_at: datetime, *, urgent: bool, limits: Limits) -> Due:
    """Return when the order must be signed: 30 minutes, urgent ones 10 (推定, 可配置)."""
    if urgent:
        return Due(dispatched_at + limits.sign_urgent, "紧急签收时限")
    return Due(dispatched_at + limits.sign, "签收时限")


def internal_due(dispatched_at: datetime, due_at: datetime, limits: Limits) -> Due:
    """Return the unit's own due time: the order's less the lead (城北: 上级截止 − 1 天).

    A short order cannot spare a day: the unit keeps at least ``internal_share`` of what is left.
    """
    whole = max(due_at - dispatched_at, timedelta(0))
    lead = min(limits.internal_lead, whole - whole * float(limits.internal_share))
    return Due(due_at - lead, f"工单时限提前 {spell(lead)}")


class Tone(Labelled):
    OK = "ok", "充裕"
    SOON = "soon", "临期"
    LATE = "late", "紧迫"


def tone(started_at: datetime, due_at: datetime, at: datetime) -> Tone:
    """Red when late or under two hours, amber under eight hours or a third, else calm.

    A clock of an hour or less (签收 has 30 minutes) goes by its own length: red under a sixth, amber
    under a third.
    """
    left, whole = due_at - at, due_at - started_at
    if left <= timedelta(0):
        return Tone.LATE
    if whole <= SHORT:
        return Tone.LATE if left < whole / 6 else Tone.SOON if left < whole / 3 else Tone.OK
    if left < URGENT:
        return Tone.LATE
    return Tone.SOON if left < NEAR or left < whole / 3 else Tone.OK


def spell(length: timedelta) -> str:
    """6:20:00 → “6 小时 20 分”; days above 48 hours; under a minute “1 分”. Never negative."""
    minutes = max(int(abs(length).total_seconds()) // 60, 1)
    if minutes < 60:
        return f"{minutes} 分"
    if minutes < 48 * 60:
        hours, rest = divmod(minutes, 60)
        return f"{hours} 小时 {rest:02d} 分" if rest else f"{hours} 小时"
    days, rest = divmod(minutes, 24 * 60)
    return f"{days} 天 {rest // 60} 小时" if rest // 60 else f"{days} 天"


def remaining(due_at: datetime, at: datetime) -> str:
    """“剩 6 小时 20 分” or “超 2 小时 05 分”."""
    return f"{'剩' if due_at > at else '超'} {spell(due_at - at)}"


def used(started_at: datetime, due_at: datetime, at: datetime) -> int:
    """Percent of the time that is used, 0 to 100."""
    whole = (due_at - started_at).total_seconds()
    if whole <= 0:
        return 100
    return max(0, min(100, round((at - started_at).total_seconds() * 100 / whole)))
