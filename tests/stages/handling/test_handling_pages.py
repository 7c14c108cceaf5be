"""办理, 延期, 审核, 办结, by what a person sees and what the record says."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from jiesu.cases.models import Part
from jiesu.handling import actions
from jiesu.org.models import Unit
from jiesu.rules.workflow import Action, Stage
from tests.factories.acting import HTMX, open_form, send, send_htmx, sentences
from tests.factories.orders import dispatched, make_case

JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 64
RESULT = "10时电话联系诉求人，现场核实灯泡损坏，已更换，诉求人表示满意。"


def local(at):
    return timezone.localtime(at).strftime("%Y-%m-%dT%H:%M")


@pytest.fixture
def unit(office):
    return lambda code: Unit.objects.get(office=office, code=code)


@pytest.fixture
def case(office, seat, unit):
    """With 民生保障办公室, and 城市管理办公室 assisting."""
    return dispatched(make_case(office), seat, unit("livelihood"), assisting=(unit("urban"),))


@pytest.fixture
def handler(member):
    return member("handler", "livelihood")


@pytest.fixture
def lead(browser_of, handler):
    return browser_of(handler)


@pytest.fixture
def helper(browser_of, member):
    return browser_of(member("handler", "urban"))


@pytest.fixture
def reviewer(browser_of, member):
    return browser_of(member("reviewer"))


def reached(case, handler):
    actions.contact(
        case, contacted_at=timezone.now(), channel="phone", outcome="reached", note="灯不亮已三天",
        actor=handler, at=timezone.now(),
    )  # fmt: skip


def submitted(case, handler):
    reached(case, handler)
    actions.submit(case, result=RESULT, actor=handler, at=timezone.now())


def test_one_press_accepts_for_the_unit(lead, handler, case):
    answer = send(lead, "handling:accept", case)
    again = send_htmx(lead, "handling:accept", case)

    held = case.assignments.get(part=Part.LEAD)
    assert (answer.status_code, held.accepted_by) == (302, handler)
    assert (again.status_code, case.events.filter(action=Action.ACCEPT).count()) == (409, 1)


def test_a_contact_is_recorded_with_time_channel_and_outcome(lead, case):
    at = timezone.localtime()

    answer = send(
        lead, "handling:contact", case, outcome="reached", channel="phone", contacted_at=local(at),
        note="灯不亮已三天",
    )  # fmt: skip

    case.refresh_from_db()
    event = case.events.get(action=Action.CONTACT)
    assert answer.status_code == 302
    assert datetime.fromisoformat(event.facts["contacted_at"]) == at.replace(
        second=0, microsecond=0
    )
    assert (event.facts["channel"], event.facts["outcome"], event.note) == (
        "phone",
        "reached",
        "灯不亮已三天",
    )
    assert case.responded_at == at.replace(second=0, microsecond=0)


def test_an_order_of_this_very_minute_can_be_answered_in_it(lead, office, seat, unit):
    at = timezone.now()
    case = dispatched(make_case(office, at=at), seat, unit("livelihood"), at=at)

    answer = send(
        lead, "handling:contact", case, outcome="reached", channel="phone", contacted_at=local(at)
    )

    assert answer.status_code == 302


def test_an_attempt_that_reached_nobody_does_not_stop_the_clock(lead, case):
    send(
        lead, "handling:contact", case, outcome="no_answer", channel="phone",
        contacted_at=local(timezone.now()),
    )  # fmt: skip

    case.refresh_from_db()
    assert case.responded_at is None
    assert case.clocks.filter(kind="contact", stopped_at=None).count() == 1


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({"outcome": ""}, "请选择联系结果，联系不上也要登记。", id="没有结果"),
        pytest.param(
            {"contacted_at": "昨天"}, "请填写日期和时间，如 2026-11-22 09:30。", id="不是时间"
        ),
        pytest.param(
            {"contacted_at": local(timezone.now() + timedelta(days=1))},
            "联系时间在将来，请核对。",
            id="将来",
        ),
        pytest.param(
            {"contacted_at": "2025-01-01T08:00"}, "联系时间早于派单时间，请核对。", id="派单之前"
        ),
    ],
)
def test_a_contact_that_cannot_be_is_sent_back_with_a_sentence(lead, case, fields, expected):
    sent = {
        "outcome": "reached",
        "channel": "phone",
        "contacted_at": local(timezone.now()),
    } | fields

    answer = send(lead, "handling:contact", case, **sent)

    assert (answer.status_code, sentences(answer)) == (422, [expected])
    assert case.events.filter(action=Action.CONTACT).count() == 0


def test_what_was_typed_stays_when_something_is_wrong(lead, case):
    answer = send_htmx(
        lead, "handling:contact", case, channel="phone", note="诉求人说晚上七点以后在家"
    )

    assert answer.status_code == 422
    assert "诉求人说晚上七点以后在家" in answer.content.decode()


def test_a_visit_brings_its_pictures_into_evidence(lead, handler, case):
    picture = SimpleUploadedFile("现场.jpg", JPEG, "image/jpeg")

    answer = send(
        lead, "handling:visit", case, visited_at=local(timezone.now()), place="2 号楼 3 单元",
        note="三层灯泡损坏", files=picture,
    )  # fmt: skip

    event = case.events.get(action=Action.VISIT)
    assert answer.status_code == 302
    assert (event.facts["place"], event.note) == ("2 号楼 3 单元", "三层灯泡损坏")
    kept = case.evidence.get()
    assert (kept.name, kept.note, kept.added_by) == ("现场.jpg", "上门（现场）", handler)


def test_progress_is_noted_and_an_empty_one_is_not(lead, case):
    empty = send(lead, "handling:progress", case, note="   ")
    answer = send(lead, "handling:progress", case, note="已请物业更换")

    assert (empty.status_code, sentences(empty)) == (422, ["请写明办理进展。"])
    assert (answer.status_code, case.events.get(action=Action.PROGRESS).note) == (
        302,
        "已请物业更换",
    )


def test_an_assisting_unit_reports_to_the_lead(helper, case, unit):
    page = open_form(helper, "handling:assist_report", case).content.decode()

    answer = send(helper, "handling:assist_report", case, note="灯杆非市政产权")

    helped = case.assignments.get(part=Part.ASSISTING)
    assert "反馈给 民生保障办公室" in page
    assert (answer.status_code, helped.reported_at is not None) == (302, True)
    assert case.clocks.filter(kind="assist", stopped_at=None).count() == 0


@pytest.mark.parametrize("address", ["handling:submit", "handling:extend"])
def test_what_only_the_lead_may_do_is_not_for_who_assists(helper, case, address):
    assert open_form(helper, address, case, **HTMX).status_code == 409


def test_the_lead_does_not_report_to_itself(lead, case):
    assert send_htmx(lead, "handling:assist_report", case, note="x").status_code == 409


def test_an_extension_is_asked_for_and_granted(lead, browser_of, member, case):
    until = local(timezone.now() + timedelta(days=4))
    leader = browser_of(member("leader"))

    asked = send(
        lead, "handling:extend", case, until=until, reason="配件三天后到货", told_requester="on"
    )
    page = open_form(leader, "handling:decide_extension", case).content.decode()
    answer = send(leader, "handling:decide_extension", case, granted="yes")

    case.refresh_from_db()
    assert (asked.status_code, answer.status_code, case.stage) == (302, 302, Stage.HANDLING)
    assert "配件三天后到货" in page
    assert "已向诉求人说明" in page
    assert local(case.assignments.get(part=Part.LEAD).due_at) == until


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({"reason": ""}, "请写明延期理由。", id="没有理由"),
        pytest.param(
            {"told_requester": ""},
            "延期须先向诉求人说明（条例第15条），说明后勾选此项。",
            id="没有说明",
        ),
        pytest.param({"days": 1}, "新的时限要晚于现在的时限。", id="更早"),
        pytest.param(
            {"days": 40}, "每次至多延期 15 天，请改早一些，届时仍需延期的再申请。", id="太久"
        ),
    ],
)
def test_an_extension_that_cannot_be_asked_for_is_told_why(lead, case, fields, expected):
    days = fields.pop("days", 4)
    sent = {"reason": "配件未到", "told_requester": "on"} | fields

    answer = send(
        lead, "handling:extend", case, until=local(timezone.now() + timedelta(days=days)), **sent
    )

    case.refresh_from_db()
    assert (answer.status_code, sentences(answer), case.stage) == (422, [expected], Stage.HANDLING)


def test_an_extension_is_refused_with_a_reason(lead, reviewer, case):
    until = local(timezone.now() + timedelta(days=4))
    send(lead, "handling:extend", case, until=until, reason="配件未到", told_requester="on")

    silent = send(reviewer, "handling:decide_extension", case, granted="no")
    answer = send(reviewer, "handling:decide_extension", case, granted="no", note="物业有备件")

    case.refresh_from_db()
    assert (silent.status_code, sentences(silent)) == (422, ["不同意延期要写明理由。"])
    assert (answer.status_code, case.stage) == (302, Stage.HANDLING)


def test_the_result_form_shows_the_contacts_and_what_a_reply_is_made_of(lead, handler, case):
    reached(case, handler)

    page = open_form(lead, "handling:submit", case).content.decode()

    assert "回单要素" in page
    assert "灯不亮已三天" in page
    assert "已联系上" in page


def test_a_result_goes_to_review(lead, handler, case):
    reached(case, handler)

    answer = send(lead, "handling:submit", case, result=RESULT + "\r\n后续每周巡查。")

    case.refresh_from_db()
    assert (answer.status_code, case.stage) == (302, Stage.REVIEWING)
    assert case.result == RESULT + "\n后续每周巡查。"
    assert case.clocks.filter(kind="review", stopped_at=None).count() == 1


def test_without_any_contact_there_is_no_result(lead, case):
    answer = send(lead, "handling:submit", case, result=RESULT)

    assert (answer.status_code, sentences(answer)) == (
        422, ["还没有联系诉求人的记录，请先登记联系情况（联系不上也要登记）。"],
    )  # fmt: skip


def test_the_reviewer_sees_the_result_beside_the_contacts_and_passes_it(reviewer, handler, case):
    submitted(case, handler)
    page = open_form(reviewer, "handling:review", case).content.decode()

    answer = send(reviewer, "handling:review", case, passed="yes")

    case.refresh_from_db()
    assert RESULT in page
    assert "灯不亮已三天" in page
    assert (answer.status_code, case.stage) == (302, Stage.STREET_CALL_BACK)


def test_a_rejected_result_goes_back_with_the_reason_and_the_text(reviewer, lead, handler, case):
    submitted(case, handler)

    silent = send(reviewer, "handling:review", case, passed="no")
    answer = send(reviewer, "handling:review", case, passed="no", note="缺更换照片")
    page = open_form(lead, "handling:submit", case).content.decode()

    case.refresh_from_db()
    assert (silent.status_code, sentences(silent)) == (422, ["驳回要写明原因，承办单位据此改正。"])
    assert (answer.status_code, case.stage) == (302, Stage.HANDLING)
    assert "缺更换照片" in page
    assert RESULT in page


def test_closing_stops_every_clock_and_reopening_says_why(reviewer, handler, case):
    submitted(case, handler)
    send(reviewer, "handling:review", case, passed="yes")

    closed = send(reviewer, "handling:close", case)
    case.refresh_from_db()
    assert (closed.status_code, case.stage, case.closed_at is not None) == (302, Stage.CLOSED, True)
    assert case.clocks.filter(stopped_at=None).count() == 0

    silent = send(reviewer, "handling:reopen", case, note="")
    again = send(reviewer, "handling:reopen", case, note="回访称灯又灭了")
    case.refresh_from_db()
    assert (silent.status_code, again.status_code) == (422, 302)
    assert (case.stage, case.closed_at) == (Stage.HANDLING, None)
    assert case.events.get(action=Action.REOPEN).note == "回访称灯又灭了"


@pytest.mark.parametrize("role", ["seat", "reviewer", "leader", "handler", "head"])
def test_whoever_has_to_do_with_a_case_may_leave_a_note(browser_of, member, case, role):
    answer = send(browser_of(member(role)), "handling:note", case, note="已电话沟通")

    assert (answer.status_code, case.events.get(action=Action.NOTE).note) == (302, "已电话沟通")


@pytest.mark.parametrize(
    ("address", "fields", "action"),
    [
        ("handling:progress", {"note": "已请物业更换"}, Action.PROGRESS),
        ("handling:note", {"note": "备注"}, Action.NOTE),
        ("handling:contact", {"outcome": "busy", "channel": "phone"}, Action.CONTACT),
        ("handling:visit", {"note": "无人"}, Action.VISIT),
    ],
)
def test_a_form_sent_twice_is_recorded_once(lead, case, address, fields, action):
    now = local(timezone.now())
    fields |= {"once": str(uuid4()), "contacted_at": now, "visited_at": now}
    send(lead, address, case, **fields)

    again = send_htmx(lead, address, case, **fields)

    assert (again.status_code, case.events.filter(action=action).count()) == (409, 1)


UNIT_PAGES = ["accept", "contact", "visit", "progress", "assist_report", "extend", "submit"]


@pytest.mark.parametrize("page", [*UNIT_PAGES, "note"])
def test_to_another_unit_the_case_is_not_there(browser_of, member, case, page):
    foreign = browser_of(member("head", "safety"))

    assert send(foreign, f"handling:{page}", case, note="x").status_code == 404


@pytest.mark.parametrize("page", UNIT_PAGES)
@pytest.mark.parametrize("role", ["seat", "reviewer", "analyst"])
def test_what_the_unit_does_is_not_for_the_centre(browser_of, member, case, page, role):
    assert send(browser_of(member(role)), f"handling:{page}", case).status_code == 403


@pytest.mark.parametrize("page", ["review", "close", "reopen", "decide_extension"])
def test_what_the_centre_does_is_not_for_the_unit(lead, case, page):
    assert send(lead, f"handling:{page}", case).status_code == 403


def test_reviewing_what_is_not_up_for_review_is_told_as_that(reviewer, case):
    answer = open_form(reviewer, "handling:review", case, **HTMX)

    assert answer.status_code == 409


@pytest.mark.parametrize("contacts", [1, 4])
def test_the_review_costs_the_same_however_much_was_recorded(
    reviewer, handler, case, contacts, django_assert_num_queries
):
    for _ in range(contacts):
        reached(case, handler)
        actions.progress(case, note="继续", actor=handler, at=timezone.now())
    submitted(case, handler)

    with django_assert_num_queries(9):
        open_form(reviewer, "handling:review", case, **HTMX)
