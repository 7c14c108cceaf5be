"""告警: new orders judged at once, many in one go; those that alarm demand a call and a report upward.

A 扬言 that is none is lifted by a person, with a reason; then it demands nothing any more.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from jiesu.cases import access, clocks, transitions
from jiesu.cases.models import Case, Clock, Event
from jiesu.catalogue.queries import rules_at
from jiesu.duty import queries as duty
from jiesu.org.models import Member, Office
from jiesu.org.rights import Right, may
from jiesu.rules.alarms import NOTHING, Alarm, AlarmKind, AlarmRules, Lifted, alarm_rules, judge
from jiesu.rules.clocks import ClockKind, Due
from jiesu.rules.ladder import ALARM, Rung
from jiesu.rules.rule_set import Rules
from jiesu.rules.workflow import OPEN, Action
from jiesu.supervision import recipients
from jiesu.supervision.reminding import Ask, remind
from jiesu.triage import marking

_READ = ("id", "office_id", "tags", "category", "title", "content")


def judge_cases(which: Q, at: datetime) -> list[int]:
    """Judge the open cases that match and have no alarm yet; raise those that must be looked at.

    Three queries for any number of calm ones. Returns the ids that alarm now. May be called again.
    """
    calm = Case.objects.filter(which, alarm="", stage__in=[stage.value for stage in OPEN])
    found = list(calm.only(*_READ).order_by("id"))
    offices = Office.objects.in_bulk({case.office_id for case in found})
    rules = {pk: rules_at(office, at) for pk, office in offices.items()}
    told = {pk: alarm_rules(one.whole.get("alarm", {})) for pk, one in rules.items()}
    found = [case for case in found if _judged(case, told[case.office_id])]
    lifted = marking.lifted_of([case.pk for case in found]) if found else {}
    raised = []
    for case in found:
        alarm = _judged(case, told[case.office_id], lifted.get(case.pk, NOTHING))
        if alarm and raise_alarm(case.pk, alarm, rules[case.office_id], at):
            raised.append(case.pk)
    return raised


def _judged(case: Case, rules: AlarmRules, lifted: Lifted = NOTHING) -> Alarm | None:
    return judge(case.tags, case.category, (case.title, case.content), rules, lifted)


def judge_ids(cases: Iterable[int], at: datetime) -> list[int]:
    """Judge these cases, as `judge_cases` does."""
    return judge_cases(Q(pk__in=list(cases)), at)


@transaction.atomic
def raise_alarm(pk: int, alarm: Alarm, rules: Rules, at: datetime) -> bool:
    """Mark the case, leave the fact, start 电话通知 and 请示报告, and tell the lead on duty and the leader.

    False when somebody else has raised it meanwhile, or the case has ended.
    """
    case = Case.objects.select_for_update(of=("self",)).select_related("office").get(pk=pk)
    if case.alarm or not case.is_open:
        return False
    case.alarm = alarm.kind.value
    case.save(update_fields=["alarm"])
    transitions.record(
        case, Action.ALARM, actor=None, at=at, note=alarm.reason, kind=alarm.kind.value,
        found=list(alarm.found),
    )  # fmt: skip
    within = alarm_rules(rules.whole.get("alarm", {}))
    for kind, length in (
        (ClockKind.PHONE, within.call_within),
        (ClockKind.REPORT_UP, within.report_within),
    ):
        limit = rules.limits.of(kind.value, length)
        due = Due(None, f"{alarm.kind.label}告警后{kind.label}时限", limit)
        clocks.start(case, kind, at=at, due=due, rules=rules)
    clocks.gather(case)
    _tell(case, alarm, at)
    return True


def _tell(case: Case, alarm: Alarm, at: datetime) -> None:
    clock = Clock.objects.get(case=case, kind=ClockKind.PHONE, stopped_at=None)
    there = recipients.roster(case.office, at)
    why = f"{alarm.kind.label}告警"
    leaders = [
        recipients.To(to.member, to.rung, f"{why}；{to.why}", to.climbed)
        for to in recipients.find(there, Rung.LEADER, None)
    ]
    to = recipients.once_each([*recipients.lead(there, why), *leaders])
    ask = Ask(
        office=case.office_id, case=case.pk, clock=clock.pk, level=ALARM, rung=Rung.CENTRE,
        due_at=clock.due_at, unit=None, to=to, words=f"{why}：{alarm.reason}，请立即电话通知并请示报告",
    )  # fmt: skip
    remind([ask], at)


class NotAlarmed(ValueError):
    """There is no threat to be lifted, or no reason was given; the message says so."""


def may_lift(member: Member, case: Case, at: datetime) -> bool:
    """True for a reviewer, and for whoever leads the duty now (带班)."""
    if not access.may_do(member, Action.LIFT_ALARM, case):
        return False
    return may(member, Right.REVIEW) or duty.lead_on_duty(case.office, at) == member


@transaction.atomic
def lift(
    case: Case, *, reason: str, actor: Member, at: datetime, once: UUID | None = None
) -> Event:  # fmt: skip
    """解除误报的扬言: with a reason, on record; what it demanded ends, and the words stay as a lesson.

    Where the order alarms for another reason beside (2小时, 重点人), that alarm and its demands stay.

    :raises NotAlarmed: no threat alarms here, or no reason was given
    :raises NotYours: neither a reviewer nor the lead on duty
    :raises SentTwice: the same form came before
    """
    if not reason.strip():
        raise NotAlarmed("请写明为什么不是扬言。")
    held = Case.objects.select_for_update(of=("self",)).select_related("office").get(pk=case.pk)
    if not may_lift(actor, held, at):
        raise access.NotYours(Action.LIFT_ALARM)
    if held.alarm != AlarmKind.THREAT:
        raise NotAlarmed("这件没有扬言告警，或已由同事解除。")
    raised = held.events.filter(action=Action.ALARM).order_by("id").last()
    why, found = (raised.note, raised.facts.get("found", [])) if raised else ("", [])
    mark = marking.threat_lifted(held, reason=why, found=found, actor=actor, at=at)
    rules = alarm_rules(rules_at(held.office, at).whole.get("alarm", {}))
    rest = _judged(held, rules, Lifted(mark.reason, frozenset(mark.found)))
    held.alarm = rest.kind.value if rest else ""
    held.save(update_fields=["alarm"])
    event = transitions.record(
        held, Action.LIFT_ALARM, actor=actor, at=at, note=reason.strip(), once=once,
        kind=AlarmKind.THREAT.value, was=why, found=list(found), left=rest.kind.label if rest else "",
    )  # fmt: skip
    if rest is None:
        clocks.stop(held, ClockKind.PHONE, ClockKind.REPORT_UP, at=at, by=Action.LIFT_ALARM)
        clocks.gather(held)
    case.refresh_from_db(fields=["alarm"])
    return event
