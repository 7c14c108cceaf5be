"""回访: the queue by risk, the call sheet, and what comes of a call."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from jiesu.followup import actions, queries
from jiesu.followup.models import CallBack, Matter
from jiesu.ledger import queries as ledger
from jiesu.ledger.register import SHEETS
from jiesu.rules.clocks import ClockKind
from jiesu.rules.workflow import Action, NotAllowed, Stage
from tests.factories.acting import open_form, send, sentences

GOOD = {
    "basis": "call", "result": "answered", "contacted": "yes", "solved": "solved",
    "satisfied": "satisfied", "attitude": "calm",
}  # fmt: skip
BAD = GOOD | {"solved": "unsolved", "satisfied": "unsatisfied", "attitude": "displeased"}


def local(at):
    return timezone.localtime(at).strftime("%Y-%m-%dT%H:%M")


def now_and(**more):
    return {"called_at": local(timezone.now())} | more


def test_who_is_to_be_called_stands_by_risk_with_the_reasons(waiting, seat, office):
    plain, again = waiting(), waiting(month_seq=2)
    unsolved = waiting(closed=True, result="诉求人家中漏水，产权不清，暂时无法维修，已做好解释。")

    found = queries.queue(seat, timezone.now())

    ids = [(one.facts["id"], one.score) for one in found]
    assert ids == [(unsolved.pk, 40), (again.pk, 20), (plain.pk, 0)]
    assert [r.words for r in found[0].reasons] == ["办理结果里写着“暂时无法”"]


def test_the_queue_costs_the_same_however_long(
    waiting, seat, browser_of, django_assert_max_num_queries
):
    for _ in range(3):
        waiting()
    browser = browser_of(seat)
    browser.get(reverse("followup:queue"))

    with django_assert_max_num_queries(26):
        page = browser.get(reverse("followup:queue"))

    assert page.content.decode().count('class="call"') == 3


def test_a_call_that_was_answered_well_ends_the_case_in_one_press(waiting, reviewer, browser_of):
    case = waiting()

    answer = send(
        browser_of(reviewer), "calling:sheet", case, verdict="closed", words="灯亮了，挺快的",
        contacted_s="0:12", solved_s="0:40", satisfied_s="1:05", **now_and(**GOOD),
    )  # fmt: skip

    case.refresh_from_db()
    assert (answer.status_code, case.stage) == (302, Stage.CLOSED)
    made = case.call_backs.get()
    assert (made.contacted_s, made.solved_s, made.satisfied_s, made.risks) == (12, 40, 65, [])
    assert not case.clocks.filter(kind=ClockKind.CALL_BACK, stopped_at=None).exists()
    assert queries.queue(reviewer, timezone.now()) == []
    event = case.events.get(action=Action.CALL_BACK)
    assert (event.note, event.facts["solved"], event.facts["attempt"]) == (
        "灯亮了，挺快的",
        "solved",
        1,
    )


def test_failed_attempts_count_and_three_of_them_may_settle_it(waiting, seat, browser_of):
    case, browser = waiting(), browser_of(seat)

    for _ in range(2):
        send(
            browser,
            "calling:sheet",
            case,
            verdict="again",
            **now_and(result="no_answer", basis="call"),
        )
    early = waiting()
    refused = send(
        browser, "calling:sheet", early, verdict="passed", **now_and(result="busy", basis="call")
    )
    send(
        browser,
        "calling:sheet",
        case,
        verdict="passed",
        **now_and(result="no_answer", basis="call"),
    )

    assert sentences(refused) == [
        "没有打通，要打满 3 次才能了结，还差 2 次；请记“没打通”，换个时段再打。"
    ]
    assert not early.call_backs.exists()
    assert [(c.attempt, c.verdict) for c in case.call_backs.all()] == [
        (1, "again"), (2, "again"), (3, "passed"),
    ]  # fmt: skip
    assert [one.facts["id"] for one in queries.queue(seat, timezone.now())] == [early.pk]


@pytest.mark.parametrize("closed", [False, True], ids=["待办结", "已办结"])
def test_what_was_not_solved_goes_back_with_a_clock_of_its_own(waiting, seat, browser_of, closed):
    case = waiting(closed=closed)
    before = case.clocks.filter(kind=ClockKind.INTERNAL).last()

    send(
        browser_of(seat),
        "calling:sheet",
        case,
        verdict="failed",
        words="还是不亮",
        **now_and(**BAD),
    )

    case.refresh_from_db()
    running = case.clocks.get(kind=ClockKind.INTERNAL, stopped_at=None)
    assert (case.stage, case.closed_at) == (Stage.HANDLING, None)
    assert running.pk != before.pk
    assert running.due_at - running.started_at == timedelta(hours=48)
    assert case.assignments.get(ended_at=None, part="lead").due_at == running.due_at
    assert case.clocks.filter(kind=ClockKind.HANDLE, stopped_at=None).count() == 1
    assert case.call_backs.get().risks == ["未解决", "不满"]
    assert list(case.events.order_by("id").values_list("action", flat=True))[-2:] == [
        Action.CALL_BACK, Action.CALL_BACK_FAIL,
    ]  # fmt: skip


def test_after_handling_anew_it_is_called_back_anew(waiting, seat, member, reviewer):
    from_unit = member("handler", "livelihood")
    case, at = waiting(), timezone.now()
    actions.call_back(
        case, verdict="failed", called_at=at, actor=seat, at=at, words="没修好", **BAD
    )
    actions.handling.submit(
        case, result="已再次更换灯具，诉求人在场确认。", actor=from_unit, at=timezone.now()
    )
    actions.handling.review(case, passed=True, actor=reviewer, at=timezone.now())

    found = queries.queue(seat, timezone.now())

    assert [(one.facts["id"], one.attempts) for one in found] == [(case.pk, 0)]
    assert found[0].reasons[0].words == "重新办理过 1 次"


def test_another_demand_becomes_a_matter_that_is_followed_to_its_end(waiting, seat, browser_of):
    case, browser = waiting(), browser_of(seat)
    send(
        browser,
        "calling:sheet",
        case,
        verdict="passed",
        demand="楼下充电桩晚上很吵",
        **now_and(**GOOD),
    )
    opened = Matter.objects.get()

    listed = browser.get(reverse("followup:matters")).content.decode()
    done = {"outcome": "已转平台派单", "number": "热线-261126-000001"}
    browser.post(reverse("followup:settle", args=[opened.pk]), done)
    again = browser.post(reverse("followup:settle", args=[opened.pk]), done)

    opened.refresh_from_db()
    assert "楼下充电桩晚上很吵" in listed
    assert (opened.outcome, opened.number, opened.settled_by) == (*done.values(), seat)
    assert sentences(again) == ["这件事已经了结了。"]
    steps = case.events.filter(action=Action.MATTER).order_by("id")
    assert [(e.facts["step"], e.note) for e in steps] == [
        ("opened", "楼下充电桩晚上很吵"), ("settled", "已转平台派单"),
    ]  # fmt: skip


def test_the_sheet_says_what_to_ask_and_keeps_the_phone_masked(waiting, seat, browser_of):
    case = waiting(month_seq=2, requester_phone="12900001234")

    page = open_form(browser_of(seat), "calling:sheet", case).content.decode()

    assert "12900001234" not in page
    assert "129****1234" in page
    assert reverse("desk:reveal", args=[case.number]) in page
    assert "这是您本月第 2 次来电" in page
    assert "data-keep" in page


def test_what_they_said_is_kept_masked(waiting, seat):
    case, at = waiting(), timezone.now()

    actions.call_back(
        case,
        verdict="passed",
        called_at=at,
        actor=seat,
        at=at,
        words="让打我爱人12900001234",
        **GOOD,
    )

    assert CallBack.objects.get().words == "让打我爱人129****1234"
    assert "12900001234" not in case.events.get(action=Action.CALL_BACK).note


def test_only_what_waits_for_a_call_can_be_given_back(waiting, seat, office):
    case, at = waiting(), timezone.now()
    actions.call_back(
        case, verdict="failed", called_at=at, actor=seat, at=at, words="没修好", **BAD
    )

    with pytest.raises(NotAllowed):
        actions.give_back(case, note="再退", actor=seat, at=at)


def test_the_ledger_says_what_was_said_and_where_it_turned(waiting, seat):
    case = waiting(extra={"是否满意": "不满意"})
    at = timezone.now()
    actions.call_back(
        case, verdict="passed", called_at=at, actor=seat, at=at, words="挺好", contacted_s=3,
        satisfied_s=75, advice="留意", **GOOD,
    )  # fmt: skip
    wanted = ledger.read_filter({}, seat)
    cases = ledger.chosen(seat, wanted, at)

    def row(kind):
        sheet = SHEETS[kind]
        cells = next(ledger.cells(sheet, ledger.raw(sheet, cases, at)))
        return dict(zip([column.title for column in sheet.columns], cells, strict=True))

    rates, whole = row("rates"), row("cases")
    assert {name: rates[name] for name in (
        "编号", "联系时间点", "解决时间点", "满意时间点", "态度", "解决描述原话要点", "是否引发新诉求", "研判人", "反水", "处理建议"
    )} == {
        "编号": case.number, "联系时间点": "0:03", "解决时间点": None, "满意时间点": "1:15", "态度": "平和",
        "解决描述原话要点": "挺好", "是否引发新诉求": "否", "研判人": seat.name, "反水": "反水", "处理建议": "留意",
    }  # fmt: skip
    assert (whole["街道回访·是否满意"], whole["街道回访·录音时间点"]) == (
        "满意",
        "联系 0:03 满意 1:15",
    )
