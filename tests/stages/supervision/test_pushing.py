"""Pushes against real far ends that refuse, fail, hang and come back."""

import hashlib
import hmac
import json
from datetime import timedelta
from email import message_from_bytes, policy

import pytest

from jiesu.cases.models import Case, Event
from jiesu.rules.clocks import ClockKind
from jiesu.supervision import actions, pushing
from jiesu.supervision.models import Channel, ChannelState, Delivery, Notice
from jiesu.supervision.pushing import dead_channels, push
from jiesu.supervision.sweeping import sweep
from tests.factories.orders import make_case
from tests.stages.supervision.people import NOON, make_clock, make_street, names, told
from tests.stages.supervision.sinks import MailServer, Messenger, closing_port

MINUTE = timedelta(minutes=1)
SECRET = "between-us"


@pytest.fixture
def street(office):
    return make_street(office, email="{}@example.com", messenger="wx-{}")


@pytest.fixture
def messenger(monkeypatch):
    sink = Messenger()
    monkeypatch.setenv("JIESU_WEBHOOK_URL", sink.url)
    monkeypatch.setenv("JIESU_WEBHOOK_SECRET", SECRET)
    yield sink
    sink.close()


@pytest.fixture
def post(monkeypatch):
    sink = MailServer()
    monkeypatch.setenv("JIESU_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("JIESU_SMTP_PORT", str(sink.port))
    monkeypatch.setenv("JIESU_SMTP_TLS", "none")
    monkeypatch.setenv("JIESU_SMTP_FROM", "jiesu@example.com")
    yield sink
    sink.close()


def remind(street, *, count=1, rung_hours=9):
    """Clocks of the unit whose head (8 h before) is reminded an hour from noon: one notice each."""
    for _ in range(count):
        make_clock(street, unit=street.unit, hours=rung_hours)
    at = NOON + timedelta(hours=rung_hours - 8)
    sweep(at)
    return at


def states(channel=Channel.WEBHOOK):
    found = Delivery.objects.filter(channel=channel).order_by("id")
    return list(found.values_list("notice__member__name", "state", "tries"))


def the_state(channel=Channel.WEBHOOK):
    return ChannelState.objects.get(channel=channel)


def test_a_reminder_goes_by_page_mail_and_messenger(street, post, messenger):
    at = remind(street)
    case = Case.objects.get()

    done = push(at)

    assert (done.sent, done.failed, done.given_up) == (2, 0, 0)
    found = Delivery.objects.order_by("channel").values_list("channel", "state", "tries", "sent_at")
    assert list(found) == [(channel, "sent", 1, at) for channel in ("mail", "page", "webhook")]
    line = f"{case.number} 内部办理 剩 8 小时，11月23日 21:00 到期"
    assert messenger.texts == [line]
    ((to, raw),) = post.got
    mail = message_from_bytes(raw, policy=policy.default)
    assert (to, mail["Subject"], mail["From"]) == ("touren@example.com", line, "jiesu@example.com")
    assert line in mail.get_content()
    assert push(at + MINUTE).sent == 0


def test_the_messenger_gets_a_signed_message_in_its_own_shape(street, messenger):
    at = remind(street)
    push(at)

    ((headers, body),) = messenger.got
    told_at = headers["X-Jiesu-Timestamp"]
    expected = hmac.new(SECRET.encode(), f"{told_at}.".encode() + body, hashlib.sha256).hexdigest()
    delivery = Delivery.objects.get(channel=Channel.WEBHOOK)
    assert headers["X-Jiesu-Signature"] == f"sha256={expected}"
    assert told_at == str(int(at.timestamp()))
    assert headers["Idempotency-Key"] == f"jiesu-delivery-{delivery.pk}"
    message = json.loads(body)
    assert message["msgtype"] == "text"
    assert message["text"]["mentioned_list"] == ["wx-touren"]


def test_nothing_of_the_citizen_or_of_what_was_typed_ever_leaves(street, post, messenger):
    marks = {
        "title": "标题秘密甲", "content": "内容秘密乙，扬言跳楼", "location": "点位秘密丙",
        "requester_name": "姓名秘密丁", "requester_phone": "12000009999",
        "requester_address": "地址秘密戊", "company": "企业秘密己",
    }  # fmt: skip
    case = make_case(street.office, at=NOON, tags=["重点人"], **marks)
    make_clock(street, ClockKind.CONTACT, case=case, unit=street.unit, hours=1)
    actions.remind(
        case, words="催办秘密庚，请回电 12000008888", actor=street.seat, at=NOON, unit=street.unit
    )
    sweep(NOON + timedelta(hours=30))
    push(NOON + timedelta(hours=30))

    sent = b"".join(body for _, body in messenger.got).decode()
    sent += "".join(
        message_from_bytes(raw, policy=policy.default).as_string() for _, raw in post.got
    )
    sent += "".join(
        str(message_from_bytes(raw, policy=policy.default)["Subject"])
        + message_from_bytes(raw, policy=policy.default).get_content()
        for _, raw in post.got
    )
    assert case.number in sent
    secrets = [*marks.values(), "秘密", "12000008888", "重点人", "扬言"]
    assert [secret for secret in secrets if secret in sent] == []
    assert len(messenger.got) == len(post.got) >= 4


@pytest.mark.parametrize(
    ("how", "words"),
    [
        (500, "政务通讯回答 500"),
        (401, "政务通讯回答 401"),
        ("errcode", "政务通讯回答 errcode 40001"),
        ("hang", "政务通讯等待超时"),
        ("gone", "连不上政务通讯：Connection refused"),
    ],
)
def test_a_messenger_that_fails_is_tried_again_after_1_2_5_and_10_minutes(
    street, messenger, monkeypatch, how, words
):
    at = remind(street)
    messenger.how = how
    if how == "gone":
        with closing_port() as port:
            monkeypatch.setenv("JIESU_WEBHOOK_URL", f"http://127.0.0.1:{port}/")

    tries = []
    for minute in range(19):
        before = states()[0][2]
        push(at + minute * MINUTE, timeout=0.2)
        if states()[0][2] > before:
            tries.append(minute)

    assert tries == [0, 1, 3, 8, 18]
    assert states()[0] == ("touren", "given_up", 5)
    assert the_state().error == words


@pytest.mark.parametrize(
    ("how", "words"),
    [("busy", "连不上邮件服务器：421 busy"), ("hang", "连不上邮件服务器：等待超时")],
)
def test_a_mail_server_that_fails_is_tried_again(street, post, how, words):
    at = remind(street)
    post.how = how

    done = push(at, timeout=0.2)

    assert (done.sent, done.failed, done.given_up) == (0, 1, 0)
    assert states(Channel.MAIL) == [("touren", "waiting", 1)]
    assert the_state(Channel.MAIL).error == words
    post.how = "ok"
    assert push(at + MINUTE).sent == 1
    assert the_state(Channel.MAIL).error == ""


def test_a_dead_channel_is_retried_then_climbs_once_then_shows_and_clears(street, messenger):
    """The story of a dead channel, from its first silence to its return."""
    messenger.how = 500
    at = remind(street)

    for minute in range(18):
        push(at + minute * MINUTE)
        assert dead_channels(street.office) == []
    push(at + 18 * MINUTE)

    (dead,) = dead_channels(street.office)
    assert (dead.channel, dead.dead_since, dead.error) == ("webhook", at, "政务通讯回答 500")
    assert told() == [
        ("touren", "head", "单位负责人", False),
        ("daiban", "centre", "touren的政务通讯发不出，上提至值班带班，请电话告知", True),
    ]
    # the climbed notice is not sent by the road that is known dead, so it does not climb again
    assert states() == [("touren", "given_up", 5)]
    for minute in range(19, 60):
        push(at + minute * MINUTE)
    assert len(told()) == 2
    # the next reminder probes it, and finds it well
    messenger.how = "ok"
    make_clock(street, unit=street.unit, hours=9, since=at)
    later = at + timedelta(hours=1)
    sweep(later)
    assert push(later).sent == 1
    assert dead_channels(street.office) == []
    state = the_state()
    assert (state.last_ok_at, state.error) == (later, "")


def test_a_failing_channel_is_probed_with_one_message_at_a_time(street, messenger):
    messenger.how = 500
    at = remind(street, count=30)

    for minute in range(10):
        push(at + minute * MINUTE)

    assert len(messenger.got) == 10
    assert {state for _, state, _ in states()} == {"waiting"}
    messenger.how = "ok"
    messenger.got.clear()
    done = push(at + 10 * MINUTE)
    assert done.sent == len(messenger.got) > 20
    push(at + 18 * MINUTE)
    assert {state for _, state, _ in states()} == {"sent"}
    assert len(set(messenger.keys)) == len(messenger.keys) == 30


def test_what_waited_behind_a_dead_channel_climbs_in_time_though_never_tried(street, messenger):
    messenger.how = 500
    at = remind(street, count=8)

    for minute in range(19):
        push(at + minute * MINUTE)

    assert {state for _, state, _ in states()} == {"given_up"}
    assert names().count("daiban") == 8
    assert len(messenger.got) <= 19


def test_an_address_nobody_has_climbs_at_once_and_the_channel_lives(street, post):
    post.how = "unknown"
    at = remind(street)

    done = push(at)

    assert done.given_up == 1
    assert states(Channel.MAIL) == [("touren", "given_up", 1)]
    assert told()[-1] == (
        "daiban", "centre", "touren的邮件发不出，上提至值班带班，请电话告知", True
    )  # fmt: skip
    assert (the_state(Channel.MAIL).dead_since, the_state(Channel.MAIL).error) == (None, "")


def test_whoever_saw_it_or_got_it_by_another_road_was_reached(street, post, messenger):
    messenger.how = 500
    at = remind(street)
    for minute in range(19):
        push(at + minute * MINUTE)

    assert states() == [("touren", "given_up", 5)]
    assert states(Channel.MAIL) == [("touren", "sent", 1)]
    assert names() == ["touren"]


def test_whoever_saw_it_on_the_page_needs_no_climbing(street, messenger):
    messenger.how = 500
    at = remind(street)
    assert actions.seen(street.head, [Notice.objects.get().pk], at + MINUTE) == 1
    for minute in range(19):
        push(at + minute * MINUTE)

    assert names() == ["touren"]


def test_above_the_leader_it_is_for_the_duty_desk_to_phone(street, messenger):
    messenger.how = 500
    make_clock(street, unit=street.unit, hours=1)
    at = NOON + 30 * MINUTE
    sweep(at)

    for minute in range(19):
        push(at + minute * MINUTE)

    assert told() == [
        ("lingdao", "leader", "街道领导", False),
        ("daiban", "centre", "到期前最后一次，值班带班同报", False),
        ("zuoxi", "centre", "lingdao的政务通讯发不出，上提至值班带班，请电话告知", True),
    ]


def test_a_killed_worker_s_message_goes_again_with_the_same_key(street, messenger, monkeypatch):
    at = remind(street)
    with monkeypatch.context() as killed:

        def sent_but_never_said(channel, parcel, send, at, done):
            send(parcel.messenger, parcel.text(at), pushing.key(parcel.id), at)
            raise KeyboardInterrupt

        killed.setattr(pushing, "_send_one", sent_but_never_said)
        with pytest.raises(KeyboardInterrupt):
            push(at)

    assert push(at + MINUTE).sent == 0  # still left to the one who had it
    assert push(at + 5 * MINUTE).sent == 1
    assert len(messenger.keys) == 2
    assert len(set(messenger.keys)) == 1


def test_members_without_an_address_get_the_page_alone(office, messenger):
    street = make_street(office)
    at = remind(street)

    assert push(at).sent == 0
    assert list(Delivery.objects.values_list("channel", "state")) == [("page", "sent")]
    assert not ChannelState.objects.exists()


def test_a_hand_sent_reminder_says_only_that_there_is_one(street, messenger):
    case = make_case(street.office, at=NOON)
    Case.objects.filter(pk=case.pk).update(next_due_at=None)
    case.refresh_from_db()
    actions.remind(case, words="请尽快", actor=street.lead, at=NOON, unit=street.unit)

    push(NOON)

    assert messenger.texts == [f"{case.number} 催办"] * 2
    assert Event.objects.filter(case=case, action="remind").count() == 1


def test_a_quiet_round_costs_one_query(street, django_assert_num_queries):
    with django_assert_num_queries(1):
        push(NOON)
