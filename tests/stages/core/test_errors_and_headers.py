"""Every answer carries safe headers; every refusal is a page with a number that says what to do."""

import json
import re

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse

from jiesu.config import wsgi
from jiesu.core.middleware import HEADERS, POLICY
from tests.factories.orders import make_case

pytestmark = pytest.mark.django_db


def number_of(answer):
    return re.search(r"错误编号 <b[^>]*>([0-9A-F]{8})</b>", answer.content.decode())[1]


def sentence(answer):
    return re.findall(r"<p>([^<]+)</p>", answer.content.decode())[0]


def answers(client, desk, office):
    case = make_case(office)
    yield client.get(reverse("desk:login"))
    yield client.get("/")
    yield client.get("/nowhere/")
    yield client.get("/static/core/icon.svg")
    yield client.get("/static/core/nothing.js")
    yield client.delete("/login/")
    yield client.get(reverse("desk:logout"))
    yield client.get("/", HTTP_HOST="evil.example")
    yield desk.get(reverse("desk:case", args=[case.number]))
    yield desk.get(reverse("desk:palette"))
    yield desk.get(reverse("duty:xlsx"))
    yield desk.post(reverse("handling:note", args=[case.number]), {"note": ""})
    yield desk.post(reverse("handling:note", args=[case.number]), {"note": "一"}, HTTP_HX_REQUEST="true")  # fmt: skip


def test_every_answer_carries_safe_headers(client, browser_of, seat, office):
    for answer in answers(client, browser_of(seat), office):
        missing = [name for name in HEADERS if not answer.headers.get(name)]
        where = (answer.request["PATH_INFO"], answer.status_code)
        assert (where, missing) == (where, [])
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert "Server" not in answer.headers
        if "/static/" not in answer.request["PATH_INFO"] or answer.status_code == 404:
            assert "no-store" in answer.headers["Cache-Control"]


def test_the_policy_lets_nothing_in_from_elsewhere_and_nothing_inline():
    told = dict(part.strip().split(" ", 1) for part in POLICY.split(";"))

    assert told["default-src"] == "'none'"
    assert {name: told[name] for name in ("script-src", "style-src", "connect-src", "form-action")} == dict.fromkeys(("script-src", "style-src", "connect-src", "form-action"), "'self'")  # fmt: skip
    assert (told["base-uri"], told["frame-ancestors"], told["object-src"]) == ("'none'", "'none'", "'none'")  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (lambda c: c.get("/nowhere/"), 404),
        (lambda c: c.put("/login/"), 405),
        (lambda c: c.options("/"), 405),
        (lambda c: c.trace("/"), 405),
        (lambda c: c.get("/logout/"), 405),
        (lambda c: c.get("/", HTTP_HOST="a_b!"), 400),
        (lambda c: c.post("/login/", {"x": "1"}, CONTENT_LENGTH="²"), 400),
        (lambda c: c.post("/login/", "x", content_type="text/plain", CONTENT_LENGTH=str(10**12)), 413),
        (lambda c: c.post("/login/", {f"f{n}": "1" for n in range(3000)}), 400),
        (lambda c: c.post("/login/", {"f": "x" * 6_000_000}), 413),
        (lambda c: c.post("/login/", b"x", content_type="multipart/form-data; boundary=" + "é" * 5), 400),
    ],
)  # fmt: skip
def test_a_refusal_is_a_page_with_a_number(client, asked, status):
    answer = asked(client)

    assert answer.status_code == status
    assert number_of(answer)
    assert sentence(answer).endswith("。")
    if status == 405:
        assert set(answer.headers["Allow"].split(", ")) <= {"GET", "HEAD", "POST"}


def test_a_form_without_its_token_is_told_what_to_do(seat):
    client = Client(enforce_csrf_checks=True)
    client.force_login(seat)

    answer = client.post(reverse("desk:logout"))

    assert (answer.status_code, sentence(answer)) == (403, "页面放得太久或在别处重新登录过，请返回上一页刷新后再提交。")  # fmt: skip


@pytest.fixture
def broken(monkeypatch, browser_of, seat, office):
    """A page whose work does what the test says."""

    def make(work):
        monkeypatch.setattr("jiesu.cases.access.get_case", work)
        client = browser_of(seat)
        client.raise_request_exception = False
        return lambda **more: client.get(reverse("desk:case", args=["x"]), **more)

    return make


def slow(*given):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '20ms'")
        cursor.execute("SELECT pg_sleep(2)")


def test_a_page_the_database_takes_too_long_for_says_what_to_do(broken):
    answer = broken(slow)()

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert sentence(answer) == "这次查询用时太久，已经停下，没有改动任何内容。请缩小范围（例如选短一些的时间段、多写几个字）再试。"  # fmt: skip


def test_htmx_gets_the_same_words_as_a_toast(broken):
    answer = broken(slow)(HTTP_HX_REQUEST="true")

    assert json.loads(answer.headers["HX-Trigger"])["toast"]["text"].startswith("这次查询用时太久")
    assert answer.headers["HX-Reswap"] == "none"


def test_a_database_that_is_away_is_not_called_an_error_of_the_page(broken):
    def away(*given):
        raise OperationalError("connection to server failed: 10.1.2.3 张三")

    answer = broken(away)()

    assert answer.status_code == 503
    assert sentence(answer) == "数据库暂时连不上，正在恢复。已保存的内容不受影响，请稍候再试。"
    assert "张三" not in answer.content.decode()


def test_what_broke_is_an_error_page_that_tells_nothing_of_it(broken):
    def work(*given):
        raise RuntimeError("secret 13800000000")

    answer = broken(work)()

    assert answer.status_code == 500
    assert number_of(answer)
    assert "secret" not in answer.content.decode()


def test_text_no_database_can_hold_is_told_not_failed(broken):
    def work(*given):
        raise ValueError("A string literal cannot contain NUL (0x00) characters.")

    assert broken(work)(data={"q": "a\0b"}).status_code == 400
    assert broken(work)(data={"q": "ab"}).status_code == 500


def test_pages_alone_are_told_how_long_the_database_may_take():
    wsgi.limit(connection)
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        told = cursor.fetchone()[0]
        for name in wsgi.PATIENCE:
            cursor.execute("SELECT set_config(%s, '0', false)", [name])

    assert told == "20s"
