"""督办看板: every number opens exactly its list, whoever looks."""

import re
from datetime import timedelta
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from jiesu.cases import clocks
from jiesu.cases.models import Case
from jiesu.handling import actions as handling
from jiesu.rules.clocks import ClockKind, Due
from jiesu.supervision import actions, board
from jiesu.supervision.models import ChannelState, Notice
from tests.factories.orders import dispatched, make_case, signed

LINK = re.compile(r'<a (?:class="stat" )?href="(?P<url>[^"]+)"[^>]*>(?P<inside>.*?)</a>', re.S)
ROW = 'class="row"'
BOARD = "supervision:board"


def minutes(number):
    return timezone.now() + timedelta(minutes=number)


@pytest.fixture
def many(office, seat, member):
    """Cases of every kind: late, due soon, far off, without a clock, without a lead, without a place."""
    units = {code: office.units.get(role_code=code) for code in ("LIVELIHOOD", "URBAN", "SAFETY")}
    handler = member("handler", "LIVELIHOOD")
    places = list(office.units.filter(kind="community")[:3])
    made = []

    def case(due=None, unit=None, place=None, at=-600):
        one = make_case(office, at=minutes(at), community=place)
        if unit:
            dispatched(one, seat, units[unit], at=minutes(at + 5))
        Case.objects.filter(pk=one.pk).update(next_due_at=minutes(due) if due is not None else None)
        made.append(one)
        one.refresh_from_db()
        return one

    for place, (due, unit) in enumerate([
        (-300, "LIVELIHOOD"), (-20, "LIVELIHOOD"), (45, "LIVELIHOOD"), (600, "LIVELIHOOD"),
        (3000, "LIVELIHOOD"), (-90, "URBAN"), (900, "URBAN"), (None, "SAFETY"), (-5, None),
        (30, None), (1200, None), (9000, None),
    ]):  # fmt: skip
        case(due, unit, places[place % 3] if place % 4 else None)
    signed(case(20), seat)
    done = case(-10, "URBAN", places[0])
    handling.contact(
        done, contacted_at=minutes(-500), channel="phone", outcome="reached", actor=handler_of(member),
        at=minutes(-400),
    )  # fmt: skip
    handling.submit(
        done, result="已联系诉求人并处理完毕。", actor=handler_of(member), at=minutes(-300)
    )
    closed = case(-100, "LIVELIHOOD")
    handling.contact(
        closed, contacted_at=minutes(-500), channel="phone", outcome="reached", actor=handler,
        at=minutes(-400),
    )  # fmt: skip
    handling.submit(closed, result="已联系诉求人并处理完毕。", actor=handler, at=minutes(-300))
    reviewer = member("reviewer")
    handling.review(closed, passed=True, actor=reviewer, at=minutes(-200))
    handling.close(closed, actor=reviewer, at=minutes(-100))
    actions.remind(made[0], words="请抓紧。", actor=seat, at=minutes(-10))
    actions.remind(made[5], words="请抓紧。", actor=seat, at=minutes(-10))
    Notice.objects.filter(reminder__case=made[5]).update(seen_at=minutes(-5))
    return made


def handler_of(member):
    return member("handler", "URBAN")


def numbers(page):
    """Every number of the board that is a link to a list of cases, with the address."""
    found = []
    for link in LINK.finditer(page[page.index('id="board"') :]):
        told = re.search(r"<b[^>]*>(\d+)</b>", link["inside"]) or re.fullmatch(
            r"(\d+)(?: 件)?", link["inside"].strip()
        )
        if told and link["url"].startswith("/cases/"):
            found.append((link["url"].replace("&amp;", "&"), int(told[1])))
    return found


@pytest.mark.parametrize("role", ["seat", "reviewer", "leader", "analyst", "handler", "head"])
def test_every_number_opens_exactly_its_list(many, member, browser_of, role):
    browser = browser_of(member(role))

    page = browser.get(reverse(BOARD)).content.decode()

    shown = numbers(page)
    listed = [(url, browser.get(url).content.decode().count(ROW)) for url, _ in shown]
    assert listed == shown
    assert len(shown) >= (10 if role in {"handler", "head"} else 30)


def test_the_figures_are_those_of_the_cases(many, seat):
    at = timezone.now()
    units = board.units_of(seat)

    found = board.counts(seat, units, at)

    assert (found.whole.late, found.whole.open) == (4, 14)
    desk = next(one for one in found.units if one.of is None)
    assert (desk.late, desk.open) == (1, 5)
    assert sum(one.open for one in found.communities) == 14


def test_unseen_reminders_open_exactly_their_list(many, seat, browser_of):
    browser = browser_of(seat)

    page = browser.get(reverse(BOARD)).content.decode()

    [(url, number)] = [
        (link["url"].replace("&amp;", "&"), int(told[1]))
        for link in LINK.finditer(page)
        if link["url"].startswith("/supervision/reminders/all/")
        and (told := re.search(r"<b[^>]*>(\d+)</b>", link["inside"]))
    ]
    assert number == 1
    assert browser.get(url).content.decode().count('<article class="reminder') == number


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        pytest.param({"reminded": "unseen"}, 1, id="提醒没有人看到"),
        pytest.param({"reminded": "unanswered"}, 2, id="催办没有答复"),
        pytest.param({"due": "late", "unit": "none"}, 1, id="未派又逾期"),
        pytest.param({"due": "late", "stage": "all"}, 4, id="逾期只算在办"),
    ],
)
def test_what_a_filter_of_supervision_asks_for(many, seat, browser_of, asked, numbers):
    page = browser_of(seat).get(reverse("desk:cases"), asked).content.decode()

    assert page.count(ROW) == numbers


