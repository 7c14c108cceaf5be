"""次数限额: costly pages only so often, in words, and never in the way of a desk at work."""

import json

import pytest
from django.urls import get_resolver, reverse

from jiesu.core.rates import Buckets, Rate
from jiesu.desk import limits
from jiesu.desk.checks import addresses

FEW = Rate("查找", 3, 30)


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_a_bucket_gives_what_is_in_it_and_fills_by_the_minute():
    clock = Clock()
    buckets = Buckets(clock)

    at_once = [buckets.take("a", FEW) for _ in range(5)]
    other = buckets.take("b", FEW)
    clock.now = 2
    later = [buckets.take("a", FEW) for _ in range(2)]
    clock.now = 1000
    rested = [buckets.take("a", FEW) for _ in range(4)]

    assert at_once == [0, 0, 0, 2, 2]
    assert other == 0
    assert later == [0, 2]
    assert rested == [0, 0, 0, 2]


def test_buckets_do_not_grow_without_end(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(Buckets, "MOST", 10)
    buckets = Buckets(clock)
    for number in range(10):
        buckets.take(number, FEW)
    clock.now = 60
    buckets.take("new", FEW)

    assert list(buckets._left) == ["new"]

    for number in range(100):
        buckets.take(number, FEW)
    assert len(buckets._left) <= 11


def test_every_limited_page_is_one_there_is():
    names = {one.name for one in addresses()}

    assert {*limits.COSTLY, *limits.SENT, *limits.FOUND} - names == set()
    assert get_resolver()


def test_every_file_that_is_made_when_asked_for_has_its_limit():
    made = {one.name for one in addresses() if "xlsx" in one.route or "export" in one.name}

    assert made - set(limits.COSTLY) == set()


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setitem(limits.FOUND, "desk:cases", FEW)
    monkeypatch.setattr(limits, "buckets", Buckets(lambda: 0.0))  # however slow the machine


def test_too_often_is_told_in_words_and_for_how_long(browser_of, seat, few):
    browser, url = browser_of(seat), reverse("desk:cases")

    answers = [browser.get(url, {"q": "路灯"}) for _ in range(4)]

    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    assert answers[3].headers["Retry-After"] == "2"
    page = answers[3].content.decode()
    assert "查找太频繁，请等 2 秒再试。" in page
    assert "错误编号" in page


def test_htmx_is_told_in_a_toast_and_nothing_is_swapped(browser_of, seat, few):
    browser, url = browser_of(seat), reverse("desk:cases")
    for _ in range(3):
        browser.get(url, {"q": "路灯"})

    answer = browser.get(url, {"q": "路灯"}, HTTP_HX_REQUEST="true")

    assert answer.status_code == 429
    assert answer.headers["HX-Reswap"] == "none"
    toast = json.loads(answer.headers["HX-Trigger"])["toast"]
    assert toast == {"text": "查找太频繁，请等 2 秒再试。", "tone": "late"}


def test_the_others_and_the_other_pages_go_on(browser_of, member, seat, few):
    browser, url = browser_of(seat), reverse("desk:cases")
    for _ in range(4):
        browser.get(url, {"q": "路灯"})

    assert browser.get(url).status_code == 200
    assert browser_of(member("seat")).get(url, {"q": "路灯"}).status_code == 200


def test_a_factor_of_the_operator_widens_them_all(browser_of, seat, few, settings):
    settings.RATES = 5
    browser, url = browser_of(seat), reverse("desk:cases")

    assert {browser.get(url, {"q": "路灯"}).status_code for _ in range(15)} == {200}
    assert 429 in {browser.get(url, {"q": "路灯"}).status_code for _ in range(12)}


@pytest.mark.django_db
def test_strangers_are_counted_by_address(client, monkeypatch):
    monkeypatch.setattr(limits, "STRANGER", FEW)
    monkeypatch.setattr(limits, "buckets", Buckets(lambda: 0.0))
    url = reverse("desk:login")

    answers = [client.get(url, REMOTE_ADDR="203.0.113.7").status_code for _ in range(4)]

    assert answers == [200, 200, 200, 429]
    assert client.get(url, REMOTE_ADDR="203.0.113.8").status_code == 200
