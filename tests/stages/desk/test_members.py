"""Accounts: coming in and going out, and what an administrator does with members."""

import pytest
from django.test import Client
from django.urls import reverse

from jiesu.org.models import Member, Office

PASSWORD = "yi-ge-hao-mima-2026"


@pytest.fixture
def administrator(member):
    return member("system", username="guanli")


@pytest.fixture
def desk(administrator, browser_of):
    return browser_of(administrator)


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


@pytest.mark.parametrize("role", ["seat", "reviewer", "handler", "head", "leader", "analyst"])
def test_only_an_administrator_manages_members(known, member, browser_of, role):
    client = browser_of(member(role))
    pages = [
        reverse("desk:members"),
        reverse("desk:member_add"),
        reverse("desk:member", args=[known.pk]),
    ]
    posts = [
        *pages[1:],
        reverse("desk:member_active", args=[known.pk]),
        reverse("desk:member_password", args=[known.pk]),
    ]

    assert {client.get(page).status_code for page in pages} == {403}
    assert {client.post(page).status_code for page in posts} == {403}


def test_a_new_member_gets_a_password_that_is_shown_once(desk, office, client):
    wanted = {"name": "陈一", "username": "chen.yi", "role": "seat", "unit": "request"}

    answer = desk.post("/members/add/", wanted)
    secret = answer.context["secret"]

    assert secret in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    assert secret not in desk.get("/members/").content.decode()
    assert come_in(client, "chen.yi", secret).status_code == 302
    assert Member.objects.get(username="chen.yi").password.startswith("argon2")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": ""}, "请填写姓名。"),
        ({"username": "a b"}, "用户名只能用字母、数字、点、横线和下划线。"),
        ({"username": "ZUOXI"}, "这个用户名已经有人用了，请换一个。"),
        ({"role": "god"}, "请选择列表里的角色。"),
        ({"unit": "nowhere"}, "请选择列表里的单位。"),
        ({"unit": ""}, "请选择单位。"),
    ],
)
def test_what_is_wrong_with_a_new_member_is_said(desk, known, change, sentence):
    wanted = {"name": "陈一", "username": "chen.yi", "role": "seat", "unit": "request"} | change
    count = Member.objects.count()

    answer = desk.post("/members/add/", wanted)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert Member.objects.count() == count


def test_another_role_holds_from_the_next_request_on(desk, known, client):
    come_in(client)
    assert client.get("/intake/").status_code == 200

    desk.post(f"/members/{known.pk}/", {"name": known.name, "role": "analyst", "unit": "request"})

    assert client.get("/intake/").status_code == 403
    assert client.get("/cases/").status_code == 200


def test_who_is_disabled_is_out_at_the_next_request(desk, known, client):
    come_in(client)

    desk.post(f"/members/{known.pk}/active/", {"active": "0"})

    assert client.get("/cases/").headers["Location"].startswith("/login/")
    desk.post(f"/members/{known.pk}/active/", {"active": "1"})
    assert come_in(client).status_code == 302


def test_a_reset_password_ends_what_was_open(desk, known, client):
    come_in(client)

    secret = desk.post(f"/members/{known.pk}/password/").context["secret"]

    assert client.get("/cases/").status_code == 302
    assert come_in(client).status_code == 422
    assert come_in(client, password=secret).status_code == 302


def test_an_administrator_cannot_shut_themself_out(desk, administrator):
    own = f"/members/{administrator.pk}/"

    disabled = desk.post(f"{own}active/", {"active": "0"}, follow=True)
    changed = desk.post(own, {"name": "管", "role": "seat", "unit": "general"})

    assert "不能停用自己的账号" in disabled.content.decode()
    assert changed.status_code == 422
    administrator.refresh_from_db()
    assert (administrator.is_active, administrator.role) == (True, "system")


def test_members_of_another_office_are_missing(desk, known):
    other = Office.objects.create(code="110108099", name="另一街道", district="海淀区")
    unit = other.units.create(code="request", name="诉求中心", kind="centre")
    stranger = Member.objects.create_member(
        office=other, unit=unit, username="stranger", name="外人", role="seat"
    )

    assert desk.get(f"/members/{stranger.pk}/").status_code == 404
    assert desk.post(f"/members/{stranger.pk}/password/").status_code == 404
    assert desk.post(f"/members/{stranger.pk}/active/", {"active": "0"}).status_code == 404
    assert "stranger" not in desk.get("/members/").content.decode()


def test_members_are_found_by_name_user_name_unit_role_and_state(desk, member):
    one = member("handler", "URBAN", name="贾可寻", username="jia")
    Member.objects.filter(pk=one.pk).update(is_active=False)

    for query in ("who=可寻", "who=JIA", "who=城市管理", "role=handler&state=off"):
        assert [found.pk for found in desk.get(f"/members/?{query}").context["page"]] == [one.pk], (
            query
        )
    for query in ("page=0", "page=x", "page=999", "role=x", "who=%00", f"who={'x' * 500}"):
        assert desk.get(f"/members/?{query}").status_code == 200


def test_where_a_member_can_be_reached_is_kept_with_them(administrator, desk, known):
    told = {
        "name": known.name, "role": "seat", "unit": known.unit.code, "phone": "120 0000 0001",
        "email": "zuoxi@example.invalid", "messenger": "zuoxi",
    }  # fmt: skip

    wrong = desk.post(reverse("desk:member", args=[known.pk]), told | {"email": "zuoxi"})
    saved = desk.post(reverse("desk:member", args=[known.pk]), told)

    assert (wrong.status_code, saved.status_code) == (422, 302)
    assert "邮箱写法不对" in wrong.content.decode()
    known.refresh_from_db()
    assert (known.phone, known.email, known.messenger) == (
        "120 0000 0001", "zuoxi@example.invalid", "zuoxi",
    )  # fmt: skip