def test_an_answered_reminder_is_no_longer_asked_for(many, seat, browser_of):
    notice = Notice.objects.filter(reminder__case=many[0]).first()
    actions.answer(notice, answer="在办。", actor=notice.member, at=timezone.now())

    page = browser_of(seat).get(reverse("desk:cases"), {"reminded": "unanswered"})

    assert page.content.decode().count(ROW) == 1


def test_how_long_a_stage_and_a_hand_keep_a_case(office, seat, member):
    unit = office.units.get(role_code="URBAN")
    hand = member("handler", "URBAN")
    at = timezone.now()
    case = dispatched(make_case(office, at=at - timedelta(hours=10)), seat, unit, at=at - timedelta(hours=9))  # fmt: skip
    handling.accept(case, actor=hand, at=at - timedelta(hours=8))
    handling.contact(
        case, contacted_at=at - timedelta(hours=7), channel="phone", outcome="reached", actor=hand,
        at=at - timedelta(hours=6),
    )  # fmt: skip
    handling.submit(case, result="已联系诉求人并处理完毕。", actor=hand, at=at - timedelta(hours=4))

    stages = {one.stage: one for one in board.dwell(seat, at)}
    [told] = board.hands(seat, board.units_of(seat), at)

    hour = timedelta(hours=1)
    assert stages["reviewing"].standing == 1
    assert stages["reviewing"].longest == 4 * hour
    assert stages["reviewing"].longest_number == case.number
    assert (stages["handling"].left, stages["handling"].left_median) == (1, 5 * hour)
    assert (told.unit, told.given) == (unit, 1)
    assert (told.accepted, told.reached, told.answered) == (1 * hour, 2 * hour, 5 * hour)


def test_a_head_sorts_and_a_second_press_turns_it_round(many, seat, browser_of):
    browser = browser_of(seat)

    def order(word):
        page = browser.get(reverse(BOARD), {"unit": word}).content.decode()
        table = page[page.index('id="unit"') : page.index('id="community"')]
        return re.findall(r'<th scope="row">([^<]+)</th>', table), table

    down, table = order("late")
    up, _ = order("late.up")

    assert down[0] == office_name(many[0])
    assert down != up
    assert 'aria-sort="descending"' in table
    assert "unit=late.up" in table


def office_name(case):
    return case.unit.name


def test_what_is_made_up_is_no_error(many, seat, browser_of):
    page = browser_of(seat).get(reverse(BOARD), {"unit": "没有", "stage": "x.up"})

    assert page.status_code == 200


def test_the_board_costs_the_same_however_much_it_holds(office, seat, browser_of):
    unit = office.units.get(role_code="URBAN")
    browser = browser_of(seat)

    def cost(times):
        for _ in range(times):
            alarmed(dispatched(make_case(office), seat, unit))
        with CaptureQueriesContext(connection) as told:
            browser.get(reverse(BOARD))
        return len(told)

    assert cost(1) == cost(4)


def alarmed(case):
    case.alarm = "threat"
    case.save(update_fields=["alarm"])
    at = timezone.now()
    for kind in (ClockKind.PHONE, ClockKind.REPORT_UP):
        clocks.start(case, kind, at=at, due=Due(at + timedelta(minutes=10), "扬言告警"))
    return case


def test_an_alarm_stands_on_top_until_both_duties_are_done(office, seat, browser_of):
    case = alarmed(dispatched(make_case(office), seat, office.units.get(role_code="URBAN")))
    browser, at = browser_of(seat), timezone.now()

    def strip():
        page = browser.get(reverse(BOARD)).content.decode()
        return page[page.index('aria-label="告警"') : page.index('class="stats')]

    before = strip()
    actions.phone(case, called_at=at, whom="承办", outcome="已告知", actor=seat, at=at)
    between = strip()
    actions.report_up(case, reported_at=at, to="领导", channel="电话", actor=seat, at=at)

    assert (before.count("登记"), between.count("登记"), strip().count("登记")) == (2, 1, 0)
    assert "扬言" in before


def test_a_dead_channel_is_told(office, seat, browser_of):
    ChannelState.objects.create(
        office=office, channel="mail", dead_since=timezone.now(), error="连接超时"
    )

    page = browser_of(seat).get(reverse(BOARD)).content.decode()

    assert "邮件渠道不通" in page
    assert "连接超时" in page


def test_an_empty_office_has_a_board(seat, browser_of):
    page = browser_of(seat).get(reverse(BOARD)).content.decode()

    assert page.count("没有在办的案件。") == 4


def test_the_file_holds_the_numbers_of_the_page(many, seat, browser_of):
    answer = browser_of(seat).get(reverse("supervision:board_file"), {"unit": "late"})

    book = CalamineWorkbook.from_filelike(BytesIO(answer.content))
    assert book.sheet_names == ["概况", "按单位", "按社区", "各环节停留", "各单位用时"]
    told = dict(book.get_sheet_by_name("概况").to_python()[3:])
    assert told["逾期"] == 4
    head, first, *_ = book.get_sheet_by_name("按单位").to_python()
    assert head == ["主办单位", "逾期", "今日到期", "24 小时内", "在办"]
    assert (first[0], first[1]) == ("民生保障办公室", 2)


@pytest.mark.parametrize(("role", "status"), [("handler", 403), ("head", 200), ("system", 403)])
def test_who_may_take_it_out(member, browser_of, role, status):
    assert browser_of(member(role)).get(reverse("supervision:board_file")).status_code == status


def test_the_administrator_has_no_board(member, browser_of):
    assert browser_of(member("system")).get(reverse(BOARD)).status_code == 403
