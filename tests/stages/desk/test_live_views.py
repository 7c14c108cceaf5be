"""The live desk's ordinary addresses, who stands at the door, and what the facts say of a case."""

import asyncio
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from jiesu.cases.models import Event
from jiesu.desk.live import door, facts, presence
from jiesu.desk.live.audience import Seat, Who
from jiesu.desk.models import Presence
from jiesu.dispatch import actions as dispatching
from jiesu.rules.ladder import Rung
from jiesu.supervision.models import Notice, Reminder
from tests.factories.orders import dispatched, make_case

pytestmark = pytest.mark.django_db


class Answer:
    def __init__(self, rows):
        self.rows = rows

    async def fetchall(self):
        return self.rows


class Link:
    """The test's own connection, asked as the wire asks its: a test's rows are not committed."""

    def __init__(self):
        connection.ensure_connection()
        self.link, self.asked = connection.connection, 0

    async def execute(self, query, values):
        self.asked += 1
        return Answer(self.link.execute(query, values).fetchall())


@pytest.fixture(autouse=True)
def allowed(monkeypatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture
def told(monkeypatch):
    """What is told of presence, at commit."""
    said = []
    monkeypatch.setattr(presence, "tell", lambda kind, **facts: said.append(facts["c"]))
    return said


def notice(case, member, level="2h"):
    at = timezone.now()
    reminder = Reminder.objects.create(
        office=case.office, case=case, level=level, rung=Rung.HANDLER, at=at, due_at=case.due_at
    )
    return Notice.objects.create(reminder=reminder, member=member, rung=Rung.HANDLER, made_at=at)


def events_of(case, *, since=0):
    link = Link()
    ids = list(Event.objects.filter(case=case, pk__gt=since).values_list("pk", flat=True))
    return asyncio.run(facts.events(link, ids)), link


# what is told


def test_an_arrival_is_new_to_the_centre_and_names_nobody(office, seat, member):
    case = make_case(office)

    (message,), link = events_of(case)

    clerk = door._who(seat)
    handler = door._who(member("handler"))
    message.seal("e", 1)
    assert message.concerns(clerk)
    assert not message.concerns(handler)
    assert (message.data["number"], message.data["action"]) == (case.number, "arrive")
    assert b'"new":true' in message.wire(clerk)
    whole = message.wire(clerk).decode()
    for word in (
        case.title,
        case.content,
        case.location,
        case.requester_name,
        case.requester_phone,
    ):
        assert word not in whole
    assert link.asked == 1


def test_all_events_of_a_burst_are_asked_for_at_once_and_told_in_order(office):
    cases = [make_case(office) for _ in range(8)]
    ids = list(Event.objects.order_by("-pk").values_list("pk", flat=True))
    link = Link()

    found = asyncio.run(facts.events(link, ids))

    assert [m.data["case"] for m in found] == [case.pk for case in reversed(cases)]
    assert link.asked == 1


def test_a_dispatch_is_new_to_its_units_and_the_clerks_own_doing(office, seat, member):
    handler, helper = member("handler"), member("handler", "URBAN")
    case = dispatched(make_case(office), seat, handler.unit, assisting=(helper.unit,))

    messages, _ = events_of(case)

    message = messages[-1]
    message.seal("e", 1)
    assert message.data["action"] == "dispatch"
    for who, new, mine in ((handler, True, False), (helper, True, False), (seat, False, True)):
        wire = message.wire(door._who(who)).decode()
        assert (f'"new":{str(new).lower()}' in wire, f'"mine":{str(mine).lower()}' in wire) == (True, True)  # fmt: skip


def test_a_unit_whose_case_was_given_to_another_is_told_that_it_is_gone(office, seat, member):
    old, new = member("handler"), member("handler", "URBAN")
    case = dispatched(make_case(office), seat, old.unit)
    last = Event.objects.latest("pk").pk

    dispatching.transfer(
        case, reason="归另一单位", unit=new.unit, due_at=timezone.now() + timedelta(days=2), actor=seat,
        at=timezone.now(), assisting=(),
    )  # fmt: skip

    messages, _ = events_of(case, since=last)
    gone = [message for message in messages if message.kind == "gone"]
    assert gone
    assert all(message.concerns(door._who(old)) for message in gone)
    assert not any(m.concerns(door._who(old)) for m in messages if m.kind == "case")
    assert not any(m.concerns(door._who(new)) for m in gone)
    assert not any(m.concerns(door._who(seat)) for m in gone)


def test_a_notice_carries_number_and_clock_alone(office, seat):
    case = make_case(office)
    one = notice(case, seat)

    (message,) = asyncio.run(facts.notices(Link(), [one.pk]))

    assert message.to.member == seat.pk
    assert set(message.data) == {"id", "case", "number", "level", "label", "due"}
    assert message.data["label"] == "到期前 2 小时"


def test_who_was_not_heard_of_for_a_minute_does_not_count(office, seat, member):
    case, at = make_case(office), timezone.now()
    presence.come(seat, case.pk, "a", at=at - timedelta(seconds=61))
    assert asyncio.run(facts.present(Link())) == {}

    reviewer = member("reviewer", name="陈测")
    presence.come(reviewer, case.pk, "b", at=at)
    presence.come(reviewer, case.pk, "c", at=at)  # another page of the same member

    found = asyncio.run(facts.present(Link(), [case.pk]))
    assert found[case.pk].names == ((reviewer.pk, "陈"),)


# the addresses


def test_the_stream_is_declared_and_says_so_where_it_does_not_stand(browser_of, seat, member):
    here = reverse("desk:live")
    answer = browser_of(seat).get(here)
    assert answer.status_code == 503
    assert "实时消息暂时不可用" in answer.content.decode()
    assert browser_of(member("system")).get(here).status_code == 403
    assert browser_of(seat).post(here).status_code == 405


def test_how_things_are_now_with_as_many_queries_for_many_as_for_none(
    browser_of, office, seat, member
):
    browser, here = browser_of(seat), reverse("desk:live_now")
    with CaptureQueriesContext(connection) as for_none:
        assert browser.get(here).json()["unseen"] == 0

    for _ in range(30):
        notice(make_case(office), seat)
    notice(make_case(office), member("seat"))
    with CaptureQueriesContext(connection) as for_many:
        told = browser.get(here).json()

    assert len(for_many) == len(for_none)
    assert told["unseen"] == 30
    assert len(told["notices"]) == 20
    waiting = next(one for one in told["counters"] if one["url"] == "/cases/?stage=to_sign")
    assert waiting == {"url": "/cases/?stage=to_sign", "count": "31", "late": True}


def test_a_page_on_a_case_comes_stays_and_leaves(browser_of, office, seat, told):
    case, other = make_case(office), make_case(office)
    browser, here = browser_of(seat), reverse("desk:live_here")

    assert browser.post(here, {"case": case.pk, "tab": "t1"}).status_code == 204
    browser.post(here, {"case": case.pk, "tab": "t1"})  # still here: nothing to tell
    assert told == [case.pk]

    browser.post(here, {"case": other.pk, "tab": "t1"})
    assert told == [case.pk, other.pk, case.pk]

    assert browser.post(here, {"tab": "t1"}).status_code == 204
    browser.post(here, {"tab": "t1"})
    assert told == [case.pk, other.pk, case.pk, other.pk]
    assert not Presence.objects.exists()


def test_a_page_thought_gone_is_told_of_again_and_the_dead_are_cleared_away(office, seat, told):
    case, at = make_case(office), timezone.now()
    presence.come(seat, case.pk, "old", at=at - timedelta(hours=1))
    presence.come(seat, case.pk, "t1", at=at - timedelta(minutes=3))
    told.clear()

    presence.come(seat, case.pk, "t1", at=at)

    assert told == [case.pk]
    assert list(Presence.objects.values_list("tab", flat=True)) == ["t1"]


def test_a_foreign_case_cannot_be_looked_at_and_looks_like_a_missing_one(
    browser_of, office, member, told
):
    case = make_case(office)
    browser, here = browser_of(member("handler")), reverse("desk:live_here")

    foreign = browser.post(here, {"case": case.pk, "tab": "t1"})
    missing = browser.post(here, {"case": case.pk + 999, "tab": "t1"})

    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert not Presence.objects.exists()
    assert told == []


@pytest.mark.parametrize(
    "sent",
    [{}, {"tab": ""}, {"tab": "x" * 37}, {"tab": "a b"}, {"tab": "t", "case": "-1"}, {"tab": "t", "case": "9" * 19}],
)  # fmt: skip
def test_made_up_pages_are_refused(browser_of, seat, sent):
    assert browser_of(seat).post(reverse("desk:live_here"), sent).status_code == 400


# the door


def test_the_door_knows_a_member_by_the_session(browser_of, seat):
    browser = browser_of(seat)

    assert door.find(browser.session.session_key) == Who(
        seat.pk, Seat(seat.office_id, "seat", seat.unit_id)
    )
    assert door.find("no-such-session") is None


def test_the_door_is_shut_for_who_may_see_no_case(browser_of, member):
    assert door.find(browser_of(member("system")).session.session_key) is None


@pytest.mark.parametrize("how", ["log out", "switched off", "another password", "session over", "role"])  # fmt: skip
def test_who_may_no_longer_is_found_at_the_next_look(browser_of, seat, how):
    browser = browser_of(seat)
    key = browser.session.session_key
    assert door.find_again([key]) == {key: door.find(key)}

    if how == "log out":
        browser.post(reverse("desk:logout"))
    elif how == "switched off":
        type(seat).objects.filter(pk=seat.pk).update(is_active=False)
    elif how == "another password":
        seat.set_password("另一个口令-2026")
        seat.save()
    elif how == "session over":
        browser.session.model.objects.update(expire_date=timezone.now())
    else:
        type(seat).objects.filter(pk=seat.pk).update(role="system")

    assert door.find_again([key]) == {}


def test_the_look_again_asks_twice_for_any_number(browser_of, member, django_assert_num_queries):
    keys = [browser_of(member("seat")).session.session_key for _ in range(12)]
    with django_assert_num_queries(2):
        assert len(door.find_again(keys)) == 12
