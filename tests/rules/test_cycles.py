"""Which cycle a moment belongs to, and the daily windows inside."""

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiesu.rules.cycles import NoCycle, Turn, code, cycle, cycle_of
from jiesu.rules.moments import BEIJING

NINETEENTH = (Turn(date(2026, 3, 19), 19, 12),)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        pytest.param("2026-10-18T23:59:59", "2026-10", id="18日24时前是当月"),
        pytest.param("2026-10-19T00:00:00", "2026-11", id="19日零时起是次月"),
        pytest.param("2026-12-19T08:00:00", "2027-01", id="12月19日起是次年1月"),
        pytest.param("2025-09-19T00:00:00", "2025-10", id="规则集之前也按它"),
    ],
)
def test_the_cycle_of_a_moment(moment, expected):
    assert cycle_of(at(moment), NINETEENTH).code == expected


def test_a_cycle_ends_where_the_next_begins_even_when_the_rules_change():
    turns = (Turn(date(2026, 7, 1), 1, 24), *NINETEENTH)

    june, july = cycle(2026, 6, turns), cycle(2026, 7, turns)

    assert (june.begins, june.ends) == (at("2026-05-19"), at("2026-07-01"))
    assert (july.begins, july.ends) == (at("2026-07-01"), at("2026-08-01"))


def test_a_start_on_a_holiday_is_shifted_where_the_rule_set_says_so():
    turns = (Turn(date(2026, 1, 1), 1, 12, shift_on_holiday=True),)
    holidays = {date(2026, 10, n) for n in range(1, 9)}

    assert cycle(2026, 10, turns, lambda day: day not in holidays).begins == at("2026-10-09")


def test_the_daily_windows_are_cut_at_noon_and_fill_the_cycle():
    windows = list(cycle(2026, 10, NINETEENTH).windows())

    assert windows[0] == (date(2026, 9, 19), at("2026-09-19"), at("2026-09-19T12:00"))
    assert windows[1][1:] == (at("2026-09-19T12:00"), at("2026-09-20T12:00"))
    assert windows[-1] == (date(2026, 10, 18), at("2026-10-17T12:00"), at("2026-10-19"))
    assert all(one[2] == after[1] for one, after in pairwise(windows))


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001
    st.integers(1, 31),
)
def test_every_moment_belongs_to_one_cycle_and_no_gap_is_left(moment, start_day):
    turns = (Turn(date(2025, 1, 1), start_day, 12),)

    found = cycle_of(moment.replace(tzinfo=BEIJING), turns)

    assert found.holds(moment.replace(tzinfo=BEIJING))
    assert cycle_of(found.ends, turns).begins == found.ends
    assert cycle_of(found.begins - timedelta(seconds=1), turns).ends == found.begins


@pytest.mark.parametrize("text", ["2026-10", "202610", "2026年10月", " 2026.10 "])
def test_a_month_in_other_spellings(text):
    assert code(text) == (2026, 10)


@pytest.mark.parametrize("text", ["", "2026-13", "十月", "2026-10-19"])
def test_what_is_no_month(text):
    with pytest.raises(NoCycle):
        code(text)
