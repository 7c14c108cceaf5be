"""督办催办台账: one row for each person a reminder went to, of the cases one may see."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from jiesu.ledger import queries
from jiesu.ledger.register import SHEETS
from jiesu.supervision import actions
from jiesu.supervision.models import Notice
from tests.factories.orders import dispatched, make_case
from tests.stages.ledger.reading import rows_of as read

SHEET = SHEETS["supervision"]


@pytest.fixture
def reminded(office, seat, member):
    """A case of 民生 with a 催办 that its handler has answered."""
    unit = office.units.get(role_code="LIVELIHOOD")
    handler = member("handler", "LIVELIHOOD", name="测承办")
    at = timezone.now() - timedelta(hours=3)
    case = dispatched(make_case(office, at=at), seat, unit, at=at)
    actions.remind(case, words="请今天内联系诉求人。", actor=seat, at=at + timedelta(hours=1))
    notice = Notice.objects.get(member=handler)
    actions.answer(
        notice, answer="已联系，明天上门。", actor=handler, at=at + timedelta(hours=2)
    )  # fmt: skip
    return case


def shown(member, **asked):
    at = timezone.now()
    cases = queries.chosen(member, queries.read_filter(asked, member), at)
    titles = [column.title for column in SHEET.columns]
    return [
        dict(zip(titles, row, strict=True))
        for _, row in queries.page(SHEET, cases, None, at).rows
    ]  # fmt: skip


def test_a_row_says_what_to_whom_by_which_road_and_what_came_of_it(reminded, seat):
    [row] = shown(seat)

    told = {name: row[name] for name in ("编号", "节点", "方式", "催办内容", "反馈", "催办人")}
    assert told == {
        "编号": reminded.number, "节点": "催办", "方式": "页面", "催办内容": "请今天内联系诉求人。",
        "反馈": "已联系，明天上门。", "催办人": seat.name,
    }  # fmt: skip
    assert row["对象"].endswith("测承办（承办人）")
    assert row["看到"] is not None


def test_only_of_cases_one_may_see(reminded, member):
    assert shown(member("handler", "ENFORCE")) == []
    assert len(shown(member("head", "LIVELIHOOD"))) == 1


def test_the_page_and_the_file_hold_the_same(reminded, seat, browser_of, take):
    page = browser_of(seat).get(reverse("ledger:sheet", args=["supervision"]))

    _, path = take(seat, "supervision", at=timezone.now())

    assert "已联系，明天上门。" in page.content.decode()
    assert [column.title for column in SHEET.columns] == read(path)[0]
    assert len(read(path)) == 2


def test_pages_turn_by_key(reminded, seat, monkeypatch):
    at = timezone.now()
    for place in range(4):
        actions.remind(
            reminded, words=f"再催 {place}", actor=seat, at=at + timedelta(minutes=place)
        )
    monkeypatch.setattr(queries, "SIZE", 2)
    cases = queries.chosen(seat, queries.read_filter({}, seat), at)

    first = queries.page(SHEET, cases, None, at)
    second = queries.page(SHEET, cases, queries.Turn.read(first.following), at)
    third = queries.page(SHEET, cases, queries.Turn.read(second.following), at)
    again = queries.page(SHEET, cases, queries.Turn.read(second.previous), at)

    numbers = [row[0] for page in (first, second, third) for _, row in page.rows]
    assert numbers == [1, 2, 3, 4, 5]
    assert [cells for _, cells in again.rows] == [cells for _, cells in first.rows]
    assert third.following == ""
