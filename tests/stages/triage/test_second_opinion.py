"""A second opinion: asked about the doubtful alone, with nothing personal in it, and never believed beyond the list."""

import json
import threading
import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.urls import reverse
from django.utils import timezone

from jiesu.cases.models import Case
from jiesu.core import environment
from jiesu.platforms import opinions
from jiesu.platforms.opinions import Silence
from jiesu.rules.personal_text import find
from jiesu.trail.models import Entry, Kind
from jiesu.triage import second
from jiesu.triage.models import Opinion, Suggested, Target
from tests.factories.orders import dispatched, make_case

pytestmark = pytest.mark.django_db
PERSONAL = [
    "王建国", "12900001234", "010-62220000", "110101199003070000", "3号楼2单元501", "某人@", "wang@", "example", "6222020000000000000",
    "微信号wxid8866", "京A12345",
]  # fmt: skip
TEXT = (
    "王建国来电反映，本人电话12900001234，家中座机010-62220000，身份证号110101199003070000，住3号楼2单元501室，"
    "暖气不热。邮箱某人@例子.中国、wang@example.invalid，银行卡6222020000000000000，微信号wxid8866，车牌京A12345。"
)


class Model:
    """A chat endpoint on this machine. ``says`` is the label, or ``how`` it misbehaves."""

    def __init__(self):
        self.says, self.how, self.got = "", "ok", []
        served = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                served.got.append(
                    (
                        self.path,
                        dict(self.headers),
                        self.rfile.read(int(self.headers["Content-Length"])),
                    )
                )
                served.answer(self)

            def log_message(self, *words):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/v1"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def answer(self, to):
        if self.how == "drips":  # a byte now and then, so that no single wait is long
            to.send_response(200)
            to.end_headers()
            with_patience = time.monotonic() + 3
            while time.monotonic() < with_patience:
                try:
                    to.wfile.write(b" ")
                    to.wfile.flush()
                except OSError:
                    return
                time.sleep(0.05)
            return
        if self.how == "redirects":
            to.send_response(307)
            to.send_header("Location", f"{self.url}/elsewhere")
            to.end_headers()
            return
        told = {
            "choices": [{"message": {"content": self.says}}],
            "usage": {"prompt_tokens": 120, "completion_tokens": 9},
        }
        body = {"garbage": b"\x00{", "list": b"[]", "long": b" " * (opinions.READ + 1)}.get(
            self.how, json.dumps(told).encode()
        )
        to.send_response(500 if self.how == "fails" else 200)
        to.end_headers()
        to.wfile.write(body)

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def far():
    made = Model()
    yield made
    made.close()


def adviser(far, **more):
    told = {"model": "本街一号", "key": "k", "seconds": 5, "per_day": 10} | more
    return environment.Adviser(url=far.url, **told)


def doubtful(office, *, doubt="close", **fields) -> Case:
    case = make_case(office, **fields)
    Suggested.objects.create(
        case=case, target=Target.UNIT, label="综合办公室", probability=0.4, doubt=doubt, version="0" * 12,
        at=timezone.now(),
    )  # fmt: skip
    return case


def ask(far, **more) -> int:
    return second.ask_waiting(adviser(far, **more), at=timezone.now())


@pytest.mark.parametrize(
    ("how", "says", "silence"),
    [
        pytest.param("ok", '{"label": "民生保障办公室"}', None, id="照要求答"),
        pytest.param(
            "ok",
            '<think>想想</think>\n```json\n{"label": "民生保障办公室"}\n```',
            None,
            id="想过再答",
        ),
        pytest.param("ok", "民生保障办公室", None, id="只答名字"),
        pytest.param("ok", '{"label": "市政府"}', Silence.OTHER_LABEL, id="名单之外"),
        pytest.param("ok", "应由民生保障办公室办理", Silence.OTHER_LABEL, id="一句话"),
        pytest.param("ok", '{"unit": "民生保障办公室"}', Silence.GARBLED, id="别的格式"),
        pytest.param("ok", "", Silence.GARBLED, id="什么也没说"),
        pytest.param("garbage", "", Silence.GARBLED, id="乱码"),
        pytest.param("list", "", Silence.GARBLED, id="不是对象"),
        pytest.param("long", "", Silence.LONG, id="太长"),
        pytest.param("fails", "", Silence.UNREACHABLE, id="报错"),
        pytest.param("redirects", "", Silence.UNREACHABLE, id="跳转不跟"),
    ],
)
def test_only_a_label_of_the_list_is_an_opinion(far, how, says, silence):
    far.how, far.says = how, says

    said = opinions.ask(adviser(far), "暖气不热", ["综合办公室", "民生保障办公室"], what="主办单位")

    assert (said.label, said.silence) == ("" if silence else "民生保障办公室", silence)
    assert [path for path, _, _ in far.got] == ["/v1/chat/completions"]


