"""外包合同: accounts that begin and end with the dates, by the clock, everywhere at once."""

from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from jiesu.cases import access
from jiesu.desk.live import door
from jiesu.org.models import Contract, Member
from jiesu.org.rights import Right, may
from jiesu.rules.moments import BEIJING
from jiesu.supervision import recipients
from tests.factories.orders import make_case

PASSWORD = "yi-ge-hao-mima-2026"


def contract(office, begins, ends):
    """A contract from so many days from today to so many."""
    today = timezone.now().astimezone(BEIJING).date()
    return Contract.objects.create(
        office=office, party="某某服务公司", begins_on=today + timedelta(days=begins),
        ends_on=today + timedelta(days=ends),
    )  # fmt: skip


@pytest.fixture
def hired(office, member):
    """A seat of a contractor whose contract runs, and whose password is known."""
    made = member("seat", username="waibao", contract=contract(office, -10, 10))
    made.set_password(PASSWORD)
    made.save()
    return made


@pytest.mark.parametrize(
    ("moment", "works"),
    [
        ((2026, 2, 28, 23, 59, 59), False),
        ((2026, 3, 1, 0, 0), True),
        ((2026, 8, 31, 23, 59, 59), True),
        ((2026, 9, 1, 0, 0), False),
    ],
    ids=["前一天", "第一天零点", "最后一天末了", "后一天"],
)
def test_both_days_are_included_by_beijing_s_clock(office, member, moment, works):
    dates = {"begins_on": date(2026, 3, 1), "ends_on": date(2026, 8, 31)}
    made = member("seat", contract=Contract.objects.create(office=office, party="乙", **dates))
    at = datetime(*moment, tzinfo=BEIJING)

    assert made.works_at(at) is works
    assert Member.objects.working(at).filter(pk=made.pk).exists() is works


def test_when_the_contract_is_over_everything_is(office, hired, browser_of, client):
    now = timezone.now()
    browser = browser_of(hired)
    key = browser.session.session_key
    make_case(office)
    there = recipients.roster(office, now)
    before = (
        browser.get("/cases/").status_code, may(hired, Right.SEE_CASES), access.visible_to(hired).count(),
        door.find(key) is not None, key in door.find_again([key]), hired.pk in there.members,
    )  # fmt: skip

    Contract.objects.update(ends_on=now.astimezone(BEIJING).date() - timedelta(days=1))
    hired = Member.objects.get(pk=hired.pk)
    there = recipients.roster(office, now)
    after = (
        browser.get("/cases/").status_code, may(hired, Right.SEE_CASES), access.visible_to(hired).count(),
        door.find(key) is not None, key in door.find_again([key]), hired.pk in there.members,
    )  # fmt: skip

    assert before == (200, True, 1, True, True, True)
    assert after == (302, False, 0, False, False, False)
    wrong = client.post("/login/", {"username": "waibao", "password": PASSWORD})
    assert (wrong.status_code, "用户名或密码不对" in wrong.content.decode()) == (422, True)


def test_one_who_has_not_begun_cannot_come_in_yet(office, member, client):
    made = member("seat", username="later", contract=contract(office, 1, 100))
    made.set_password(PASSWORD)
    made.save()

    assert client.post("/login/", {"username": "later", "password": PASSWORD}).status_code == 422


def test_the_system_administrator_keeps_the_contracts(office, member, browser_of):
    desk = browser_of(member("system"))
    told = {"party": "某某服务公司", "begins_on": "2026-03-01", "ends_on": "2027-02-28"}

    backwards = desk.post("/contracts/add/", told | {"ends_on": "2026-02-01"})
    desk.post("/contracts/add/", told)
    made = Contract.objects.get()
    new = {"name": "陈一", "username": "chen.yi", "unit": "request", "contract": made.pk}
    desk.post("/members/add/", new)
    desk.post(f"/contracts/{made.pk}/", told | {"ends_on": "2026-03-31"})

    assert (backwards.status_code, "合同止日早于起日" in backwards.content.decode()) == (422, True)
    made.refresh_from_db()
    assert made.ends_on == date(2026, 3, 31)
    person = Member.objects.get(username="chen.yi")
    assert person.contract == made
    assert "合同已到期" in desk.get("/members/?state=off").content.decode()
    page = desk.get(f"/contracts/{made.pk}/").content.decode()
    assert "陈一" in page


@pytest.mark.parametrize("role", ["security", "auditor", "seat", "leader"])
def test_nobody_else_does(office, member, browser_of, role):
    one = contract(office, 0, 10)
    client = browser_of(member(role))

    assert {
        client.get(a).status_code
        for a in ("/contracts/", "/contracts/add/", f"/contracts/{one.pk}/")
    } == {403}


@pytest.mark.parametrize(("days", "shown"), [(0, True), (30, True), (31, False), (-1, False)])
def test_one_that_ends_within_thirty_days_is_shown(office, member, browser_of, days, shown):
    member("seat", contract=contract(office, -100, days))

    page = browser_of(member("system")).get("/members/").content.decode()

    assert ("1 个账号到时自动停用" in page) is shown
