"""Planning the rota, and every refusal of it."""

from datetime import date, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jiesu.duty import actions, roster
from jiesu.duty.models import Post, Shift
from jiesu.duty.planning import Plan, PlanRefused, preview
from tests.stages.duty.making import (
    EARLY,
    LATE,
    MONDAY,
    NIGHT,
    hour,
    make_absence,
    make_pattern,
    make_shift,
)

NOW = hour(7)
DAY = timedelta(days=1)


def stood(pattern):
    """Who stands each day of a pattern, the lead with a star."""
    told = {}
    for post in Post.objects.filter(shift__pattern=pattern, released_at=None).order_by("id"):
        told.setdefault(post.shift.on, []).append(post.member.name + "*" * post.lead)
    return told


def wanted(pattern, people, *, days=3, each=1, first=MONDAY, **more):
    return Plan(pattern, first, first + (days - 1) * DAY, people, each, **more)


def why(plan):
    """The refusals of each day, in words."""
    return [[str(refusal) for refusal in day.refusals] for day in preview(plan, at=NOW)]


def test_a_plan_puts_people_on_in_their_order_the_first_leading(office, people, planner):
    pattern = make_pattern(office, minimum=2)

    made = actions.plan(wanted(pattern, people[:3], each=2), actor=planner, at=NOW)

    assert made == 6
    assert list(stood(pattern).values()) == [["甲*", "乙"], ["丙*", "甲"], ["乙*", "丙"]]
    shift = Shift.objects.first()
    assert (shift.starts_at, shift.ends_at, shift.minimum) == (hour(8), hour(16), 2)


def test_leads_of_their_own_take_turns_beside_the_others(office, people, planner, member):
    other = member("reviewer", name="核")
    plan = wanted(make_pattern(office), people[:2], days=2, leads=[planner, other])

    actions.plan(plan, actor=planner, at=NOW)

    assert list(stood(plan.pattern).values()) == [["审*", "甲"], ["核*", "乙"]]


def test_who_stands_already_stays_and_nobody_is_put_twice(office, people, planner):
    pattern = make_pattern(office, minimum=2, holiday_minimum=2)
    make_shift(pattern, people[0])

    actions.plan(wanted(pattern, people[:2], days=1, each=2), actor=planner, at=NOW)

    assert stood(pattern) == {MONDAY: ["甲*", "乙"]}


def test_too_few_for_the_day_is_refused_with_the_kind_of_day(office, people, planner):
    pattern = make_pattern(office, minimum=2, holiday_minimum=1)
    friday = date(2026, 11, 27)

    said = why(wanted(pattern, people, days=2, first=friday))

    assert said == [["11月27日 早班只有 1 人，少于最少 2 人（工作日），请加人。"], []]
    with pytest.raises(PlanRefused) as refused:
        actions.plan(wanted(pattern, people, days=2, first=friday), actor=planner, at=NOW)
    assert [day.on for day in refused.value.days] == [friday]
    assert not Post.objects.exists()


def test_days_that_cannot_be_may_be_skipped(office, people, planner):
    pattern = make_pattern(office, minimum=2, holiday_minimum=1)
    plan = wanted(pattern, people, days=2, first=date(2026, 11, 27))

    assert actions.plan(plan, actor=planner, at=NOW, skip=True) == 1
    assert list(stood(pattern)) == [date(2026, 11, 28)]


def test_a_make_up_day_needs_the_cover_of_a_working_day(office, people):
    pattern = make_pattern(office, minimum=2, holiday_minimum=1)
    days = preview(
        wanted(pattern, people, days=2, first=date(2026, 10, 9)), at=hour(0, date(2026, 10, 1))
    )

    assert [day.cover.number for day in days] == [2, 2]
    assert days[0].cover.why == "工作日"
    assert "调休" in days[1].cover.why


def test_a_year_without_a_table_goes_by_the_weekday_and_says_so(office, people):
    pattern = make_pattern(office, minimum=2, holiday_minimum=1)

    (saturday,) = preview(wanted(pattern, people, days=1, first=date(2033, 1, 1)), at=NOW)

    assert (saturday.cover.number, saturday.cover.known) == (1, False)


