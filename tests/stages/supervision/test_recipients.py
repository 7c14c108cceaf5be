"""Who is reminded: people who are really there, else their deputies, else the next rung."""

from datetime import timedelta

import pytest

from jiesu.cases.models import Assignment, Part
from jiesu.org.models import Member
from jiesu.rules.ladder import Rung
from jiesu.supervision.recipients import accepted, find, lead, on_duty, once_each, roster
from tests.factories.orders import dispatched, make_case
from tests.stages.duty.making import make_absence
from tests.stages.supervision.people import NOON

HOUR = timedelta(hours=1)
NIGHT = NOON + 10 * HOUR  # nobody is on the rota


def away(member, deputy=None):
    make_absence(member, NOON - HOUR, NOON + 48 * HOUR, deputy)


def off(*members):
    Member.objects.filter(pk__in=[member.pk for member in members]).update(is_active=False)


def reached(street, rung, *, unit=True, at=NOON, acceptor=None):
    """(name, rung, why) of whom a reminder reaches, and whether it climbed."""
    found = find(
        roster(street.office, at), rung, street.unit.pk if unit else None, acceptor and acceptor.pk
    )
    assert len({to.climbed for to in found}) == 1
    return [(to.member.name, to.rung.value, to.why) for to in found], found[0].climbed


def test_each_rung_of_a_unit_finds_its_people(street):
    assert [reached(street, rung) for rung in Rung] == [
        ([("hanan", "handler", "本单位承办人"), ("heping", "handler", "本单位承办人")], False),
        ([("touren", "head", "单位负责人")], False),
        ([("daiban", "centre", "值班带班")], False),
        ([("lingdao", "leader", "街道领导")], False),
    ]


def test_each_rung_of_the_duty_desk_finds_its_people(street):
    assert [reached(street, rung, unit=False) for rung in Rung] == [
        ([("zuoxi", "handler", "值班座席")], False),
        ([("daiban", "head", "值班带班")], False),
        ([("daiban", "centre", "值班带班")], False),
        ([("lingdao", "leader", "街道领导")], False),
    ]


def test_who_accepted_the_case_is_reminded_alone(street):
    case = make_case(street.office, at=NOON)
    dispatched(case, street.seat, street.unit, at=NOON)
    Assignment.objects.filter(case=case, part=Part.LEAD).update(
        accepted_by=street.other, accepted_at=NOON
    )

    who = accepted([case.pk])

    assert who == {(case.pk, street.unit.pk): street.other.pk}
    assert reached(street, Rung.HANDLER, acceptor=street.other) == (
        [("heping", "handler", "接单的承办人")], False
    )  # fmt: skip


def test_an_acceptor_away_without_deputy_leaves_it_to_the_unit(street):
    away(street.other)

    assert reached(street, Rung.HANDLER, acceptor=street.other) == (
        [("hanan", "handler", "本单位承办人")], False
    )  # fmt: skip


def test_a_deputy_stands_in_and_the_reason_says_for_whom(street):
    away(street.other, street.head)

    assert reached(street, Rung.HANDLER, acceptor=street.other) == (
        [("touren", "handler", "接单的承办人；heping请假，由touren代理")], False
    )  # fmt: skip


def test_a_deputy_who_is_there_anyway_is_reminded_once(street):
    away(street.other, street.handler)

    assert reached(street, Rung.HANDLER) == ([("hanan", "handler", "本单位承办人")], False)


@pytest.mark.parametrize(
    ("gone", "at", "unit", "rung", "expected", "why"),
    [
        (["handler", "other"], NOON, True, Rung.HANDLER, ("touren", "head"),
         "民生保障办公室承办人无人在岗，上提至单位负责人"),
        (["handler", "other", "head"], NOON, True, Rung.HANDLER, ("daiban", "centre"),
         "民生保障办公室无人在岗，上提至值班带班"),
        (["head"], NOON, True, Rung.HEAD, ("daiban", "centre"),
         "民生保障办公室无人在岗，上提至值班带班"),
        (["handler", "other", "head"], NIGHT, True, Rung.HANDLER, ("lingdao", "leader"),
         "民生保障办公室、值班席无人在岗，上提至街道领导"),
        ([], NIGHT, True, Rung.CENTRE, ("lingdao", "leader"), "值班席无人在岗，上提至街道领导"),
        ([], NIGHT, False, Rung.HANDLER, ("lingdao", "leader"), "值班席无人在岗，上提至街道领导"),
        (["lead", "seat"], NOON, False, Rung.HANDLER, ("lingdao", "leader"),
         "值班席无人在岗，上提至街道领导"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("how", [away, off], ids=["请假", "停用"])
def test_where_nobody_is_it_climbs_and_says_why(street, how, gone, at, unit, rung, expected, why):
    for one in gone:
        how(getattr(street, one))

    assert reached(street, rung, unit=unit, at=at) == ([(*expected, why)], True)


def test_a_desk_with_only_the_lead_is_still_a_desk(street):
    away(street.seat)

    assert reached(street, Rung.HANDLER, unit=False) == ([("daiban", "handler", "值班座席")], False)


def test_a_desk_without_its_lead_is_led_by_whoever_is_there(street):
    away(street.lead)

    assert reached(street, Rung.CENTRE) == ([("zuoxi", "centre", "值班带班")], False)


def test_the_last_rung_always_finds_somebody(street):
    everybody = [street.leader, street.lead, street.seat, street.head, street.handler, street.other]
    left = []
    for one in everybody:
        away(one)
    for one in everybody:
        left.append([name for name, *_ in reached(street, Rung.HANDLER)[0]])
        off(one)

    assert left == [
        ["lingdao"], ["daiban", "zuoxi"], ["zuoxi"], ["hanan", "heping", "touren"],
        ["hanan", "heping"], ["heping"],
    ]  # fmt: skip
    assert find(roster(street.office, NOON), Rung.HANDLER, None) == []


def test_the_lead_on_duty_and_everyone_on_duty(street):
    there, dark = roster(street.office, NOON), roster(street.office, NIGHT)

    assert [(to.member.name, to.why) for to in lead(there, "扬言告警")] == [
        ("daiban", "扬言告警；值班带班")
    ]
    assert [(to.member.name, to.why) for to in lead(dark, "扬言告警")] == [
        ("lingdao", "值班席无人在岗，上提至街道领导")
    ]
    assert [to.member.name for to in on_duty(there, "逾期")] == ["daiban", "zuoxi"]
    assert on_duty(dark, "逾期") == []
    assert [to.member.name for to in once_each([*lead(there, ""), *on_duty(there, "")])] == [
        "daiban", "zuoxi",
    ]  # fmt: skip


def test_the_roster_costs_the_same_however_many_are_away(street, django_assert_num_queries):
    with django_assert_num_queries(6):
        find(roster(street.office, NOON), Rung.HANDLER, street.unit.pk)
    away(street.handler, street.other)
    away(street.head)

    with django_assert_num_queries(6):
        find(roster(street.office, NOON), Rung.HANDLER, street.unit.pk)
