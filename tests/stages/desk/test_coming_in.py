"""Coming in, going out, and one's own password."""

import pytest
from django.test import Client

from jiesu.org.models import Member
from jiesu.trail.models import Entry

PASSWORD = "yi-ge-hao-mima-2026"


@pytest.fixture
def known(member):
    """A seat whose password is known."""
    made = member("seat", username="zuoxi")
    made.set_password(PASSWORD)
    made.save()
    return made


def come_in(client, username="zuoxi", password=PASSWORD, **more):
    return client.post("/login/", {"username": username, "password": password, **more})


def test_who_knows_the_password_comes_in_with_a_new_session(known, client):
    client.get("/login/")
    client.session["before"] = "visitor"
    client.session.save()
    before = client.session.session_key

    answer = come_in(client)

    assert answer.headers["Location"] == "/"
    assert client.session.session_key != before


@pytest.mark.parametrize(
    ("goal", "arrives"),
    [
        ("/cases/?stage=late", "/cases/?stage=late"),
        ("https://elsewhere.example/", "/"),
        ("//elsewhere.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("/\\elsewhere.example", "/"),
    ],
)
def test_after_login_one_stays_on_this_site(known, client, goal, arrives):
    assert come_in(client, next=goal).headers["Location"] == arrives


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("zuoxi", "wrong"),
        ("nobody", PASSWORD),
        ("", ""),
        ("zuoxi\x00", PASSWORD),
        ("x" * 5000, "y" * 5000),
    ],
)
def test_a_wrong_password_and_an_unknown_name_are_told_alike(known, client, username, password):
    answer = come_in(client, username, password)

    assert answer.status_code == 422
    assert "_auth_user_id" not in client.session


def test_a_disabled_account_is_told_as_a_wrong_password(known, client):
    Member.objects.filter(pk=known.pk).update(is_active=False)

    answer = come_in(client)

    assert "用户名或密码不对" in answer.content.decode()


def test_one_goes_out_by_a_form_only(known, client):
    come_in(client)

    assert client.get("/logout/").status_code == 405
    assert client.get("/cases/").status_code == 200
    client.post("/logout/")
    assert client.get("/cases/").status_code == 302


def test_a_login_without_the_form_s_own_mark_is_refused(known):
    assert come_in(Client(enforce_csrf_checks=True)).status_code == 403


def test_a_member_changes_their_own_password_and_other_sessions_end(known, client):
    other = Client()
    come_in(client)
    come_in(other)
    wanted = {
        "old_password": PASSWORD,
        "new_password1": "xin-de-mima-2027",
        "new_password2": "xin-de-mima-2027",
    }

    short = client.post("/password/", wanted | {"new_password1": "1", "new_password2": "1"})
    answer = client.post("/password/", wanted)

    assert short.status_code == 422
    assert answer.status_code == 302
    assert client.get("/cases/").status_code == 200
    assert other.get("/cases/").status_code == 302
    assert Entry.objects.filter(kind="security").get().facts == {"what": "password_changed"}
