"""The live desk: from the commit to the last of many desks, and whether anything is lost on the way."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from statistics import median

from django.conf import settings
from django.db import transaction

from bench.desks import Hall, hall
from bench.measure import ROUNDS, Figure, ms, p95
from bench.served import serving, session_of
from jiesu.cases import transitions
from jiesu.cases.models import Case
from jiesu.org.models import Member, Office, Unit
from jiesu.org.rights import Role
from jiesu.rules.moments import BEIJING
from jiesu.rules.workflow import Action

APP = "jiesu.config.asgi:application"
WARM = 5


def _members(office: Office, unit: Unit, count: int) -> list[Member]:
    """Half of them of the centre, half of the unit that has the cases: all may see them."""
    centre = office.units.filter(role_code="REQUEST").first() or office.units.first()
    found = []
    for number in range(count):
        role, where = (Role.SEAT, centre) if number % 2 else (Role.HANDLER, unit)
        name = f"desk{number}"
        found.append(
            Member.objects.filter(username=name).first()
            or Member.objects.create_member(
                office=office, unit=where, username=name, name=f"测{number}", role=role
            )
        )
    return found


def _cases(office: Office, unit: Unit, count: int) -> list[Case]:
    at = datetime.now(BEIJING)
    made = []
    for number in range(count):
        one, _ = Case.objects.get_or_create(
            office=office, number=f"量-{number:03d}",
            defaults={"title": "路灯不亮", "stage": "handling", "unit": unit, "dispatched_at": at},
        )  # fmt: skip
        made.append(one)
    return made


def _note(case: Case) -> tuple[float, float]:
    """Commit one event; return the moments before and after the commit."""
    with transaction.atomic():
        transitions.record(case, Action.NOTE, actor=None, at=datetime.now(BEIJING), note="进展")
        began = time.perf_counter()
    return began, time.perf_counter()


@contextmanager
def _bare() -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    child = subprocess.Popen([sys.executable, "-m", "bench.bare_push", str(port)])
    try:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield port
    finally:
        child.terminate()
        child.wait(10)


def measure(office: Office, *, desks: int, commits: int, notices: int) -> list[Figure]:
    """Commit one event at a time, in turns with a bare push of as many bytes; then many at once."""
    unit = office.units.exclude(role_code="REQUEST").first()
    cases = _cases(office, unit, 20)
    greetings = [
        f"GET /live/ HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {settings.SESSION_COOKIE_NAME}={session_of(one)}\r\n\r\n".encode()
        for one in _members(office, unit, desks)
    ]
    ours: list[float] = []
    after: list[float] = []
    beside: list[float] = []
    with ExitStack() as stack:
        server = stack.enter_context(serving(APP))
        bare_port = stack.enter_context(_bare())
        live = stack.enter_context(hall(server.port, greetings))
        bare = stack.enter_context(hall(bare_port, [b"STREAM\n"] * desks))
        order = stack.enter_context(socket.create_connection(("127.0.0.1", bare_port)))
        order.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        order.sendall(b"ORDER\n")
        for turn in range(commits * ROUNDS):
            live.expect(1)
            began, done = _note(cases[turn % len(cases)])
            ours.append(live.last() - began)
            after.append(live.last() - done)
            bare.expect(1)
            beside.append(_push(order, bare, turn))
            time.sleep(0.005)
        told = _many(live, cases, notices)
    own, other = p95(ours[WARM:]), p95(beside[WARM:])
    return [
        Figure(
            "live", f"commit to the last of {desks} connected desks, p95", ms(own), f"{ms(other)} (bare asyncio push)",
            own / other, goal=5, stretch=2.5,
            note=f"{len(ours)} commits and as many pushes in turns, from before the commit (with its flush to disk) "
            f"until the last stream has been read; median {ms(median(ours))} and {ms(median(beside))}; "
            f"from the commit's own answer on p95 {ms(p95(after[WARM:]))}, median {ms(median(after))}",
        ),
        told,
    ]  # fmt: skip


def _push(order: socket.socket, bare: Hall, turn: int) -> float:
    piece = f'id: 0-{turn}\nevent: case\ndata: {{"case":{turn},{" " * 220}}}\n\n'.encode()
    began = time.perf_counter()
    order.sendall(b"%d\n%b" % (len(piece), piece))
    return bare.last() - began


def _many(live: Hall, cases: list[Case], notices: int) -> Figure:
    """Commit so many events as fast as they go; every desk must read each of them once, in order."""
    before = [len(desk.numbers) for desk in live.desks]
    live.expect(notices)
    began = time.perf_counter()
    for number in range(notices):
        _note(cases[number % len(cases)])
    committed = time.perf_counter() - began
    took = live.last() - began
    time.sleep(0.5)  # for what should not come
    lost = doubled = 0
    for desk, seen in zip(live.desks, before, strict=True):
        numbers = desk.numbers[seen:]
        lost += notices - len(set(numbers)) + len(desk.others)
        doubled += len(numbers) - len(set(numbers))
        assert numbers == sorted(numbers)
    count = len(live.desks)
    return Figure(
        "live-exact", f"{notices:,} notices to {count} desks: lost and doubled", f"{lost} and {doubled}",
        f"{notices * count:,} read", float(lost + doubled), goal=0, stretch=0,
        note=f"one commit each, {notices / committed:.0f} a second; the last desk had all of them "
        f"{(took - committed) * 1000:.0f} ms after the last commit; once",
    )  # fmt: skip
