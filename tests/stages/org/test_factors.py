"""第二步验证: figures from an app, recovery codes, and roles that must have one."""

import re
from datetime import timedelta

import pyotp
import pytest
from django.test import Client
from django.utils import timezone

from jiesu.org import factors
from jiesu.org.models import AccountRules, Member, RecoveryCode, Totp
from jiesu.org.sealing import unseal
from jiesu.trail.models import Entry

PASSWORD = "yi-ge-hao-mima-2026"


@pytest.fixture
def known(member):
    made = member("seat", username="zuoxi")
    made.set_password(PASSWORD)
    made.save()
    return made


def come_in(client, password=PASSWORD, **more):
    return client.post("/login/", {"username": "zuoxi", "password": password, **more})


def set_up(client):
    """Set up an app by the pages; return it and the recovery codes."""
    page = client.get("/account/second/app/").content.decode()
    secret = "".join(re.search(r'class="secret small">([A-Z2-7 ]+)<', page)[1].split())
    app = pyotp.TOTP(secret)
    answer = client.post("/account/second/app/", {"code": app.now()})
    return app, re.findall(r"<li>([a-z2-7-]{19})</li>", answer.content.decode())


def next_code(app):
    """The figures of the next step, which the phone shows in a moment: those of now are spent."""
    return app.at(timezone.now() + timedelta(seconds=30))


def inside(client):
    return client.get("/cases/").status_code == 200


def test_an_app_is_set_up_and_asked_for_from_then_on(known, client):
    come_in(client)
    app, codes = set_up(client)
    picture = client.get("/account/second/app/picture.svg")
    other = Client()

    half = come_in(other, next="/drafts/")
    barred = not inside(other)
    wrong = other.post("/login/second/", {"code": "000000"})
    done = other.post("/login/second/", {"code": next_code(app)})

    assert (len(codes), len(set(codes)), picture.status_code) == (10, 10, 404)
    assert (half.headers["Location"], barred, wrong.status_code) == ("/login/second/", True, 422)
    assert (done.headers["Location"], inside(other)) == ("/drafts/", True)
    how = Entry.objects.filter(kind="login").order_by("-id").first().facts["how"]
    assert how == "password+totp"


def test_the_picture_says_the_secret_only_while_it_is_set_up(known, client):
    come_in(client)
    client.get("/account/second/app/")

    answer = client.get("/account/second/app/picture.svg")

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/svg+xml")
    assert "no-store" in answer.headers["Cache-Control"]
    assert b"style=" not in answer.content
    assert b"<script" not in answer.content


def test_figures_open_once(known, client):
    come_in(client)
    app, _ = set_up(client)
    code, first, second = next_code(app), Client(), Client()
    come_in(first)
    come_in(second)

    answers = [one.post("/login/second/", {"code": code}).status_code for one in (first, second)]

    assert answers == [302, 422]


@pytest.mark.parametrize(("steps", "opens"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])  # fmt: skip
def test_a_phone_s_clock_may_be_half_a_minute_off(known, steps, opens):
    at, secret = timezone.now(), factors.new_secret()
    Totp.objects.create(member=known, secret=factors.seal(secret), made_at=at)

    assert (
        factors.check(known, pyotp.TOTP(secret).at(at + timedelta(seconds=30 * steps)), at) is opens
    )


def test_the_secret_and_the_recovery_codes_do_not_stand_in_the_database(known, client):
    come_in(client)
    app, codes = set_up(client)

    kept = Totp.objects.get()
    assert app.secret not in kept.secret
    assert unseal(kept.secret) == app.secret
    assert not RecoveryCode.objects.filter(code__in=codes).exists()


def test_a_recovery_code_opens_once(known, client):
    come_in(client)
    _, codes = set_up(client)
    first, second = Client(), Client()
    come_in(first)
    come_in(second)

    typed = codes[3].upper().replace("-", " ")
    answers = [one.post("/login/second/", {"code": typed}).status_code for one in (first, second)]

    assert answers == [302, 422]
    assert factors.unused(known) == 9


def test_figures_are_not_to_be_guessed(known, client):
    come_in(client)
    set_up(client)
    other = Client()
    come_in(other)

    answers = [other.post("/login/second/", {"code": f"{n:06}"}).status_code for n in range(6)]

    assert answers == [422] * 4 + [429] * 2


