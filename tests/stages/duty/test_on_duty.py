"""Who is on duty, who is away and who stands in."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from jiesu.duty import queries
from tests.stages.duty.making import EARLY, LATE, hour, make_absence, make_pattern, make_shift


def names(posts):
    return [post.member.name for post in posts]


def test_those_of_the_running_shift_are_on_duty_the_lead_first(office, people):
    first, second, third, _ = people
    make_shift(make_pattern(office, "早班", EARLY), first, second)
    make_shift(make_pattern(office, "中班", LATE), third)

    assert names(queries.on_duty(office, hour(8))) == ["甲", "乙"]
    assert queries.lead_on_duty(office, hour(15.99)) == first
    assert names(queries.on_duty(office, hour(16))) == ["丙"]
    assert queries.current_shift(office, hour(9)).pattern.name == "早班"
    assert queries.next_shift(office, hour(9)).pattern.name == "中班"
    assert queries.lead_on_duty(office, hour(3)) is None


def test_who_is_away_is_replaced_by_the_deputy_or_left_out(office, people):
    first, second, third, _ = people
    make_shift(make_pattern(office), first, second)
    make_absence(first, hour(0), hour(12), third)
    make_absence(second, hour(10), hour(12))

    posts = queries.on_duty(office, hour(9))
    assert names(posts) == ["丙", "乙"]
    assert (posts[0].instead_of, posts[0].why) == (first, "甲请假，由丙代理")
    assert names(queries.on_duty(office, hour(11))) == ["丙"]
    assert names(queries.on_duty(office, hour(12))) == ["甲", "乙"]


def test_who_was_released_or_has_left_is_not_on_duty(office, people):
    first, second, third, _ = people
    shift = make_shift(make_pattern(office), first, second, third)
    shift.posts.filter(member=first).update(released_at=hour(7))
    shift.posts.filter(member=second).update(arrived_at=hour(8), left_at=hour(10))

    assert names(queries.on_duty(office, hour(9))) == ["乙", "丙"]
    assert names(queries.on_duty(office, hour(10))) == ["丙"]


def test_whoever_has_not_come_is_not_at_the_desk_while_others_are(office, people):
    first, second, third, _ = people
    early = make_shift(make_pattern(office, "早班", EARLY), first, second)
    late = make_shift(make_pattern(office, "中班", LATE), third)
    assert names(queries.at_desk(office, hour(9))) == ["甲", "乙"]  # nobody marks 到岗 here

    early.posts.filter(member=second).update(arrived_at=hour(7.9))
    assert names(queries.at_desk(office, hour(9))) == ["乙"]
    assert names(queries.at_desk(office, hour(16.5))) == ["乙"]  # not relieved yet
    assert names(queries.at_desk(office, hour(20.1))) == ["丙"]  # nobody waits as long as that

    late.posts.update(arrived_at=hour(16.6))
    assert names(queries.at_desk(office, hour(16.7))) == ["丙"]

    late.posts.update(left_at=hour(17))
    assert queries.at_desk(office, hour(17.1)) == []  # whoever was relieved has gone


def test_after_an_early_handover_those_who_took_over_are_on_duty(office, people):
    first, second, *_ = people
    early = make_shift(make_pattern(office, "早班", EARLY), first)
    make_shift(make_pattern(office, "中班", LATE), second, arrived_at=hour(15.6))
    assert names(queries.on_duty(office, hour(15.7))) == ["甲"]

    early.posts.update(left_at=hour(15.8))

    assert names(queries.on_duty(office, hour(15.9))) == ["乙"]


def test_deputies_of_deputies_stand_in_and_a_circle_ends_with_nobody(office, people):
    first, second, third, fourth = people
    make_absence(first, hour(0), hour(24), second)
    make_absence(second, hour(0), hour(24), third)

    assert queries.stand_in(first, hour(9)) == (third, "甲请假，代理人乙也请假，由丙代理")
    assert queries.stand_in(fourth, hour(9)) == (fourth, "")

    make_absence(third, hour(9), hour(24), first)
    who, why = queries.stand_in(first, hour(9))
    assert who is None
    assert why.endswith("没有可用的代理人")


def test_a_deputy_whose_account_is_off_stands_in_for_nobody(office, people):
    first, second, *_ = people
    make_absence(first, hour(0), hour(24), second)
    second.is_active = False
    second.save()

    assert queries.stand_in(first, hour(9))[0] is None


def test_an_absence_that_ended_early_counts_no_more(office, people):
    first, second, *_ = people
    absence = make_absence(first, hour(0), hour(24), second)
    absence.ended_at = hour(9)
    absence.save()

    assert set(queries.absent(people, hour(8.99))) == {first.pk}
    assert queries.absent(people, hour(9)) == {}


def test_present_are_those_who_came_and_have_not_left(office, people):
    first, second, third, _ = people
    shift = make_shift(make_pattern(office), first, second, third)
    shift.posts.filter(member=first).update(arrived_at=hour(7.9))
    shift.posts.filter(member=second).update(arrived_at=hour(8), left_at=hour(9))

    assert names(queries.present(shift, hour(8.5))) == ["甲", "乙"]
    assert names(queries.present(shift, hour(9))) == ["甲"]


def test_the_number_of_queries_does_not_grow(office, member):
    def cost():
        with CaptureQueriesContext(connection) as spent:
            found = len(queries.on_duty(office, hour(9)))
            queries.lead_on_duty(office, hour(9))
            queries.stand_ins(list(office.members.all()), hour(9))
        return found, len(spent)

    pattern = make_pattern(office)
    shift = make_shift(pattern, member("seat"))
    one = cost()
    for _ in range(8):
        here, deputy = member("seat"), member("seat")
        shift.posts.create(member=here, planned_at=hour(0))
        make_absence(here, hour(0), hour(24), deputy)

    assert (one[0], cost()[0]) == (1, 9)
    assert one[1] == cost()[1] == 6
