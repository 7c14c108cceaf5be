"""口令: the two schools, temporary ones, and how they are kept."""

from datetime import timedelta

import pytest
from django.utils import timezone

from jiesu.org import passwords
from jiesu.org.models import AccountRules, School

LONG, SHORT, COMMON = "至少 8 个字符", "太短了", "常见口令"


@pytest.mark.parametrize(
    ("school", "password", "said"),
    [
        ("length", "1234567", [SHORT]),
        ("length", "password123", [COMMON]),
        ("length", "shi-yi-er-hao-lou-ting-shui", []),
        ("length", "春天的第十二号楼停水了", []),
        ("length", "x" * 129, ["太长了"]),
        ("length", "wo-shi-zuoxi-hao", ["用户名"]),
        ("mixed", "shi-yi-er-hao-lou-ting-shui", ["三种"]),
        ("mixed", "Shi-yi-er-hao", []),
        ("mixed", "Shi1yi2er", []),
        ("mixed", "Ab1-", [SHORT]),
    ],
)
def test_the_two_schools(seat, school, password, said):
    seat.username = "zuoxi"
    AccountRules.objects.create(office=seat.office, school=school)

    found = passwords.faults(password, seat)

    assert len(found) == len(said)
    assert all(word in one for one, word in zip(found, said, strict=True))


def test_an_administrator_s_is_longer(member):
    assert [bool(passwords.faults("shi-yi-ho", one)) for one in (member("seat"), member("security"))] == [
        False, True,
    ]  # fmt: skip


def test_argon2id_with_these_parameters(seat):
    seat.set_password("shi-yi-er-hao-lou")

    assert seat.password.startswith("argon2$argon2id$v=19$m=102400,t=2,p=8$")


def change(client, old, new):
    told = {"old_password": old, "new_password1": new, "new_password2": new}
    return client.post("/password/", told)


def test_with_a_temporary_password_one_changes_it_and_can_do_nothing_else(seat, client):
    passwords.set_password(seat, "lin-shi-de-1", temporary=True, at=timezone.now())
    client.post("/login/", {"username": seat.username, "password": "lin-shi-de-1"})

    barred = [client.get(a).headers.get("Location") for a in ("/cases/", "/", "/live/now/")]
    same = change(client, "lin-shi-de-1", "lin-shi-de-1")
    done = change(client, "lin-shi-de-1", "wo-zi-ji-de-2027")

    assert barred == ["/password/", "/cases/", "/password/"]
    assert (same.status_code, done.status_code) == (422, 302)
    assert client.get("/cases/").status_code == 200


def test_the_last_five_are_not_used_again_in_the_school_that_forbids_it(seat, client):
    AccountRules.objects.create(office=seat.office, school=School.MIXED)
    used = [f"Di-{n}-ge-Mima" for n in range(6)]
    for one in used:
        passwords.set_password(seat, one, temporary=False, at=timezone.now())
    client.force_login(seat)

    answers = [change(client, used[-1], one).status_code for one in (used[1], used[4])]

    assert answers == [422, 422]
    assert change(client, used[-1], used[0]).status_code == 302


@pytest.mark.parametrize(("school", "days", "old"), [("length", 900, False), ("mixed", 89, False), ("mixed", 91, True)])  # fmt: skip
def test_ninety_days_and_then_another_one(seat, school, days, old):
    AccountRules.objects.create(office=seat.office, school=school)
    seat.password_at = timezone.now() - timedelta(days=days)

    assert passwords.too_old(seat, timezone.now()) is old
