"""``jiesu run``: web and worker side by side, watched, on one data folder."""

import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from argparse import Namespace
from pathlib import Path
from types import FrameType

import psycopg
from django.conf import settings
from django.core import checks
from django.core.management import call_command
from django.utils import timezone

from jiesu.command import initial, preparing, safety, state
from jiesu.command.words import Stopped, say
from jiesu.core import children, environment, postgres
from jiesu.desk.demo import people
from jiesu.trail import roles

WATCH = 0.5
PAUSE = 2.0  # a child that dies at once is not started more often than this


def run(asked: Namespace) -> int:
    """Serve until told to stop. Children that die are started anew, the database likewise.

    :raises Stopped: it runs already, the address is taken, or it would not be safe
    """
    os.umask(0o077)
    safety.close_folder()
    _refuse_second()
    _refuse_unsafe(safety.before(demo=asked.demo))
    if asked.demo:
        os.environ["JIESU_DEMO"] = "1"
    office = preparing.prepare()
    if asked.demo:
        initial.load_demo(office, timezone.now())
    preparing.first_administrators(office)
    _refuse_unsafe([] if asked.demo else safety.inside())
    _check()
    if os.geteuid() == 0 and not asked.demo:
        say("提醒：正用 root 运行。正式使用请建一个专门的系统用户（见运行手册“随机器启动”）。")
    for warning in roles.warnings():
        say(warning)
    _collect_static()
    return _serve(demo=asked.demo)


def _refuse_second() -> None:
    host, port = environment.address()
    if state.running() is not None:
        raise Stopped(
            f"本数据目录上已在运行（http://{state.address()}/）。要重新启动，先运行 jiesu stop。"
        )
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise Stopped(
                f"地址 {host}:{port} 已被占用。请换一个，例如 JIESU_ADDRESS=127.0.0.1:8010。"
            ) from None


def _refuse_unsafe(faults: list[str]) -> None:
    """:raises Stopped: something is unsafe; each fault says what to do"""
    if faults:
        told = "\n".join(f"· {fault}" for fault in faults)
        raise Stopped(f"这样运行不安全，没有启动：\n{told}")


def _check() -> None:
    """Refuse to start with a house out of order, such as an address without a declared right.

    :raises Stopped: what is wrong, line by line
    """
    found = [fault for fault in checks.run_checks() if fault.is_serious()]
    if found:
        raise Stopped("自检未通过，没有启动：\n" + "\n".join(str(fault) for fault in found))


def _collect_static() -> None:
    """Gather and compress static files when they changed since last time."""
    house = Path(settings.HOUSE)
    found = sorted(p for p in house.glob("*/static/**/*") if p.is_file())
    told = "".join(f"{p.relative_to(house)}{p.stat().st_size}{p.stat().st_mtime_ns}" for p in found)
    mark = hashlib.sha256(f"{settings.HOUSE}{told}".encode()).hexdigest()
    kept = settings.STATIC_ROOT / ".mark"
    if kept.exists() and kept.read_text() == mark:
        return
    shutil.rmtree(settings.STATIC_ROOT, ignore_errors=True)
    call_command("collectstatic", verbosity=0, interactive=False)
    kept.write_text(mark)


class _Child:
    """One watched process."""

    def __init__(self, *words: str) -> None:
        self.words = [sys.executable, "-W", "ignore", "-m", *words]
        self.start()

    def start(self) -> None:
        self.since = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 - own words
            self.words, stdout=subprocess.DEVNULL, preexec_fn=children.end_with_parent
        )

    def watch(self) -> None:
        if self.process.poll() is not None and time.monotonic() - self.since > PAUSE:
            say(f"{self.words[4]} 意外结束（{self.process.returncode}），正在重新启动…")
            self.start()

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()

    def wait(self) -> None:
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _revive_database() -> None:
    """Start the database again; one that needs longer to recover is asked anew a little later."""
    try:
        postgres.ensure()
    except (OSError, AssertionError, subprocess.SubprocessError, psycopg.OperationalError) as slow:
        say(f"数据库还没有恢复（{type(slow).__name__}），稍后再试…")


def _serve(*, demo: bool) -> int:
    host, port = environment.address()
    ended = False

    def end(signum: int, frame: FrameType | None) -> None:
        nonlocal ended
        ended = True

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    os.environ["DJANGO_SETTINGS_MODULE"] = "jiesu.config.settings"
    children = [
        _Child("jiesu.command.serving"),
        _Child(
            "django",
            "procrastinate",
            "worker",
            "--concurrency",
            "4",  # an import and an export may run long: the sweep must not wait behind them
            "--shutdown-graceful-timeout",
            "5",
        ),
    ]
    state.write(f"{host}:{port}")
    _wait_for_web(host, port, children[0])
    _greet(host, port, demo=demo)
    beat = 0
    while not ended:
        time.sleep(WATCH)
        for child in children:
            child.watch()
        beat += 1
        if beat % 6 == 0 and not postgres.own() and not postgres.running():
            say("数据库意外停止，正在重新启动…")
            _revive_database()
    for child in children:
        child.end()
    for child in children:
        child.wait()
    if not postgres.own() and postgres.running():
        postgres.stop()
    state.clear()
    return 0


def _wait_for_web(host: str, port: int, web: _Child) -> None:
    for _ in range(300):
        try:
            here = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104 - compared with
            socket.create_connection((here, port), 0.2).close()
            return
        except OSError:
            if web.process.poll() is not None:
                raise Stopped("网页没有起来，原因见上面的输出。") from None
            time.sleep(0.1)


def _greet(host: str, port: int, *, demo: bool) -> None:
    say(f"\n接诉已启动：http://{host}:{port}/　（数据目录 {environment.data()}，Ctrl-C 结束）")
    if demo:
        say("演示账号（密码都是 " + people.PASSWORD + "）：")
        for account in people.SHOWN:
            say(f"  {account.username:<14} {account.role_label}　{account.unit_label}")
