"""The whole product as ``jiesu run`` starts it, on a data folder of its own, beside bare Django."""

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from urllib.parse import quote

from bench.ground import folder
from bench.measure import ROUNDS, Figure, family, memory, once
from bench.served import Asker, serving, wait_for

SETTLE = 4.0
BARE = "bench.bare_site:application"
LOGIN = """
import sys
from jiesu.__main__ import connect
connect()
from django.test import Client
from jiesu.org.models import Member
client = Client(SERVER_NAME="127.0.0.1")
client.force_login(Member.objects.filter(role="seat").order_by("pk").first())
from django.conf import settings
print(client.cookies[settings.SESSION_COOKIE_NAME].value)
from jiesu.cases.models import Case
print(Case.objects.order_by("-dispatched_at").first().number)
"""


@contextmanager
def data_folder() -> Iterator[dict[str, str]]:
    """A demo street in a folder of its own; yields the environment of its commands."""
    here = folder()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    environ = os.environ | {"JIESU_DATA": str(here), "JIESU_ADDRESS": address}
    environ.pop("DATABASE_URL", None)
    try:
        _jiesu(environ, "init", "--demo")
        yield environ
    finally:
        _jiesu(environ, "stop", check=False)
        shutil.rmtree(here, ignore_errors=True)


def _jiesu(environ: dict[str, str], *words: str, check: bool = True) -> None:
    subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "jiesu", *words], env=environ, check=check,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=300,
    )  # fmt: skip


@contextmanager
def running(environ: dict[str, str]) -> Iterator[subprocess.Popen]:
    """``jiesu run`` until it answers the login page."""
    child = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "jiesu", "run", "--demo"], env=environ,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for(_port(environ), "/login/", child)
        yield child
    finally:
        child.terminate()
        child.wait(30)


def _port(environ: dict[str, str]) -> int:
    return int(environ["JIESU_ADDRESS"].rpartition(":")[2])


def measure_start(environ: dict[str, str]) -> list[Figure]:
    """From the command to the first good answer, the database started too."""
    ours, kept, beside = [], [], []

    def first(context: object) -> float:
        took = []

        def answer() -> None:
            took.append(context.__enter__())  # type: ignore[attr-defined]

        wall = once(answer).wall
        context.__exit__(None, None, None)  # type: ignore[attr-defined]
        return wall

    with running(environ):
        pass  # static files are gathered the first time
    for _ in range(ROUNDS):
        ours.append(first(running(environ)))
        _jiesu(environ, "init")  # starts the database and leaves it running
        kept.append(first(running(environ)))
        beside.append(first(serving(BARE)))
    own, warm, other = median(ours), median(kept), median(beside)
    return [
        Figure(
            "start", "`jiesu run` to the first good answer", f"{own:.2f} s", f"{other:.2f} s (bare Django, uvicorn)",
            own / other, goal=3, stretch=2,
            note=f"with starting PostgreSQL, checking migrations and the worker; on a running database {warm:.2f} s",
        )
    ]  # fmt: skip


def measure_memory(environ: dict[str, str], *, requests: int) -> list[Figure]:
    """What supervisor, web and worker hold, idle after the first pages; and after many requests."""
    said = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LOGIN],
        env=environ,
        check=True,
        capture_output=True,
        text=True,
    )
    session, number = said.stdout.split()
    with serving(BARE, "--workers", "2") as server:
        asker = Asker(server.port, "")
        for _ in range(50):
            asker.ask("/")
        time.sleep(SETTLE)
        beside = memory(family(server.pid))
    pages = ("/cases/", "/cases/?stage=all", f"/cases/{quote(number)}/", "/ledger/cases/")
    with running(environ) as child:
        _ask_all(_port(environ), session, pages, 100)
        time.sleep(SETTLE)
        idle = memory(family(child.pid))
        _ask_all(_port(environ), session, pages, requests)
        time.sleep(SETTLE)
        later = memory(family(child.pid))
    return [
        Figure(
            "memory", "memory of supervisor, web and worker, idle", f"{idle / 2**20:.0f} MiB",
            f"{beside / 2**20:.0f} MiB (bare Django, 2 workers)", idle / beside, goal=2.5, stretch=1.8,
            note="PSS, the database left out, once",
        ),
        Figure(
            "memory-growth", f"its growth over {requests:,} requests", f"{later / 2**20:.0f} MiB", f"{idle / 2**20:.0f} MiB",
            later / idle, goal=1.1, stretch=1.03,
            note="list, case and ledger pages by 4 connections; the goal speaks of 100,000, which a bench of "
            "minutes does not ask",
        ),
    ]  # fmt: skip


def _ask_all(port: int, session: str, pages: tuple[str, ...], count: int) -> None:
    failed: list[BaseException] = []

    def some(first: int) -> None:
        asker = Asker(port, session)
        try:
            for turn in range(first, count, 4):
                asker.ask(pages[turn % len(pages)])
        except BaseException as broken:
            failed.append(broken)

    threads = [threading.Thread(target=some, args=(first,)) for first in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