def test_two_shifts_at_once_or_too_close_are_refused(office, people, planner):
    early, late = make_pattern(office, "早班", EARLY), make_pattern(office, "中班", LATE)
    make_shift(late, people[0], day=MONDAY)
    day_shift = make_pattern(office, "日班", (9, 18))

    assert why(wanted(day_shift, people[:1], days=1)) == [
        ["甲已排11月23日 中班，时间重叠，请另选人。"]
    ]
    assert why(wanted(early, people[:1], days=2)) == [
        ["甲与11月23日 中班之间没有休息，少于 8 小时，请另选人或错开。"], [],
    ]  # fmt: skip


def test_a_plan_that_clashes_with_itself_is_refused(office, people):
    whole = make_pattern(office, "全天", (8, 8))
    make = wanted(whole, people[:1], days=2)

    assert "少于 8 小时" in why(make)[1][0]


def test_who_is_absent_is_refused_and_does_not_count(office, people):
    pattern = make_pattern(office)
    make_absence(people[0], hour(12), hour(48))

    assert why(wanted(pattern, people[:1], days=1)) == [
        [
            "甲 11月23日 12:00 至 11月24日 24:00请假，请另选人。",
            "11月23日 早班只有 0 人，少于最少 1 人（工作日），请加人。",
        ]
    ]


@pytest.mark.parametrize("role", ["handler", "head", "leader", "analyst", "system"])
def test_who_does_not_stand_duty_is_refused(office, member, role):
    other = member(role, name="他")

    assert why(wanted(make_pattern(office), [other], days=1))[0][0] == (
        "他不是座席或审核员，不能值班，请另选人。"
    )


def test_a_day_that_is_over_is_refused(office, people):
    plan = wanted(make_pattern(office), people, days=1, first=MONDAY - DAY)

    assert why(plan) == [["11月22日 早班已经过去，请从今天或以后排起。"]]


@pytest.mark.parametrize("role", ["seat", "handler", "system"])
def test_only_who_plans_duty_plans(office, people, member, role):
    actor = member(role)
    pattern = make_pattern(office)
    shift = make_shift(pattern, *people[:2])
    post = shift.posts.last()

    for attempt in (
        lambda: actions.plan(wanted(pattern, people), actor=actor, at=NOW),
        lambda: actions.put(pattern, MONDAY, people[2], lead=False, actor=actor, at=NOW),
        lambda: actions.take_off(post, why="", actor=actor, at=NOW),
        lambda: actions.replace(post, people[2], why="", actor=actor, at=NOW),
        lambda: actions.undo_plan(pattern, planned_at=NOW, actor=actor, at=NOW),
        lambda: actions.switch_pattern(pattern, active=False, actor=actor, at=NOW),
    ):
        with pytest.raises(roster.NotPlanner):
            attempt()


def test_one_is_put_on_and_refused_twice_or_as_a_second_lead(office, people, planner):
    pattern = make_pattern(office)
    actions.put(pattern, MONDAY, people[0], lead=True, actor=planner, at=NOW)

    with pytest.raises(roster.AlreadyOn, match="甲已在这一班"):
        actions.put(pattern, MONDAY, people[0], lead=False, actor=planner, at=NOW)
    with pytest.raises(roster.AlreadyOn, match="甲已是这一班的带班"):
        actions.put(pattern, MONDAY, people[1], lead=True, actor=planner, at=NOW)
    with pytest.raises(roster.Over):
        actions.put(pattern, MONDAY - DAY, people[1], lead=False, actor=planner, at=NOW)
    assert stood(pattern) == {MONDAY: ["甲*"]}


def test_taking_off_below_the_minimum_is_refused_and_above_it_stays_on_record(
    office, people, planner
):
    shift = make_shift(make_pattern(office, minimum=2), *people[:3])
    post = shift.posts.get(member=people[2])

    actions.take_off(post, why="调休", actor=planner, at=NOW)

    post.refresh_from_db()
    assert (post.released_at, post.released_why) == (NOW, "调休")
    with pytest.raises(roster.CoverTooLow, match="只剩 1 人，少于最少 2 人"):
        actions.take_off(shift.posts.get(member=people[1]), why="", actor=planner, at=NOW)


