"""放慢: guessing takes longer each time, and who works here gets in meanwhile."""

from datetime import timedelta

import pytest
from django.test import Client

from jiesu.org.models import Slip
from jiesu.trail.models import Entry

PASSWORD = "yi-ge-hao-mima-2026"
STREET, ELSEWHERE = "10.1.1.1", "203.0.113.9"


@pytest.fixture
def known(member):
    made = member("seat", username="zuoxi")
    made.set_password(PASSWORD)
    made.save()
    return made


def come_in(client, password=PASSWORD, *, username="zuoxi", address=ELSEWHERE):
    told = {"username": username, "password": password}
    return client.post("/login/", told, REMOTE_ADDR=address)


def later(seconds):
    """Let so many seconds pass since every slip."""
    for slip in Slip.objects.all():
        Slip.objects.filter(pk=slip.pk).update(at=slip.at - timedelta(seconds=seconds))


def test_whoever_guesses_waits_longer_each_time(known, client):
    first = [come_in(client, "wrong").status_code for _ in range(4)]
    waiting = come_in(client)

    assert first == [422] * 4
    assert (waiting.status_code, waiting.headers["Retry-After"]) == (429, "5")
    assert "请等 5 秒再试" in waiting.content.decode()
    later(6)
    assert come_in(client, "wrong").status_code == 422
    assert come_in(client).headers["Retry-After"] == "10"
    later(11)
    assert come_in(client).status_code == 302
    assert Slip.objects.count() == 0


def test_an_attempt_during_the_wait_is_not_looked_at_and_does_not_make_it_longer(known, client):
    for _ in range(20):
        come_in(client, "wrong")

    assert Slip.objects.count() == 4
    later(6)
    assert come_in(client).status_code == 302


def test_unknown_names_wait_just_the_same(known, client):
    answers = [come_in(client, "wrong", username="nobody") for _ in range(5)]

    assert [answer.status_code for answer in answers] == [422] * 4 + [429]


def test_what_others_do_elsewhere_locks_nobody_out(known):
    mine = Client()
    come_in(mine, address=STREET)
    mine.post("/logout/")
    for n in range(30):
        come_in(Client(), "wrong", address=f"203.0.113.{n}")

    assert come_in(Client(), address="203.0.113.99").status_code == 429  # a new place waits
    assert come_in(Client(), address=STREET).status_code == 302  # where they are known to come from
    assert (
        come_in(mine, address="198.51.100.7").status_code == 302
    )  # in their own browser, anywhere


def test_a_browser_that_is_known_gets_in_while_a_neighbour_guesses_from_the_same_address(known):
    mine = Client()
    come_in(mine, address=STREET)
    mine.post("/logout/")
    for _ in range(8):
        come_in(Client(), "wrong", address=STREET)

    assert come_in(Client(), address=STREET).status_code == 429
    assert come_in(mine, address=STREET).status_code == 302


def test_one_person_s_slips_do_not_slow_the_street_down(known, member):
    for _ in range(6):
        come_in(Client(), "wrong", username="sb-else", address=STREET)

    assert come_in(Client(), address=STREET).status_code == 302


def test_one_password_for_everybody_is_slowed_by_address(known):
    for n in range(20):
        come_in(Client(), "wrong", username=f"name{n}")

    assert come_in(Client()).status_code == 429
    assert come_in(Client(), address=STREET).status_code == 302


def test_a_made_up_cookie_makes_no_browser_known(known, client):
    for _ in range(4):
        come_in(client, "wrong")
    client.cookies["jiesu_known"] = "eyJ4IjoieSJ9:1abcde:made-up"

    assert come_in(client).status_code == 429


def test_the_security_administrator_lets_somebody_try_again_at_once(
    known, member, browser_of, client
):
    for _ in range(4):
        come_in(client, "wrong")
    guard = browser_of(member("security"))

    page = guard.get(f"/authorise/{known.pk}/").content.decode()
    guard.post(f"/authorise/{known.pk}/unlock/")

    assert "清除 4 次登录失败" in page
    assert come_in(client).status_code == 302
    assert Entry.objects.get(kind="security").facts == {"what": "unlocked", "failed": 4}


def test_each_log_in_and_each_failure_is_in_the_trail(known, client):
    come_in(client, "wrong")
    come_in(client, "x", username="my-password-typed-here")
    come_in(client)
    client.post("/logout/")

    wrong, unknown, came, left = Entry.objects.filter(kind__startswith="log").order_by("id")
    assert (wrong.kind, wrong.username, wrong.subject) == (
        "login_failed",
        "zuoxi",
        f"member:{known.pk}",
    )
    assert (unknown.kind, unknown.username) == ("login_failed", "")
    assert "my-password" not in str(unknown.facts)
    assert (came.kind, came.member, came.facts, came.address) == (
        "login", known.pk, {"how": "password"}, ELSEWHERE,
    )  # fmt: skip
    assert (left.kind, left.session) == ("logout", came.session)
