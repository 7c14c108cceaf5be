"""三员: the accounts an office begins with, and those an older one still lacks."""

import pytest

from jiesu.command import preparing
from jiesu.org.models import Member


@pytest.fixture
def folder(monkeypatch, tmp_path):
    monkeypatch.setenv("JIESU_DATA", str(tmp_path))
    return tmp_path


def test_a_new_office_gets_three_people_with_a_password_each(office, folder, client):
    preparing.first_administrators(office)
    preparing.first_administrators(office)

    kept = folder / preparing.FIRST_PASSWORD
    lines = [line.split() for line in kept.read_text("utf-8").splitlines()]
    assert kept.stat().st_mode & 0o777 == 0o600
    assert [(line[1], line[2]) for line in lines] == [
        ("系统管理员", "admin"), ("安全管理员", "anquan"), ("审计管理员", "shenji"),
    ]  # fmt: skip
    assert len({line[3] for line in lines}) == 3
    for _, _, username, password in lines:
        client.post("/login/", {"username": username, "password": password})
        assert client.get("/drafts/").headers["Location"] == "/password/"  # first of all their own
        client.post("/logout/")


def test_an_office_from_before_gets_the_two_it_lacks(office, member, folder, capsys):
    known = member("system", username="admin")

    preparing.first_administrators(office)

    made = Member.objects.exclude(pk=known.pk)
    assert sorted(made.values_list("role", flat=True)) == ["auditor", "security"]
    assert "还没有安全管理员、审计管理员，已补建" in "".join(capsys.readouterr())