def test_a_post_of_somebody_away_without_deputy_does_not_count_as_cover(office, people, planner):
    shift = make_shift(make_pattern(office, minimum=1), *people[:2])
    make_absence(people[0], hour(0), hour(24))

    with pytest.raises(roster.CoverTooLow, match="只剩 0 人"):
        actions.take_off(shift.posts.get(member=people[1]), why="", actor=planner, at=NOW)

    make_absence(people[1], hour(0), hour(24), people[2])
    actions.take_off(shift.posts.get(member=people[0]), why="", actor=planner, at=NOW)


def test_replacing_keeps_the_cover_and_the_lead(office, people, planner):
    shift = make_shift(make_pattern(office), people[0])

    made = actions.replace(shift.posts.get(), people[1], why="病假", actor=planner, at=NOW)

    assert stood(shift.pattern) == {MONDAY: ["乙*"]}
    assert made.in_place_of.released_why == "病假"
    with pytest.raises(roster.Over):
        actions.replace(made.in_place_of, people[2], why="", actor=planner, at=NOW)


def test_a_plan_is_undone_by_taking_off_what_has_not_begun(office, people, planner):
    pattern = make_pattern(office)
    actions.plan(wanted(pattern, people), actor=planner, at=NOW)

    assert actions.undo_plan(pattern, planned_at=NOW, actor=planner, at=hour(9)) == 2
    assert list(stood(pattern)) == [MONDAY]
    with pytest.raises(roster.Over):
        actions.undo_plan(pattern, planned_at=NOW, actor=planner, at=hour(9))


def test_undoing_what_was_swapped_since_is_refused_whole(office, people, planner):
    pattern = make_pattern(office, minimum=2, holiday_minimum=2)
    actions.plan(wanted(pattern, people[:2], each=2), actor=planner, at=NOW)
    post = Post.objects.get(shift__on=MONDAY + DAY, member=people[0])
    actions.replace(post, people[3], why="", actor=planner, at=hour(7.5))

    with pytest.raises(roster.CoverTooLow, match="换过班"):
        actions.undo_plan(pattern, planned_at=NOW, actor=planner, at=hour(7.6))
    assert len(stood(pattern)) == 3


def test_patterns_are_added_changed_and_closed(office, people, planner):
    values = {"starts": time(8), "ends": time(16), "minimum": 2, "holiday_minimum": 1}
    pattern = actions.add_pattern(office, name="早班", actor=planner, **values)
    with pytest.raises(roster.AlreadyOn):
        actions.add_pattern(office, name="早班", actor=planner, **values)
    shift = make_shift(pattern, *people[:2])

    actions.change_pattern(
        pattern, name="白班", actor=planner, **values | {"starts": time(9), "minimum": 3}
    )
    shift.refresh_from_db()
    assert (shift.minimum, shift.starts_at) == (2, hour(8))

    with pytest.raises(actions.PatternInUse, match="还有 2 人次"):
        actions.switch_pattern(pattern, active=False, actor=planner, at=NOW)
    actions.switch_pattern(pattern, active=False, actor=planner, at=hour(17))
    assert not pattern.active


def test_a_long_plan_costs_the_queries_of_a_short_one(office, people):
    pattern = make_pattern(office, "夜班", NIGHT)

    def cost(days):
        with CaptureQueriesContext(connection) as spent:
            assert len(preview(wanted(pattern, people, days=days), at=NOW)) == days
        return len(spent)

    make_shift(pattern, people[0])
    cost(1)
    assert cost(1) == cost(40)


def test_undoing_one_pattern_leaves_another_planned_at_the_same_moment(office, people, planner):
    early, late = make_pattern(office, "早班", EARLY), make_pattern(office, "中班", LATE)
    actions.plan(wanted(early, people[:1]), actor=planner, at=NOW)
    actions.plan(wanted(late, people[1:2]), actor=planner, at=NOW)

    actions.undo_plan(early, planned_at=NOW, actor=planner, at=NOW)

    assert (stood(early), len(stood(late))) == ({}, 3)
