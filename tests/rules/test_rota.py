"""Turns, rest, rotation and the cover a day needs."""

from datetime import date, datetime, time, timedelta
from itertools import combinations
from random import Random

import pytest

from jiesu.rules import rota
from jiesu.rules.holidays import WorkCalendar, YearTable
from jiesu.rules.moments import BEIJING
from jiesu.rules.rota import Turn

REST = timedelta(hours=8)
DAY = date(2026, 11, 23)


def turn(since, until, day=DAY, name="早班"):
    start = datetime.combine(day, time(), BEIJING)
    return Turn(start + timedelta(hours=since), start + timedelta(hours=until), name)


@pytest.mark.parametrize(
    ("starts", "ends", "hours"),
    [
        pytest.param(time(8), time(16), 8, id="白天"),
        pytest.param(time(16), time(0), 8, id="到二十四点"),
        pytest.param(time(20), time(8), 12, id="跨夜"),
        pytest.param(time(8), time(8), 24, id="一整天"),
    ],
)
def test_a_shift_that_ends_not_after_it_starts_ends_next_day(starts, ends, hours):
    since, until = rota.span(DAY, starts, ends)

    assert (since.date(), since.time()) == (DAY, starts)
    assert until - since == timedelta(hours=hours)


def test_turns_that_touch_do_not_overlap():
    early, late = turn(8, 16), turn(16, 24, name="中班")

    assert rota.overlapping(early, [late]) is None
    assert rota.overlapping(early, [turn(15, 17)]) == turn(15, 17)


def test_overlap_is_sharing_a_minute_whatever_the_turns():
    rng = Random(20261123)
    for _ in range(400):
        a, b = (turn(s := rng.randrange(0, 60), s + rng.randrange(1, 24)) for _ in range(2))
        minutes = {a.since + timedelta(minutes=m) for m in range(0, 24 * 60, 30)}
        shared = any(b.since <= m < b.until for m in minutes if a.since <= m < a.until)

        assert (rota.overlapping(a, [b]) is not None) == shared
        assert (rota.overlapping(b, [a]) is not None) == shared
        assert not (shared and rota.too_close(a, [b], REST))


@pytest.mark.parametrize(
    ("other", "short"),
    [
        pytest.param(turn(24, 32), timedelta(hours=8), id="正好八小时够"),
        pytest.param(turn(23, 31), timedelta(hours=7), id="差一小时"),
        pytest.param(turn(16, 24), timedelta(0), id="紧接着"),
        pytest.param(turn(0, 7), timedelta(hours=1), id="前一班"),
    ],
)
def test_less_than_eight_hours_between_two_turns_is_too_close(other, short):
    found = rota.too_close(turn(8, 16), [other], REST)

    assert found == (None if short >= REST else (other, short))


def test_too_little_rest_is_said_with_the_turn_and_the_hours():
    assert rota.said_rest(turn(16, 24, name="中班"), timedelta(hours=4), REST) == (
        "与11月23日 中班之间只休息 4 小时，少于 8 小时"
    )
    assert "没有休息" in rota.said_rest(turn(16, 24), timedelta(0), REST)


def test_people_stand_in_their_order_and_equally_often():
    people = ["甲", "乙", "丙"]

    assert rota.rotate(3, people, 2) == [("甲", "乙"), ("丙", "甲"), ("乙", "丙")]
    assert rota.rotate(4, people, 1, run=2) == [("甲",), ("甲",), ("乙",), ("乙",)]
    assert rota.rotate(2, people, 5) == [("甲", "乙", "丙")] * 2
    assert rota.rotate(2, [], 1) == [(), ()]


def test_over_whole_rounds_the_shares_are_equal_and_nobody_stands_twice_a_day():
    for many, each in combinations(range(1, 8), 2):
        people = list(range(max(many, each)))
        stood = rota.rotate(len(people) * 2, people, min(many, each))
        shares = [sum(who in group for group in stood) for who in people]
        assert len(set(shares)) == 1, (many, each)
        assert all(len(set(group)) == len(group) for group in stood)


def test_days_off_need_their_own_cover():
    off, work = {date(2026, 10, 1): "国庆节"}, {date(2026, 10, 10): "国庆节"}
    table = YearTable(2026, off, work, confirmed=True, source="通知")
    calendar = WorkCalendar({2026: table})

    def cover(*day):
        found = rota.cover_of(date(*day), 2, 1, calendar)
        return found.number, found.off, found.known

    assert cover(2026, 9, 30) == (2, False, True)
    assert cover(2026, 10, 1) == (1, True, True)
    assert cover(2026, 10, 10) == (2, False, True)  # a Saturday made up for
    assert cover(2026, 10, 11) == (1, True, True)


def test_a_year_without_a_table_goes_by_the_weekday_and_says_so():
    saturday = rota.cover_of(date(2031, 1, 4), 2, 1, WorkCalendar({}))

    assert (saturday.number, saturday.off, saturday.known) == (1, True, False)
    assert "没有2031年放假安排" in saturday.why


def test_the_rule_set_may_say_other_numbers():
    assert rota.duty_rules({}).rest == timedelta(hours=8)
    told = rota.duty_rules({"duty": {"rest_h": 11, "no_show_min": 5}})
    assert (told.rest, told.no_show) == (timedelta(hours=11), timedelta(minutes=5))
    assert told.early == timedelta(minutes=30)
