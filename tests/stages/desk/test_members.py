"""成员: what the system administrator does with accounts, and what is not theirs."""

import pytest
from django.urls import reverse

from jiesu.org.models import Member, Office
from jiesu.trail.models import Entry

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


def come_in(client, username="zuoxi", password=PASSWORD):
    return client.post("/login/", {"username": username, "password": password})


@pytest.mark.parametrize(
    "role",
    [
        "seat",
        "reviewer",
        "handler",
        "head",
        "leader",
        "analyst",
        "inspector",
        "security",
        "auditor",
        "pending",
    ],
)
def test_only_the_system_administrator_manages_members(known, member, browser_of, role):
    client = browser_of(member(role))
    pages = [
        reverse("desk:members"),
        reverse("desk:member_add"),
        reverse("desk:member", args=[known.pk]),
    ]
    posts = [
        *pages[1:],
        reverse("desk:member_active", args=[known.pk]),
    ]

    assert {client.get(page).status_code for page in pages} == {403}
    assert {client.post(page).status_code for page in posts} == {403}


def test_a_new_member_gets_a_password_that_is_shown_once(desk, office, client):
    wanted = {"name": "陈一", "username": "chen.yi", "unit": "request", "role": "seat"}

    answer = desk.post("/members/add/", wanted)
    secret = answer.context["secret"]

    assert secret in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    assert secret not in desk.get("/members/").content.decode()
    assert come_in(client, "chen.yi", secret).status_code == 302
    assert client.get("/cases/").headers["Location"] == "/password/"  # first of all their own
    made = Member.objects.get(username="chen.yi")
    assert made.password.startswith("argon2")
    assert made.role == "pending"  # whatever the form says


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": ""}, "请填写姓名。"),
        ({"username": "a b"}, "用户名只能用字母、数字、点、横线和下划线。"),
        ({"username": "ZUOXI"}, "这个用户名已经有人用了，请换一个。"),
        ({"unit": "nowhere"}, "请选择列表里的单位。"),
        ({"unit": ""}, "请选择单位。"),
    ],
)
def test_what_is_wrong_with_a_new_member_is_said(desk, known, change, sentence):
    wanted = {"name": "陈一", "username": "chen.yi", "unit": "request"} | change
    count = Member.objects.count()

    answer = desk.post("/members/add/", wanted)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert Member.objects.count() == count


def test_a_member_is_given_another_name_and_unit_but_never_a_role(desk, known):
    desk.post(f"/members/{known.pk}/", {"name": "钱二", "role": "leader", "unit": "urban"})

    known.refresh_from_db()
    assert (known.name, known.unit.code, known.role) == ("钱二", "urban", "seat")


def test_who_is_disabled_is_out_at_the_next_request(desk, known, client):
    come_in(client)

    desk.post(f"/members/{known.pk}/active/", {"active": "0"})

    assert client.get("/cases/").headers["Location"].startswith("/login/")
    desk.post(f"/members/{known.pk}/active/", {"active": "1"})
    assert come_in(client).status_code == 302


def test_an_administrator_cannot_shut_themself_out(desk, administrator):
    told = desk.post(f"/members/{administrator.pk}/active/", {"active": "0"}, follow=True)

    assert "不能停用自己的账号" in told.content.decode()
    administrator.refresh_from_db()
    assert administrator.is_active


@pytest.mark.parametrize("role", ["security", "auditor"])
def test_the_last_of_the_other_two_administrators_stays(desk, member, role):
    only = member(role)
    address = f"/members/{only.pk}/active/"

    told = desk.post(address, {"active": "0"}, follow=True).content.decode()
    only.refresh_from_db()
    assert ("只有这一位" in told, only.is_active) == (True, True)

    member(role)
    desk.post(address, {"active": "0"})
    only.refresh_from_db()
    assert not only.is_active


def test_each_change_of_an_account_is_in_the_trail(desk, administrator, known):
    told = {"name": known.name, "unit": "urban", "phone": "120 0000 0001"}

    desk.post("/members/add/", {"name": "陈一", "username": "chen.yi", "unit": "request"})
    desk.post(f"/members/{known.pk}/", told)
    desk.post(f"/members/{known.pk}/active/", {"active": "0"})

    left = Entry.objects.filter(kind="account", member=administrator.pk).order_by("id")
    assert [(e.facts["what"], e.facts["after"]) for e in left] == [
        ("added", {"role": "pending", "unit": "request", "contract": None}),
        ("changed", {"unit": "urban", "contract": None}),
        ("switched", {"active": False}),
    ]
    assert left[1].facts["fields"] == ["unit", "phone"]
    assert "120 0000" not in str([e.facts for e in left])


def test_members_of_another_office_are_missing(desk, known):
    other = Office.objects.create(code="110108099", name="另一街道", district="海淀区")
    unit = other.units.create(code="request", name="诉求中心", kind="centre")
    stranger = Member.objects.create_member(
        office=other, unit=unit, username="stranger", name="外人", role="seat"
    )

    assert desk.get(f"/members/{stranger.pk}/").status_code == 404
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
        "name": known.name, "unit": known.unit.code, "phone": "120 0000 0001",
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
