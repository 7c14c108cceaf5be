"""Orders to be looked at at once: alarmed when they arrive, until the call and the report are on record."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from jiesu.cases import transitions
from jiesu.cases.access import NotYours
from jiesu.cases.models import Case, Event
from jiesu.core import environment
from jiesu.desk.jobs import hand_on
from jiesu.intake import importing
from jiesu.intake.models import Batch
from jiesu.rules.clocks import ClockKind
from jiesu.rules.workflow import Action
from jiesu.supervision import actions, jobs
from jiesu.supervision.alarms import NotAlarmed, judge_ids, lift
from jiesu.supervision.models import Reminder
from jiesu.supervision.sweeping import sweep
from jiesu.triage import marking
from jiesu.triage.marking import WrongWord, wrong_words
from tests.factories.files import row as order
from tests.factories.files import workbook
from tests.factories.orders import make_case
from tests.stages.duty.making import make_pattern, make_shift
from tests.stages.supervision.people import NOON, names, told

MINUTE = timedelta(minutes=1)
THREAT = "市民反映漏水，称再不解决就跳楼。"


def running(case):
    found = case.clocks.filter(stopped_at=None, kind__in=["phone", "report_up"]).order_by("id")
    return [(clock.kind, clock.due_at) for clock in found]


def facts(case, action):
    return Event.objects.get(case=case, action=action)


def test_a_threat_alarms_demands_a_call_and_a_report_and_is_told_at_once(street):
    case = make_case(street.office, at=NOON, content=THREAT)

    assert judge_ids([case.pk], NOON) == [case.pk]

    case.refresh_from_db()
    assert case.alarm == "threat"
    fact = facts(case, Action.ALARM)
    assert (fact.actor, fact.note, fact.facts) == (
        None, "来单写有“跳楼”", {"kind": "threat", "found": ["跳楼"]}
    )  # fmt: skip
    assert running(case) == [
        ("phone", NOON + 10 * MINUTE), ("report_up", NOON + 30 * MINUTE)
    ]  # fmt: skip
    assert (case.next_clock, case.next_due_at) == ("phone", NOON + 10 * MINUTE)
    assert told() == [
        ("daiban", "centre", "扬言告警；值班带班", False),
        ("lingdao", "leader", "扬言告警；街道领导", False),
    ]
    reminder = Reminder.objects.get()
    assert (reminder.level, reminder.clock.kind) == ("alarm", "phone")
    assert reminder.words == "扬言告警：来单写有“跳楼”，请立即电话通知并请示报告"


def test_judged_again_it_alarms_once(street):
    case = make_case(street.office, at=NOON, tags=["2小时"])

    assert judge_ids([case.pk], NOON) == [case.pk]
    assert judge_ids([case.pk], NOON + MINUTE) == []

    assert Event.objects.filter(case=case, action=Action.ALARM).count() == 1
    assert Reminder.objects.count() == 1


def test_the_call_and_the_report_on_record_stop_their_clocks(street):
    case = make_case(street.office, at=NOON, tags=["重点人"])
    judge_ids([case.pk], NOON)
    case.refresh_from_db()

    actions.phone(
        case, called_at=NOON + 3 * MINUTE, whom="社区书记", outcome="已联系上", words="已到场",
        actor=street.seat, at=NOON + 5 * MINUTE,
    )  # fmt: skip
    assert running(case) == [("report_up", NOON + 30 * MINUTE)]
    actions.report_up(
        case, reported_at=NOON + 8 * MINUTE, to="分管领导", channel="电话", words="",
        actor=street.lead, at=NOON + 9 * MINUTE,
    )  # fmt: skip

    assert running(case) == []
    called, reported = facts(case, Action.PHONE), facts(case, Action.REPORT_UP)
    assert called.facts == {
        "called_at": (NOON + 3 * MINUTE).isoformat(), "whom": "社区书记", "outcome": "已联系上",
    }  # fmt: skip
    assert (called.note, called.actor) == ("已到场", street.seat)
    assert reported.facts == {
        "reported_at": (NOON + 8 * MINUTE).isoformat(), "to": "分管领导", "channel": "电话",
    }  # fmt: skip
    assert sweep(NOON + 60 * MINUTE).reminded == 1  # the order's own 签收, and nothing of the alarm
    assert not Reminder.objects.filter(
        clock__kind__in=["phone", "report_up"], level="overdue"
    ).exists()
    assert case.next_clock == "sign"


def test_without_them_it_climbs_as_every_clock_does(street):
    case = make_case(street.office, at=NOON, content=THREAT)
    case.clocks.update(watch_at=None)
    judge_ids([case.pk], NOON)

    for minute in range(31):
        sweep(NOON + minute * MINUTE)

    found = Reminder.objects.order_by("id")
    assert [(r.clock.kind, r.level, (r.at - NOON) // MINUTE, names(r)) for r in found] == [
        ("phone", "alarm", 0, ["daiban", "lingdao"]),
        ("phone", "short", 7, ["zuoxi"]),
        ("phone", "overdue", 10, ["lingdao", "daiban", "zuoxi"]),
        ("report_up", "short", 20, ["zuoxi"]),
        ("report_up", "overdue", 30, ["lingdao", "daiban", "zuoxi"]),
    ]
    clock = case.clocks.get(kind=ClockKind.PHONE)
    assert clock.overdue_at == NOON + 10 * MINUTE


def test_with_nobody_on_duty_the_leader_hears_it(street):
    night = NOON + timedelta(hours=10)
    case = make_case(street.office, at=night, content=THREAT)

    judge_ids([case.pk], night)

    assert told() == [("lingdao", "leader", "值班席无人在岗，上提至街道领导", True)]


def test_a_calm_or_finished_order_alarms_nobody(street, django_assert_num_queries):
    calm = [make_case(street.office, at=NOON).pk for _ in range(3)]
    ended = make_case(street.office, at=NOON, content=THREAT)
    transitions.apply(ended, Action.ARRIVE_AGAIN, actor=None, at=NOON)

    with django_assert_num_queries(3):
        assert judge_ids([*calm, ended.pk], NOON) == []

    assert not Reminder.objects.exists()


@pytest.mark.parametrize(
    ("verb", "given", "words"),
    [
        ("phone", {"whom": " ", "outcome": "已联系上"}, "请写明通知了谁。"),
        ("phone", {"whom": "社区书记", "outcome": ""}, "请写明通话结果。"),
        ("report_up", {"to": "", "channel": "电话"}, "请写明向谁报告。"),
        ("report_up", {"to": "分管领导", "channel": ""}, "请写明报告方式。"),
        ("phone", {"whom": "社区书记", "outcome": "已联系上", "called_at": NOON + MINUTE},
         "时间还没到，请填写实际发生的时间。"),
    ],
)  # fmt: skip
def test_what_was_not_said_is_asked_for(street, verb, given, words):
    case = make_case(street.office, at=NOON, content=THREAT)
    judge_ids([case.pk], NOON)
    when = {"called_at": NOON} if verb == "phone" else {"reported_at": NOON}

    with pytest.raises(actions.Incomplete) as refused:
        getattr(actions, verb)(case, **(when | given), actor=street.seat, at=NOON)

    assert str(refused.value) == words
    assert len(running(case)) == 2


def test_only_the_centre_may_put_the_call_on_record_and_each_form_counts_once(street):
    case = make_case(street.office, at=NOON, content=THREAT)
    judge_ids([case.pk], NOON)
    form = {
        "called_at": NOON,
        "whom": "社区书记",
        "outcome": "已联系上",
        "at": NOON,
        "once": uuid4(),
    }

    with pytest.raises(NotYours):
        actions.phone(case, actor=street.handler, **form)
    actions.phone(case, actor=street.seat, **form)
    with pytest.raises(transitions.SentTwice):
        actions.phone(case, actor=street.seat, **form)

    assert Event.objects.filter(case=case, action=Action.PHONE).count() == 1


def import_file(street, tmp_path, rows):
    """Import a workbook as the product does, its announcements handed on."""
    path = workbook(tmp_path / "orders.xlsx", rows)
    stored = environment.files() / f"{uuid4().hex}.xlsx"
    stored.write_bytes(path.read_bytes())
    batch = Batch.objects.create(
        office=street.office, name="orders.xlsx", stored=stored.name, sha256=uuid4().hex, size=1
    )
    before = set(ProcrastinateJob.objects.values_list("pk", flat=True))
    importing.run(batch, at=timezone.now())
    for job in ProcrastinateJob.objects.exclude(pk__in=before).order_by("id"):
        hand_on(job.args["name"], job.args["facts"])


def row(number, content, dispatched_at=None):
    at = timezone.localtime(dispatched_at or timezone.now())
    times = {"来电时间": at, "派单时间": at, "截止时间": at + timedelta(days=7)}
    written = {name: f"{time:%Y-%m-%d %H:%M:%S}" for name, time in times.items()}
    return order(number, 主要内容=content, **written)


def test_an_import_alarms_its_threats_at_once(street, tmp_path):
    import_file(street, tmp_path, [row(1, "路灯不亮"), row(2, THREAT), row(3, "供水")])

    alarmed = Case.objects.exclude(alarm="")
    assert [case.number for case in alarmed] == ["热线-261019-000002"]
    assert running(alarmed.get())


def test_a_correction_may_make_an_order_one_to_be_looked_at(street, tmp_path):
    import_file(street, tmp_path, [row(1, "路灯不亮")])
    assert not Case.objects.exclude(alarm="").exists()
    changed = row(1, THREAT, Case.objects.get().dispatched_at)

    import_file(street, tmp_path, [changed])

    assert Case.objects.get().alarm == "threat"


def test_another_fact_judges_nothing(street):
    case = make_case(street.office, at=NOON, content=THREAT)
    event = transitions.record(case, Action.NOTE, actor=street.seat, at=NOON, note="看过")

    jobs.noted(event=event.pk, case=case.pk)

    case.refresh_from_db()
    assert case.alarm == ""


FALSE = "楼下商铺喊着跳楼，其实是甩卖，噪音扰民。"


@pytest.fixture
def alarmed(street):
    def make(**fields):
        case = make_case(street.office, at=NOON, **({"content": FALSE} | fields))
        judge_ids([case.pk], NOON)
        case.refresh_from_db()
        assert case.alarm == "threat"
        return case

    return make


def test_a_threat_that_is_none_is_lifted_with_a_reason_and_demands_nothing_more(street, alarmed):
    case = alarmed()

    lift(case, reason="商铺甩卖，已电话核实", actor=street.lead, at=NOON + MINUTE)

    case.refresh_from_db()
    assert (case.alarm, running(case)) == ("", [])
    assert case.next_clock not in {"phone", "report_up"}
    fact = facts(case, Action.LIFT_ALARM)
    assert (fact.actor, fact.note, fact.facts["found"]) == (
        street.lead, "商铺甩卖，已电话核实", ["跳楼"]
    )  # fmt: skip
    assert [clock.stopped_by for clock in case.clocks.filter(kind="phone")] == ["lift_alarm"]
    assert wrong_words(street.office) == [WrongWord("跳楼", 1, 1)]


def test_a_lifted_word_alarms_no_more_and_another_does(street, alarmed):
    case = alarmed()
    lift(case, reason="商铺甩卖", actor=street.lead, at=NOON)

    assert judge_ids([case.pk], NOON) == []
    Case.objects.filter(pk=case.pk).update(content=FALSE + "他说不想活了。")
    assert judge_ids([case.pk], NOON) == [case.pk]

    raised = Event.objects.filter(case=case, action=Action.ALARM).order_by("id").last()
    assert (raised.note, raised.facts["found"]) == ("来单写有“不想活”", ["不想活"])
    lift(case, reason="气话，已核实", actor=street.lead, at=NOON)
    assert judge_ids([case.pk], NOON) == []


def test_what_alarms_for_another_reason_beside_still_does(street, alarmed):
    case = alarmed(tags=["2小时"])

    lift(case, reason="商铺甩卖", actor=street.lead, at=NOON)

    case.refresh_from_db()
    assert (case.alarm, len(running(case))) == ("urgent", 2)
    assert facts(case, Action.LIFT_ALARM).facts["left"] == "紧急"
    with pytest.raises(NotAlarmed):
        lift(case, reason="再按一次", actor=street.lead, at=NOON)


def test_only_a_reviewer_or_who_leads_the_duty_lifts_it(street, alarmed):
    case = alarmed()
    night = NOON + timedelta(hours=10)

    for nobody in (street.seat, street.leader, street.handler):
        with pytest.raises(NotYours):
            lift(case, reason="商铺甩卖", actor=nobody, at=NOON)
    with pytest.raises(NotAlarmed, match="为什么"):
        lift(case, reason=" ", actor=street.lead, at=NOON)
    make_shift(make_pattern(street.office, "晚班", (20, 24)), street.seat)

    lift(case, reason="商铺甩卖", actor=street.seat, at=night)

    assert facts(case, Action.LIFT_ALARM).actor == street.seat


def test_taken_up_again_it_alarms_again_and_is_not_taken_off_as_a_mark(street, alarmed):
    case = alarmed()
    lift(case, reason="商铺甩卖", actor=street.lead, at=NOON)
    mark = case.marks.get(code="threat")

    event = marking.decide(case, mark=mark, keep=True, actor=street.lead, at=NOON)
    jobs.noted(event=event.pk, case=case.pk)

    case.refresh_from_db()
    assert (case.alarm, len(running(case))) == ("threat", 2)
    mark.refresh_from_db()
    with pytest.raises(marking.Decided, match="告警栏"):
        marking.decide(case, mark=mark, keep=False, actor=street.lead, at=NOON)


def test_the_head_of_the_case_offers_it_to_whom_it_is_for(street, alarmed, browser_of):
    case = alarmed()
    address = reverse("supervising:lift", args=[case.number])

    assert "不是扬言" not in browser_of(street.seat).get(f"/cases/{case.number}/").content.decode()
    browser = browser_of(street.lead)
    assert address in browser.get(f"/cases/{case.number}/").content.decode()
    assert browser.post(address, {"reason": ""}).status_code == 422
    assert browser.post(address, {"reason": "商铺甩卖，已核实"}).status_code == 302

    page = browser.get(f"/cases/{case.number}/").content.decode()
    assert "不是扬言，解除" not in page
    assert "解除扬言告警：不是（来单写有“跳楼”）" in page
    assert "（“跳楼”不是）" in page
