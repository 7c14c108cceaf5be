"""``jiesu run`` does not serve what would not be safe, and says what to do about it."""

import pytest

from jiesu.command import safety
from jiesu.desk.demo import people

GOOD = "k3y-Q8vT1nZ0rW5xB7mC2dF9gH4jL6pS-aE_uY.oI+tR=iO~wN"


@pytest.fixture(autouse=True)
def safe(monkeypatch, settings, tmp_path):
    """Settings with which everything is in order."""
    for name in ("HOSTS", "ADDRESS", "PROXIES", "DEMO_OPEN"):
        monkeypatch.delenv(f"JIESU_{name}", raising=False)
    monkeypatch.setenv("JIESU_DATA", str(tmp_path / "d"))
    settings.SECRET_KEY, settings.HTTPS, settings.DEBUG = GOOD, False, False
    settings.ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
    return settings


def told(**more):
    return [fault.partition("。")[0] for fault in safety.before(demo=False, **more)]


def test_the_usual_settings_are_safe():
    assert told() == []


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("short", "会话密钥太短或太简单，猜得出来就能冒充任何人"),
        ("a" * 80, "会话密钥太短或太简单，猜得出来就能冒充任何人"),
        ("django-insecure-" + GOOD, "会话密钥像是照抄的样例，等于公开"),
        ("change-me-" + GOOD, "会话密钥像是照抄的样例，等于公开"),
        ("请修改" + GOOD, "会话密钥像是照抄的样例，等于公开"),
    ],
)
def test_a_key_that_can_be_guessed(safe, key, sentence):
    safe.SECRET_KEY = key

    assert told() == [sentence]


def test_errors_that_show_the_program(safe):
    safe.DEBUG = True

    assert told() == ["调试方式（DEBUG）开着，出错页会把程序和数据给人看"]


@pytest.mark.parametrize("host", ["*", ".example.cn", "*.example.cn"])
def test_a_host_name_that_takes_any(safe, host):
    safe.ALLOWED_HOSTS = [host]

    assert told() == [f"JIESU_HOSTS 里的“{host}”等于什么域名都收，会被用来骗取登录"]


@pytest.mark.parametrize(
    ("address", "hosts", "where"),
    [
        ("0.0.0.0:8000", "", "0.0.0.0"),
        ("10.1.2.3:80", "", "10.1.2.3"),
        ("[::]:80", "", "::"),
        ("127.0.0.1:8000", "jiesu.example.cn", "jiesu.example.cn"),
    ],
)
def test_others_reach_it_without_https(monkeypatch, address, hosts, where):
    monkeypatch.setenv("JIESU_ADDRESS", address)
    monkeypatch.setenv("JIESU_HOSTS", hosts)

    assert told() == [f"别的机器可以经 {where} 打开，却没有 HTTPS，密码和诉求人信息在网上是明文"]


@pytest.mark.parametrize("address", ["127.0.0.1:8000", "localhost:1", "[::1]:80", "127.9.9.9:80"])
def test_this_machine_alone_may_do_without(monkeypatch, address):
    monkeypatch.setenv("JIESU_ADDRESS", address)

    assert told() == []


def test_https_needs_its_proxy_named(monkeypatch, safe):
    safe.HTTPS = True
    monkeypatch.setenv("JIESU_ADDRESS", "10.1.2.3:80")

    assert told() == ["设了 JIESU_HTTPS=1，却没有用 JIESU_PROXIES 写明前面的代理，谁也登录不了"]

    monkeypatch.setenv("JIESU_PROXIES", "10.1.2.4")
    assert told() == []


@pytest.mark.parametrize("name", ["secret.key", "first-password.txt", "keys.json", "keys/now"])
def test_a_secret_that_others_can_read(name, tmp_path):
    path = tmp_path / "d" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")
    path.chmod(0o640)

    assert told() == [f"{path} 别的用户也能读"]

    path.chmod(0o600)
    assert told() == []


@pytest.mark.parametrize("name", ["JIESU_KEYS", "JIESU_MASTER_KEY_FILE"])
def test_a_key_kept_elsewhere_that_others_can_read(name, tmp_path, monkeypatch):
    path = tmp_path / "elsewhere.json"
    path.write_text("{}")
    path.chmod(0o644)
    monkeypatch.setenv(name, str(path))

    assert told() == [f"{path} 别的用户也能读"]


def test_files_that_others_can_enter(tmp_path):
    files = tmp_path / "d" / "files"
    files.mkdir(parents=True)
    files.chmod(0o755)

    assert told() == [f"{files} 别的用户也能进，里面是佐证和录音"]


def test_the_data_folder_itself_is_closed(tmp_path, monkeypatch):
    folder = tmp_path / "d"
    folder.mkdir()
    folder.chmod(0o755)

    safety.close_folder()

    assert folder.stat().st_mode & 0o066 == 0


def test_the_demo_is_for_this_machine_alone_unless_told(monkeypatch, safe):
    safe.SECRET_KEY = "x"
    assert safety.before(demo=True) == []

    monkeypatch.setenv("JIESU_ADDRESS", "0.0.0.0:8000")
    (fault,) = safety.before(demo=True)
    assert fault.startswith("演示账号的密码人人知道，不宜让别的机器经 0.0.0.0 打开。")

    monkeypatch.setenv("JIESU_DEMO_OPEN", "1")
    assert safety.before(demo=True) == []


def test_accounts_with_the_password_of_the_demo(member):
    assert safety.inside() == []

    one = member("seat", username=people.SHOWN[0].username)
    one.set_password("一个好密码 8271")
    one.save()
    assert safety.inside() == []

    one.set_password(people.PASSWORD)
    one.save()
    (fault,) = safety.inside()
    assert fault.startswith(f"库里有 1 个账号（{one.username}）还在用人人知道的演示密码。")

    one.is_active = False
    one.save()
    assert safety.inside() == []


@pytest.mark.parametrize("proxies", ["x", "10.0.0.0/99", "0.0.0.0/0", "::/0"])
def test_a_proxy_is_an_address_and_not_everybody(monkeypatch, proxies):
    monkeypatch.setenv("JIESU_PROXIES", proxies)

    with pytest.raises(ValueError, match="JIESU_PROXIES 里的"):
        safety.environment.proxies()
