"""时刻的各种写法：what is written in real exports, and what must be said about the rest."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiesu.rules.moments import (
    BEIJING,
    Moment,
    NoSuchDay,
    UnreadableTime,
    agrees_coarser,
    better,
    moment,
)


def beijing(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=BEIJING)


SECOND = Moment(beijing(2026, 4, 2, 18, 16, 58), "second")
MINUTE = Moment(beijing(2026, 4, 2, 18, 16), "minute")
DAY = Moment(beijing(2026, 4, 2), "day")
EARLY = Moment(beijing(2026, 10, 19, 8, 5), "minute")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-04-02 18:16:58", SECOND),
        ("2026-04-02T18:16:58", SECOND),
        ("2026-04-02 18:16:58.0", SECOND),
        ("  2026-04-02   18:16:58\u3000", SECOND),
        ("２０２６－０４－０２　１８：１６：５８", SECOND),
        ("2026年4月2日 18时16分58秒", SECOND),
        ("2026年4月2日18时16分58秒", SECOND),
        ("20260402181658", SECOND),
        ("2026-04-02T10:16:58Z", SECOND),
        ("2026-04-02T18:16:58+08:00", SECOND),
        (datetime(2026, 4, 2, 18, 16, 58), SECOND),  # noqa: DTZ001
        (datetime(2026, 4, 2, 10, 16, 58, tzinfo=UTC), SECOND),
        (46114.7617824074, SECOND),
        ("46114.7617824074", SECOND),
        ("2026-04-02 18:16", MINUTE),
        ("2026年4月2日 18时16分", MINUTE),
        ("2026年4月2日 下午6:16", MINUTE),
        ("2026-04-02（星期四） 18:16", MINUTE),
        ("2026/4/2", DAY),
        ("2026.4.2", DAY),
        ("2026年4月2日", DAY),
        ("20260402", DAY),
        ("46114", DAY),
        (46114, DAY),
        (date(2026, 4, 2), DAY),
        ("2026/10/19 8:05", EARLY),
        ("2026.10.19 8:05", EARLY),
        ("2026年10月19日 08时05分", EARLY),
        ("2026/10/19\u200b 8:05", EARLY),
        pytest.param(
            "2026-04-02 18:16:00",
            Moment(beijing(2026, 4, 2, 18, 16), "second"),
            id="写了零秒就是到秒",
        ),
        pytest.param(
            datetime(2026, 4, 2, 18, 16),  # noqa: DTZ001
            MINUTE,
            id="日期单元格零秒只算到分",
        ),
        pytest.param(
            "2026-04-02 24:00", Moment(beijing(2026, 4, 3), "minute"), id="24点是次日零点"
        ),
    ],
)
def test_every_written_form_is_read_with_the_precision_it_came_in(written, expected):
    assert moment(written) == expected


@pytest.mark.parametrize(
    ("written", "kind", "sentence"),
    [
        ("昨天下午", UnreadableTime, "派单时间“昨天下午”看不懂，请写成 2026-10-19 08:05"),
        ("", UnreadableTime, "派单时间“”看不懂，请写成 2026-10-19 08:05"),
        ("26-4-2", UnreadableTime, "派单时间“26-4-2”看不懂，请写成 2026-10-19 08:05"),
        (True, UnreadableTime, "派单时间“True”看不懂，请写成 2026-10-19 08:05"),
        (12.5, UnreadableTime, "派单时间“12.5”看不懂，请写成 2026-10-19 08:05"),
        ("2026-02-30", NoSuchDay, "没有这一天：派单时间“2026-02-30”，请核对年月日后改正"),
        (
            "2026-02-30 08:00:00",
            NoSuchDay,
            "没有这一天：派单时间“2026-02-30 08:00:00”，请核对年月日后改正",
        ),
        (
            "2026-04-02 25:00",
            NoSuchDay,
            "没有这个钟点：派单时间“2026-04-02 25:00”，请核对时分秒后改正",
        ),
        (
            "1999-12-31",
            UnreadableTime,
            "派单时间“1999-12-31”不在 2000 年至 2099 年之间，请核对年份后改正",
        ),
        (
            "2099-12-31 24:00",
            UnreadableTime,
            "派单时间“2099-12-31 24:00”不在 2000 年至 2099 年之间，请核对年份后改正",
        ),
    ],
)
def test_what_cannot_be_read_says_what_to_do(written, kind, sentence):
    with pytest.raises(kind) as told:
        moment(written, "派单时间")

    assert str(told.value) == sentence


@pytest.mark.parametrize(
    ("new", "agrees"),
    [
        pytest.param("2026-04-02 18:16:58", True, id="相同"),
        pytest.param("2026-04-02 18:16", True, id="到分，同一分钟"),
        pytest.param("2026-04-02", True, id="到日，同一天"),
        pytest.param("2026-04-02 18:17", False, id="到分，差一分钟"),
        pytest.param("2026-04-03", False, id="到日，次日"),
        pytest.param("2026-04-02 18:16:59", False, id="差一秒"),
    ],
)
def test_a_coarser_time_that_agrees_never_overwrites(new, agrees):
    new_moment = moment(new)
    on_record = SECOND.at.astimezone(UTC)

    assert agrees_coarser(on_record, new_moment) is agrees
    assert better(on_record, new_moment) == (on_record if agrees else new_moment.at)


def test_an_empty_time_never_overwrites_and_a_finer_one_does():
    assert better(SECOND.at, None) == SECOND.at
    assert better(None, MINUTE) == MINUTE.at
    assert better(MINUTE.at, SECOND) == SECOND.at


@given(
    st.one_of(
        st.text(max_size=80),
        st.text(alphabet="0123456789-/.:年月日时分秒 T上下午+Z", max_size=40),
        st.floats(),
        st.integers(),
        st.booleans(),
        st.none(),
        st.dates(),
        st.datetimes(timezones=st.sampled_from([None, UTC, BEIJING])),
    )
)
def test_whatever_stands_there_is_a_moment_of_this_century_or_a_sentence(value):
    with suppress(ValueError):  # and nothing else
        read = moment(value, "时间")
        assert 2000 <= read.at.year <= 2099
        assert read.at.utcoffset() == timedelta(hours=8)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)))  # noqa: DTZ001
def test_what_is_written_comes_back(at):
    at = at.replace(microsecond=0)
    expected = Moment(at.replace(tzinfo=BEIJING), "second")

    written = [
        at.isoformat(" "),
        f"{at.year}/{at.month}/{at.day} {at.hour}:{at.minute:02}:{at.second:02}",
        f"{at.year}年{at.month}月{at.day}日 {at.hour}时{at.minute}分{at.second}秒",
    ]
    assert [moment(text) for text in written] == [expected] * 3
