"""Settings come from the environment, each with a default that works and words for a wrong one."""

import re
import stat

import pytest

from jiesu.core import environment
from tests.house.tracked import HOUSE, ROOT


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    """An environment in which nothing is set but an empty data folder."""
    for name in ("ADDRESS", "SECRET_KEY", "HOSTS", "WORKERS", "UPLOAD_MB"):
        monkeypatch.delenv(f"JIESU_{name}", raising=False)
    monkeypatch.setenv("JIESU_DATA", str(tmp_path / "data"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", ("127.0.0.1", 8000), id="没写就用默认"),
        pytest.param("127.0.0.1:8010", ("127.0.0.1", 8010), id="主机和端口"),
        pytest.param("0.0.0.0:80", ("0.0.0.0", 80), id="全部网卡"),
        pytest.param("[::1]:8000", ("::1", 8000), id="IPv6"),
    ],
)
def test_an_address_is_host_and_port(monkeypatch, text, expected):
    monkeypatch.setenv("JIESU_ADDRESS", text)

    assert environment.address() == expected


@pytest.mark.parametrize(
    "text", ["8000", "127.0.0.1", "127.0.0.1:", ":8000", "localhost:web", "a:0", "a:65536", "a:-1"]
)
def test_an_address_that_cannot_be_read_says_how_to_write_it(monkeypatch, text):
    monkeypatch.setenv("JIESU_ADDRESS", text)

    with pytest.raises(ValueError) as told:
        environment.address()

    assert str(told.value) == (
        f"JIESU_ADDRESS 写成“{text}”，看不懂；请写成 127.0.0.1:8000 这样的“主机:端口”"
    )


def test_the_secret_key_is_made_once_and_nobody_else_reads_it():
    first, second = environment.secret_key(), environment.secret_key()

    kept = environment.data() / "secret.key"
    assert first == second == kept.read_text()
    assert len(first) >= 80
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_each_data_folder_has_a_secret_key_of_its_own(monkeypatch, tmp_path):
    first = environment.secret_key()
    monkeypatch.setenv("JIESU_DATA", str(tmp_path / "other"))

    assert environment.secret_key() != first


def test_a_secret_key_that_is_set_is_not_written_down(monkeypatch):
    monkeypatch.setenv("JIESU_SECRET_KEY", "of-the-office")

    assert environment.secret_key() == "of-the-office"
    assert not (environment.data() / "secret.key").exists()


def test_the_folders_are_for_their_owner_alone():
    modes = [
        stat.S_IMODE(folder.stat().st_mode) for folder in (environment.data(), environment.files())
    ]

    assert modes == [0o700, 0o700]


@pytest.mark.parametrize(
    ("address", "hosts", "expected"),
    [
        pytest.param("", "", ["127.0.0.1", "localhost", "127.0.0.1", "[::1]"], id="默认只认本机"),
        pytest.param(
            "10.1.2.3:80", "", ["10.1.2.3", "localhost", "127.0.0.1", "[::1]"], id="加上服务地址"
        ),
        pytest.param(
            "0.0.0.0:80",
            " jiesu.example.cn, , 10.1.2.3 ",
            ["jiesu.example.cn", "10.1.2.3", "localhost", "127.0.0.1", "[::1]"],
            id="全部网卡不是主机名",
        ),
    ],
)
def test_the_host_names_a_browser_may_use(monkeypatch, address, hosts, expected):
    monkeypatch.setenv("JIESU_ADDRESS", address)
    monkeypatch.setenv("JIESU_HOSTS", hosts)

    assert environment.hosts() == expected
    assert "*" not in environment.hosts()


def test_a_number_is_a_whole_number(monkeypatch):
    monkeypatch.setenv("JIESU_WORKERS", "两个")

    with pytest.raises(ValueError, match="JIESU_WORKERS 写成“两个”，应为整数"):
        environment.number("JIESU_WORKERS", 1)

    monkeypatch.setenv("JIESU_WORKERS", "3")
    assert environment.number("JIESU_WORKERS", 1) == 3
    assert environment.number("JIESU_UPLOAD_MB", 200) == 200


def test_every_setting_is_told_to_the_operator():
    used = {
        name
        for path in HOUSE.rglob("*.py")
        for name in re.findall(r"\b(?:JIESU_[A-Z_]+|DATABASE_URL)\b", path.read_text())
    }
    told = (ROOT / "docs" / "operating.md").read_text()

    assert {name for name in used if f"`{name}`" not in told} == set()
    assert {name for name in used if f"``{name}``" not in environment.__doc__} == set()


@pytest.mark.parametrize(
    ("tls", "port"), [("", 587), ("starttls", 587), ("ssl", 465), ("none", 25)], ids=str
)
def test_a_mail_server_has_the_port_of_its_kind(monkeypatch, tls, port):
    monkeypatch.setenv("JIESU_SMTP_HOST", "mail.example.cn")
    monkeypatch.setenv("JIESU_SMTP_TLS", tls)
    monkeypatch.setenv("JIESU_SMTP_USER", "jiesu@example.cn")

    found = environment.smtp()

    assert (found.host, found.port, found.sender) == ("mail.example.cn", port, "jiesu@example.cn")


def test_nothing_leaves_the_house_unless_it_is_set(monkeypatch):
    monkeypatch.delenv("JIESU_SMTP_HOST", raising=False)
    monkeypatch.delenv("JIESU_WEBHOOK_URL", raising=False)

    assert (environment.smtp(), environment.webhook()) == (None, None)


def test_a_road_that_cannot_be_read_says_how_to_write_it(monkeypatch):
    monkeypatch.setenv("JIESU_SMTP_HOST", "mail.example.cn")
    monkeypatch.setenv("JIESU_SMTP_TLS", "yes")
    monkeypatch.setenv("JIESU_WEBHOOK_URL", "ftp://x")

    with pytest.raises(ValueError) as tls:
        environment.smtp()
    with pytest.raises(ValueError) as url:
        environment.webhook()

    assert str(tls.value) == "JIESU_SMTP_TLS 写成“yes”，应为 starttls、ssl 或 none"
    assert str(url.value) == "JIESU_WEBHOOK_URL 写成“ftp://x”，应为 http 或 https 开头的网址"


@pytest.mark.parametrize(("text", "days"), [("", 1095), ("180", 180), ("3650", 3650)])
def test_the_trail_is_kept_for_three_years_unless_it_is_said_otherwise(monkeypatch, text, days):
    monkeypatch.setenv("JIESU_TRAIL_DAYS", text)

    assert environment.trail_days() == days


@pytest.mark.parametrize("text", ["0", "179", "99999", "半年"])
def test_the_trail_is_never_kept_for_less_than_half_a_year(monkeypatch, text):
    monkeypatch.setenv("JIESU_TRAIL_DAYS", text)

    with pytest.raises(ValueError, match="JIESU_TRAIL_DAYS"):
        environment.trail_days()
