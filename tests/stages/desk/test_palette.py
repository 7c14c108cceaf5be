"""The palette: where one may go, and the cases one may see."""

import pytest

from jiesu.desk.case_actions import TABLE
from tests.factories.orders import dispatched, make_case


@pytest.fixture
def desk(seat, browser_of):
    return browser_of(seat)


def test_every_action_of_the_table_is_found_by_its_initials(desk):
    found = desk.get("/palette/").json()["initials"]

    assert {choice.label for choice in TABLE} - set(found) == set()
    assert (found["签收"], found["派转"], found["退出登录"]) == ("qs", "pz", "tcdl")


def test_every_place_of_the_rail_is_there_and_what_is_ones_own(desk, seat):
    rail = {
        item.url
        for section in list(desk.get("/cases/").context["navigation"])
        for item in section.items
    }

    go = desk.get("/palette/").json()["go"]

    assert rail <= {place["url"] for place in go}
    assert {"/drafts/", "/account/"} <= {place["url"] for place in go}
    assert next(place["find"] for place in go if place["label"] == "待签收") == "dqs"


def test_a_kept_filter_is_a_place(desk):
    desk.post("/filter/keep/?tag=24小时", {"name": "夜间急件"})

    places = {place["label"]: place for place in desk.get("/palette/").json()["go"]}

    assert places["夜间急件"]["url"].startswith("/f/")
    assert places["夜间急件"]["find"] == "yjjj"


def test_a_case_is_found_by_its_number_and_by_words(desk, office):
    case = make_case(office, title="三号楼电梯停运")
    make_case(office, title="路灯不亮")

    for words in (case.number[-6:], "电梯停", case.number):
        (found,) = desk.get("/palette/", {"q": words}).json()["cases"]
        assert found["label"] == "三号楼电梯停运"
        assert case.number in found["hint"]
        assert desk.get(found["url"]).status_code == 200


def test_at_most_eight_and_in_few_queries(desk, office, django_assert_max_num_queries):
    for _ in range(10):
        make_case(office, title="楼道堆物")

    with django_assert_max_num_queries(5):
        found = desk.get("/palette/", {"q": "楼道堆物"}).json()["cases"]

    assert len(found) == 8


@pytest.mark.parametrize("words", ["", "电", "\x00", "'; DROP", "x" * 500, "%_\\"])
def test_any_words_are_no_error(desk, words, office):
    make_case(office)

    assert desk.get("/palette/", {"q": words}).json()["cases"] == []


def test_nobody_finds_what_is_not_theirs(office, seat, member, browser_of):
    dispatched(make_case(office, title="电梯停运"), seat, office.units.get(role_code="URBAN"))

    assert browser_of(member("handler")).get("/palette/", {"q": "电梯停运"}).json()["cases"] == []
    assert browser_of(member("system")).get("/palette/", {"q": "电梯停运"}).json()["cases"] == []


def test_a_visitor_logs_in_first(client, db):
    assert client.get("/palette/").status_code == 302
