"""The far ends of the pushes, real ones on this machine: a mail server and a messenger's door."""

import json
import socket
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Messenger:
    """Takes messages; ``how`` is ``ok``, an HTTP status, ``errcode`` or ``hang``."""

    def __init__(self):
        self.how, self.got = "ok", []
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                sink.got.append((dict(self.headers), body))
                if sink.how == "hang":
                    time.sleep(1.0)
                    return
                self.send_response(sink.how if isinstance(sink.how, int) else 200)
                self.end_headers()
                told = {"errcode": 40001 if sink.how == "errcode" else 0}
                self.wfile.write(json.dumps(told).encode())

            def log_message(self, *words):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/robot/send?key=x"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def texts(self):
        return [json.loads(body)["text"]["content"] for _, body in self.got]

    @property
    def keys(self):
        return [headers["Idempotency-Key"] for headers, _ in self.got]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class MailServer:
    """Speaks just enough SMTP. ``how`` is ``ok``, ``hang``, ``busy`` (421), or ``unknown`` (550)."""

    def __init__(self):
        self.how, self.got, self.connections = "ok", [], 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                line, _ = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._talk, args=(line,), daemon=True).start()

    def _talk(self, line):
        with line, line.makefile("rwb") as wire:
            if self.how == "hang":
                time.sleep(1.0)
                return

            def say(words):
                wire.write(words.encode() + b"\r\n")
                wire.flush()

            say("421 busy" if self.how == "busy" else "220 sink")
            to = ""
            for raw in wire:
                word = raw.decode().strip()
                if word.upper().startswith("RCPT"):
                    to = word.partition("<")[2].partition(">")[0]
                    say("550 no such box" if self.how == "unknown" else "250 ok")
                elif word.upper() == "DATA":
                    say("354 go on")
                    lines = []
                    for part in wire:
                        if part == b".\r\n":
                            break
                        lines.append(part)
                    self.got.append((to, b"".join(lines)))
                    say("250 taken")
                elif word.upper() == "QUIT":
                    say("221 bye")
                    return
                else:
                    say("250 ok")

    def close(self):
        self.socket.close()


@contextmanager
def closing_port():
    """A port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    yield port
