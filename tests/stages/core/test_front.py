"""The front: nobody slow, large or many keeps the others from the pages; files go out without a thread."""

import asyncio
import io
import re

import pytest

from jiesu.core import front, logs
from jiesu.core.front import HELD, Front


class Asked:
    """One request put to a front, with what came of it."""

    def __init__(self, *body, method="POST", path="/x/", headers=(), query=b"", reader=None):
        self.pieces, self.hangs = list(body), False
        self.status, self.headers, self.answer, self.reader = 0, {}, b"", reader
        self.scope = {
            "type": "http", "method": method, "path": path, "raw_path": path.encode(),
            "query_string": query, "headers": [(k.encode(), v.encode()) for k, v in headers],
        }  # fmt: skip

    async def receive(self):
        if self.pieces:
            piece = self.pieces.pop(0)
            if piece is None:
                await asyncio.Event().wait()
            if isinstance(piece, float):
                await asyncio.sleep(piece)
                piece = b"x"
            return {"type": "http.request", "body": piece, "more_body": bool(self.pieces)}
        return {"type": "http.disconnect"}

    async def send(self, message):
        if self.reader is not None and self.answer:
            await self.reader.wait()
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {k.decode(): v.decode() for k, v in message["headers"]}
        else:
            self.answer += message["body"]

    def of(self, made):
        asyncio.run(asyncio.wait_for(made(self.scope, self.receive, self.send), 10))
        return self


async def echo(scope, receive, send):
    """A page that answers with what it was sent and what length it was told."""
    body, more = b"", scope["method"] == "POST"
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    length = dict(scope["headers"]).get(b"content-length", b"-")
    await send({"type": "http.response.start", "status": 299, "headers": [(b"told", length)]})
    await send({"type": "http.response.body", "body": body})


def made(inner=echo, *, known=False, **more):
    async def look(cookies):
        return known

    return Front(inner, look, **more)


def words(asked):
    text = asked.answer.decode()
    assert re.search(r"错误编号 <b[^>]*>[0-9A-F]{8}</b>", text)
    assert asked.headers["content-security-policy"].startswith("default-src 'none'")
    assert asked.headers["cache-control"] == "no-store"
    return re.findall(r"<p>([^<]+)</p>", text)[0]


def test_a_body_is_whole_before_a_page_is_asked():
    asked = Asked(b"ab", b"", b"cd", headers=[("content-length", "4")]).of(made())

    assert (asked.status, asked.answer, asked.headers["told"]) == (299, b"abcd", "4")


def test_a_body_of_no_told_length_gets_one():
    asked = Asked(b"ab", b"c", headers=[("transfer-encoding", "chunked")]).of(made())

    assert (asked.answer, asked.headers["told"]) == (b"abc", "3")


def test_a_large_body_comes_through_for_a_member():
    large = [b"x" * 300_000] * 10
    asked = Asked(*large, headers=[("content-length", "3000000")]).of(made(known=True))

    assert asked.answer == b"x" * 3_000_000


@pytest.mark.parametrize(
    ("asked", "status", "sentence"),
    [
        pytest.param(Asked(headers=[("content-length", str(2**21))]), 413, "登录后才能上传文件，请先登录。", id="没登录的大文件"),
        pytest.param(Asked(headers=[("content-length", str(10**12))]), 413, "一次最多上传 200 MB，请拆分后再传。", id="太大"),
        pytest.param(Asked(headers=[("content-length", "9" * 5000)]), 413, "一次最多上传 200 MB，请拆分后再传。", id="长得读不出"),
        pytest.param(Asked(*[b"x" * 2**19] * 3, headers=[("transfer-encoding", "chunked")]), 413, "一次最多上传 1 MB，请拆分后再传。", id="没说多长"),
        pytest.param(Asked(path="/" + "a" * 9000), 414, "地址太长，请从页面上的链接重新打开。", id="地址太长"),
        pytest.param(Asked(headers=[("x", "a" * 40_000)]), 431, "浏览器发来的附加信息太长，请清除本站的 Cookie 后再试。", id="请求头太长"),
        pytest.param(Asked(headers=[("content-length", "1"), ("transfer-encoding", "chunked")]), 400, "提交的长度写得不对，请刷新后再试。", id="两种长度"),
    ],
)  # fmt: skip
def test_what_is_too_much_is_refused_in_words_with_a_number(asked, status, sentence):
    asked.of(made())

    assert (asked.status, words(asked)) == (status, sentence)


