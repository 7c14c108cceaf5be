"""时限: which clocks a case has, where their limits come from, and how urgent a remainder is.

How a limit is counted is told in ``rules.counting``; what is left of it is always shown plainly, in
hours and minutes by the clock on the wall.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from jiesu.rules import ladder
from jiesu.rules.counting import Count, Hours, Limit, due_at
from jiesu.rules.holidays import NoTable, WorkCalendar
from jiesu.rules.labelled import Labelled
from jiesu.rules.ladder import Level
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
    COORDINATE = "coordinate", "协调"


@dataclass(frozen=True, slots=True)
class Due:
    """When something is due, and in words why then.

    ``at`` None with a ``limit``: it is to be counted from the start; without one there is no limit.
    ``fixed``: somebody above has set the moment, and pauses of ours do not move it.
    """

    at: datetime | None
    source: str
    limit: Limit | None = None
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Sized:
    """A clock worked out: what its row says about time."""

    due_at: datetime | None
    source: str
    length: timedelta | None
    count: Count
    hours: str
    fixed: bool
    watch_at: datetime | None


def size(
    started_at: datetime, due: Due, levels: Sequence[Level], calendar: Callable[[], WorkCalendar]
) -> Sized:
    """Work out a clock that starts now; ``calendar`` is asked only for what is counted by working days.

    A due time that would need the table of a year nobody has entered stays open, and the source says
    which year is missing.
    """
    limit, source, at = due.limit, due.source, due.at
    if at is None and limit is not None:
        try:
            tables = None if limit.count is Count.CALENDAR else calendar()
            at = due_at(started_at, limit, calendar=tables)
        except NoTable as missing:
            source = f"{source}；{missing}"
    elif at is not None and limit is None:
        limit = Limit(max(at - started_at, timedelta(0)))
    watch_at = ladder.next_watch(started_at, at, started_at, levels)
    if at is not None and at <= started_at and levels:
        watch_at = started_at  # late from the beginning: the sweep says so
    return Sized(
        due_at=at,
        source=source,
        length=limit.length if limit else None,
        count=limit.count if limit else Count.CALENDAR,
        hours=hours_text(limit.hours) if limit else "",
        fixed=due.fixed,
        watch_at=watch_at,
    )


def hours_text(hours: Hours) -> str:
    """((9:00, 12:00),) → “09:00-12:00”: what ``counting.parse_hours`` reads."""
    text = ",".join(f"{a:%H:%M}-{b:%H:%M}" for a, b in hours)
    return text.replace("-00:00", "-24:00")


URGENT = timedelta(hours=2)
NEAR = timedelta(hours=8)
SHORT = timedelta(hours=1)


def order_due(
    dispatched_at: datetime, own: datetime | None, tags: Iterable[str], limits: Limits, *,
    category: str = "", order_type: str = "", calendar: Callable[[], WorkCalendar] | None = None,
) -> Due:  # fmt: skip
    """Return the order's due time: its own, the 派单目录's, the shortest of its tags, its type's default.

    条例第13条: 派单必须注明办理时限, so the order's own always wins; the rest is a stop-gap (推定).
    ``calendar`` is asked for limits by working days; a missing year leaves ``at`` open and says so.
    """
    if own is not None:
        return Due(own, "工单自带", fixed=True)
    limit, source = _fallback(tags, limits, category, order_type)
    tables = calendar or (lambda: WorkCalendar({}))
    found = size(dispatched_at, Due(None, source, limit), (), tables)
    return Due(found.due_at, found.source, limit)


def _fallback(
    tags: Iterable[str], limits: Limits, category: str, order_type: str
) -> tuple[Limit, str]:
    for path, limit in limits.by_category:
        if category == path or category.startswith(f"{path}>"):
            return limit, f"派单目录“{path.replace('>', ' › ')}”"
    kind = ClockKind.HANDLE.value
    tagged = [(limits.by_tag[tag], tag) for tag in tags if tag in limits.by_tag]
    if tagged:
        length, tag = min(tagged)
        return limits.of(kind, length), f"标签“{tag}”"
    if order_type in limits.by_type:
        return limits.of(kind, limits.by_type[order_type]), f"{order_type}类默认时限"
    return limits.of(kind, limits.normal), "一般诉求默认时限"


def is_urgent(dispatched_at: datetime, due_at: datetime | None, tags: Iterable[str]) -> bool:
    """True for an order that must be answered within two hours (2小时类)."""
    return "2小时" in tags or (due_at is not None and due_at - dispatched_at <= URGENT)


def sign_due(dispatched_at: datetime, *, urgent: bool, limits: Limits) -> Due:
    """Return when the order must be signed: 30 minutes, urgent ones 10 (推定, 可配置)."""
    if urgent:
        return Due(None, "紧急签收时限", limits.of(ClockKind.SIGN, limits.sign_urgent))
    return Due(None, "签收时限", limits.of(ClockKind.SIGN, limits.sign))


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
