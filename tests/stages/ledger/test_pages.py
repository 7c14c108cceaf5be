"""The ledgers in a browser."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jiesu.ledger import queries
from tests.factories.orders import dispatched, make_case
from tests.stages.ledger.test_exports import many


def page(browser, kind="cases", **asked):
    answer = browser.get(reverse("ledger:sheet", args=[kind]), asked)
    assert answer.status_code == 200
    return answer.content.decode()


def shown(html):
    """The order numbers of a page's rows."""
    return re.findall(r'class="pin-2"><a href="[^"]+">([^<]+)</a>', html)


def turn(html, rel):
    found = re.search(rf'rel="{rel}" href="([^"]+)"', html)
    return found[1].replace("&amp;", "&") if found else None


@pytest.fixture
def desk(browser_of, seat):
    return browser_of(seat)


@pytest.mark.parametrize("kind", ["cases", "signing"])
def test_a_page_costs_the_same_with_one_row_as_with_a_hundred(office, desk, noon, kind):
    def cost():
        with CaptureQueriesContext(
            connection,
        ) as spent:
            html = page(desk, kind)
        return len(spent), len(shown(html))

    make_case(office, at=noon)
    page(desk, kind)
    one = cost()
    many(office, 120, noon)
    hundred = cost()

    assert (one[1], hundred[1]) == (1, 100)
    assert one[0] == hundred[0]


def test_pages_turn_both_ways_without_losing_or_doubling_a_row(office, desk, noon, monkeypatch):
    monkeypatch.setattr(queries, "SIZE", 4)
    many(office, 10, noon)
    for _ in range(3):  # the same second: the id decides
        make_case(office, at=noon - timedelta(seconds=4))
    html, seen = page(desk), []
    while True:
        seen.append(shown(html))
        onward = turn(html, "next")
        if onward is None:
            break
        html = desk.get(onward).content.decode()

    flat = [number for numbers in seen for number in numbers]
    assert len(flat) == len(set(flat)) == 13
    assert "第 13–13 行，共 13 行" in html
    back = []
    while (backward := turn(html, "prev")) is not None:
        html = desk.get(backward).content.decode()
        back.append(shown(html))
    assert back == seen[-2::-1]
    assert "第 1–4 行，共 13 行" in html


def test_the_number_of_rows_of_the_filter_is_stated_and_on_the_button(office, desk, noon):
    many(office, 3, noon)
    make_case(office, at=noon - timedelta(days=40))

    html = page(desk, since="2026-11-01")

    assert '<b class="num">3 行</b>' in html
    assert "导出 3 行" in html
    link = reverse("ledger:export", args=["cases"])
    assert f'href="{link}?stage=all&amp;since=2026-11-01"' in html


def test_the_filter_of_the_desk_means_the_same_here(office, desk, seat, noon):
    unit = office.units.filter(kind="office").first()
    mine = make_case(office, at=noon, title="电梯停运", tags=["24小时"])
    dispatched(mine, seat, unit, at=noon)
    make_case(office, at=noon)

    for asked in ({"q": "电梯"}, {"unit": unit.code}, {"stage": "handling"}, {"tag": "24小时"}):
        assert shown(page(desk, **asked)) == [mine.number], asked


def test_what_cannot_be_used_of_a_filter_is_said(desk):
    assert "派单自：日期看不懂" in page(desk, since="昨天")
    assert "没有这个单位" in page(desk, unit="nowhere")


def test_text_from_outside_is_text_on_the_page_and_masked(office, desk, noon):
    make_case(
        office, at=noon, title="<b>粗</b>13800000000", requester_name="赵六", number="甲/乙-1"
    )

    html = page(desk)

    assert "&lt;b&gt;粗&lt;/b&gt;138****0000" in html
    assert "13800000000" not in html
    assert "赵六" not in html
    assert f'href="{reverse("desk:cases")}%E7%94%B2%2F%E4%B9%99-1/1/"' in html


def test_a_unit_sees_its_own_rows_and_no_button_to_take_them_out(
    office, member, browser_of, seat, noon
):
    handler = member("handler")
    own, _ = make_case(office, at=noon), make_case(office, at=noon)
    dispatched(own, seat, handler.unit, at=noon)

    html = page(browser_of(handler))

    assert shown(html) == [own.number]
    assert "导出 1 行" not in html


def test_an_empty_ledger_says_what_to_do(desk):
    html = page(desk, since="2030-01-01")

    assert "没有符合条件的案件" in html
    assert "清除条件" in html
    assert "导出 0 行" not in html


def test_with_htmx_the_address_that_is_kept_holds_only_what_was_asked(office, desk, noon):
    asked = {"q": "", "unit": "", "stage": "to_sign", "since": ""}
    answer = desk.get(
        reverse("ledger:sheet", args=["cases"]), asked, headers={"HX-Request": "true"}
    )

    assert answer["HX-Push-Url"] == f"{reverse('ledger:sheet', args=['cases'])}?stage=to_sign"


@pytest.mark.parametrize(
    "page_word", ["a1.2", "x", "a99999999999999999.1.1", "b-1.1.1", "a1.1.0", "９" * 4]
)
def test_a_made_up_page_is_no_error(office, desk, noon, page_word):
    make_case(office, at=noon)

    page(desk, page=page_word)


def test_an_unknown_ledger_is_missing(desk):
    assert desk.get(reverse("ledger:sheet", args=["nothing"])).status_code == 404
    assert desk.get(reverse("ledger:export", args=["nothing"])).status_code == 404


@pytest.mark.parametrize(("role", "status"), [("seat", 200), ("handler", 200), ("system", 403)])
def test_who_may_see_ledgers(member, browser_of, role, status):
    for address in (reverse("ledger:index"), reverse("ledger:sheet", args=["cases"])):
        assert browser_of(member(role)).get(address).status_code == status


def test_the_index_tells_what_each_ledger_is_and_what_i_took_out(
    office, desk, seat, member, take, noon
):
    make_case(office, at=noon)
    take(seat, since="2026-11-01")
    take(member("seat"), q="别人的")

    html = desk.get(reverse("ledger:index")).content.decode()

    assert "诉求总台账" in html
    assert "签收退回台账" in html
    assert "派单自：2026-11-01" in html
    assert "别人的" not in html


def test_beyond_a_hundred_thousand_the_number_is_an_estimate(office, seat, noon, monkeypatch):
    monkeypatch.setattr(queries, "COUNTED", 5)
    monkeypatch.setattr(queries, "ROUND", 1)
    many(office, 9, noon)

    found = queries.count(queries.chosen(seat, queries.read_filter({}, seat), noon))

    assert not found.exact
    assert found.number >= 5
    assert str(found).startswith("约 ")
