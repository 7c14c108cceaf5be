"""The streams of the live desk as plain ASGI, in front of the pages, which run in threads.

``GET /live/`` answers ``text/event-stream`` to a logged-in member who may see cases. Whatever else is
asked goes on to the pages.
"""

import asyncio
import contextlib
import logging
import signal
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import datetime
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.http.request import split_domain_port, validate_host

from jiesu.core.middleware import safe_headers
from jiesu.desk.live import door, wire
from jiesu.desk.live.audience import Who
from jiesu.desk.live.hub import Desk, Hub
from jiesu.desk.live.messages import encode

log = logging.getLogger("jiesu.live")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

PATH = "/live/"
PING = 15.0
LOOK_AGAIN = 30.0  # seconds between looks whether those at the desks still may be
READY = 5.0  # seconds a desk waits for the database's wire
MOST = 2000
RETRY = b"retry: 2000\n\n"
STREAM = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-cache",
    "X-Accel-Buffering": "no",
}
REFUSED = {
    400: "请从接诉的地址打开。",
    401: "请先登录。",
    503: "实时消息暂时不可用，页面会定时更新。",
}


class LiveFront:
    """An ASGI application: the streams, and the pages behind them. One hub a process, made when asked for."""

    def __init__(self, pages: App) -> None:
        self.pages = pages
        self.hub: Hub | None = None
        self.keys: dict[Desk, str] = {}
        self.tasks: list[asyncio.Task[None]] = []
        self.ready = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != PATH or scope["method"] != "GET":
            await self.pages(scope, receive, send)
            return
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        host, _ = split_domain_port(headers.get("host", "").lower())
        if not host or not validate_host(host, settings.ALLOWED_HOSTS):
            await _refuse(send, 400)
            return
        key = session_key(headers.get("cookie", ""))
        try:
            who = await door.aside(door.find, key) if key else None
        except (DatabaseError, InterfaceError):
            await _refuse(send, 503)
            return
        if who is None:
            await _refuse(send, 401)
            return
        hub = self._hub()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.ready.wait(), READY)
        if hub.ending or len(self.keys) >= MOST:
            await _refuse(send, 503)
            return
        asked = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        last = headers.get("last-event-id", "") or asked.get("last", [""])[0]
        desk = hub.open(who, last=last, since=_moment(asked.get("since", [""])[0]))
        self.keys[desk] = key
        try:
            await _stream(desk, receive, send)
        finally:
            hub.close(desk)
            self.keys.pop(desk, None)

    # the hub and what keeps it going

    def _hub(self) -> Hub:
        if self.hub is None:
            self.hub = hub = Hub()
            self.tasks = [
                asyncio.create_task(wire.listen(hub, self.ready)),
                asyncio.create_task(_every(PING, self._ping)),
                asyncio.create_task(_every(LOOK_AGAIN, self.look_again)),
                asyncio.create_task(self._when_in_doubt(hub)),
            ]
            self._end_with_the_server(hub)
        return self.hub

    async def _ping(self) -> None:
        assert self.hub is not None
        self.hub.ping()

    async def look_again(self) -> None:
        """Send away who has logged out, was switched off or lost the right; move who was moved."""
        assert self.hub is not None
        asked = dict(self.keys)
        if not asked:
            return
        still: dict[str, Who] = await door.aside(door.find_again, list(asked.values()))
        for desk, key in asked.items():
            who = still.get(key)
            if who is None:
                desk.end(encode("bye", {}))
            elif who != desk.who and not desk.ended:
                self.hub.move(desk, who)

    async def _when_in_doubt(self, hub: Hub) -> None:
        """Look at once when a session was ended, a member switched off or moved."""
        while True:
            await hub.doubt.wait()
            hub.doubt.clear()
            try:
                await self.look_again()
            except (DatabaseError, InterfaceError) as broken:
                log.warning("数据库暂时不可用：%s", type(broken).__name__)

    def _end_with_the_server(self, hub: Hub) -> None:
        """Close the streams as soon as the server is told to end: it would wait for them."""
        if threading.current_thread() is not threading.main_thread():
            return
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            before = signal.getsignal(number)

            def handle(told: int, frame: Any, before: Any = before) -> None:
                loop.call_soon_threadsafe(hub.end)
                if callable(before):
                    before(told, frame)

            if callable(before):
                signal.signal(number, handle)


async def _every(seconds: float, do: Callable[[], Awaitable[None]]) -> None:
    while True:
        await asyncio.sleep(seconds)
        try:
            await do()
        except (DatabaseError, InterfaceError) as broken:  # nobody is sent away for that
            log.warning("数据库暂时不可用：%s", type(broken).__name__)


async def _stream(desk: Desk, receive: Receive, send: Send) -> None:
    """Send what the desk gets until it or the browser ends it."""

    async def hang_up() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        desk.end()

    await send({"type": "http.response.start", "status": 200, "headers": _headers(STREAM)})
    listening = asyncio.create_task(hang_up())
    try:
        await send({"type": "http.response.body", "body": RETRY, "more_body": True})
        while True:
            piece = await desk.take()
            if piece:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            if desk.ended and not desk.waiting:
                break
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    finally:
        listening.cancel()


async def _refuse(send: Send, status: int) -> None:
    log.info("refused", extra={"status": status, "kind": "stream"})
    headers = _headers({"Content-Type": "text/plain; charset=utf-8"})
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": REFUSED[status].encode()})


def _headers(own: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [
        (name.lower().encode(), value.encode()) for name, value in (safe_headers() | own).items()
    ]


def session_key(cookies: str) -> str:
    """Return the key of the session that a Cookie header names, "" for none."""
    try:
        found = SimpleCookie(cookies).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return ""
    return found.value if found else ""


def _moment(told: str) -> float | None:
    """When a page was made, as it says itself; None when it does not."""
    try:
        at = datetime.fromisoformat(told.replace(" ", "+"))
    except ValueError:
        return None
    return at.timestamp() if at.tzinfo else None
