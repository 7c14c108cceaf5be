"""What the record teaches: who knew better, and what was known of a case at a moment."""

from datetime import timedelta

import pytest
from django.utils import timezone

from jiesu.cases import transitions
from jiesu.cases.models import Event
from jiesu.catalogue.queries import rules_at
from jiesu.dispatch import actions as dispatching
from jiesu.intake import actions as signing
from jiesu.rules.workflow import Action
from jiesu.triage import lessons
from jiesu.triage.lessons import NOT_OURS, Known
from jiesu.triage.models import Lesson, LessonKind, Suggested, Target
from tests.factories.orders import dispatched, make_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def units(office):
    return list(office.units.filter(active=True, kind="office").order_by("pk")[:3])


def suggest(case, unit, **more):
    told = {"probability": 0.9, "version": "0" * 12, "at": timezone.now()} | more
    Suggested.objects.create(case=case, target=Target.UNIT, label=unit.name, **told)


def lines(office):
    lessons.gather(office)
    return [(one.kind, one.said, one.was) for one in Lesson.objects.order_by("pk")]


def test_as_suggested_is_no_lesson(office, seat, units):
    case = make_case(office)
    suggest(case, units[0])
    dispatched(case, seat, units[0])

    assert lines(office) == []


def test_another_unit_than_suggested_is_one(office, seat, units):
    case = make_case(office)
    suggest(case, units[0])
    dispatched(case, seat, units[1])

    assert lines(office) == [(LessonKind.OTHER_UNIT, units[0].name, units[1].name)]
    assert lines(office) == lines(office)


def test_a_decline_is_answered_by_the_next_dispatch(office, seat, member, units):
    case, handler = make_case(office), member("handler")
    own = handler.unit
    other = next(unit for unit in units if unit != own)
    suggest(case, own)
    dispatched(case, seat, own)
    dispatching.decline(case, reason="不归我们管", actor=handler, at=timezone.now())
    before = lines(office)
    dispatched(case, seat, other)

    assert before == [(LessonKind.DECLINE, own.name, "")]
    assert lines(office) == [(LessonKind.DECLINE, own.name, other.name)]


def test_a_transfer_tells_both_units(office, seat, units):
    case = make_case(office)
    dispatched(case, seat, units[0])
    at = timezone.now()
    dispatching.transfer(
        case, reason="职责调整", actor=seat, at=at, unit=units[1], due_at=at + timedelta(days=1)
    )

    assert lines(office) == [(LessonKind.TRANSFER, units[0].name, units[1].name)]


def test_a_granted_send_back_was_not_ours(office, seat, units):
    case, at = make_case(office), timezone.now()
    suggest(case, units[0])
    signing.sign(case, actor=seat, at=at)
    reason = rules_at(office, at).send_back_reasons[0].code
    signing.send_back(case, reason=reason, proof="附图", actor=seat, at=at)
    signing.answer(case, granted=True, actor=seat, at=at)

    assert lines(office) == [(LessonKind.SENT_BACK, units[0].name, NOT_OURS)]
    assert lessons.known(office, Target.UNIT, at=timezone.now()) == []


def labels(found: list[Known]) -> list[str]:
    return [one.label for one in found]


def test_nobody_looks_ahead(office, units):
    case, now = make_case(office), timezone.now()
    for hour, (action, unit) in enumerate(
        [(Action.DISPATCH, units[0]), (Action.DECLINE, units[0]), (Action.DISPATCH, units[1])]
    ):
        Event.objects.create(
            office=office, case=case, step=hour + 5, action=action, after=case.stage, moved=True, at=now,
            recorded_at=now + timedelta(hours=hour), facts={"unit": unit.name},
        )  # fmt: skip

    told = [
        labels(lessons.known(office, Target.UNIT, at=now + timedelta(hours=hour)))
        for hour in (-1, 0, 1, 2)
    ]

    assert told == [[], [units[0].name], [], [units[1].name]]


def test_a_text_is_taken_as_it_came(office, seat):
    case = make_case(office, title="暖气不热", content="")
    case.title = "停车"
    case.save(update_fields=["title"])
    transitions.record(
        case, Action.CORRECT, actor=None, at=timezone.now(), changes={"title": ["暖气不热", "停车"]}
    )

    assert [
        one.order.title for one in lessons.known(office, Target.CATEGORY, at=timezone.now())
    ] == ["暖气不热"]
