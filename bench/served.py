"""List pages asked of two real servers on the loopback: one on the full record, one on ten thousand."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

from django.conf import settings
from django.db import connection
from django.test import Client

from bench.measure import ROUNDS, Figure, ms, once, p95
from bench.pages import NEWEST
from jiesu.org.models import Member

SMALL = "jiesu_small"


def session_of(member: Member) -> str:
    """Return the key of a session in which the member is logged in."""
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(member)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def keep_small() -> None:
    """Set the record as it is now aside under a name of its own; sessions open both."""
    name = connection.settings_dict["NAME"]
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {SMALL}")
        cursor.execute(f"CREATE DATABASE {SMALL} TEMPLATE {name}")


class Server(NamedTuple):
    port: int
    pid: int


@contextmanager
def serving(application: str, *more: str, **environ: str) -> Iterator[Server]:
    """Serve an application with uvicorn, as the product is served, until it is left."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    child = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "uvicorn", application, "--port", str(port), "--lifespan",
         "off", "--no-access-log", "--log-level", "warning", "--no-server-header", *more],
        env=os.environ | environ,
    )  # fmt: skip
    try:
        wait_for(port, "/", child)
        yield Server(port, child.pid)
    finally:
        child.terminate()
        child.wait(20)


def wait_for(port: int, path: str, child: subprocess.Popen, seconds: float = 180) -> None:
    """Wait until the server answers."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if child.poll() is not None:
            raise RuntimeError(f"the server ended with {child.returncode}")
        try:
            link = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            link.request("GET", path)
            if link.getresponse().status < 500:
                return
        except OSError:
            time.sleep(0.02)
    raise TimeoutError(path)


class Asker:
    """One connection that is kept, with a session."""

    def __init__(self, port: int, session: str) -> None:
        self.link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session}"}

    def ask(self, path: str) -> int:
        self.link.request("GET", path, headers=self.headers)
        answer = self.link.getresponse()
        answer.read()
        assert answer.status == 200, (path, answer.status)
        return answer.status


def measure(session: str, *, cases: int, times: int) -> list[Figure]:
    """The slowest twentieth of list pages, both records asked in turns, request by request."""
    where = connection.settings_dict
    small = f"host={where['HOST']} user={where['USER']} dbname={SMALL}"
    app = "jiesu.config.asgi:application"
    with ExitStack() as stack:
        servers = [serving(app), serving(app, DATABASE_URL=small)]
        askers = [Asker(stack.enter_context(server).port, session) for server in servers]
        taken: list[list[float]] = [[], []]
        for _ in range(times * ROUNDS):
            for asker, found in zip(askers, taken, strict=True):
                found.append(once(lambda asker=asker: asker.ask(NEWEST)).wall)
    full, little = (p95(found[10:]) for found in taken)
    return [
        Figure(
            "list-growth", f"list p95 at {cases:,} cases beside 10,000, served", ms(full), ms(little),
            full / little, goal=1.2, stretch=1.05,
            note=f"{times * ROUNDS} requests each, in turns, on the loopback; median "
            f"{ms(sorted(taken[0])[len(taken[0]) // 2])} and {ms(sorted(taken[1])[len(taken[1]) // 2])}",
        )
    ]  # fmt: skip
