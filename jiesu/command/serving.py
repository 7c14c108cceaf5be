"""The web process: uvicorn with its limits, its log in the house's form, and no patience with the slow.

Started by ``jiesu run`` as ``python -m jiesu.command.serving``.
"""

import logging.config
import os
import resource
import sys
from asyncio import TimerHandle, Transport
from typing import Any

import django
import h11
import uvicorn
from django.conf import settings
from uvicorn.protocols.http.h11_impl import H11Protocol

from jiesu.core import environment, logs
from jiesu.core.middleware import safe_headers

HEAD_BYTES = 32 * 1024  # request line and headers together
HEAD_SECONDS = 20.0  # from the first byte, or the connection, to the end of the headers
KEEP_ALIVE = 15
CONNECTIONS = 4000  # streams included; those above are told 503
FILES = 16_384

log = logging.getLogger("jiesu.web")


class Patient(H11Protocol):
    """HTTP/1.1 that closes on who does not finish asking, and refuses nonsense in safe words."""

    _asking: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._asking = self.loop.call_later(HEAD_SECONDS, self._too_slow)

    def connection_lost(self, exc: Exception | None) -> None:
        self._heard()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._asking is None and self.conn.their_state is h11.IDLE:
            self._asking = self.loop.call_later(HEAD_SECONDS, self._too_slow)
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._heard()

    def _heard(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
            self._asking = None

    def _too_slow(self) -> None:
        self._asking = None
        if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
            self.transport.abort()

    def send_400_response(self, msg: str) -> None:
        """A request that is no HTTP, or whose head is too long: no page can be asked about it."""
        number = logs.new_number()
        with logs.numbered(number):
            log.warning("refused", extra={"status": 400, "kind": "protocol"})
        if self.conn.our_state not in {h11.IDLE, h11.SEND_RESPONSE}:
            self.transport.close()
            return
        words = f"这个请求看不懂。错误编号 {number}".encode()
        headers = [
            *safe_headers().items(), ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Length", str(len(words))), ("Connection", "close"),
        ]  # fmt: skip
        event = h11.Response(status_code=400, headers=headers, reason=b"Bad Request")
        for piece in (event, h11.Data(data=words), h11.EndOfMessage()):
            self.transport.write(self.conn.send(piece) or b"")
        self.transport.close()


def options() -> dict[str, Any]:
    """Return how uvicorn is started. Whose word about the other side counts: declared proxies alone."""
    host, port = environment.address()
    proxies = environment.proxies()
    return {
        "host": host, "port": port, "workers": environment.number("JIESU_WORKERS", 1),
        "lifespan": "off", "http": "jiesu.command.serving:Patient", "ws": "none",
        "log_config": None, "access_log": False, "server_header": False, "date_header": True,
        "proxy_headers": bool(proxies), "forwarded_allow_ips": proxies or None,
        "h11_max_incomplete_event_size": HEAD_BYTES, "timeout_keep_alive": KEEP_ALIVE,
        "limit_concurrency": CONNECTIONS, "timeout_graceful_shutdown": 3, "backlog": 1024,
    }  # fmt: skip


def main() -> int:
    """Serve until told to end."""
    django.setup()
    logging.config.dictConfig(settings.LOGGING)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    uvicorn.run("jiesu.config.asgi:application", **options())
    return 0


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jiesu.config.settings")
    sys.exit(main())
