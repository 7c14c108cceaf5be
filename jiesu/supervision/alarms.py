"""告警: new orders judged at once, many in one go; those that alarm demand a call and a report upward."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from jiesu.cases import clocks, transitions
from jiesu.cases.models import Case, Clock
from jiesu.catalogue.queries import rules_at
from jiesu.org.models import Office
from jiesu.rules.alarms import Alarm, alarm_rules, judge
from jiesu.rules.clocks import ClockKind, Due
from jiesu.rules.ladder import ALARM, Rung
from jiesu.rules.rule_set import Rules
from jiesu.rules.workflow import OPEN, Action
from jiesu.supervision import recipients
from jiesu.supervision.reminding import Ask, remind

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
    raised = []
    for case in found:
        texts = (case.title, case.content)
        alarm = judge(case.tags, case.category, texts, told[case.office_id])
        if alarm and raise_alarm(case.pk, alarm, rules[case.office_id], at):
            raised.append(case.pk)
    return raised


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
