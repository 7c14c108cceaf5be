"""计时: what must hold of every due time, and a naive counter that goes minute by minute beside ours."""

from datetime import datetime, time, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from jiesu.catalogue.shipped import work_calendar
from jiesu.rules.counting import Count, Limit, Pause, counted, due_at, parse_hours, reckon
from jiesu.rules.moments import BEIJING

CALENDAR = work_calendar()
HOURS = ["09:00-12:00,13:30-17:30", "00:00-24:00", "08:30-11:30,14:00-18:00", "20:00-24:00"]
MINUTE = timedelta(minutes=1)
ZERO = timedelta(0)

CHECKED = settings(deadline=None, max_examples=100, derandomize=True)

starts = st.datetimes(datetime(2018, 1, 1), datetime(2025, 6, 1), timezones=st.just(BEIJING))  # noqa: DTZ001
lengths = st.timedeltas(ZERO, timedelta(days=15)).map(lambda d: d - d % timedelta(seconds=1))
limits = st.builds(
    lambda length, count, hours: Limit(length, count, hours if count is Count.SERVICE else ()),
    lengths,
    st.sampled_from(list(Count)),
    st.sampled_from([parse_hours(text) for text in HOURS]),
)
offsets = st.integers(-3 * 1440, 30 * 1440).map(lambda minutes: timedelta(minutes=minutes))
lasting = st.integers(0, 5 * 1440).map(lambda minutes: timedelta(minutes=minutes))


@st.composite
def paused(draw: st.DrawFn) -> tuple[datetime, list[Pause]]:
    """A start and pauses around it: overlapping, before it, nested."""
    start = draw(starts)
    drawn = draw(st.lists(st.tuples(offsets, lasting), max_size=4))
    return start, [Pause(start + off, start + off + long, "因故") for off, long in drawn]


def due(start, limit, pauses=()):
    found = due_at(start, limit, pauses=pauses, calendar=CALENDAR)
    assert found is not None
    return found


@CHECKED
@given(paused(), limits, st.timedeltas(ZERO, timedelta(days=20)))
def test_a_later_start_is_never_due_earlier(drawn, limit, later):
    start, pauses = drawn

    assert due(start, limit, pauses) <= due(start + later, limit, pauses)


@CHECKED
@given(paused(), limits, st.timedeltas(ZERO, timedelta(days=10)))
def test_a_longer_limit_is_never_due_earlier(drawn, limit, more):
    start, pauses = drawn
    longer = Limit(limit.length + more, limit.count, limit.hours)

    assert due(start, limit, pauses) <= due(start, longer, pauses)


@CHECKED
@given(paused(), limits, offsets, lasting)
def test_one_more_pause_never_shortens(drawn, limit, off, long):
    start, pauses = drawn
    more = [*pauses, Pause(start + off, start + off + long)]

    assert due(start, limit, pauses) <= due(start, limit, more)


@CHECKED
@given(paused(), limits, st.randoms())
def test_the_order_of_pauses_does_not_matter(drawn, limit, random):
    start, pauses = drawn
    other = list(pauses)
    random.shuffle(other)

    assert due(start, limit, pauses) == due(start, limit, other)


@CHECKED
@given(paused(), limits)
def test_the_explanation_ends_where_the_due_time_is(drawn, limit):
    start, pauses = drawn

    assert reckon(start, limit, pauses=pauses, calendar=CALENDAR).due == due(start, limit, pauses)


@CHECKED
@given(paused(), limits)
def test_spans_are_contiguous_and_what_counts_adds_up(drawn, limit):
    start, pauses = drawn
    found = reckon(start, limit, pauses=pauses, calendar=CALENDAR)
    marks = [start, *(span.until for span in found.spans)]

    assert [span.since for span in found.spans] == marks[:-1]
    assert marks[-1] == found.due
    assert [span for span in found.spans if span.since >= span.until] == []
    assert sum((s.until - s.since for s in found.spans if s.counted), ZERO) == limit.length
    assert [s for s in found.spans[-1:] if not s.counted] == []


@CHECKED
@given(paused(), limits)
def test_no_two_neighbours_have_the_same_reason(drawn, limit):
    start, pauses = drawn
    told = [
        (s.counted, s.why) for s in reckon(start, limit, pauses=pauses, calendar=CALENDAR).spans
    ]

    assert [pair for pair in pairwise(told) if pair[0] == pair[1]] == []


@CHECKED
@given(paused(), limits)
def test_what_counts_up_to_the_due_time_is_the_limit(drawn, limit):
    start, pauses = drawn
    end = due(start, limit, pauses)

    assert counted(start, end, limit, pauses=pauses, calendar=CALENDAR) == limit.length


@CHECKED
@given(paused(), limits, st.integers(0, 10**6))
def test_every_counted_moment_is_working_time_outside_pauses(drawn, limit, share):
    start, pauses = drawn
    spans = [s for s in reckon(start, limit, pauses=pauses, calendar=CALENDAR).spans if s.counted]
    moments = [s.since + (s.until - s.since) * share / (10**6 + 1) for s in spans]

    assert [m for m in moments if not counts(m, limit, pauses)] == []


@CHECKED
@given(paused(), limits, offsets)
def test_an_open_pause_holds_the_clock_or_comes_too_late(drawn, limit, off):
    start, pauses = drawn
    without = due(start, limit, pauses)
    held = Pause(start + off, None)

    found = due_at(start, limit, pauses=[*pauses, held], calendar=CALENDAR)

    assert found == (without if held.since >= without or not limit.length else None)


@CHECKED
@given(
    st.integers(0, 7 * 365 * 1440), st.integers(0, 60 * 48), st.sampled_from(list(Count)),
    st.sampled_from(HOURS), st.lists(st.tuples(offsets, lasting), max_size=3),
)  # fmt: skip
def test_a_counter_that_goes_minute_by_minute_agrees(start, length, count, hours, drawn):
    begin = datetime(2018, 1, 1, tzinfo=BEIJING) + start * MINUTE
    pauses = [Pause(begin + off, begin + off + long) for off, long in drawn]
    windows = parse_hours(hours) if count is Count.SERVICE else ()
    limit = Limit(length * MINUTE, count, windows)

    assert due(begin, limit, pauses) == naive(begin, limit, pauses)


def naive(start: datetime, limit: Limit, pauses: list[Pause]) -> datetime:
    """Go on minute by minute until as many counted as the limit has."""
    left, now = limit.length // MINUTE, start
    while left:
        left -= counts(now, limit, pauses)
        now += MINUTE
    return now


def counts(moment: datetime, limit: Limit, pauses: list[Pause]) -> bool:
    """Return whether the clock runs at a moment, asked of the notices' tables as they are written."""
    if any(p.since <= moment and (p.until is None or moment < p.until) for p in pauses):
        return False
    if limit.count is Count.CALENDAR:
        return True
    day = moment.date()
    named = [t for t in CALENDAR.tables.values() if day in t.off or day in t.work]
    working = day in named[-1].work if named else day.weekday() < 5
    if limit.count is Count.WORKDAY or not working:
        return working
    return any(a <= moment.time() and (b == time(0) or moment.time() < b) for a, b in limit.hours)
