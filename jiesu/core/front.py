"""Before all pages, as plain ASGI: nobody slow, large or many keeps the others from the pages.

The pages run in eight threads. A body is taken in whole before a thread is given to it, and a file
goes out after its thread is free again: a slow sender or reader costs memory here, never a thread.
"""

import asyncio
import logging
import tempfile
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import IO, Any, Final

from django.conf import settings

from jiesu.core import environment, errors, logs
from jiesu.core.middleware import SPARE, safe_headers

log = logging.getLogger("jiesu.web")

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Known = Callable[[str], Awaitable[bool]]  # the Cookie header of somebody who is logged in?

LONGEST_TARGET: Final = 8192  # path and query together
LONGEST_HEAD: Final = 32 * 1024
IN_MEMORY: Final = 2**20  # a body up to this anybody may send, and it stays in memory
CHUNK: Final = 2**18
MOST_WAITING = 256  # pages asked for at one time; each member waits for one or two
MOST_LARGE = 8  # large bodies at one time: what they may fill of the disk
IDLE = 20.0  # seconds without a byte of the body
GRACE = 20.0  # seconds before the pace is looked at
PACE = 32 * 1024  # bytes a second a body comes at the least
STALL = 60.0  # seconds a reader takes nothing of the answer
QUEUE = 15.0  # seconds a large body waits for its turn
HELD: Final = "jiesu.file"  # in the scope: where a page leaves the file it answers with


