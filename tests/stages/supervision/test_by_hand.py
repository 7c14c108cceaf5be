"""催办 by hand: sent, seen, answered; unanswered, it climbs."""

from datetime import timedelta
from uuid import uuid4

import pytest

from jiesu.cases.access import NotYours
from jiesu.cases.models import Case, Event
from jiesu.cases.transitions import SentTwice
from jiesu.org.models import Member
from jiesu.rules.ladder import Rung
from jiesu.rules.workflow import Action
from jiesu.supervision import actions
from jiesu.supervision.climbing import climb_unanswered
from jiesu.supervision.models import Notice, Reminder
from tests.factories.orders import dispatched, make_case
from tests.stages.supervision.people import NOON, names, told

HOUR = timedelta(hours=1)


@pytest.fixture
def case(street):
    made = make_case(street.office, at=NOON)
    return dispatched(made, street.seat, street.unit, at=NOON)


def remind(case, street, **given):
    values = {"words": "请今日联系诉求人", "actor": street.seat, "at": NOON} | given
    return actions.remind(case, **values)


def test_it_reaches_the_unit_and_stands_on_the_record(street, case):
    reminder = remind(case, street)

    assert told(reminder) == [
        ("hanan", "handler", "本单位承办人", False), ("heping", "handler", "本单位承办人", False)
    ]  # fmt: skip
    assert (reminder.level, reminder.clock, reminder.asked_by) == ("", None, street.seat)
    fact = Event.objects.get(case=case, action=Action.REMIND)
    assert (fact.note, fact.facts) == (
        "请今日联系诉求人",
        {"unit": "民生保障办公室", "to": ["hanan", "heping"], "rung": "handler"},
    )


def test_it_may_be_sent_to_a_rung_or_to_the_desk(street, case):
    waiting = make_case(street.office, at=NOON)

    assert names(remind(case, street, rung=Rung.HEAD)) == ["touren"]
    assert names(remind(waiting, street, actor=street.leader)) == ["zuoxi"]


def test_what_cannot_be_sent_says_so(street, case):
    with pytest.raises(actions.Incomplete, match="请写明催办内容"):
        remind(case, street, words="  ")
    with pytest.raises(NotYours):
        remind(case, street, actor=street.handler)
    Case.objects.filter(pk=case.pk).update(**{"stage": "closed"})
    case.refresh_from_db()
    with pytest.raises(actions.Incomplete, match="已经办结"):
        remind(case, street)
    once = uuid4()
    again = make_case(street.office, at=NOON)
    remind(again, street, once=once)
    with pytest.raises(SentTwice):
        remind(again, street, once=once)

    assert Reminder.objects.count() == 1


def test_the_answer_of_a_recipient_or_their_unit_goes_onto_the_record(street, case):
    first, second = remind(case, street), remind(case, street)
    own = Notice.objects.get(reminder=first, member=street.handler)
    theirs = Notice.objects.get(reminder=second, member=street.handler)

    actions.answer(own, answer="已联系", actor=street.handler, at=NOON + HOUR)
    actions.answer(theirs, answer="下午上门", actor=street.head, at=NOON + HOUR)

    own.refresh_from_db()
    assert (own.answer, own.answered_at, own.seen_at) == ("已联系", NOON + HOUR, NOON + HOUR)
    facts = Event.objects.filter(case=case, action=Action.ANSWER_REMINDER).order_by("id")
    assert [(e.actor, e.note, e.facts) for e in facts] == [
        (street.handler, "已联系", {"reminder": first.pk, "notice": own.pk}),
        (street.head, "下午上门", {"reminder": second.pk, "notice": theirs.pk}),
    ]


def test_others_cannot_answer_and_the_first_answer_holds(street, case):
    reminder = remind(case, street)
    own, other = Notice.objects.filter(reminder=reminder).order_by("id")
    stranger = street.seat

    with pytest.raises(actions.NotYourNotice):
        actions.answer(own, answer="好", actor=stranger, at=NOON)
    with pytest.raises(actions.Incomplete):
        actions.answer(own, answer=" ", actor=street.handler, at=NOON)
    actions.answer(own, answer="已联系", actor=street.handler, at=NOON)
    with pytest.raises(actions.Answered, match="已由hanan答复"):
        actions.answer(other, answer="我也答", actor=street.other, at=NOON)

    assert Event.objects.filter(action=Action.ANSWER_REMINDER).count() == 1


def test_seen_marks_only_one_s_own(street, case):
    remind(case, street)
    ids = list(Notice.objects.values_list("pk", flat=True))

    assert actions.seen(street.handler, ids, NOON + HOUR) == 1
    assert actions.seen(street.handler, ids, NOON + 2 * HOUR) == 0

    found = Notice.objects.order_by("id").values_list("member__name", "seen_at")
    assert list(found) == [("hanan", NOON + HOUR), ("heping", None)]


def test_unanswered_it_climbs_a_rung_every_two_hours_up_to_the_leader(street, case):
    nine = NOON - 3 * HOUR  # so that the lead is on duty when it comes to them
    remind(case, street, at=nine)

    climbs = []
    for minute in range(8 * 60):
        at = nine + timedelta(minutes=minute)
        if climb_unanswered(street.office, at):
            climbs.append(minute)

    assert climbs == [120, 240, 360]
    assert told()[2:] == [
        ("touren", "head", "催办 2 小时未答复，上提至单位负责人", True),
        ("daiban", "centre", "催办 2 小时未答复，上提至值班带班", True),
        ("lingdao", "leader", "催办 2 小时未答复，上提至街道领导", True),
    ]


def test_answered_or_ended_it_stays_where_it_is(street, case):
    ended = dispatched(make_case(street.office, at=NOON), street.seat, street.unit, at=NOON)
    remind(ended, street)
    Case.objects.filter(pk=ended.pk).update(**{"stage": "closed"})
    reminder = remind(case, street)
    own = Notice.objects.get(reminder=reminder, member=street.other)
    actions.answer(own, answer="已联系", actor=street.other, at=NOON + HOUR)

    assert climb_unanswered(street.office, NOON + 3 * HOUR) == 0
    assert Notice.objects.filter(climbed=True).count() == 0


def test_a_rung_whose_people_know_already_is_passed_over(street, case):
    Member.objects.filter(pk=street.head.pk).update(is_active=False)
    remind(case, street)

    assert climb_unanswered(street.office, NOON + 2 * HOUR) == 1
    assert names()[2:] == ["daiban"]
    assert climb_unanswered(street.office, NOON + 4 * HOUR) == 1
    assert names()[3:] == ["lingdao"]
    assert climb_unanswered(street.office, NOON + 6 * HOUR) == 0
