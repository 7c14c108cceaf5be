"""The demo month is a record like any other: it replays, and the real verbs leave the same rows."""

from collections import Counter
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from jiesu.cases.models import Case
from jiesu.desk.demo import loader, people, rows
from jiesu.desk.demo.hiring import UnfitOffice
from jiesu.dispatch import actions as dispatching
from jiesu.handling import actions as handling
from jiesu.intake import actions as signing
from jiesu.org.models import Member, Office
from jiesu.rules.workflow import Stage
from tests.factories.orders import make_case
from tests.stages.desk.alive import assert_alive

BEIJING = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 23, 15, 40, tzinfo=BEIJING)
HOURS = [
    pytest.param(datetime(2026, 11, 22, 3, 10, tzinfo=BEIJING), id="周日凌晨"),
    pytest.param(datetime(2027, 3, 1, 0, 20, tzinfo=BEIJING), id="月初零点"),
    pytest.param(datetime(2026, 7, 15, 9, 0, tzinfo=BEIJING), id="夏天早晨"),
]
CASE = (
    "number", "stage", "steps", "unit_id", "community_id", "due_at", "due_source", "signed_at",
    "responded_at", "closed_at", "result", "next_clock", "next_started_at", "next_due_at", "tokens",
    "category", "tags", "community_text",
)  # fmt: skip
EVENT = ("step", "action", "before", "after", "moved", "actor_id", "at", "note", "facts")
CLOCK = (
    "kind", "unit_id", "started_at", "due_at", "source", "limit", "count", "hours", "fixed",
    "rule_set", "watch_at", "overdue_at", "stopped_at", "stopped_by",
)  # fmt: skip
ASSIGNMENT = (
    "unit_id", "part", "assigned_at", "assigned_by_id", "due_at", "note", "accepted_at",
    "accepted_by_id", "reported_at", "ended_at", "ended_by",
)  # fmt: skip
VERBS = {
    "sign": signing.sign, "send_back": signing.send_back, "answer": signing.answer,
    "place": dispatching.place, "dispatch": dispatching.dispatch, "transfer": dispatching.transfer,
    "decline": dispatching.decline, "add_assisting": dispatching.add_assisting,
    "accept": handling.accept, "contact": handling.contact, "visit": handling.visit,
    "progress": handling.progress, "assist_report": handling.assist_report,
    "extend": handling.extend, "decide_extension": handling.decide_extension,
    "submit": handling.submit, "review": handling.review, "close": handling.close,
    "reopen": handling.reopen,
}  # fmt: skip


@pytest.mark.parametrize("at", HOURS)
def test_whatever_the_hour_the_desk_is_alive(office, at):
    loader.load(office, at=at)

    assert_alive(at)


def test_the_real_verbs_leave_the_same_rows(office):
    """Every verb and a cross-section of courses, taken through the real actions beside the bulk rows."""
    told = loader.imagine(office, at=NOW)
    chosen = _cross_section(told)
    rows.write([one.life for one in told])

    for one in chosen:
        shadow = make_case(
            office, at=one.demand.dispatched_at, number=f"另-{one.demand.number}",
            **_order(one),
        )  # fmt: skip
        for step in one.steps:
            VERBS[step.verb](
                shadow,
                actor=one.life.cast.members[step.actor],
                at=step.at,
                **_given(one, step.given),
            )
        original = Case.objects.get(pk=one.life.columns["id"])
        shadow.refresh_from_db()
        assert _rows(shadow) == _rows(original), one.demand.number


def _cross_section(told):
    """Some courses of each sort, until every verb was seen at least twice; second arrivals left out."""
    seen: Counter[str] = Counter()
    ends: Counter[Stage] = Counter()
    chosen = []
    twice = {one.demand.number for one in told if one.again is not None}
    for one in told:
        verbs = {step.verb for step in one.steps}
        rare = any(seen[verb] < 3 for verb in verbs) or ends[one.life.standing] < 2
        if rare and one.demand.number not in twice:
            chosen.append(one)
            seen.update(verbs)
            ends[one.life.standing] += 1
    assert {verb for verb in VERBS if not seen[verb]} == set()
    return chosen


def _order(one):
    """The order as it came in: before anybody chose its community."""
    named = (
        "order_type", "path", "category", "tags", "title", "content", "location", "district", "street",
        "community_id", "community_text", "due_at",
    )  # fmt: skip
    told = {name: one.life.columns[name] for name in named}
    if any(step.verb == "place" for step in one.steps):
        told["community_id"] = None
    return told


def _given(one, given):
    units = one.life.cast.units
    told = dict(given)
    for name in ("unit", "community"):
        if name in told:
            told[name] = units[told[name]]
    if "assisting" in told:
        told["assisting"] = [units[code] for code in told["assisting"]]
    return told


def _rows(case):
    """All a case left, but keys, when it arrived, and the number, which only here differs."""
    told = dict(zip(CASE, Case.objects.values_list(*CASE).get(pk=case.pk), strict=True))
    number = told.pop("number").removeprefix("另-")
    told["tokens"] = told["tokens"].removeprefix("另 ")
    events = [
        dict(zip(EVENT, row, strict=True)) for row in case.events.order_by("id").values_list(*EVENT)
    ]
    del events[0]["at"], events[0]["facts"]  # how it arrived
    clock_rows = sorted(case.clocks.values_list(*CLOCK), key=str)
    parts = sorted(case.assignments.values_list(*ASSIGNMENT), key=str)
    return number, told, events, clock_rows, parts


def test_all_members_are_there_and_the_shown_ones_can_log_in(office, client):
    loader.load(office, at=NOW, count=60)

    assert Member.objects.count() == len(people.people())
    for account in people.SHOWN:
        assert client.login(username=account.username, password=people.PASSWORD)


def test_nothing_is_announced_of_what_is_past(office):
    loader.load(office, at=NOW, count=60)

    assert ProcrastinateJob.objects.count() == 0


def test_an_office_without_the_units_is_refused_with_what_is_missing(db):
    bare = Office.objects.create(code="110108099", name="空街道", district="海淀区")

    with pytest.raises(UnfitOffice, match="缺少演示所需的单位：综合办公室"):
        loader.load(bare, at=NOW)
