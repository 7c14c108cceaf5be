"""The log: one line an event, the number of the error page in it, and nothing about anybody."""

import json
import logging
import re

import pytest
from django.db import IntegrityError
from django.urls import reverse

from jiesu.core import logs
from tests.factories.orders import make_case

SECRET = ("张三丰", "13800000000", "四道口路9号院3门", "110108190001010011")


def line(record):
    made = logs.Line().format(record)
    assert made.count("\n") == 0
    return json.loads(made)


def record(name, message, *args, level=logging.ERROR, error=None, **extra):
    exc = (type(error), error, error.__traceback__) if error else None
    made = logging.LogRecord(name, level, "x.py", 1, message, args, exc)
    for key, value in extra.items():
        setattr(made, key, value)
    return made


@pytest.fixture
def written(monkeypatch):
    """Everything that is logged meanwhile, as it would be written."""
    lines = []

    class Keep(logging.Handler):
        def emit(self, one):
            lines.append(logs.Line().format(one))

    handler = Keep()
    root = logging.getLogger()
    root.addHandler(handler)
    yield lines
    root.removeHandler(handler)


@pytest.mark.parametrize("secret", SECRET)
def test_an_error_is_its_kind_and_place_never_its_words(secret):
    try:
        try:
            raise ValueError(f"cannot read {secret}")
        except ValueError as inner:
            raise IntegrityError(f"DETAIL: Key (phone)=({secret}) exists") from inner
    except IntegrityError as error:
        told = line(
            record("django.request", "Internal Server Error: %s", f"/f/{secret}/", error=error)
        )

    assert secret not in json.dumps(told, ensure_ascii=False)
    assert told["error"] == "django.db.utils.IntegrityError < builtins.ValueError"
    assert told["event"] == "Internal Server Error: %s"
    assert re.search(r"test_logs\.py:\d+ test_an_error", told["where"][-1])


@pytest.mark.parametrize(
    ("name", "message", "args", "event"),
    [
        pytest.param("django.security.DisallowedHost", "Invalid HTTP_HOST header: '张三\n{}'.", (), "Invalid HTTP_HOST header: '张三", id="别人的话到行尾为止"),
        pytest.param("procrastinate.worker", "Job x(phone='13800000000') failed", (), "Job x(phone=…) failed", id="引号里的不写"),
        pytest.param("asyncio", "took %s at %s", ("张三", 13800000000), "took %s at %s", id="填进去的不写"),
        pytest.param("jiesu.x", "batch %s taken", (12,), "batch 12 taken", id="自己的话照写"),
        pytest.param("jiesu.x", "case %s", ("热线-261126-000012",), "case 热线-261126-000012", id="工单编号照写"),
        pytest.param("jiesu.x", "of %s", ("13800000000",), "of #", id="长的数字不写"),
    ],
)  # fmt: skip
def test_what_is_said_is_cut_down_to_what_is_about_nobody(name, message, args, event):
    assert line(record(name, message, *args))["event"] == event


@pytest.mark.parametrize("kind", [logs.Line, logs.Plain])
@pytest.mark.parametrize("nasty", ["\n", "\r\n", "\x1b[31m", "\u2028", "\x85", "\x00", "\u202e"])
def test_nothing_begins_a_line_of_its_own(kind, nasty):
    made = kind().format(record("jiesu.x", "a%sb", f'{nasty}{{"level": "info"}}', view=nasty))

    assert len(made.splitlines()) == 1
    assert made.isprintable()


def test_every_request_is_one_line_and_says_who_where_and_what_came_of_it(
    browser_of, seat, written
):
    written.clear()
    browser_of(seat).get(reverse("desk:cases"), {"q": "张三 13800000000"})

    (told,) = [json.loads(one) for one in written if '"request"' in one]
    assert {k: told[k] for k in ("member", "view", "method", "status", "event")} == {
        "member": seat.pk, "view": "desk:cases", "method": "GET", "status": 200, "event": "request",
    }  # fmt: skip
    assert set(told) == {"at", "level", "from", "event", "request", "member", "view", "method", "status", "ms"}  # fmt: skip


@pytest.mark.django_db
def test_the_number_of_an_error_page_stands_in_the_log(client, written):
    page = client.get("/nowhere/张三/", HTTP_COOKIE="sessionid=secret-13800000000").content.decode()

    number = re.search(r"错误编号 <b[^>]*>(\w+)</b>", page)[1]
    assert [json.loads(one)["status"] for one in written if number in one] == [404]
    assert "张三" not in "".join(written)
    assert "secret" not in "".join(written)


def test_a_broken_page_writes_nothing_of_what_was_asked(
    browser_of, office, seat, written, monkeypatch
):
    case = make_case(office, requester_name="张三丰", requester_phone="13800000000")

    def broken(*given, **told):
        raise RuntimeError(f"{case.requester_name} {case.requester_phone} {told}")

    monkeypatch.setattr("jiesu.cases.access.get_case", broken)
    client = browser_of(seat)
    client.raise_request_exception = False
    answer = client.post(
        reverse("handling:note", args=[case.number]) + "?q=13800000000",
        {"note": "四道口路9号院3门 张三丰"},
    )

    assert answer.status_code == 500
    number = re.search(r"错误编号 <b[^>]*>(\w+)</b>", answer.content.decode())[1]
    mine = [json.loads(one) for one in written if number in one]
    assert [(one["from"], one["level"]) for one in mine] == [("jiesu.errors", "error"), ("jiesu.web", "error")]  # fmt: skip
    assert mine[0]["error"] == "builtins.RuntimeError"
    everything = "".join(one.encode().decode("unicode-escape") for one in written)
    assert [
        secret for secret in ("张三丰", "13800000000", "四道口路") if secret in everything
    ] == []


def test_every_logger_ends_in_the_one_handler():
    told = logs.settings("json")["loggers"]

    assert {name for name, one in told.items() if one["handlers"] or not one["propagate"]} == set()
    assert {"uvicorn", "uvicorn.error", "uvicorn.access", "procrastinate", "django"} <= set(told)
