"""The queue: who sees what, what it costs, and how its pages are turned."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import escape

from jiesu.cases.models import Case
from jiesu.desk import queue
from jiesu.rules.workflow import Stage
from tests.factories.orders import dispatched, make_case, signed


def rows(page):
    """The ids of the rows of a page, in order."""
    return [row.pk for row in page.context["page"].rows]


def shown(client, query=""):
    return rows(client.get(f"/cases/{query}"))


@pytest.fixture
def street(office, seat):
    """One case with each of three units, and one nobody has."""
    units = {unit.role_code: unit for unit in office.units.all()}
    livelihood, urban = units["LIVELIHOOD"], units["URBAN"]
    return {
        "own": dispatched(make_case(office), seat, livelihood),
        "assisted": dispatched(make_case(office), seat, urban, assisting=(livelihood,)),
        "foreign": dispatched(make_case(office), seat, urban),
        "new": make_case(office),
    }


@pytest.mark.parametrize(
    ("role", "names"),
    [
        pytest.param("seat", {"own", "assisted", "foreign", "new"}, id="座席看全部"),
        pytest.param("reviewer", {"own", "assisted", "foreign", "new"}, id="审核员看全部"),
        pytest.param("leader", {"own", "assisted", "foreign", "new"}, id="领导看全部"),
        pytest.param("analyst", {"own", "assisted", "foreign", "new"}, id="分析员看全部"),
        pytest.param("handler", {"own", "assisted"}, id="承办人看本单位主办和协办"),
        pytest.param("head", {"own", "assisted"}, id="单位负责人看本单位主办和协办"),
    ],
)
def test_each_role_sees_its_own(street, member, browser_of, role, names):
    client = browser_of(member(role))

    assert set(shown(client)) == {street[name].pk for name in names}


def test_an_administrator_sees_no_case(street, member, browser_of):
    client = browser_of(member("system"))

    assert client.get("/cases/").status_code == 403
    assert client.get(f"/cases/{street['own'].number}/").status_code == 403


def test_a_visitor_logs_in_first_and_comes_back(client, db):
    answer = client.get("/cases/?stage=late")

    assert answer.status_code == 302
    assert answer.headers["Location"] == "/login/?next=%2Fcases%2F%3Fstage%3Dlate"


def test_groups_hold_what_their_name_says(office, seat, browser_of):
    unit = office.units.get(role_code="LIVELIHOOD")
    now = timezone.now()
    new = make_case(office, at=now)
    taken = signed(make_case(office, at=now), seat)
    given = dispatched(make_case(office, at=now), seat, unit)
    late = make_case(office, at=now - timedelta(hours=2))
    client = browser_of(seat)

    assert set(shown(client)) == {new.pk, taken.pk, given.pk, late.pk}
    assert set(shown(client, "?stage=to_sign")) == {new.pk, late.pk}
    assert shown(client, "?stage=to_dispatch") == [taken.pk]
    assert shown(client, "?stage=handling") == [given.pk]
    assert shown(client, "?stage=late") == [late.pk]
    assert shown(client, "?stage=closed") == []
    assert len(shown(client, "?stage=all")) == 4


def test_the_rail_counts_the_same_as_the_lists(street, seat, browser_of):
    client = browser_of(seat)
    page = client.get("/cases/")

    lists = [
        item
        for section in list(page.context["navigation"])[:2]
        for item in section.items
        if item.url.startswith("/cases/")
    ]

    assert len(lists) > 8
    for item in lists:
        assert str(len(rows(client.get(item.url)))) == (item.count or "0"), item.label


def test_least_time_left_comes_first(office, seat, browser_of):
    now = timezone.now()
    calm = make_case(office, at=now - timedelta(minutes=1))
    urgent = make_case(office, at=now - timedelta(minutes=2), tags=["2小时"])
    late = make_case(office, at=now - timedelta(hours=3))

    assert shown(browser_of(seat)) == [late.pk, urgent.pk, calm.pk]


def test_a_list_costs_the_same_with_1_row_as_with_100(office, seat, member, browser_of):
    unit = office.units.get(role_code="LIVELIHOOD")
    dispatched(make_case(office), seat, unit)
    costs = []
    for client in (browser_of(seat), browser_of(member("handler"))):
        for query in ("", "?stage=all", "?q=楼道", "?order=newest&urgent=1"):
            with CaptureQueriesContext(connection) as one:
                client.get(f"/cases/{query}")
            costs.append((client, query, len(one)))
    for _ in range(99):
        make_case(office)
    Case.objects.filter(stage=Stage.TO_SIGN).update(unit=unit)

    for client, query, cost in costs:
        with CaptureQueriesContext(connection) as hundred:
            page = client.get(f"/cases/{query}")
        assert len(hundred) == cost, query
        assert len(rows(page)) in {50, 0}


@pytest.fixture
def many(office, monkeypatch):
    """23 open cases, some due at the same moment and some with no clock at all; pages of 5."""
    monkeypatch.setattr(queue, "SIZE", 5)
    now = timezone.now()
    made = [make_case(office, at=now - timedelta(minutes=n // 3)).pk for n in range(23)]
    Case.objects.filter(pk__in=made[::4]).update(next_due_at=None)
    return made


def walk(client, address, way="next_url"):
    """Every row met by turning pages, page by page."""
    met = []
    while address:
        page = client.get(address)
        met.append(rows(page))
        address = getattr(page.context["bar"], way)
    return met


@pytest.mark.parametrize("query", ["", "?order=newest", "?stage=all", "?q=楼道"])
def test_turning_pages_meets_every_row_once_and_back_again(many, seat, browser_of, query):
    client = browser_of(seat)

    forward = walk(client, f"/cases/{query}")
    last = f"/cases/{query}"
    while url := client.get(last).context["bar"].next_url:
        last = url
    backward = walk(client, last, "previous_url")

    assert sorted(pk for page in forward for pk in page) == sorted(many)
    assert backward == forward[::-1]


def test_new_arrivals_shift_no_page(many, office, seat, browser_of):
    client = browser_of(seat)
    first = client.get("/cases/?stage=all")
    second = rows(client.get(first.context["bar"].next_url))

    for _ in range(7):
        make_case(office, at=timezone.now())

    assert rows(client.get(first.context["bar"].next_url)) == second


@pytest.mark.parametrize("turn", ["x", "a", "a1.", "an.", "a1.999999999999999999", "b" + "9" * 40 + ".1",
                                  "a-999999999999999999.1", "a999999999999999999.1", "'; --", "%00"])  # fmt: skip
def test_a_made_up_place_in_the_list_is_no_error(many, seat, browser_of, turn):
    client = browser_of(seat)

    for query in ("?", "?stage=all&"):
        assert client.get(f"/cases/{query}turn={turn}").status_code == 200


def test_counting_stops_at_a_thousand(many, seat, browser_of, monkeypatch):
    client = browser_of(seat)
    assert client.get("/cases/").context["page"].count == "23"

    monkeypatch.setattr(queue, "COUNTED", 20)

    assert client.get("/cases/").context["page"].count == "20+"


def test_a_row_says_what_why_and_how_long(office, seat, browser_of):
    place = office.units.filter(kind="community").first()
    now = timezone.now()
    make_case(
        office, at=now - timedelta(minutes=8), title="电梯困人", community=place, tags=["24小时"]
    )

    (row,) = browser_of(seat).get("/cases/").context["page"].rows

    assert (row.title, row.place, row.tag) == ("电梯困人", place.name, "待签收")
    assert row.matter == "物业管理 › 公共设施维修"
    assert row.left.startswith("签收剩 2")
    assert 20 <= row.used <= 35


def test_hostile_text_stays_text(office, seat, browser_of):
    bad = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    case = make_case(
        office, title=bad, content=bad, location=bad, category=bad, community_text=bad[:60],
        tags=[bad[:40]], requester_name=bad[:60], extra={bad: bad}, path=bad[:40], order_type=bad[:20],
    )  # fmt: skip
    client = browser_of(seat)

    for address in (
        "/cases/",
        f"/cases/{case.number}/",
        "/cases/?q=script",
        f"/cases/?q={bad}&tag={bad}",
    ):
        body = client.get(address).content.decode()
        assert "<script>alert" not in body
        assert "<img src=x" not in body
    assert escape(bad) in client.get(f"/cases/{case.number}/").content.decode()


def test_a_number_with_any_sign_in_it_breaks_no_list(office, seat, browser_of):
    make_case(office, number="热线/261122?#&%.. 1")

    assert browser_of(seat).get("/cases/").status_code == 200


def test_an_empty_queue_says_why_and_what_to_do(office, seat, browser_of):
    client = browser_of(seat)

    assert "没有待签收的工单" in client.get("/cases/?stage=to_sign").content.decode()
    body = client.get("/cases/?stage=to_sign&tag=24小时").content.decode()
    assert "没有符合条件的案件" in body
    assert 'href="/cases/?stage=to_sign"' in body


def test_home_is_where_the_work_of_a_role_begins(office, member, browser_of):
    homes = {role: browser_of(member(role)).get("/").headers["Location"]
             for role in ("seat", "handler", "analyst", "system")}  # fmt: skip

    assert homes == {
        "seat": "/cases/",
        "handler": "/cases/",
        "analyst": "/ledger/",
        "system": "/members/",
    }