class Refused(Exception):
    """The body is not taken. ``status`` and what to do."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


class Gone(Exception):
    """The other side hung up before it had said all."""


class Held:
    """A file a page answers with, left here for the front to send (WSGI's ``wsgi.file_wrapper``)."""

    def __init__(self) -> None:
        self.file: Any = None

    def take(self, file: Any, size: int) -> "Held":
        self.file = file
        return self

    def __iter__(self) -> "Held":
        return self

    def __next__(self) -> bytes:
        raise StopIteration


def files_last(application: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a WSGI application so that its files are sent by the front, when one stands before it."""

    def wrapped(environ: dict[str, Any], start_response: Any) -> Any:
        held = environ.get("asgi.scope", {}).get(HELD)
        if held is not None:
            environ["wsgi.file_wrapper"] = held.take
        return application(environ, start_response)

    return wrapped


class Front:
    """An ASGI application in front of another.

    ``known`` says who may send a large body; ``streams`` are the addresses that stay open for hours,
    and count and stall by rules of their own.
    """

    def __init__(self, inner: App, known: Known, *, streams: frozenset[str] = frozenset()) -> None:
        self.inner, self.known, self.streams = inner, known, streams
        self.waiting = 0
        self.large: asyncio.Semaphore | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.inner(scope, receive, send)
            return
        with logs.numbered(logs.new_number()):
            target = len(scope.get("raw_path", b"")) + len(scope.get("query_string", b""))
            if target > LONGEST_TARGET:
                await _refuse(send, 414, "地址太长，请从页面上的链接重新打开。")
                return
            if sum(len(name) + len(value) for name, value in scope["headers"]) > LONGEST_HEAD:
                await _refuse(send, 431, "浏览器发来的附加信息太长，请清除本站的 Cookie 后再试。")
                return
            if {b"content-length", b"transfer-encoding"} <= {name for name, _ in scope["headers"]}:
                await _refuse(send, 400, "提交的长度写得不对，请刷新后再试。")
                return
            if scope["path"] in self.streams:
                await self.inner(scope, receive, send)
                return
            if self.waiting >= MOST_WAITING:
                await _refuse(send, 503, "现在打开页面的人太多，请过几秒再试。", retry=5)
                return
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        out = _Out(send)
        held = Held()
        scope = {**scope, HELD: held}
        self.waiting += 1
        try:
            await self._with_body(scope, receive, out.hold(held))
        except Refused as refusal:
            await _refuse(send, refusal.status, refusal.reason)
            return
        except Gone:
            return
        except Exception as error:
            log.error("front", exc_info=error)
            if not out.started:
                await _refuse(send, 500, "这一步没有完成，已保存的内容不受影响，请稍候重试。")
            return
        finally:
            self.waiting -= 1
        if held.file is not None:
            await _send_file(held.file, out)

    async def _with_body(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        length = _length(headers)
        if scope["method"] == "GET" and not length:
            await self.inner(scope, receive, send)
            return
        if length is not None and length > settings.UPLOAD_LIMIT_MB * 2**20 + SPARE:
            raise Refused(413, f"一次最多上传 {settings.UPLOAD_LIMIT_MB} MB，请拆分后再传。")
        with tempfile.SpooledTemporaryFile(
            max_size=IN_MEMORY, dir=str(environment.files())
        ) as body:
            size = await self._take_in(headers, length, receive, body)
            body.seek(0)
            plain = [
                pair for pair in scope["headers"]
                if pair[0] not in {b"content-length", b"transfer-encoding"}
            ]  # fmt: skip
            told = [*plain, (b"content-length", str(size).encode())]
            await self.inner({**scope, "headers": told}, _replay(body, receive), send)

    async def _take_in(
        self, headers: dict[bytes, bytes], length: int | None, receive: Receive, body: IO[bytes]
    ) -> int:
        if length is not None and length <= IN_MEMORY:
            return await _take(receive, body, IN_MEMORY)
        if not await self.known(headers.get(b"cookie", b"").decode("latin-1")):
            if length is not None:
                raise Refused(413, "登录后才能上传文件，请先登录。")
            return await _take(receive, body, IN_MEMORY)
        self.large = self.large or asyncio.Semaphore(MOST_LARGE)
        try:
            await asyncio.wait_for(self.large.acquire(), QUEUE)
        except TimeoutError:
            raise Refused(503, "现在上传文件的人太多，请过一会儿再传。") from None
        try:
            return await _take(receive, body, settings.UPLOAD_LIMIT_MB * 2**20 + SPARE)
        finally:
            self.large.release()


def _length(headers: dict[bytes, bytes]) -> int | None:
    told = headers.get(b"content-length")
    if told is None:
        return None if b"transfer-encoding" in headers else 0
    return int(told) if told.isdigit() and len(told) < 20 else 10**20


async def _take(receive: Receive, body: IO[bytes], most: int) -> int:
    """Take the body in. Returns its size.

    :raises Refused: too large, or it comes too slowly
    :raises Gone: it ends before its end
    """
    begun, size = time.monotonic(), 0
    while True:
        try:
            message = await asyncio.wait_for(receive(), IDLE)
        except TimeoutError:
            raise Refused(408, "提交的内容一直没有收完，请检查网络后再试。") from None
        if message["type"] == "http.disconnect":
            raise Gone
        piece = message.get("body", b"")
        size += len(piece)
        if size > most:
            limit = f"{most // 2**20} MB"
            raise Refused(413, f"一次最多上传 {limit}，请拆分后再传。")
        if size > IN_MEMORY:
            await asyncio.to_thread(body.write, piece)
        else:
            body.write(piece)
        if not message.get("more_body"):
            return size
        late = time.monotonic() - begun - GRACE
        if late > 0 and size < late * PACE:
            raise Refused(408, "提交的内容来得太慢，没有收完，请检查网络后再试。")


def _replay(body: IO[bytes], receive: Receive) -> Receive:
    """Return a ``receive`` that gives the body again, and after it what the other side does."""
    ended = False

    async def again() -> Message:
        nonlocal ended
        if ended:
            return await receive()
        piece = body.read(CHUNK)
        ended = len(piece) < CHUNK
        return {"type": "http.request", "body": piece, "more_body": not ended}

    return again


class _Out:
    """What goes out. A reader who takes nothing for long is given up; what still comes is dropped."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.started = self.given_up = False

    def hold(self, held: Held) -> Send:
        """Return a ``send`` that keeps the end of an answer back while a file is to follow."""

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.started = True
            last = message["type"] == "http.response.body" and not message.get("more_body")
            if last and held.file is not None:
                return
            await self.give(message)

        return send

    async def give(self, message: Message) -> None:
        if self.given_up:
            return
        try:
            await asyncio.wait_for(self._send(message), STALL)
        except TimeoutError:
            self.given_up = True


async def _send_file(file: Any, out: _Out) -> None:
    try:
        while not out.given_up and (piece := await asyncio.to_thread(file.read, CHUNK)):
            await out.give({"type": "http.response.body", "body": piece, "more_body": True})
        await out.give({"type": "http.response.body", "body": b"", "more_body": False})
    finally:
        await asyncio.to_thread(file.close)


async def _refuse(send: Send, status: int, reason: str, *, retry: int = 0) -> None:
    """Answer without asking any page: a plain error page with its number, and a line in the log."""
    log.warning("refused", extra={"status": status, "kind": "front"})
    answer = await asyncio.to_thread(errors.page, None, status, reason=reason)
    headers = {**safe_headers(), "Content-Type": "text/html; charset=utf-8", "Connection": "close"}
    if retry:
        headers["Retry-After"] = str(retry)
    headers["Content-Length"] = str(len(answer.content))
    told = [(k.lower().encode(), v.encode()) for k, v in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": told})
    await send({"type": "http.response.body", "body": answer.content})
