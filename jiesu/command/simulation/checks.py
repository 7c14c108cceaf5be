"""The verdict: each promise as a figure that must be zero, with the first cases that broke it."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from jiesu.cases.models import Case, Clock, Event
from jiesu.catalogue.queries import rules_at
from jiesu.command.simulation import expected
from jiesu.command.simulation.month import SHY, Month
from jiesu.duty.models import CoverGap
from jiesu.rules.moments import BEIJING
from jiesu.supervision.models import Channel, DailyList, Delivery, DeliveryState, Notice, Reminder
from jiesu.supervision.pushing import key

MINUTE = timedelta(minutes=1)
SHOWN = 8  # examples of each fault
LEVELS_OF_THEIR_OWN = {"alarm"}


@dataclass
class Check:
    """One promise: how often it was looked at, how often it was broken, and by what."""

    name: str
    words: str
    looked: int = 0
    broken: int = 0
    examples: list[str] = field(default_factory=list)

    def fail(self, example: str) -> None:
        self.broken += 1
        if len(self.examples) < SHOWN:
            self.examples.append(example)

    def told(self) -> dict[str, Any]:
        return {"looked": self.looked, "broken": self.broken, "examples": self.examples}


@dataclass
class Verdict:
    """All checks of a month."""

    month: Month
    end: datetime
    checks: dict[str, Check] = field(default_factory=dict)

    def check(self, name: str, words: str) -> Check:
        return self.checks.setdefault(name, Check(name, words))

    @property
    def held(self) -> bool:
        return all(check.broken == 0 for check in self.checks.values())


def judge(month: Month) -> Verdict:
    """Look at everything the month left behind."""
    verdict = Verdict(month, month.ground.street.end)
    _seen_in_time(verdict)
    _each_reminder_once(verdict)
    _cover(verdict)
    _alarms(verdict)
    _pushes(verdict)
    _daily_lists(verdict)
    return verdict


def _seen_in_time(verdict: Verdict) -> None:
    """Whoever was told before a due time passed must really have been there (the issue's first promise)."""
    month, presence = verdict.month, verdict.month.ground.presence
    unseen = verdict.check("unseen", "到期前没有在岗的人知道的时限")
    late = verdict.check("overdue_late", "逾期提醒没有在一次巡查内发出的时限")
    rewritten = verdict.check("overdue_rewritten", "逾期事实被改写")
    told: dict[int, list[tuple[datetime, str]]] = defaultdict(list)
    notices = Notice.objects.filter(reminder__clock__isnull=False)
    rows = notices.values_list("reminder__clock", "made_at", "member__username")
    for clock, at, who in rows.iterator(chunk_size=5000):
        told[clock].append((at, who))
    overdue = dict(Reminder.objects.filter(level="overdue").values_list("clock", "at"))
    for life in month.witness.lives.values():
        rewritten.looked += 1
        if life.rewritten:
            rewritten.fail(life.name)
        for run in expected.stretches(life):
            passed = run.due < verdict.end and (run.until is None or run.until > run.due)
            if not passed or run.due <= run.since + MINUTE:  # late before anybody could be told
                continue
            unseen.looked += 1
            before = [(at, who) for at, who in told[life.pk] if at < run.due]
            if not any(presence.there(who, at) for at, who in before):
                unseen.fail(f"{life.name} 到期 {_say(run.due)}：{_who(before)}")
            tick = run.due + MINUTE
            if tick >= verdict.end or (run.until is not None and run.until < tick):
                continue
            late.looked += 1
            at = overdue.get(life.pk)
            if at is None or at > tick:
                late.fail(f"{life.name} 到期 {_say(run.due)}，提醒 {_say(at)}")


def _each_reminder_once(verdict: Verdict) -> None:
    """Exactly the reminders that due times and ladder ask for, each once, at its round."""
    month = verdict.month
    missing = verdict.check("reminder_missing", "该发而没有发的提醒")
    extra = verdict.check("reminder_extra", "不该发或重复的提醒")
    when = verdict.check("reminder_late", "没有在该发的那一分钟发出的提醒")
    rules = rules_at(month.ground.street.office, month.start)
    hours = rules.whole["reminders"]["before_h"]
    made: dict[int, Counter[str]] = defaultdict(Counter)
    at: dict[tuple[int, str], datetime] = {}
    rows = Reminder.objects.filter(clock__isnull=False).exclude(level__in=LEVELS_OF_THEIR_OWN)
    for clock, level, moment in rows.values_list("clock", "level", "at"):
        made[clock][level] += 1
        at[clock, level] = moment
    for life in month.witness.lives.values():
        asked = expected.reminders(life, hours, month.ticks, verdict.end)
        for level, tick in asked.items():
            missing.looked += 1
            if not made[life.pk][level]:
                missing.fail(f"{life.name} {level} 应在 {_say(tick)}：{_life(life)}")
            elif at[life.pk, level] != tick:
                when.fail(f"{life.name} {level} 应 {_say(tick)} 实 {_say(at[life.pk, level])}")
            when.looked += 1
        for level, many in made[life.pk].items():
            extra.looked += 1
            if many > 1 or level not in asked:
                moment = at[life.pk, level]
                extra.fail(f"{life.name} {level} ×{many} {_say(moment)}：{_life(life)}")


def _cover(verdict: Verdict) -> None:
    """Every shift with too few was noticed, at once, and nothing else was."""
    month = verdict.month
    gap = verdict.check("gap_unnoticed", "没有及时发现的缺岗")
    false = verdict.check("gap_false", "误报的缺岗")
    found = {
        (g.shift.pattern.name, g.shift.on, g.found_at): g
        for g in CoverGap.objects.select_related("shift__pattern")
        if g.shift.starts_at >= month.start
    }
    for one in expected.gaps(month.ground.presence, month.start, verdict.end):
        gap.looked += 1
        if found.pop((one["pattern"], one["on"], one["found"]), None) is None:
            gap.fail(f"{one['on']} {one['pattern']} 自 {_say(one['found'])} 缺岗")
    false.looked = CoverGap.objects.count()
    for (name, on, at), left in found.items():
        false.fail(f"{on} {name} {_say(at)} 在岗 {left.present}，未到 {'、'.join(left.missing)}")


def _alarms(verdict: Verdict) -> None:
    """Threats, two-hour orders and key persons alarm within a minute of their arrival."""
    check = verdict.check("alarm_missing", "没有当即告警的扬言、紧急、重点人工单")
    urgent = Case.objects.filter(
        Q(tags__contains=["2小时"]) | Q(tags__contains=["重点人"]) | Q(category__startswith="扬言")
    ).exclude(arrived_at__gte=verdict.end - MINUTE)
    raised = dict(Event.objects.filter(action="alarm").values_list("case", "at"))
    for case in urgent.order_by("number", "arrival"):
        check.looked += 1
        at = raised.get(case.pk)
        if at is None or at > case.arrived_at + MINUTE:
            check.fail(f"{case} 到达 {_say(case.arrived_at)}，告警 {_say(at)}")
    both = Clock.objects.filter(kind__in=("phone", "report_up")).values_list("case", flat=True)
    demanded = Counter(both)
    for case in raised:
        if demanded[case] < 2:
            check.fail(f"案件 {case} 告警后没有电话通知和请示报告的时限")


def _pushes(verdict: Verdict) -> None:
    """What went out of the house: received, or given up while a channel was dead and climbed."""
    month = verdict.month
    lost = verdict.check("push_lost", "记为送达而对方没有收到的推送")
    given_up = verdict.check("push_given_up_alive", "渠道通畅却放弃的推送")
    stuck = verdict.check("push_stuck", "一直没有送出的推送")
    climbed = verdict.check("climb_missing", "推送不通而没有上提的提醒")
    leaked = verdict.check("push_personal", "推送里有诉求人信息")
    got = month.sinks.webhook.got + month.sinks.mail.got
    waiting = DeliveryState.WAITING
    rows = Delivery.objects.exclude(channel=Channel.PAGE).select_related("notice").order_by("id")
    failed: dict[int, list[Delivery]] = defaultdict(list)
    alive: set[int] = set()
    for one in rows:
        lost.looked += 1
        made = one.notice.made_at
        if one.state == DeliveryState.SENT:
            alive.add(one.notice_id)
            if key(one.pk) not in got:
                lost.fail(f"{one.channel} {key(one.pk)}")
        elif one.state == waiting:
            stuck.looked += 1
            if made < verdict.end - 2 * SHY and not _dead(month, one.channel, verdict.end):
                stuck.fail(f"{one.channel} {key(one.pk)} {_say(made)} 试 {one.tries} 次")
        else:
            failed[one.notice_id].append(one)
            given_up.looked += 1
            if not any(
                d.channel == one.channel and d.since - SHY <= made < d.until for d in month.dead
            ):
                given_up.fail(f"{one.channel} {key(one.pk)} {_say(made)}：{one.error}")
    for notice, ones in failed.items():
        first = ones[0].notice
        seen = first.seen_at is not None and first.seen_at <= first.made_at + 2 * SHY
        if notice in alive or seen or _waits(notice):
            continue
        climbed.looked += 1
        higher = Notice.objects.filter(reminder=first.reminder_id, climbed=True)
        if not higher.filter(made_at__gt=first.made_at).exists() and not _known(first):
            climbed.fail(f"{first.member} {_say(first.made_at)}")
    phones = {story.demand.phone for story in month.ground.street.stories.values()} - {""}
    for body in [*month.sinks.webhook.bodies, *month.sinks.mail.bodies]:
        leaked.looked += 1
        if any(phone in body for phone in phones):
            leaked.fail(body[:60])


def _waits(notice: int) -> bool:
    return Delivery.objects.filter(notice=notice, state=DeliveryState.WAITING).exists()


def _known(notice: Notice) -> bool:
    """True when it had reached the last rung and the desk: there is nobody higher to tell."""
    others = Notice.objects.filter(reminder=notice.reminder_id).exclude(pk=notice.pk)
    return notice.rung == "leader" and others.filter(rung="centre").exists()


def _dead(month: Month, channel: str, at: datetime) -> bool:
    return any(d.channel == channel and d.since <= at < d.until + SHY for d in month.dead)


def _daily_lists(verdict: Verdict) -> None:
    """The list of key times at each set hour, once, told to somebody."""
    check = verdict.check("daily_missing", "没有按时生成的每日清单")
    made = {row.at: row for row in DailyList.objects.all()}
    for at in _hours(verdict):
        check.looked += 1
        row = made.get(at)
        if row is None or row.made_at > at + MINUTE or row.pushed_at is None:
            check.fail(_say(at))


def _hours(verdict: Verdict) -> Iterator[datetime]:
    from_month = verdict.month
    day = from_month.start
    while day < verdict.end:
        for hour, minute in ((8, 30), (17, 0)):
            yield day.replace(hour=hour, minute=minute)
        day += timedelta(days=1)


def _say(at: datetime | None) -> str:
    return f"{at.astimezone(BEIJING):%m-%d %H:%M:%S}" if at else "无"


def _who(told: list[tuple[datetime, str]]) -> str:
    return "；".join(f"{_say(at)} {who}" for at, who in sorted(told)[:6]) or "没有人收到"


def _life(life: object) -> str:
    seen = life.seen  # type: ignore[attr-defined]
    return " | ".join(
        f"{_say(s.at)} {'走' if s.running else '停'} 到 {_say(s.due)}" for s in seen[:4]
    )