def test_however_slowly_it_speaks_the_whole_has_a_limit(far):
    far.how, began = "drips", time.monotonic()

    said = opinions.ask(adviser(far, seconds=1), "暖气不热", ["甲"], what="主办单位")

    assert (said.silence, time.monotonic() - began < 2.5) == (Silence.LATE, True)


def test_nobody_there_is_no_opinion(far):
    far.close()

    assert opinions.ask(adviser(far), "字", ["甲"], what="主办单位").silence is Silence.UNREACHABLE


def test_nothing_personal_leaves(office, far):
    far.says = '{"label": "民生保障办公室"}'
    case = doubtful(
        office,
        title="王建国反映暖气不热",
        content=TEXT,
        requester_name="王建国",
        requester_phone="12900001234",
    )

    ask(far)

    ((_, headers, body),) = far.got
    sent = json.loads(body)["messages"][1]["content"]
    whole = body.decode() + json.dumps(headers)
    assert [one for one in (*PERSONAL, "1234", "建国", case.number) if one in whole] == []
    assert (find(sent), "暖气不热" in sent) == ([], True)
    (entry,) = Entry.objects.filter(kind=Kind.EXPORT)
    assert (entry.case, entry.subject, entry.facts["characters"]) == (
        case.pk,
        "opinion:127.0.0.1",
        len(sent),
    )


def test_whoever_asked_for_secrecy_is_never_sent(office, far):
    doubtful(office, tags=["保密"])

    ask(far)

    assert far.got == []
    assert [one.silence for one in Opinion.objects.all()] == [Silence.PERSONAL]


def test_only_the_doubtful_that_wait_are_asked_about_and_once(office, seat, far):
    far.says = "民生保障办公室"
    wanted = doubtful(office)
    doubtful(office, doubt="")
    dispatched(doubtful(office), seat, office.units.get(name="综合办公室"))
    many = [ask(far), ask(far)]

    assert many == [1, 0]
    assert [one.case_id for one in Opinion.objects.all()] == [wanted.pk]


def test_the_number_of_a_day_is_kept_and_silence_ends_the_round(office, far):
    for _ in range(4):
        doubtful(office)
    far.says = "民生保障办公室"
    asked = [ask(far, per_day=2), ask(far, per_day=2)]
    far.how = "fails"
    asked.append(ask(far))

    assert asked == [2, 0, 1]


def test_off_means_nobody_is_asked(office, far, monkeypatch):
    monkeypatch.delenv("JIESU_OPINION_URL", raising=False)
    doubtful(office)

    assert second.ask_now(timezone.now()) == 0


def test_it_is_shown_as_such_and_held_against_what_came(office, seat, member, browser_of, far):
    right, wrong = doubtful(office), doubtful(office)
    far.says = "民生保障办公室"
    ask(far)
    told = browser_of(seat).get(reverse("desk:case", args=[right.number])).content.decode()
    dispatched(right, seat, office.units.get(name="民生保障办公室"))
    dispatched(wrong, seat, office.units.get(name="综合办公室"))

    changed = [second.settle(at=timezone.now() + timedelta(minutes=1)) for _ in range(2)]

    account = second.account(office, Target.UNIT)
    assert ("语言模型说的，只供参考" in told, changed) == (True, [2, 0])
    assert (account.asked, account.settled, account.accuracy, account.tokens) == (2, 2, 0.5, 258)
    page = browser_of(member("leader")).get(reverse("models:home")).content.decode()
    assert "50.0%（1 / 2 件已有结果）" in page


@pytest.mark.parametrize(
    ("url", "fine"),
    [
        ("https://llm.example.invalid/v1", True), ("http://127.0.0.1:8000/v1", True), ("http://10.1.2.3/v1", True),
        ("http://llm.example.invalid/v1", False), ("http://8.8.8.8/v1", False), ("ftp://10.1.2.3", False), ("x", False),
    ],
)  # fmt: skip
def test_whom_the_settings_may_name(monkeypatch, url, fine):
    monkeypatch.setenv("JIESU_OPINION_URL", url)
    monkeypatch.setenv("JIESU_OPINION_MODEL", "m")

    if fine:
        assert environment.adviser().url == url
    else:
        with pytest.raises(ValueError, match="JIESU_OPINION_URL"):
            environment.adviser()
