"""The figures of a month, for programs and for people."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Count, Sum

from jiesu.cases.models import Case, Clock, Event
from jiesu.command.simulation import record
from jiesu.command.simulation.checks import Verdict
from jiesu.command.simulation.worker import Worker
from jiesu.duty.models import Absence, CoverGap
from jiesu.rules.ladder import spoken
from jiesu.supervision.models import Channel, Delivery, DeliveryState, Notice, Reminder


def figures(
    verdict: Verdict, lines: Sequence[str], worker: Worker, *, seconds: float
) -> dict[str, Any]:
    """Return every figure as plain JSON."""
    street, sinks = verdict.month.ground.street, verdict.month.sinks
    outside = Delivery.objects.exclude(channel=Channel.PAGE)
    levels = Reminder.objects.filter(asked_by=None).order_by("level").values_list("level")
    tries = outside.aggregate(all=Sum("tries"))["all"] or 0
    return {
        "held": verdict.held,
        "digest": record.digest(list(lines)),
        "record_lines": len(lines),
        "checks": {name: check.told() for name, check in verdict.checks.items()},
        "counts": {
            "orders": Case.objects.count(),
            "events": Event.objects.count(),
            "clocks": Clock.objects.count(),
            "overdue": Clock.objects.filter(overdue_at__isnull=False).count(),
            "reminders": dict(levels.annotate(many=Count("id"))),
            "by_hand": Reminder.objects.exclude(asked_by=None).count(),
            "notices": Notice.objects.count(),
            "climbs": Notice.objects.filter(climbed=True).count(),
            "absences": Absence.objects.count(),
            "gaps": CoverGap.objects.count(),
            "deliveries": dict(
                outside.order_by("state").values_list("state").annotate(many=Count("id"))
            ),
            "retries": tries - outside.exclude(tries=0).count(),
        },
        "worker": worker.told(),
        "receivers": {"webhook": sinks.webhook.told(), "mail": sinks.mail.told()},
        "done": dict(sorted(street.done.items())),
        "refused": dict(sorted(street.refused.items())),
        "seconds": round(seconds, 1),
    }


def words(verdict: Verdict, told: dict[str, Any]) -> Iterator[str]:
    """Yield the figures as lines a person reads."""
    counts, worker = told["counts"], told["worker"]
    yield (
        f"模拟 {told['start']} 起 {told['days']} 天（种子 {told['seed']}），用时 {told['seconds']:.0f} 秒："
        f"工单 {counts['orders']}，记录 {counts['events']}，时限 {counts['clocks']}，"
        f"其中逾期 {counts['overdue']}。"
    )
    levels = "，".join(
        f"{_level(level)} {many}" for level, many in sorted(counts["reminders"].items())
    )
    yield f"提醒：{levels}；人工催办 {counts['by_hand']}；送到人 {counts['notices']}，上提 {counts['climbs']}。"
    states = counts["deliveries"]
    yield (
        f"推送：送达 {states.get(DeliveryState.SENT.value, 0)}，"
        f"放弃 {states.get(DeliveryState.GIVEN_UP.value, 0)}，重试 {counts['retries']}；"
        f"对方重复收到 {_again(told)}（同一编号）。"
    )
    yield (
        f"请假 {counts['absences']}，缺岗 {counts['gaps']}；后台任务 {worker['rounds']} 轮，"
        f"强行结束 {worker['kills']} 次，其中工作中 {worker['kills_amid_work']} 次。"
    )
    for check in verdict.checks.values():
        sign = "✓" if check.broken == 0 else "✗"
        yield f"{sign} {check.words}：{check.broken}（查 {check.looked}）"
        for example in check.examples:
            yield f"    {example}"
    yield f"记录指纹 {told['digest']}（{told['record_lines']} 行）"


def _level(name: str) -> str:
    own = {"alarm": "告警", "overdue": "逾期", "short": "短时限"}
    return own.get(name) or spoken(name)


def _again(told: dict[str, Any]) -> int:
    return sum(Counter(one)["received_again"] for one in told["receivers"].values())
