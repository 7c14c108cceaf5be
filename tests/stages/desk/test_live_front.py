"""The streams themselves, over a real wire: what is committed arrives, what breaks is mended, who may not is sent away."""

import asyncio
import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import connection, connections, transaction
from django.utils import timezone

from jiesu.cases import transitions
from jiesu.cases.models import Event
from jiesu.core.live import tell
from jiesu.desk.live import door, front, presence, wire
from jiesu.rules.workflow import Action
from tests.factories.orders import make_case

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def pool(monkeypatch):
    """Threads of the test's own, whose connections end with it."""
    threads = ThreadPoolExecutor(1)
    monkeypatch.setattr(door, "_POOL", threads)
    monkeypatch.setattr(wire, "FIRST", 0.05)
    yield threads
    threads.submit(connections.close_all).result()
    threads.shutdown()


async def pages(scope, receive, send):
    await send({"type": "http.response.start", "status": 299, "headers": []})


class Stream:
    """One browser at the stream."""

    def __init__(self, app, key="", *, path="/live/", host="testserver", **headers):
        self.status, self.headers, self.text, self.over = 0, {}, "", False
        self.gone = asyncio.Event()
        told = {"host": host, "cookie": f"{settings.SESSION_COOKIE_NAME}={key}"} | headers
        path, _, query = path.partition("?")
        scope = {
            "type": "http", "method": "GET", "path": path, "query_string": query.encode(),
            "headers": [(k.encode(), v.encode()) for k, v in told.items()],
        }  # fmt: skip
        self.task = asyncio.create_task(app(scope, self.receive, self.send))

    async def receive(self):
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message):
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {k.decode(): v.decode() for k, v in message["headers"]}
        else:
            self.text += message["body"].decode()
            self.over = not message.get("more_body", False)

    def said(self, *kinds):
        blocks = [dict(line.split(": ", 1) for line in b.splitlines()) for b in self.text.split("\n\n") if b]  # fmt: skip
        return [
            (one["event"], json.loads(one["data"]))
            for one in blocks
            if one.get("event") in kinds or (not kinds and "event" in one)
        ]

    async def until(self, *kinds, count=1):
        async with asyncio.timeout(10):
            while len(self.said(*kinds)) < count:
                await asyncio.sleep(0.01)
        return self.said(*kinds)


def play(story):
    """Run a story with an application of its own, and take it down after."""

    async def whole():
        app = front.LiveFront(pages)
        try:
            await story(app)
        finally:
            for task in app.tasks:
                task.cancel()
            await asyncio.gather(*app.tasks, return_exceptions=True)

    asyncio.run(whole())


async def do(work, *given, **named):
    """Do something in the database beside the loop, in its own transaction."""

    def there():
        try:
            return work(*given, **named)
        finally:
            connections.close_all()

    return await asyncio.to_thread(there)


def test_what_is_committed_arrives_and_what_is_not_does_not(office, seat, browser_of):
    key = browser_of(seat).session.session_key
    case = make_case(office)

    def note(text, keep=True):
        with transaction.atomic():
            transitions.record(case, Action.NOTE, actor=None, at=timezone.now(), note=text)
            if not keep:
                transaction.set_rollback(True)

    async def story(app):
        desk = Stream(app, key)
        await desk.until("here")
        assert desk.status == 200
        assert desk.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert desk.headers["cache-control"] == "no-cache"
        assert desk.headers["x-accel-buffering"] == "no"
        assert "script-src 'self'" in desk.headers["content-security-policy"]
        assert desk.text.startswith("retry: 2000\n\n")
        await do(note, "不算", keep=False)
        await do(note, "已电话告知")
        ((_, told),) = await desk.until("case")
        assert (told["case"], told["action"], told["new"]) == (case.pk, "note", False)
        await asyncio.sleep(0.1)
        assert len(desk.said("case")) == 1
        assert "告知" not in desk.text
        desk.gone.set()
        await asyncio.wait_for(desk.task, 5)
        assert app.hub.desks() == []

    play(story)


