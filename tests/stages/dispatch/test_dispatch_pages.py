"""派转, 转派, 退派, 协办 and 选定社区, by what a person sees and what the record says."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from jiesu.cases.models import Part
from jiesu.core.initials import initials
from jiesu.org.models import Unit
from jiesu.rules.workflow import Action, Stage
from tests.factories.acting import HTMX, open_form, send, send_htmx, sentences
from tests.factories.answers import unnumbered
from tests.factories.orders import dispatched, make_case, signed


def local(at):
    return timezone.localtime(at).strftime("%Y-%m-%dT%H:%M")


@pytest.fixture
def desk(browser_of, seat):
    return browser_of(seat)


@pytest.fixture
def case(office, seat):
    return signed(make_case(office), seat)


@pytest.fixture
def unit(office):
    return lambda name: Unit.objects.get(office=office, name=name)


@pytest.fixture
def tomorrow():
    return local(timezone.now() + timedelta(days=1))


def test_dispatching_names_lead_and_helpers_and_starts_their_clocks(
    desk, seat, case, unit, tomorrow
):
    answer = send(
        desk, "dispatch:dispatch", case, unit="livelihood", assisting=["urban", "safety"],
        due_at=tomorrow, note="今晚先联系",
    )  # fmt: skip

    case.refresh_from_db()
    assert (answer.status_code, answer.url) == (302, reverse("desk:case", args=[case.number]))
    assert (case.stage, case.unit) == (Stage.HANDLING, unit("民生保障办公室"))
    held = {
        (one.unit.code, one.part, local(one.due_at), one.note) for one in case.assignments.all()
    }
    assert held == {
        ("livelihood", Part.LEAD, tomorrow, "今晚先联系"),
        ("urban", Part.ASSISTING, tomorrow, "今晚先联系"),
        ("safety", Part.ASSISTING, tomorrow, "今晚先联系"),
    }
    event = case.events.get(action=Action.DISPATCH)
    assert (event.actor, event.facts["unit"]) == (seat, "民生保障办公室")
    assert case.clocks.filter(kind="internal", stopped_at=None).count() == 1


def test_a_due_time_is_taken_in_beijing_time(desk, case):
    due = timezone.localtime() + timedelta(days=1)

    send(desk, "dispatch:dispatch", case, unit="livelihood", due_at=local(due))

    kept = case.assignments.get().due_at
    assert kept == due.replace(second=0, microsecond=0)


def test_the_form_proposes_a_due_time_and_says_why(desk, office, seat):
    order = signed(make_case(office, due_at=timezone.now() + timedelta(days=5)), seat)

    page = open_form(desk, "dispatch:dispatch", order).content.decode()

    assert f'value="{local(order.due_at - timedelta(days=1))}"' in page
    assert "默认按“工单时限提前 24 小时”" in page
    assert "（工单自带）" in page


def test_an_order_already_late_gets_two_hours(desk, office, seat):
    order = signed(make_case(office, due_at=timezone.now() - timedelta(hours=1)), seat)

    page = open_form(desk, "dispatch:dispatch", order).content.decode()

    assert "工单时限已过，先给 2 小时" in page


def test_units_are_grouped_and_found_by_initials_and_short_names(desk, case):
    page = open_form(desk, "dispatch:dispatch", case, **HTMX).content.decode()

    groups = [page.index(f'aria-label="{group}"') for group in ("科室", "执法队", "中心", "社区")]
    assert groups == sorted(groups)
    assert "msbzbgs" in page
    assert "民生办" in page
    assert initials("西木楼5号院A座") == "xml5hyaz"


def test_nothing_chosen_is_told_field_by_field(desk, case):
    answer = send(desk, "dispatch:dispatch", case, due_at="")

    assert answer.status_code == 422
    assert sentences(answer) == ["请选择主办单位。", "请填写日期和时间，如 2026-11-22 09:30。"]


@pytest.mark.parametrize(
    ("hours", "sentence"), [(-1, "内部截止要晚于现在"), (24 * 30, "内部截止不能晚于工单时限")]
)
def test_a_due_time_lies_between_now_and_the_orders_own(desk, case, hours, sentence):
    due = local(timezone.now() + timedelta(hours=hours))

    answer = send(desk, "dispatch:dispatch", case, unit="livelihood", due_at=due)

    [told] = sentences(answer)
    assert (answer.status_code, told.startswith(sentence)) == (422, True)


def test_lead_and_helper_must_differ_and_a_dual_dispatch_needs_a_helper(desk, case, tomorrow):
    same = send(desk, "dispatch:dispatch", case, unit="urban", assisting=["urban"], due_at=tomorrow)
    alone = send(desk, "dispatch:dispatch", case, unit="urban", dual="on", due_at=tomorrow)

    assert sentences(same) == ["主办和协办不能是同一单位，协办也不能重复。"]
    assert sentences(alone) == ["双派单要有一个协办单位。"]
    assert case.assignments.count() == 0


def test_a_community_outside_its_list_is_stopped_with_the_article(desk, case, unit, tomorrow):
    community = unit("西木楼社区")

    stopped = send_htmx(desk, "dispatch:dispatch", case, unit=community.code, due_at=tomorrow)

    case.refresh_from_db()
    page = stopped.content.decode()
    assert (stopped.status_code, case.stage) == (422, Stage.SIGNED)
    assert "《北京市接诉即办工作条例》第十七条" in sentences(stopped)[0]
    assert '<label for="id_community_reason">社区主办理由</label>' in page
    assert (
        'name="community_reason"' not in open_form(desk, "dispatch:dispatch", case).content.decode()
    )


def test_and_goes_on_with_a_reason_on_record(desk, case, unit, tomorrow):
    community = unit("西木楼社区")

    answer = send(
        desk, "dispatch:dispatch", case, unit=community.code, due_at=tomorrow,
        community_reason="居民自管公共灯，社区已备料",
    )  # fmt: skip

    facts = case.events.get(action=Action.DISPATCH).facts
    assert answer.status_code == 302
    assert (facts["community_reason"], facts["article"]) == (
        "居民自管公共灯，社区已备料",
        "条例第17条",
    )


def test_a_community_leads_what_is_on_its_list(desk, office, seat, unit, tomorrow):
    case = signed(make_case(office, category="住房>物业管理>楼道堆物"), seat)
    page = open_form(desk, "dispatch:dispatch", case).content.decode()

    answer = send(desk, "dispatch:dispatch", case, unit=unit("西木楼社区").code, due_at=tomorrow)

    assert "属社区职责清单“楼道堆物劝导”，社区可以主办。" in page
    assert answer.status_code == 302
    assert "article" not in case.events.get(action=Action.DISPATCH).facts


def test_the_same_form_sent_twice_dispatches_once(desk, case, tomorrow):
    once = str(uuid4())
    fields = {"unit": "livelihood", "due_at": tomorrow, "once": once}
    send(desk, "dispatch:dispatch", case, **fields)

    again = send_htmx(desk, "dispatch:dispatch", case, **fields)

    assert again.status_code == 409
    assert case.events.filter(action=Action.DISPATCH).count() == 1
    assert case.assignments.count() == 1


def test_a_form_for_a_case_that_moved_is_not_even_opened(desk, seat, case, unit):
    dispatched(case, seat, unit("民生保障办公室"))

    assert open_form(desk, "dispatch:dispatch", case, **HTMX).status_code == 409


def test_opening_the_form_costs_few_queries(desk, case, django_assert_max_num_queries):
    open_form(desk, "dispatch:dispatch", case, **HTMX)

    with django_assert_max_num_queries(14):
        open_form(desk, "dispatch:dispatch", case, **HTMX)


def test_transferring_ends_the_old_and_starts_the_new_in_one_breath(
    desk, seat, case, unit, tomorrow
):
    dispatched(case, seat, unit("民生保障办公室"), assisting=(unit("平安建设办公室"),))
    page = open_form(desk, "dispatch:transfer", case).content.decode()

    answer = send(
        desk, "dispatch:transfer", case, unit="urban", reason="路灯归城管办", due_at=tomorrow,
        assisting=["safety"],
    )  # fmt: skip

    case.refresh_from_db()
    assert 'value="safety" id="id_assisting' in page
    assert page.count("checked") == 1
    assert answer.status_code == 302
    assert (case.unit, case.stage) == (unit("城市管理办公室"), Stage.HANDLING)
    assert case.events.get(action=Action.TRANSFER).note == "路灯归城管办"
    assert case.assignments.filter(ended_at=None).count() == 2


def test_a_transfer_that_article_17_stops_leaves_the_case_where_it_was(
    desk, seat, case, unit, tomorrow
):
    dispatched(case, seat, unit("民生保障办公室"))

    answer = send(
        desk, "dispatch:transfer", case, unit=unit("西木楼社区").code, reason="社区更近",
        due_at=tomorrow,
    )  # fmt: skip

    case.refresh_from_db()
    assert answer.status_code == 422
    assert (case.unit, case.stage) == (unit("民生保障办公室"), Stage.HANDLING)
    assert case.events.filter(action=Action.TRANSFER).count() == 0


def test_a_transfer_says_why(desk, seat, case, unit, tomorrow):
    dispatched(case, seat, unit("民生保障办公室"))

    answer = send(desk, "dispatch:transfer", case, unit="urban", due_at=tomorrow)

    assert sentences(answer) == ["请写明为何转派，原单位和新单位都会看到。"]


def test_the_unit_declines_with_a_reason(browser_of, member, seat, case, unit):
    dispatched(case, seat, unit("民生保障办公室"))
    handler = browser_of(member("handler", "livelihood"))

    silent = send(handler, "dispatch:decline", case, reason="")
    answer = send(handler, "dispatch:decline", case, reason="路灯属市政设施，建议城管办")

    case.refresh_from_db()
    assert (silent.status_code, sentences(silent)) == (422, ["请写明退派理由，座席据此改派。"])
    assert (answer.status_code, case.stage, case.unit) == (302, Stage.TO_DISPATCH, None)
    assert case.events.get(action=Action.DECLINE).note == "路灯属市政设施，建议城管办"


def test_one_more_unit_assists(desk, seat, case, unit, tomorrow):
    dispatched(case, seat, unit("民生保障办公室"))

    answer = send(desk, "dispatch:assist", case, unit="urban", due_at=tomorrow, note="查灯杆归属")
    again = send(desk, "dispatch:assist", case, unit="urban", due_at=tomorrow)

    helper = case.assignments.get(part=Part.ASSISTING)
    assert (answer.status_code, helper.unit, helper.note) == (
        302,
        unit("城市管理办公室"),
        "查灯杆归属",
    )
    assert sentences(again) == ["城市管理办公室已在办理此案件，不用再加。"]


def test_the_community_of_an_order_is_chosen(desk, office, unit):
    case = make_case(office, community_text="西木楼小区")
    page = open_form(desk, "dispatch:place", case).content.decode()

    answer = send(desk, "dispatch:place", case, community=unit("西木楼社区").code)

    case.refresh_from_db()
    assert "西木楼小区" in page
    assert "民生保障办公室" not in page
    assert (answer.status_code, case.community) == (302, unit("西木楼社区"))
    assert case.events.get(action=Action.PLACE).facts["before"] == "西木楼小区"


@pytest.mark.parametrize(
    "address", ["dispatch:dispatch", "dispatch:transfer", "dispatch:assist", "dispatch:place"]
)
@pytest.mark.parametrize("role", ["handler", "head", "reviewer", "leader", "analyst", "system"])
def test_only_a_seat_dispatches(browser_of, member, case, address, role):
    assert open_form(browser_of(member(role)), address, case).status_code == 403


def test_to_a_unit_a_foreign_case_and_a_missing_one_look_alike(
    browser_of, member, seat, case, unit
):
    dispatched(case, seat, unit("民生保障办公室"))
    foreign = browser_of(member("handler", "urban"))

    there = open_form(foreign, "dispatch:decline", case)
    case.number = "热线-000000-000000"
    missing = open_form(foreign, "dispatch:decline", case)

    assert (there.status_code, missing.status_code) == (404, 404)
    assert unnumbered(there.content) == unnumbered(missing.content)


def test_an_assisting_unit_cannot_decline_for_the_lead(browser_of, member, seat, case, unit):
    dispatched(case, seat, unit("民生保障办公室"), assisting=(unit("城市管理办公室"),))

    answer = send_htmx(
        browser_of(member("handler", "urban")), "dispatch:decline", case, reason="不归我们"
    )

    case.refresh_from_db()
    assert (answer.status_code, case.stage) == (409, Stage.HANDLING)


def test_the_focus_goes_to_what_is_wrong(desk, case, unit, tomorrow):
    community = unit("西木楼社区")

    page = send_htmx(
        desk, "dispatch:dispatch", case, unit=community.code, due_at=tomorrow
    ).content.decode()

    focused = [tag for tag in page.split("<") if " autofocus" in tag]
    assert [tag.split(" ")[0] for tag in focused] == ["textarea"]
    assert 'name="community_reason"' in focused[0]
