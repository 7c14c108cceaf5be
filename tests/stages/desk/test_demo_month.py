"""The demo's month as it stands on a Monday afternoon: it replays, its clocks agree, everybody did their own part."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from jiesu.cases.models import Assignment, Case, Clock, Event, Part
from jiesu.desk.demo import loader, wording
from jiesu.org.models import Office
from jiesu.rules import workflow
from jiesu.rules.moments import BEIJING
from jiesu.rules.workflow import Action, Stage
from tests.conftest import Undone
from tests.factories.offices import Kept
from tests.stages.desk.alive import assert_alive

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 15, 40, tzinfo=BEIJING)


@pytest.fixture(scope="module")
def month(street_kept: Kept, undone: Undone) -> Iterator[Office]:
    """The street, loaded once: here everybody only looks."""
    with undone():
        office = street_kept.again()
        loader.load(office, at=NOW)
        yield office


def test_the_desk_is_alive(month):
    assert_alive(NOW)


def test_the_record_of_every_case_replays_to_where_it_stands(month):
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


def test_clocks_and_assignments_agree_with_where_each_case_stands(month):
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


def test_results_name_the_moment_the_requester_was_really_called(month):
    calls = {}
    for event in Event.objects.filter(action=Action.CONTACT, facts__outcome="reached"):
        at = datetime.fromisoformat(event.facts["contacted_at"]).astimezone(BEIJING)
        calls.setdefault(event.case_id, set()).add(wording.moment(at))
    told = Case.objects.exclude(result="").values_list("pk", "result")
    astray = [text for pk, text in told if pk in calls and not any(m in text for m in calls[pk])]
    assert astray == []


def test_everybody_acts_in_their_own_part(month):
    """No member did what their role, or their unit, does not do."""
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