def test_half_way_in_ends_with_another_password_and_after_ten_minutes(known, client):
    come_in(client)
    app, _ = set_up(client)
    late, changed = Client(), Client()
    for one in (late, changed):
        come_in(one)
    session = late.session
    session["coming"] = session["coming"] | {"at": session["coming"]["at"] - 601}
    session.save()
    known.refresh_from_db()
    known.set_password("ling-yi-ge-2027")
    known.save()

    for one in (late, changed):
        answer = one.post("/login/second/", {"code": next_code(app)})
        assert answer.headers["Location"] == "/login/"
        assert not inside(one)


def test_setting_one_up_ends_the_other_sessions(known, client):
    other = Client()
    come_in(other)
    come_in(client)

    set_up(client)

    assert (inside(client), inside(other)) == (True, False)


def test_who_has_been_in_for_a_while_is_asked_for_the_password_first(known, client):
    come_in(client)
    session = client.session
    session["sure_at"] -= 601
    session.save()

    asked = client.get("/account/second/app/")
    wrong = client.post("/account/sure/", {"password": "x", "next": "/account/second/app/"})
    away = client.post("/account/sure/?next=https://elsewhere.example/", {"password": PASSWORD})

    assert asked.headers["Location"] == "/account/sure/?next=%2Faccount%2Fsecond%2Fapp%2F"
    assert wrong.status_code == 422
    assert away.headers["Location"] == "/account/second/"
    assert client.get("/account/second/app/").status_code == 200


def rules(office, **more):
    AccountRules.objects.create(office=office, **more)
    factors.settle(office.pk)


def test_who_must_have_one_sets_it_up_and_can_do_nothing_else(office, known, client):
    rules(office, compulsory=["seat"])
    come_in(client)

    barred = [client.get(a).headers.get("Location") for a in ("/cases/", "/drafts/", "/live/now/")]
    open_to_them = [
        client.get(a).status_code for a in ("/account/", "/account/second/", "/password/")
    ]
    set_up(client)

    assert barred == ["/account/second/"] * 3
    assert open_to_them == [200] * 3
    assert inside(client)


def test_the_last_one_stays_where_it_is_compulsory(office, known, client):
    rules(office, compulsory=["seat"])
    come_in(client)
    set_up(client)

    told = client.post("/account/second/app/remove/", follow=True).content.decode()
    assert ("必须有第二步验证" in told, Totp.objects.count()) == (True, 1)

    rules(office, compulsory=[])
    client.post("/account/second/app/remove/")
    assert (Totp.objects.count(), RecoveryCode.objects.count()) == (0, 0)


def test_the_security_administrator_says_which_roles_and_it_holds_at_once(
    office, member, browser_of
):
    seat, leader = member("seat"), member("leader")
    working, leading, guard = (browser_of(m) for m in (seat, leader, member("security")))
    told = {
        "compulsory": ["leader", "auditor"], "school": "length", "idle_minutes": "30",
        "desk_idle_minutes": "30", "absolute_hours": "12",
    }  # fmt: skip

    guard.post("/authorise/rules/", told)

    assert (inside(working), inside(leading)) == (True, False)
    guard.post(f"/authorise/{seat.pk}/", {"role": "leader"})
    assert Member.objects.get(pk=seat.pk).must_secure


def test_who_lost_everything_is_helped_by_another_security_administrator_only(known, member, browser_of, client):  # fmt: skip
    come_in(client)
    set_up(client)
    guard = member("security")
    desk = browser_of(guard)
    own = Totp.objects.create(member=guard, secret=factors.seal("A" * 32), made_at=timezone.now())

    desk.post(f"/authorise/{guard.pk}/factors/")
    desk.post(f"/authorise/{known.pk}/factors/")

    assert list(Totp.objects.all()) == [own]
    assert not inside(client)
    assert come_in(client).headers["Location"] == "/"
    assert Entry.objects.filter(kind="security", member=guard.pk).get().facts == {
        "what": "factors_reset"
    }


@pytest.mark.parametrize("body", ["", "[]", "{", '{"credential": 5}', '{"credential": {"rawId": "x"}}', "[" * 9999, "x" * 70000])  # fmt: skip
def test_what_is_no_key_s_answer_is_refused(known, client, body):
    client.post("/login/passkey/ask/")
    at_the_door = client.post("/login/passkey/", body, content_type="application/json")
    come_in(client)
    client.post("/account/second/passkeys/new/")
    inside_it = client.post("/account/second/passkeys/", body, content_type="application/json")

    assert {at_the_door.status_code, inside_it.status_code} <= {400, 422}
