"""登录: how long a session lasts, what keeps it going, and how it is ended."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from jiesu.desk import browsers
from jiesu.desk.checks import addresses
from jiesu.org import sittings
from jiesu.org.models import AccountRules, Sitting
from jiesu.trail import whereabouts
from jiesu.trail.models import Entry

MINUTE = timedelta(minutes=1)


def move_back(client, by, *, began=None):
    """Let the session be ``by`` older than it is."""
    row = Sitting.objects.get(session_key=client.session.session_key)
    row.active_at -= by
    row.expire_date -= by
    if began is not None:
        row.began_at -= began
        row.until -= began
    row.save()


def over(client):
    return client.get("/drafts/").headers.get("Location", "").startswith("/login/")


def test_an_idle_session_is_over_after_half_an_hour(seat, browser_of):
    client = browser_of(seat)

    move_back(client, 29 * MINUTE)
    assert not over(client)
    move_back(client, 31 * MINUTE)
    assert "登录已到时" in client.get("/drafts/", follow=True).content.decode()
    assert over(client)


QUIET = [
    ("get", "/live/now/", {}), ("post", "/live/here/", {"tab": "a"}), ("get", "/account/left/", {}),
    ("post", "/drafts/", {"address": "/x/", "values": "?"}), ("get", "/duty/strip/", {}),
]  # fmt: skip


@pytest.mark.parametrize(("how", "address", "told"), QUIET, ids=lambda it: str(it))
def test_what_a_page_asks_by_itself_does_not_keep_it_going(seat, browser_of, how, address, told):
    client = browser_of(seat)
    move_back(client, 20 * MINUTE)
    before = Sitting.objects.get().expire_date

    answer = getattr(client, how)(address, told)

    assert answer.status_code not in {302, 404}
    assert Sitting.objects.get().expire_date == before


def test_nor_does_a_piece_that_fetches_itself_or_a_look_whether_the_house_is_there(
    seat, browser_of
):
    client = browser_of(seat)
    move_back(client, 20 * MINUTE)
    before = Sitting.objects.get().expire_date

    client.get("/cases/", headers={"HX-Request": "true", "X-By-Itself": "1"})
    client.head("/cases/")

    assert Sitting.objects.get().expire_date == before


def test_whoever_does_something_has_half_an_hour_again(seat, browser_of):
    client = browser_of(seat)
    move_back(client, 20 * MINUTE)

    client.get("/cases/")

    row = Sitting.objects.get()
    assert timezone.now() - row.active_at < MINUTE
    assert row.expire_date == row.active_at + 30 * MINUTE


def test_only_these_addresses_are_asked_by_pages_themselves():
    assert {a.name for a in addresses() if a.by_itself} == {
        "desk:live", "desk:live_now", "desk:live_here", "desk:drafts", "desk:draft_drop", "duty:strip",
        "desk:session_left",
    }  # fmt: skip


def test_the_longest_time_is_not_made_longer(seat, browser_of):
    client = browser_of(seat)
    move_back(client, 10 * MINUTE, began=timedelta(hours=11, minutes=50))

    assert client.post("/account/stay/").json() == {
        "left": pytest.approx(600, abs=5),
        "longest": True,
    }
    client.get("/cases/")
    row = Sitting.objects.get()
    assert row.expire_date == row.began_at + timedelta(hours=12)


def test_being_asked_one_goes_on(seat, browser_of):
    client = browser_of(seat)
    move_back(client, 29 * MINUTE)

    assert client.get("/account/left/").json() == {
        "left": pytest.approx(60, abs=5),
        "longest": False,
    }
    assert client.post("/account/stay/").json() == {
        "left": pytest.approx(1800, abs=5),
        "longest": False,
    }


def test_other_limits_hold_at_once_and_the_desk_may_have_its_own(seat, member, browser_of):
    at_desk, elsewhere = browser_of(seat), browser_of(member("leader"))
    guard = browser_of(member("security"))

    answer = guard.post(
        "/authorise/rules/",
        {
            "school": "length",
            "idle_minutes": "10",
            "desk_idle_minutes": "120",
            "absolute_hours": "8",
        },
    )

    assert answer.status_code == 302
    left = [client.get("/account/left/").json()["left"] for client in (at_desk, elsewhere)]
    assert left == [pytest.approx(7200, abs=5), pytest.approx(600, abs=5)]
    row = Sitting.objects.get(member=seat)
    assert row.until == row.began_at + timedelta(hours=8)
    entry = Entry.objects.get(kind="security")
    assert (entry.facts["before"]["idle_minutes"], entry.facts["after"]["idle_minutes"]) == (30, 10)


@pytest.mark.parametrize("wrong", ["0", "", "x", "100000", "-5", "1.5"])
def test_limits_that_make_no_sense_are_refused(member, browser_of, wrong):
    told = {
        "school": "length",
        "idle_minutes": wrong,
        "desk_idle_minutes": "30",
        "absolute_hours": "12",
    }

    assert browser_of(member("security")).post("/authorise/rules/", told).status_code == 422
    assert not AccountRules.objects.exists()


def test_one_sees_where_one_is_logged_in_and_ends_it(seat, member, browser_of):
    here, there, other = browser_of(seat), Client(), browser_of(member("seat"))
    there.force_login(seat)
    there_mark = whereabouts.mark(there.session.session_key)

    page = here.get("/account/").content.decode()
    here.post("/account/sessions/end/", {"session": whereabouts.mark(other.session.session_key)})
    assert (there_mark in page, over(other)) == (True, False)

    here.post("/account/sessions/end/", {"session": there_mark})
    assert (over(here), over(there)) == (False, True)
    entry = Entry.objects.get(kind="logout")
    assert (entry.member, entry.facts) == (seat.pk, {"what": "ended", "of_session": there_mark})


def test_all_the_others_are_ended_together(seat, browser_of):
    clients = [browser_of(seat) for _ in range(3)]

    clients[0].post("/account/sessions/end/")

    assert [over(client) for client in clients] == [False, True, True]


def test_the_security_administrator_ends_anybody_s(seat, member, browser_of):
    client, guard = browser_of(seat), browser_of(member("security"))

    guard.post(f"/authorise/{seat.pk}/sessions/")

    assert over(client)
    assert browser_of(member("system")).post(f"/authorise/{seat.pk}/sessions/").status_code == 403


def test_what_is_over_is_cleared_and_said_in_the_trail(seat, browser_of):
    client, going_on = browser_of(seat), browser_of(seat)
    mark = whereabouts.mark(client.session.session_key)
    move_back(client, 31 * MINUTE)

    assert (sittings.clear(timezone.now()), sittings.clear(timezone.now())) == (1, 0)

    assert not over(going_on)
    entry = Entry.objects.get(kind="logout")
    assert (entry.subject, entry.facts) == (
        f"member:{seat.pk}", {"what": "timeout", "of_session": mark},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0", "Edge · Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0", "火狐 · Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1", "Safari · iPhone"),
        ("", "其他浏览器 · 其他系统"),
    ],
)  # fmt: skip
def test_a_browser_is_said_in_words(agent, words):
    assert browsers.said(agent) == words
