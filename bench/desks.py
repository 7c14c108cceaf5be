"""Many desks in one thread: streams that are read, every message's number noted."""

import asyncio
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

TOLD = re.compile(rb"id: [0-9a-f]+-(\d+)\nevent: (\w+)\n")
PATIENCE = 120.0


class Desk(asyncio.Protocol):
    """One stream, from its first bytes on."""

    def __init__(self, hall: "Hall", hello: bytes) -> None:
        self.hall, self.hello, self.tail = hall, hello, b""
        self.numbers: list[int] = []  # of cases told, in the order they came
        self.others: list[bytes] = []
        self.open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self.hello)

    def data_received(self, data: bytes) -> None:
        whole, end, self.tail = (self.tail + data).rpartition(b"\n\n")
        if not end:
            return
        before = len(self.numbers)
        for number, kind in TOLD.findall(whole + end):
            if kind == b"case":
                self.numbers.append(int(number))
            elif kind == b"here":
                self.open = True
                self.hall.opened()
            elif kind != b"ping":
                self.others.append(kind)
        if before < self.hall.wanted <= len(self.numbers):
            self.hall.arrived()


class Hall:
    """All the desks, and when the last of them had read so many messages."""

    def __init__(self, count: int) -> None:
        self.desks: list[Desk] = []
        self.count, self.wanted, self.missing = count, 1, count
        self.at = 0.0
        self.all_open, self.all_here = threading.Event(), threading.Event()

    def opened(self) -> None:
        if len(self.desks) == self.count and all(desk.open for desk in self.desks):
            self.all_open.set()

    def arrived(self) -> None:
        self.missing -= 1
        if not self.missing:
            self.at = time.perf_counter()
            self.all_here.set()

    def expect(self, more: int) -> None:
        """Wait from now on for so many more messages at every desk."""
        self.wanted = len(self.desks[0].numbers) + more
        self.missing = self.count
        self.all_here.clear()

    def last(self) -> float:
        """Return when the last desk had read what was expected."""
        if not self.all_here.wait(PATIENCE):
            told = sorted({len(desk.numbers) for desk in self.desks})
            raise TimeoutError(f"of {self.wanted} messages the desks have {told[0]} to {told[-1]}")
        return self.at


@contextmanager
def hall(port: int, hellos: list[bytes]) -> Iterator[Hall]:
    """Open a desk for each greeting, in a thread of its own, and read until left."""
    made, loop = Hall(len(hellos)), asyncio.new_event_loop()

    async def enter() -> None:
        for hello in hellos:
            _, desk = await loop.create_connection(
                lambda hello=hello: Desk(made, hello), "127.0.0.1", port
            )
            made.desks.append(desk)
        made.opened()

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(enter(), loop).result(PATIENCE)
    if not made.all_open.wait(PATIENCE):
        raise TimeoutError("not every desk could be opened")
    try:
        yield made
    finally:
        for desk in made.desks:
            loop.call_soon_threadsafe(desk.transport.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
