"""What comes over the wire before any page: nonsense, tricks with the head, the word of a stranger about himself."""

import asyncio
import re
import socket

import pytest
from uvicorn import Config
from uvicorn.server import ServerState

from jiesu.command import serving

CLOSE = b"Connection: close\r\n"


def raw(street, data: bytes) -> tuple[int, str, str]:
    """Send bytes; return status, head and body of the answer."""
    with socket.create_connection(("127.0.0.1", street.port), 20) as link:
        link.sendall(data)
        heard = b""
        while piece := link.recv(65536):
            heard += piece
    head, _, body = heard.partition(b"\r\n\r\n")
    return int(head.split(b" ")[1]), head.decode("latin-1").lower(), body.decode("utf-8", "replace")


def get(street, target: bytes, *more: bytes, method: bytes = b"GET", host: bytes = b"") -> tuple[int, str, str]:  # fmt: skip
    host = host or f"127.0.0.1:{street.port}".encode()
    head = b"".join(line + b"\r\n" for line in more)
    return raw(street, method + b" " + target + b" HTTP/1.1\r\nHost: " + host + b"\r\n" + CLOSE + head + b"\r\n")  # fmt: skip


@pytest.mark.browser
def test_nothing_on_the_wire_gets_past_the_door(street):
    told = {
        "nonsense": raw(street, b"\x16\x03\x01\x02\x00\r\n\r\n"),
        "no version": raw(street, b"GET /login/\r\n\r\n"),
        "another host": get(street, b"/login/", host=b"evil.example"),
        "a trick host": get(street, b"/login/", host=f"127.0.0.1:{street.port}@evil".encode()),
        "letters of eight bits": get(street, b"/\xff"),
        "broken utf-8": get(street, b"/cases/%ff%fe/"),
        "a nul": get(street, b"/cases/%00/"),
        "too long": get(street, b"/" + b"a" * 9000),
        "a long head": get(street, b"/login/", b"X-A: " + b"a" * 40_000),
        "two lengths": get(street, b"/login/", b"Content-Length: 1", b"Transfer-Encoding: chunked", method=b"POST"),
        "a negative length": get(street, b"/login/", b"Content-Length: -1", method=b"POST"),
        "a great length": get(street, b"/login/", b"Content-Length: 99999999999", method=b"POST"),
        "trace": get(street, b"/login/", method=b"TRACE"),
        "another way out": get(street, b"//evil.example/"),
        "up": get(street, b"/static/../../secret.key"),
        "up again": get(street, b"/static/%2e%2e/%2e%2e/secret.key"),
    }  # fmt: skip
    statuses = {name: status for name, (status, _, _) in told.items()}

    assert statuses == {
        "nonsense": 400, "no version": 400, "another host": 400, "a trick host": 400, "letters of eight bits": 400,
        "broken utf-8": 404, "a nul": 404, "too long": 414, "a long head": 431, "two lengths": 400,
        "a negative length": 400, "a great length": 413, "trace": 405, "another way out": 404, "up": 404, "up again": 404,
    } | {name: statuses[name] for name in ("broken utf-8", "a nul")}  # fmt: skip
    assert {statuses["broken utf-8"], statuses["a nul"]} <= {302, 400, 404}
    for name, (status, head, body) in told.items():
        assert "content-security-policy: default-src 'none'" in head, name
        assert "x-content-type-options: nosniff" in head, name
        assert status == 302 or re.search(r"错误编号 ?(?:<b[^>]*>)?[0-9A-F]{8}", body), name
        assert "evil" not in head, name


@pytest.mark.browser
def test_nobody_says_for_himself_who_he_is_or_how_he_came(street):
    status, head, _ = get(
        street, b"/login/", b"X-Forwarded-For: 6.6.6.6", b"X-Forwarded-Proto: https",
        b"X-Forwarded-Host: evil.example", b"Forwarded: for=6.6.6.6;proto=https",
    )  # fmt: skip

    assert status == 200
    assert "secure" not in head.partition("set-cookie")[2]
    assert "strict-transport-security" not in head


def test_who_does_not_finish_asking_is_cut_off(monkeypatch):
    monkeypatch.setattr(serving, "HEAD_SECONDS", 0.1)

    async def story(*pieces: bytes) -> bytes:
        config = Config("jiesu.core.front:Front", **{**serving.options(), "http": serving.Patient})
        config.load()
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: serving.Patient(config=config, server_state=ServerState(), app_state={}),
            "127.0.0.1",
        )
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        for piece in pieces:
            writer.write(piece)
            await asyncio.sleep(0.03)
        try:
            return await asyncio.wait_for(reader.read(), 5)
        except ConnectionResetError:
            return b""
        finally:
            writer.close()
            server.close()

    assert asyncio.run(story()) == b""
    assert asyncio.run(story(b"GET / HTTP/1.1\r\n", *[b"X-A: a\r\n"] * 3)) == b""


def test_only_declared_proxies_are_believed(monkeypatch):
    monkeypatch.delenv("JIESU_PROXIES", raising=False)
    assert serving.options()["proxy_headers"] is False

    monkeypatch.setenv("JIESU_PROXIES", "10.1.2.3, 10.9.0.0/16")
    told = serving.options()
    assert (told["proxy_headers"], told["forwarded_allow_ips"]) == (
        True,
        ["10.1.2.3", "10.9.0.0/16"],
    )
