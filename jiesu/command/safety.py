"""Before ``jiesu run`` serves: what would make it unsafe, each as a sentence that says what to do.

With ``--demo`` only what would show the demo to others is asked for; everybody knows its password.
"""

import ipaddress
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from jiesu.core import environment, postgres
from jiesu.desk.demo import people
from jiesu.org.models import Member

SHORTEST_KEY, FEWEST_CHARACTERS = 50, 10
_SAMPLE = re.compile(
    r"insecure|change.?me|example|sample|secret.?key|your.?key|password|only-for-tests|xxxx|示例|请修改",
    re.IGNORECASE,
)
SECRETS = ("first-password.txt", "*.key", "keys/*")  # below the data folder
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def before(*, demo: bool) -> list[str]:
    """Return what is unsafe before anything is opened; [] when it may start."""
    if demo:
        return list(_shown_to_others())
    return [*_key(), *_loose_settings(), *_open_address(), *_readable()]


def inside() -> list[str]:
    """Return what is unsafe in the database: accounts whose password everybody knows."""
    found = [
        member.username
        for member in Member.objects.filter(
            username__in=[one.username for one in people.people()], is_active=True
        ).order_by("pk")[:60]
        if member.check_password(people.PASSWORD)
    ]
    if not found:
        return []
    return [
        f"库里有 {len(found)} 个账号（{'、'.join(found[:3])}{'…' if len(found) > 3 else ''}）还在用人人知道的演示密码。"
        "正式使用请换一个空的数据目录（JIESU_DATA）或空的数据库；只是试用，请用 jiesu run --demo。"
    ]


def close_folder() -> None:
    """Take from everybody else what they could read in the data folder itself.

    The embedded server of root is another user's: that one passes through, and reads nothing.
    """
    folder = environment.data()
    passes = os.geteuid() == 0 and not postgres.own()
    if folder.stat().st_uid == os.geteuid() and stat.S_IMODE(folder.stat().st_mode) & OTHERS:
        folder.chmod(0o711 if passes else 0o700)


def loopback(host: str) -> bool:
    """True when only this machine reaches an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _key() -> Iterator[str]:
    key = settings.SECRET_KEY
    how = "不设 JIESU_SECRET_KEY，系统会自己生成一个；要自己设，用随机的 50 个以上字符。"
    if len(key) < SHORTEST_KEY or len(set(key)) < FEWEST_CHARACTERS:
        yield f"会话密钥太短或太简单，猜得出来就能冒充任何人。{how}"
    elif _SAMPLE.search(key):
        yield f"会话密钥像是照抄的样例，等于公开。{how}"


def _loose_settings() -> Iterator[str]:
    if settings.DEBUG:
        yield "调试方式（DEBUG）开着，出错页会把程序和数据给人看。请关掉再启动。"
    loose = [name for name in settings.ALLOWED_HOSTS if "*" in name or name.startswith(".")]
    if loose:
        yield (
            f"JIESU_HOSTS 里的“{loose[0]}”等于什么域名都收，会被用来骗取登录。"
            "请逐个写明浏览器要用的域名或地址。"
        )


def _open_address() -> Iterator[str]:
    host, _ = environment.address()
    named = [name for name in environment.named_hosts() if not loopback(name.strip("[]"))]
    if settings.HTTPS and not environment.proxies():
        yield (
            "设了 JIESU_HTTPS=1，却没有用 JIESU_PROXIES 写明前面的代理，谁也登录不了。"
            "请写上代理连过来的地址，例如 JIESU_PROXIES=127.0.0.1。"
        )
    elif not settings.HTTPS and (not loopback(host) or named):
        where = host if not loopback(host) else named[0]
        yield (
            f"别的机器可以经 {where} 打开，却没有 HTTPS，密码和诉求人信息在网上是明文。"
            "请在前面放带证书的 nginx，设 JIESU_HTTPS=1 和 JIESU_PROXIES（见运行手册“HTTPS”）；"
            "只在本机用，去掉 JIESU_HOSTS，JIESU_ADDRESS 写 127.0.0.1:端口。"
        )


def _readable() -> Iterator[str]:
    data = environment.data()
    secrets = [path for pattern in SECRETS for path in sorted(data.glob(pattern))]
    for path in [*secrets, environment.keys(), environment.master_key()]:
        if path and path.is_file() and stat.S_IMODE(path.stat().st_mode) & OTHERS:
            yield _close(path)
    files = data / "files"
    if files.is_dir() and stat.S_IMODE(files.stat().st_mode) & OTHERS:
        yield f"{files} 别的用户也能进，里面是佐证和录音。请运行：chmod 700 {files}"
    if data.stat().st_uid not in {os.geteuid(), 0}:
        yield f"数据目录 {data} 不归运行系统的用户所有，别人随时能改。请换一个，或用 chown 改过来。"


def _close(path: Path) -> str:
    again = "；密钥可能已被看过，最好删掉它，启动时会另生成一个（大家要重新登录）"
    return f"{path} 别的用户也能读。请运行：chmod 600 {path}{again if path.name == 'secret.key' else ''}。"


def _shown_to_others() -> Iterator[str]:
    host, _ = environment.address()
    if not loopback(host) and not environment.switch("JIESU_DEMO_OPEN"):
        yield (
            f"演示账号的密码人人知道，不宜让别的机器经 {host} 打开。"
            "请用 127.0.0.1；确实要给别人看的，设 JIESU_DEMO_OPEN=1，里面不要放真的工单。"
        )
