"""Reminders of the demo month: what the ladder would have sent up to now, who looked, who answered.

Written like the month itself: as it would stand had it been lived, and announced to nobody.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from django.db.models import Max, Q

from jiesu.cases import clocks, sealing
from jiesu.cases.case_query import CaseQuerySet
from jiesu.cases.models import Case, Clock, Event
from jiesu.catalogue.queries import rules_at
from jiesu.org.models import Member, Office
from jiesu.org.rights import Role
from jiesu.rules import ladder
from jiesu.rules.alarms import Alarm, AlarmKind, AlarmRules, alarm_rules, judge
from jiesu.rules.clocks import ClockKind, Due
from jiesu.rules.ladder import ALARM, OVERDUE, Rung
from jiesu.rules.workflow import OPEN, Action, Stage
from jiesu.supervision import recipients
from jiesu.supervision.models import Channel, Delivery, DeliveryState, Notice, Reminder
from jiesu.supervision.recipients import Roster, To

MINUTE = timedelta(minutes=1)
LATELY = timedelta(days=3)  # what passed longer ago is not told again
ALARMS = 3
BY_HAND = (
    ("诉求人又来电催问，请尽快联系诉求人，说明办理情况，并登记联系结果。", "已电话联系，明天上午上门查看，当天反馈。"),
    ("时限将到，请抓紧办理，并把现在办到哪一步记入进展。", "材料已备齐，正在核对，今天下班前提交结果。"),
    ("此件领导关注，请今天内反馈进展。", ""),
)  # fmt: skip
THREAT = "来电人情绪激动，扬言今天再没有人管就到街道门口静坐。"
REPORTED = ("街道值班领导", "电话", "已报告基本情况和处置安排，领导要求盯住到现场。")
CALLED = ("承办单位负责人", "本人接听，已告知", "已安排人员到现场，先稳定情绪，再核实诉求。")

Told = tuple[Reminder, list[To], datetime | None]


def write(office: Office, *, at: datetime, rng: Random) -> int:
    """Write the reminders of what runs now. Returns how many."""
    there = recipients.roster(office, at)
    raised = _alarms(office, there, at)
    told = [*_of_the_ladder(office, there, at), *raised, *_by_hand(office, there, at, rng)]
    told.sort(key=lambda one: one[0].at)
    Reminder.objects.bulk_create([reminder for reminder, _, _ in told])
    notices = [_notice(one, to, at, rng) for one in told for to in one[1]]
    Notice.objects.bulk_create(notices)
    Delivery.objects.bulk_create(
        Delivery(
            notice=notice, channel=Channel.PAGE, state=DeliveryState.SENT, tries=1,
            sent_at=notice.made_at,
        )
        for notice in notices
    )  # fmt: skip
    return len(told)


def _of_the_ladder(office: Office, there: Roster, at: datetime) -> Iterator[Told]:
    """Each level that has passed of each clock that runs; the clock is looked at next for the next."""
    levels = rules_at(office, at).ladder
    running = Clock.objects.filter(
        case__office=office, stopped_at=None, due_at__isnull=False, case__stage__in=OPEN
    ).order_by("id")  # fmt: skip
    running = running.exclude(kind__in=(ClockKind.PHONE, ClockKind.REPORT_UP))
    found = list(running)
    acceptors = recipients.accepted({clock.case_id for clock in found})
    for clock in found:
        assert clock.due_at is not None
        acceptor = acceptors.get((clock.case_id, clock.unit_id)) if clock.unit_id else None
        for moment in ladder.passed(clock.started_at, clock.due_at, at, levels):
            if moment.level.name == OVERDUE:
                clock.overdue_at = clock.due_at
            if moment.at > at - LATELY:
                reminder = Reminder(
                    office=office, case_id=clock.case_id, clock=clock, level=moment.level.name,
                    rung=moment.level.rung, at=moment.at, due_at=clock.due_at, unit_id=clock.unit_id,
                )  # fmt: skip
                people = recipients.find(there, moment.level.rung, clock.unit_id, acceptor)
                yield reminder, recipients.once_each(people), None
        clock.watch_at = ladder.next_watch(clock.started_at, clock.due_at, at, levels)
    Clock.objects.bulk_update(found, ["watch_at", "overdue_at"], batch_size=500)


def _by_hand(office: Office, there: Roster, at: datetime, rng: Random) -> Iterator[Told]:
    """催办 of cases in hand, the last of them without an answer yet; each on the record of its case."""
    seat = there.of(Role.SEAT)[0]
    found = _quiet(office, at, 3 * 60).filter(stage=Stage.HANDLING, alarm="").select_related("unit")
    chosen = list(found.order_by("next_due_at")[10 : 10 + len(BY_HAND)])
    for place, (case, (words, answer)) in enumerate(zip(chosen, BY_HAND, strict=False)):
        sent = at - (150 - 45 * place) * MINUTE
        acceptor = recipients.accepted([case.pk]).get((case.pk, case.unit_id or 0))
        people = recipients.once_each(recipients.find(there, Rung.HANDLER, case.unit_id, acceptor))
        names = [to.member.name for to in people]
        _fact(
            case, Action.REMIND, seat, sent, words, unit=str(case.unit or ""), to=names,
            rung=Rung.HANDLER.value,
        )  # fmt: skip
        reminder = Reminder(
            office=office, case=case, rung=Rung.HANDLER, at=sent, due_at=case.next_due_at,
            unit=case.unit, asked_by=seat, words=words,
        )  # fmt: skip
        answered = sent + rng.randint(8, 30) * MINUTE if answer else None
        if answered and people:
            _fact(case, Action.ANSWER_REMINDER, people[0].member, answered, answer)
        yield reminder, people, answered


def _alarms(office: Office, there: Roster, at: datetime) -> list[Told]:
    """Open orders that must be looked at at once: called about; the report of the first still waits."""
    rules = rules_at(office, at)
    within = alarm_rules(rules.whole.get("alarm", {}))
    told: list[Told] = []
    raised: list[tuple[Case, Alarm]] = []
    for case in _quiet(office, at, 60).select_related("office", "unit").order_by("-dispatched_at"):
        alarm = judge(case.tags, case.category, (case.title, case.content), within)
        if alarm and case.stage == Stage.HANDLING:
            raised.append((case, alarm))
    raised.sort(key=lambda pair: pair[1].kind is not AlarmKind.THREAT)
    if not raised or raised[0][1].kind is not AlarmKind.THREAT:
        raised = [*_threatened(office, at, within), *raised]
    seat = there.of(Role.SEAT)[0]
    for place, (case, alarm) in enumerate(raised[:ALARMS]):
        begun = at - (14 + 9 * place) * MINUTE
        case.alarm = alarm.kind.value
        case.save(update_fields=["alarm"])
        _fact(
            case, Action.ALARM, None, begun, alarm.reason, kind=case.alarm, found=list(alarm.found)
        )
        pairs = ((ClockKind.PHONE, within.call_within), (ClockKind.REPORT_UP, within.report_within))
        for kind, length in pairs:
            due = Due(
                None, f"{alarm.kind.label}告警后{kind.label}时限", rules.limits.of(kind, length)
            )
            clocks.start(case, kind, at=begun, due=due, rules=rules)
        whom, outcome, words = CALLED
        called = begun + 6 * MINUTE
        _fact(
            case, Action.PHONE, seat, called, words, called_at=called.isoformat(), whom=whom,
            outcome=outcome,
        )  # fmt: skip
        clocks.stop(case, ClockKind.PHONE, at=called, by=Action.PHONE)
        if place:
            to, channel, words = REPORTED
            done = begun + 11 * MINUTE
            _fact(
                case, Action.REPORT_UP, seat, done, words, reported_at=done.isoformat(), to=to,
                channel=channel,
            )  # fmt: skip
            clocks.stop(case, ClockKind.REPORT_UP, at=done, by=Action.REPORT_UP)
        clocks.gather(case)
        told.append(_told_at_once(case, alarm, there, begun))
    return told


def _threatened(office: Office, at: datetime, within: AlarmRules) -> list[tuple[Case, Alarm]]:
    """A month without a threat in hand has one made of a case that is."""
    handled = _quiet(office, at, 120).filter(stage=Stage.HANDLING)
    case = handled.select_related("office", "unit").order_by("-dispatched_at").first()
    if case is None:
        return []
    case.save(update_fields=sealing.amend(case, content=sealing.whole(case)["content"] + THREAT))
    alarm = judge(case.tags, case.category, (case.title, case.content), within)
    return [(case, alarm)] if alarm else []


def _told_at_once(case: Case, alarm: Alarm, there: Roster, at: datetime) -> Told:
    clock = case.clocks.get(kind=ClockKind.PHONE)
    why = f"{alarm.kind.label}告警"
    reminder = Reminder(
        office=case.office, case=case, clock=clock, level=ALARM, rung=Rung.CENTRE, at=at,
        due_at=clock.due_at, words=f"{why}：{alarm.reason}，请立即电话通知并请示报告",
    )  # fmt: skip
    leaders = recipients.find(there, Rung.LEADER, None)
    return reminder, recipients.once_each([*recipients.lead(there, why), *leaders]), None


def _quiet(office: Office, at: datetime, minutes: int) -> CaseQuerySet:
    """Open cases whose last event lies so long back that what happens now comes after it."""
    found = Case.objects.filter(office=office, stage__in=OPEN).defer("tokens", "tsv")
    return found.annotate(last=Max("events__at")).filter(Q(last__lt=at - minutes * MINUTE))


def _fact(
    case: Case, action: Action, actor: Member | None, at: datetime, note: str, **facts: object
) -> None:
    """A fact of the record, as ``transitions.record`` leaves it, at its own moment."""
    Event.objects.create(
        office_id=case.office_id, case=case, step=case.steps, action=action, before=case.stage,
        after=case.stage, moved=False, actor=actor, at=at, recorded_at=at, note=note, facts=facts,
    )  # fmt: skip


def _notice(told: Told, to: To, at: datetime, rng: Random) -> Notice:
    """Whoever got it half an hour ago has mostly looked; whoever answered has looked before."""
    reminder, people, answered = told
    age = at - reminder.at
    looked = rng.random() < (0.85 if age > 30 * MINUTE else 0.3)
    seen = reminder.at + min(age, rng.randint(1, 40) * MINUTE) if looked else None
    mine = answered is not None and to is people[0]
    answer = next((told for words, told in BY_HAND if words == reminder.words), "") if mine else ""
    return Notice(
        reminder=reminder, member=to.member, rung=to.rung, why=to.why[:120], climbed=to.climbed,
        made_at=reminder.at, seen_at=answered - 3 * MINUTE if mine and answered else seen,
        answered_at=answered if mine else None, answer=answer,
    )  # fmt: skip