def test_a_body_that_stops_coming_is_waited_for_no_longer(monkeypatch):
    monkeypatch.setattr(front, "IDLE", 0.05)
    asked = Asked(b"a", None, headers=[("content-length", "9")]).of(made())

    assert (asked.status, words(asked)) == (408, "提交的内容一直没有收完，请检查网络后再试。")


def test_a_body_that_trickles_is_waited_for_no_longer(monkeypatch):
    monkeypatch.setattr(front, "GRACE", 0.02)
    asked = Asked(*[0.02] * 200, headers=[("content-length", "200")]).of(made())

    assert (asked.status, words(asked)) == (408, "提交的内容来得太慢，没有收完，请检查网络后再试。")


def test_no_page_is_asked_when_the_sender_hung_up():
    called = []

    async def page(scope, receive, send):
        called.append(scope)

    asked = Asked(headers=[("content-length", "5")]).of(made(page))

    assert (called, asked.status) == ([], 0)


def test_more_pages_than_can_be_answered_are_told_to_come_again(monkeypatch):
    monkeypatch.setattr(front, "MOST_WAITING", 2)

    async def story():
        door = asyncio.Event()

        async def slow(scope, receive, send):
            await door.wait()
            await echo(scope, receive, send)

        house = made(slow)
        waiting = [Asked(method="GET") for _ in range(2)]
        tasks = [asyncio.create_task(house(a.scope, a.receive, a.send)) for a in waiting]
        await asyncio.sleep(0)
        third = Asked(method="GET")
        await house(third.scope, third.receive, third.send)
        door.set()
        await asyncio.gather(*tasks)
        return waiting, third

    waiting, third = asyncio.run(story())

    assert [one.status for one in waiting] == [299, 299]
    assert (third.status, third.headers["retry-after"]) == (503, "5")
    assert words(third) == "现在打开页面的人太多，请过几秒再试。"


def test_a_stream_is_not_counted_among_the_pages(monkeypatch):
    monkeypatch.setattr(front, "MOST_WAITING", 0)

    assert Asked(method="GET", path="/live/").of(made(streams=frozenset({"/live/"}))).status == 299
    assert Asked(method="GET", path="/x/").of(made()).status == 503


def test_a_broken_page_is_an_error_page_with_a_number():
    async def broken(scope, receive, send):
        raise RuntimeError("张三 13800000000")

    asked = Asked(method="GET").of(made(broken))

    assert (asked.status, words(asked)) == (
        500,
        "这一步没有完成，已保存的内容不受影响，请稍候重试。",
    )


class File(io.BytesIO):
    pass


def page_with(file):
    async def page(scope, receive, send):
        await send({"type": "http.response.start", "status": 206, "headers": []})
        scope[HELD].take(file, 1)
        await send({"type": "http.response.body", "body": b""})

    return page


def test_a_file_is_sent_when_its_page_is_done():
    file = File(b"y" * 700_000)
    asked = Asked(method="GET").of(made(page_with(file)))

    assert (asked.status, asked.answer, file.closed) == (206, b"y" * 700_000, True)


def test_a_reader_who_takes_nothing_is_given_up_and_the_file_closed(monkeypatch):
    monkeypatch.setattr(front, "STALL", 0.05)

    async def story():
        file = File(b"y" * 700_000)
        asked = Asked(method="GET", reader=asyncio.Event())
        await asyncio.wait_for(made(page_with(file))(asked.scope, asked.receive, asked.send), 5)
        return file, asked

    file, asked = asyncio.run(story())

    assert file.closed
    assert len(asked.answer) < 700_000


def test_what_the_page_logs_bears_the_number_of_the_answer():
    seen = []

    async def page(scope, receive, send):
        seen.append(logs.number())
        await echo(scope, receive, send)

    Asked(method="GET").of(made(page))

    assert re.fullmatch(r"[0-9A-F]{8}", seen[0])