def test_a_broken_wire_is_mended_and_every_desk_looks_anew(office, seat, browser_of):
    key = browser_of(seat).session.session_key

    def cut():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE application_name = 'jiesu live' AND datname = current_database()"
            )
            return cursor.fetchone()[0]

    async def story(app):
        desk = Stream(app, key)
        await desk.until("here")
        before = len(desk.said("resync"))
        assert await do(cut) == 2
        await desk.until("resync", count=before + 1)
        case = await do(make_case, office)
        ((_, told),) = await desk.until("case")
        assert (told["case"], told["new"]) == (case.pk, True)

    play(story)


def test_back_after_a_moment_with_the_last_id_and_nothing_is_lost_or_doubled(
    office, seat, browser_of
):
    key = browser_of(seat).session.session_key

    async def story(app):
        first = Stream(app, key)
        await first.until("here")
        one = await do(make_case, office)
        await first.until("case")
        first.gone.set()
        await first.task
        last = first.text.rpartition("id: ")[2].partition("\n")[0]
        two, three = await do(make_case, office), await do(make_case, office)
        again = Stream(app, key, **{"last-event-id": last})
        by_hand = Stream(app, key, path=f"/live/?last={last}")
        for desk in (again, by_hand):
            told = await desk.until("case", count=2)
            assert [data["case"] for _, data in told] == [two.pk, three.pk]
            assert desk.said("resync") == []
        assert one.pk not in {data["case"] for _, data in again.said("case")}

    play(story)


def test_who_is_disabled_is_told_goodbye_at_once(office, seat, member, browser_of):
    key, desk = browser_of(seat).session.session_key, browser_of(member("system"))

    async def story(app):
        leaving = Stream(app, key)
        await leaving.until("here")
        began = time.monotonic()
        await do(desk.post, f"/members/{seat.pk}/active/", {"active": "0"})
        await leaving.until("bye")
        assert time.monotonic() - began < 5
        await asyncio.wait_for(leaving.task, 5)

    play(story)


def test_who_has_logged_out_is_told_goodbye(office, seat, member, browser_of):
    browser, other = browser_of(seat), browser_of(member("seat"))
    key, stays = browser.session.session_key, other.session.session_key

    async def story(app):
        leaving, staying = Stream(app, key), Stream(app, stays)
        await leaving.until("here")
        await staying.until("here")
        await do(browser.post, "/logout/")  # told at once, not at the next look around
        await leaving.until("bye")
        await asyncio.wait_for(leaving.task, 5)
        assert leaving.over
        assert staying.said("bye") == []
        assert not staying.task.done()

    play(story)


def test_nobody_unknown_gets_a_stream_and_everything_else_goes_to_the_pages(
    office, member, browser_of
):
    administrator = browser_of(member("system")).session.session_key

    async def story(app):
        statuses = {}
        for name, stream in {
            "no session": Stream(app), "made up": Stream(app, "x" * 32), "may not": Stream(app, administrator),
            "elsewhere": Stream(app, host="evil.example"), "pages": Stream(app, path="/cases/"),
        }.items():  # fmt: skip
            await stream.task
            statuses[name] = stream.status
        assert statuses == {
            "no session": 401,
            "made up": 401,
            "may not": 401,
            "elsewhere": 400,
            "pages": 299,
        }
        assert app.hub is None

    play(story)


def test_presence_duty_and_many_at_once_arrive(office, seat, member, browser_of):
    key = browser_of(seat).session.session_key
    other = member("reviewer", name="陈测")
    cases = [make_case(office) for _ in range(25)]

    async def story(app):
        desk = Stream(app, key)
        await desk.until("here")
        await do(presence.come, other, cases[0].pk, "t", at=timezone.now())
        assert await desk.until("presence") == [("presence", {"case": cases[0].pk, "who": ["陈"]})]
        await do(tell, "duty", o=office.pk)
        await desk.until("duty")
        second = Stream(app, key)
        assert await second.until("here") == [("here", {"cases": {str(cases[0].pk): ["陈"]}})]

        def many():
            Event.objects.bulk_create(
                Event(office=office, case=one, step=1, action="note", after=one.stage, moved=False, at=timezone.now())
                for one in cases
            )  # fmt: skip

        await do(many)
        assert await desk.until("many") == [("many", {})]

    play(story)
