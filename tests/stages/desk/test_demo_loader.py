"""The demo month is a record like any other: it replays, and the real verbs leave the same rows."""

from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from jiesu.cases.models import Assignment, Case, Clock, Event, Part
from jiesu.desk.demo import loader, people, rows, wording
from jiesu.desk.demo.hiring import UnfitOffice
from jiesu.dispatch import actions as dispatching
from jiesu.handling import actions as handling
from jiesu.intake import actions as signing
from jiesu.org.models import Member, Office
from jiesu.rules import workflow
from jiesu.rules.workflow import Action, Stage
from tests.factories.orders import make_case

BEIJING = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 23, 15, 40, tzinfo=BEIJING)
HOURS = [
    pytest.param(NOW, id="周一下午"),
    pytest.param(datetime(2026, 11, 22, 3, 10, tzinfo=BEIJING), id="周日凌晨"),
    pytest.param(datetime(2027, 3, 1, 0, 20, tzinfo=BEIJING), id="月初零点"),
    pytest.param(datetime(2026, 7, 15, 9, 0, tzinfo=BEIJING), id="夏天早晨"),
]
REACHED = {
    Stage.TO_SIGN, Stage.SIGNED, Stage.TO_DISPATCH, Stage.SEND_BACK_PENDING, Stage.SENT_BACK,
    Stage.HANDLING, Stage.EXTENSION_PENDING, Stage.REVIEWING, Stage.CLOSED,
}  # fmt: skip
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

    stands = Counter(Case.objects.values_list("stage", flat=True))
    open_cases = Case.objects.open()
    handled = open_cases.at(Stage.HANDLING)
    assert set(stands) >= REACHED
    assert 3 <= stands[Stage.TO_SIGN] <= 7
    assert 3 <= stands[Stage.SIGNED] + stands[Stage.TO_DISPATCH] <= 12
    assert 90 <= stands[Stage.HANDLING] <= 190
    assert stands[Stage.REVIEWING] >= 9
    assert stands[Stage.EXTENSION_PENDING] >= 3
    assert stands[Stage.SEND_BACK_PENDING] >= 2
    assert stands[Stage.CLOSED] > 650
    assert Case.objects.at(Stage.TO_SIGN).latest("arrived_at").arrived_at > at - timedelta(
        minutes=15
    )
    late, soon = handled.late(at).count(), handled.due_before(at + timedelta(hours=2)).count()
    assert 3 <= late < 45
    assert late + 2 <= soon
    assert soon + 5 <= handled.due_before(at + timedelta(hours=8)).count()
    assert Case.objects.filter(arrival=2).count() >= 5
    assert Case.objects.filter(dispatched_at__gt=at).count() == 0
    assert Event.objects.filter(at__gt=at).count() == 0


def test_the_record_of_every_case_replays_to_where_it_stands(office):
    loader.load(office, at=NOW)

    events: dict[int, list[Event]] = {}
    for event in Event.objects.order_by("id"):
        events.setdefault(event.case_id, []).append(event)
    for case in Case.objects.all():
        stage, steps, moments = None, 0, []
        for event in events[case.pk]:
            moments.append(event.at)
            assert event.before == stage
            if event.moved:
                stage, steps = workflow.step(stage, Action(event.action)), steps + 1
            else:
                assert event.action in workflow.FACTS
            assert (event.after, event.step) == (stage, steps)
        assert (case.stage, case.steps) == (stage, steps)
        assert moments == sorted(moments)


def test_clocks_and_assignments_agree_with_where_each_case_stands(office):
    loader.load(office, at=NOW)

    ended = Case.objects.filter(stage__in=workflow.ENDED)
    assert Clock.objects.filter(case__in=ended, stopped_at=None).count() == 0
    assert ended.filter(closed_at=None).count() == 0
    assert Case.objects.open().filter(closed_at__isnull=False).count() == 0
    assert Case.objects.open().exclude(clocks__stopped_at=None).count() == 0
    for case in Case.objects.at(Stage.HANDLING, Stage.REVIEWING).prefetch_related("assignments"):
        leads = [
            a.unit_id for a in case.assignments.all() if a.part == Part.LEAD and not a.ended_at
        ]
        assert leads == [case.unit_id]
    chain = Case.objects.filter(arrival=2).select_related("previous")
    assert {c.previous.number == c.number and not c.previous.is_open for c in chain} == {True}


def test_results_name_the_moment_the_requester_was_really_called(office):
    loader.load(office, at=NOW)

    calls = {}
    for event in Event.objects.filter(action=Action.CONTACT, facts__outcome="reached"):
        at = datetime.fromisoformat(event.facts["contacted_at"]).astimezone(BEIJING)
        calls.setdefault(event.case_id, set()).add(wording.moment(at))
    told = Case.objects.exclude(result="").values_list("pk", "result")
    astray = [text for pk, text in told if pk in calls and not any(m in text for m in calls[pk])]
    assert astray == []


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


def test_everybody_acts_in_their_own_part(office):
    """No member did what their role, or their unit, does not do."""
    loader.load(office, at=NOW)

    did: dict[str, set[str]] = {}
    for action, role in Event.objects.exclude(actor=None).values_list("action", "actor__role"):
        did.setdefault(role, set()).add(action)
    assert did["seat"] <= {
        "sign", "triage", "dispatch", "transfer", "send_back", "grant_send_back", "refuse_send_back",
        "add_assisting", "close", "place", "remind", "phone", "report_up", "group", "ask_able", "coordinate",
        "state", "call_back", "call_back_pass", "call_back_fail",
    }  # fmt: skip
    assert did["reviewer"] <= {
        "pass", "reject", "close", "reopen", "grant_extension", "refuse_extension", "call_back",
        "call_back_pass", "call_back_fail",
    }  # fmt: skip
    assert did["leader"] <= {"grant_extension", "refuse_extension"}
    assert set(did) <= {"seat", "reviewer", "handler", "head", "leader"}
    lead_acts = Event.objects.filter(action=Action.SUBMIT).select_related("case", "actor")
    units = {(a.case_id, a.unit_id) for a in Assignment.objects.filter(part=Part.LEAD)}
    assert {(e.case_id, e.actor.unit_id) for e in lead_acts} <= units


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
