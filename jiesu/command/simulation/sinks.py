"""The far ends of the pushes: a webhook receiver and a mail server inside this process.

Each keeps what it got by its delivery id, and is dead when the simulation says so: it refuses, or
takes the message and never answers.
"""

import socket
import threading
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any

ALIVE, REFUSES, HANGS = "alive", "refuses", "hangs"
HELD = 0.3  # seconds a hanging receiver keeps whoever called


@dataclass
class Sink:
    """What came, by delivery id, and how the receiver behaves now."""

    mode: str = ALIVE
    got: Counter[str] = field(default_factory=Counter)
    bodies: list[str] = field(default_factory=list)
    turned_away: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, mark: str, body: str) -> None:
        with self.lock:
            self.got[mark] += 1
            self.bodies.append(body)

    def refuse(self) -> None:
        with self.lock:
            self.turned_away += 1

    def told(self) -> dict[str, int]:
        """Return the figures: deliveries, those seen more than once, and calls turned away."""
        return {
            "received": len(self.got),
            "received_again": sum(self.got.values()) - len(self.got),
            "turned_away": self.turned_away,
        }


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    sink: Sink
    released: threading.Event

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A killed worker's connection ends in the middle: nothing to say."""


class _Mail(ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    sink: Sink
    released: threading.Event

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A killed worker's connection ends in the middle: nothing to say."""


class _Post(BaseHTTPRequestHandler):
    server: _Server
    disable_nagle_algorithm, wbufsize = True, 1024

    def do_POST(self) -> None:
        sink = self.server.sink
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if sink.mode == HANGS:
            sink.refuse()
            self.server.released.wait(HELD)
            self.close_connection = True
            return
        if sink.mode == REFUSES:
            sink.refuse()
            self._answer(503)
            return
        mark = self.headers.get("Idempotency-Key", "?")
        sink.take(mark, body.decode("utf-8", "replace"))
        self._answer(200)

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the figures tell."""


class _Letter(StreamRequestHandler):
    """Just enough SMTP to take a letter."""

    server: _Mail
    disable_nagle_algorithm = True

    def handle(self) -> None:
        sink = self.server.sink
        if sink.mode == HANGS:
            sink.refuse()
            self.server.released.wait(HELD)
            return
        if sink.mode == REFUSES:
            sink.refuse()
            self._say("421 service not available")
            return
        self._say("220 sink")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word in {b"EHLO", b"HELO"}:
                self._say("250 sink")
            elif word == b"DATA":
                self._say("354 go on")
                self._keep(self._letter())
                self._say("250 kept")
            elif word == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _letter(self) -> str:
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line.decode("utf-8", "replace"))
        return "".join(lines)

    def _keep(self, letter: str) -> None:
        head, _, _ = letter.partition("\r\n\r\n")
        marks = [line for line in head.splitlines() if line.lower().startswith("message-id:")]
        self.server.sink.take(_key(marks[0]) if marks else "?", letter)

    def _say(self, text: str) -> None:
        try:
            self.wfile.write(f"{text}\r\n".encode())
        except OSError:
            return


def _key(line: str) -> str:
    """“Message-ID: <key@host>” → key."""
    return line.partition("<")[2].partition("@")[0]


class Sinks:
    """Both receivers, listening on free ports of this machine."""

    def __init__(self) -> None:
        self.webhook, self.mail = Sink(), Sink()
        self.released = threading.Event()
        self._http = _Server(("127.0.0.1", 0), _Post)
        self._smtp = _Mail(("127.0.0.1", 0), _Letter)
        for server, sink in ((self._http, self.webhook), (self._smtp, self.mail)):
            server.sink, server.released = sink, self.released  # type: ignore[attr-defined]
            threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()

    @property
    def webhook_url(self) -> str:
        return f"http://127.0.0.1:{self._port(self._http.socket)}/push"

    @property
    def mail_port(self) -> int:
        return self._port(self._smtp.socket)

    @staticmethod
    def _port(listening: socket.socket) -> int:
        return int(listening.getsockname()[1])

    def close(self) -> None:
        self.released.set()
        for server in (self._http, self._smtp):
            server.shutdown()
            server.server_close()
