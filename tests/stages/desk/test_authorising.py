"""授权: what the security administrator does with accounts, and what is not theirs."""

import pytest

from jiesu.org.models import Member, Office
from jiesu.org.rights import ADMINISTRATORS, Role
from jiesu.trail.models import Entry

PASSWORD = "yi-ge-hao-mima-2026"


@pytest.fixture
def guard(member):
    return member("security", username="anquan")


@pytest.fixture
def desk(guard, browser_of):
    return browser_of(guard)


@pytest.fixture
def known(member):
    made = member("seat", username="zuoxi")
    made.set_password(PASSWORD)
    made.save()
    return made


def come_in(client, username="zuoxi", password=PASSWORD):
    return client.post("/login/", {"username": username, "password": password})


@pytest.mark.parametrize("role", sorted(set(Role) - {"security"}))
def test_nobody_else_authorises(known, member, browser_of, role):
    client = browser_of(member(role))
    page = f"/authorise/{known.pk}/"

    assert {client.get(a).status_code for a in ("/authorise/", page)} == {403}
    assert client.post(page, {"role": "leader"}).status_code == 403
    assert client.post(f"{page}password/").status_code == 403
    known.refresh_from_db()
    assert known.role == "seat"


def test_who_has_no_role_yet_can_do_nothing_but_wait(member, browser_of, desk):
    waits = member("pending")
    client = browser_of(waits)

    assert client.get("/", follow=True).redirect_chain == [("/waiting/", 302)]
    assert "请联系本街道的安全管理员" in client.get("/waiting/").content.decode()
    assert client.get("/password/").status_code == 200
    assert {client.get(a).status_code for a in ("/cases/", "/drafts/", "/palette/", "/duty/")} == {
        403
    }
    assert "有 1 个账号等待授权" in desk.get("/authorise/").content.decode()

    desk.post(f"/authorise/{waits.pk}/", {"role": "seat"})

    assert client.get("/cases/").status_code == 200


def test_another_role_ends_what_was_open_and_holds_from_the_next_log_in_on(desk, known, client):
    come_in(client)
    assert client.get("/intake/").status_code == 200

    desk.post(f"/authorise/{known.pk}/", {"role": "analyst"})

    assert client.get("/cases/").status_code == 302
    come_in(client)
    assert client.get("/intake/").status_code == 403
    assert client.get("/cases/").status_code == 200


def test_nobody_changes_their_own_role_or_resets_their_own_password(desk, guard):
    before = guard.password

    answer = desk.post(f"/authorise/{guard.pk}/", {"role": "leader"})
    desk.post(f"/authorise/{guard.pk}/password/")

    assert answer.status_code == 422
    guard.refresh_from_db()
    assert (guard.role, guard.password) == ("security", before)


@pytest.mark.parametrize("role", ["system", "auditor"])
def test_the_last_administrator_of_a_kind_keeps_the_role(desk, member, role):
    only = member(role)

    answer = desk.post(f"/authorise/{only.pk}/", {"role": "leader"})

    assert (answer.status_code, "只有这一位" in answer.content.decode()) == (422, True)
    member(role)
    assert desk.post(f"/authorise/{only.pk}/", {"role": "leader"}).status_code == 302
    only.refresh_from_db()
    assert only.role == "leader"


def test_a_role_that_does_not_exist_is_refused(desk, known):
    for told in ({"role": "god"}, {"role": ""}, {}):
        assert desk.post(f"/authorise/{known.pk}/", told | {"x": "1"}).status_code == 422


def test_a_reset_password_ends_what_was_open(desk, known, client):
    come_in(client)

    secret = desk.post(f"/authorise/{known.pk}/password/").context["secret"]

    assert client.get("/cases/").status_code == 302
    assert come_in(client).status_code == 422
    assert come_in(client, password=secret).status_code == 302
    assert client.get("/cases/").headers["Location"] == "/password/"


def test_each_grant_and_reset_is_in_the_trail(desk, guard, known):
    desk.post(f"/authorise/{known.pk}/", {"role": "analyst"})
    secret = desk.post(f"/authorise/{known.pk}/password/").context["secret"]

    granted, reset = Entry.objects.filter(member=guard.pk, subject=f"member:{known.pk}")
    assert (granted.kind, granted.facts["before"], granted.facts["after"]) == (
        "account", {"role": "seat"}, {"role": "analyst"},
    )  # fmt: skip
    assert (reset.kind, reset.facts) == ("security", {"what": "password_reset"})
    assert secret not in str(reset.facts)


def test_members_of_another_office_are_missing(desk):
    other = Office.objects.create(code="110108099", name="另一街道", district="海淀区")
    unit = other.units.create(code="request", name="诉求中心", kind="centre")
    stranger = Member.objects.create_member(
        office=other, unit=unit, username="stranger", name="外人", role="pending"
    )

    assert desk.get(f"/authorise/{stranger.pk}/").status_code == 404
    assert desk.post(f"/authorise/{stranger.pk}/", {"role": "seat"}).status_code == 404
    assert desk.post(f"/authorise/{stranger.pk}/password/").status_code == 404
    assert "stranger" not in desk.get("/authorise/").content.decode()


@pytest.mark.parametrize("role", sorted(ADMINISTRATORS))
def test_no_administrator_sees_a_case_or_another_s_pages(member, browser_of, role):
    client = browser_of(member(role))
    pages = {
        "cases": "/cases/", "ledger": "/ledger/", "intake": "/intake/", "live": "/live/now/",
        "members": "/members/", "authorise": "/authorise/",
    }  # fmt: skip

    opened = {name for name, page in pages.items() if client.get(page).status_code == 200}

    assert opened == {"system": {"members"}, "security": {"authorise"}, "auditor": set()}[role]
