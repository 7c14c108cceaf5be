"""计时 by a table a clerk could check with a calendar on the wall: every due time here was worked out by hand.

Service hours are 09:00–12:00 and 13:30–17:30, seven hours a day, unless a line says otherwise.
2026 国庆节: off 10-01 (周四) to 10-07 (周三), make-up days 09-20 (周日) and 10-10 (周六).
"""

from datetime import datetime, timedelta

import pytest

from jiesu.catalogue.shipped import work_calendar
from jiesu.rules.counting import (
    Count,
    Limit,
    Pause,
    counted,
    due_at,
    parse_hours,
    reckon,
    sentences,
    spell,
)
from jiesu.rules.holidays import NoTable, WorkCalendar, YearTable
from jiesu.rules.moments import BEIJING

CALENDAR = work_calendar()
HOURS = "09:00-12:00,13:30-17:30"
C, W, S = Count.CALENDAR, Count.WORKDAY, Count.SERVICE
UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


def length(text: str) -> timedelta:
    return timedelta(seconds=sum(float(p[:-1]) * UNITS[p[-1]] for p in text.split()))


def limit(text: str, count: Count, hours: str = HOURS) -> Limit:
    return Limit(length(text), count, parse_hours(hours) if count is S else ())


def pauses(*texts: str) -> list[Pause]:
    """``FROM/TO``; nothing after the stroke is a pause that lasts."""
    ends = [text.split("/") for text in texts]
    return [Pause(at(since), at(until) if until else None) for since, until in ends]


EVE = "2026-09-30T16:00"  # 周三，国庆节前一天
MON, FRI, SAT = "2026-11-23", "2026-11-27", "2026-11-28"


@pytest.mark.parametrize(
    ("start", "long", "count", "due"),
    [
        # 各档时限，国庆节前一天 16:00 起
        pytest.param(EVE, "2h", C, "2026-09-30T18:00", id="自然日2小时"),
        pytest.param(EVE, "24h", C, "2026-10-01T16:00", id="自然日24小时，放假照计"),
        pytest.param(EVE, "48h", C, "2026-10-02T16:00", id="自然日48小时"),
        pytest.param(EVE, "7d", C, "2026-10-07T16:00", id="自然日7天"),
        pytest.param(EVE, "15d", C, "2026-10-15T16:00", id="自然日15天"),
        pytest.param(EVE, "2h", W, "2026-09-30T18:00", id="工作日2小时，当天计满"),
        pytest.param(EVE, "24h", W, "2026-10-08T16:00", id="工作日24小时：30日8＋8日16"),
        pytest.param(EVE, "48h", W, "2026-10-09T16:00", id="工作日48小时：8＋24＋16"),
        pytest.param(EVE, "72h", W, "2026-10-10T16:00", id="工作日72小时：10日周六调休照计"),
        # 30日8、8日32、9日56、10日80、（11日周日）、12日104、13日128、14日152、15日还差16
        pytest.param(EVE, "7d", W, "2026-10-15T16:00", id="工作日7天即168小时"),
        # 15日176、16日200、19日224、20日248、21日272、22日296、23日320、26日344、27日还差16
        pytest.param(EVE, "15d", W, "2026-10-27T16:00", id="工作日15天即360小时"),
        pytest.param(EVE, "2h", S, "2026-10-08T09:30", id="服务2小时：30日1.5＋8日0.5"),
        # 30日1.5、8日8.5、9日15.5、10日调休22.5、12日还差1.5
        pytest.param(EVE, "24h", S, "2026-10-12T10:30", id="服务24小时，含调休周六"),
        # 12日29.5、13日36.5、14日43.5、15日还差4.5：上午3，下午1.5
        pytest.param(EVE, "48h", S, "2026-10-15T15:00", id="服务48小时"),
        # 到11月6日周五162.5（10月余下15天、11月2至6日5天），9日还差5.5：上午3，下午2.5
        pytest.param(EVE, "168h", S, "2026-11-09T16:00", id="服务168小时"),
        # 358.5＝51天×7＋1.5；8、9、10日3天，10月12日起九周45天，12月14日周起第4天是17日
        pytest.param(EVE, "360h", S, "2026-12-17T10:30", id="服务360小时，第52个工作日"),
        # 周末
        pytest.param(f"{FRI}T16:00", "24h", W, "2026-11-30T16:00", id="周五8小时接周一16小时"),
        pytest.param(f"{FRI}T16:00", "8h", W, "2026-11-28T00:00", id="周五24点整不是周一"),
        pytest.param(f"{FRI}T16:00", "8h 1m", W, "2026-11-30T00:01", id="多一分钟就到周一"),
        pytest.param(f"{SAT}T10:00", "24h", W, "2026-12-01T00:00", id="周六来的从周一零点计"),
        pytest.param(f"{SAT}T10:00", "1m", W, "2026-11-30T00:01", id="周六来的一分钟"),
        pytest.param("2026-11-29T23:59:30", "90s", W, "2026-11-30T00:01:30", id="周日深夜到秒"),
        pytest.param(f"{SAT}T10:00", "24h", C, "2026-11-29T10:00", id="自然日周末照计"),
        pytest.param("2026-11-30T00:00", "24h", W, "2026-12-01T00:00", id="周一零点起整一天"),
        pytest.param(f"{SAT}T00:00", "24h", W, "2026-12-01T00:00", id="周五24点起等到周一"),
        pytest.param(f"{MON}T00:00", "120h", W, "2026-11-28T00:00", id="整五个工作日到周五24点"),
        # 周五14:29:45、周一38:29:45、周二还差9:30:15
        pytest.param(f"{FRI}T09:30:15", "48h", W, "2026-12-01T09:30:15", id="带秒的开始"),
        # 春节
        pytest.param("2026-02-13T16:00", "24h", W, "2026-02-14T16:00", id="26春节前周六调休"),
        pytest.param("2026-02-13T16:00", "48h", W, "2026-02-24T16:00", id="26春节8＋24＋节后16"),
        pytest.param("2026-02-18T10:00", "24h", W, "2026-02-25T00:00", id="26春节中间来的"),
        pytest.param(
            "2026-02-24T00:00", "120h", W, "2026-03-01T00:00", id="26春节后连上五天到周六"
        ),
        pytest.param("2025-01-25T12:00", "24h", W, "2025-01-27T00:00", id="25春节前周六休周日班"),
        pytest.param("2025-01-27T12:00", "48h", W, "2025-02-06T12:00", id="25春节12＋5日24＋6日12"),
        pytest.param("2025-02-07T00:00", "72h", W, "2025-02-11T00:00", id="25春节后周六班周日休"),
        pytest.param("2024-02-09T12:00", "24h", W, "2024-02-18T12:00", id="24除夕上班，节后周日班"),
        pytest.param("2024-02-03T09:00", "24h", W, "2024-02-05T00:00", id="24春节前周日调休"),
        pytest.param("2023-01-20T00:00", "72h", W, "2023-01-30T00:00", id="23春节后周六周日都班"),
        pytest.param("2022-01-28T12:00", "72h", W, "2022-02-07T12:00", id="22春节前周末都班"),
        pytest.param("2021-02-10T13:30", "7h", S, "2021-02-18T12:00", id="21春节4＋3，正好到午休"),
        pytest.param("2020-01-23T12:00", "24h", W, "2020-02-03T12:00", id="20春节延长到2月2日"),
        pytest.param("2019-02-02T00:00", "48h", W, "2019-02-04T00:00", id="19春节前周末都班"),
        pytest.param("2018-02-23T00:00", "48h", W, "2018-02-25T00:00", id="18春节后周六班"),
        # 其他节日
        pytest.param("2026-09-18T16:00", "24h", W, "2026-09-20T16:00", id="26国庆前周六休周日班"),
        pytest.param("2026-09-24T20:00", "24h", W, "2026-09-28T20:00", id="26中秋三天"),
        pytest.param("2026-10-03T10:00", "24h", W, "2026-10-09T00:00", id="26国庆中间来的"),
        pytest.param("2026-10-10T13:00", "4h", S, "2026-10-10T17:30", id="调休周六有服务时间"),
        pytest.param(
            "2025-09-30T00:00", "96h", W, "2025-10-12T00:00", id="25国庆中秋：30、9、10、11日"
        ),
        pytest.param("2024-10-11T17:00", "7h", S, "2024-10-12T17:00", id="24国庆后周六半小时接6.5"),
        pytest.param("2023-09-28T12:00", "48h", W, "2023-10-08T12:00", id="23中秋国庆后周末都班"),
        pytest.param(
            "2020-10-05T10:00", "8h", S, "2020-10-10T10:00", id="20国庆中间来的：9日7＋10日1"
        ),
        pytest.param("2026-04-30T12:00", "24h", W, "2026-05-06T12:00", id="26五一五天"),
        pytest.param("2026-05-08T12:00", "24h", W, "2026-05-09T12:00", id="26五一后周六班"),
        pytest.param("2026-06-18T23:00", "2h", W, "2026-06-22T01:00", id="26端午连周末"),
        pytest.param("2026-04-03T20:00", "24h", W, "2026-04-07T20:00", id="26清明连周末"),
        pytest.param("2019-05-03T10:00", "24h", W, "2019-05-06T00:00", id="19五一后周日班"),
        # 年末
        pytest.param("2025-12-31T12:00", "24h", W, "2026-01-04T12:00", id="26元旦后周日班"),
        pytest.param(
            "2018-12-28T12:00", "48h", W, "2019-01-02T12:00", id="19元旦挪到上年底：29日班"
        ),
        pytest.param("2022-12-30T12:00", "24h", W, "2023-01-03T12:00", id="23元旦从上年底放起"),
        pytest.param("2023-12-29T18:00", "12h", W, "2024-01-02T06:00", id="24元旦与周末连休"),
        pytest.param("2026-12-31T12:00", "12h", W, "2027-01-01T00:00", id="正好到年底24点不进明年"),
        pytest.param("2026-12-31T12:00", "24h", C, "2027-01-01T12:00", id="自然日进没有安排的年份"),
        # 服务时间
        pytest.param(f"{MON}T08:00", "2h", S, f"{MON}T11:00", id="上班前来的从9点计"),
        pytest.param(f"{MON}T11:00", "2h", S, f"{MON}T14:30", id="跨午休"),
        pytest.param(f"{MON}T12:30", "1h", S, f"{MON}T14:30", id="午休来的"),
        pytest.param(f"{MON}T10:00", "2h", S, f"{MON}T12:00", id="正好到午休不是13:30"),
        pytest.param(f"{MON}T12:00", "4h", S, f"{MON}T17:30", id="正好到下班"),
        pytest.param(f"{MON}T17:30", "1m", S, "2026-11-24T09:01", id="下班整点来的"),
        pytest.param(f"{MON}T18:00", "2h", S, "2026-11-24T11:00", id="下班后来的"),
        pytest.param(f"{SAT}T10:00", "2h", S, "2026-11-30T11:00", id="周末来的"),
        pytest.param(f"{FRI}T17:00", "1h", S, "2026-11-30T09:30", id="周五半小时接周一"),
        pytest.param(f"{MON}T11:59:30", "60s", S, f"{MON}T13:30:30", id="跨午休到秒"),
        pytest.param(f"{MON}T09:00", "35h", S, "2026-11-27T17:30", id="整五天到周五下班"),
        # 零
        pytest.param(EVE, "0h", C, EVE, id="时限为零即开始"),
        pytest.param("2026-10-03T10:00", "0h", W, "2026-10-03T10:00", id="节日里时限为零"),
        pytest.param("2027-05-01T10:00", "0h", W, "2027-05-01T10:00", id="没有安排的年份时限为零"),
    ],
)
def test_due(start, long, count, due):
    asked = limit(long, count)

    assert due_at(at(start), asked, calendar=CALENDAR) == at(due)
    assert reckon(at(start), asked, calendar=CALENDAR).due == at(due)


DAY = f"{MON}T08:00"  # 周一 8:00


@pytest.mark.parametrize(
    ("start", "long", "count", "stops", "due"),
    [
        pytest.param(DAY, "24h", C, ["2026-11-23T10:00/2026-11-23T14:00"], "2026-11-24T12:00", id="停4小时顺延4小时"),
        pytest.param(DAY, "24h", C, ["2026-11-23T10:00/2026-11-23T14:00", "2026-11-23T12:00/2026-11-23T16:00"],
                     "2026-11-24T14:00", id="重叠的只算一次：共6小时"),
        pytest.param(DAY, "24h", C, ["2026-11-23T12:00/2026-11-23T13:00", "2026-11-23T10:00/2026-11-23T16:00"],
                     "2026-11-24T14:00", id="一段包住另一段"),
        pytest.param(DAY, "24h", C, ["2026-11-23T10:00/2026-11-23T12:00", "2026-11-23T12:00/2026-11-23T14:00"],
                     "2026-11-24T12:00", id="首尾相接"),
        pytest.param(DAY, "24h", C, ["2026-11-23T06:00/2026-11-23T07:00"], "2026-11-24T08:00", id="开始前已结束的不算"),
        pytest.param(DAY, "24h", C, ["2026-11-23T06:00/2026-11-23T09:00"], "2026-11-24T09:00", id="开始前就停的只算1小时"),
        pytest.param(DAY, "24h", C, ["2026-11-24T08:00/2026-11-25T08:00"], "2026-11-24T08:00", id="正好到期才停的不算"),
        pytest.param(DAY, "24h", C, ["2026-11-24T07:59/2026-11-24T10:00"], "2026-11-24T10:01", id="到期前一分钟停"),
        pytest.param(DAY, "24h", C, ["2026-11-25T08:00/"], "2026-11-24T08:00", id="到期后才停且未恢复"),
        pytest.param(DAY, "24h", C, ["2026-11-23T09:00/2026-11-23T09:00"], "2026-11-24T08:00", id="停了零分钟"),
        pytest.param(DAY, "24h", C, ["2026-11-23T20:00/2026-11-23T21:00", "2026-11-23T10:00/2026-11-23T11:00"],
                     "2026-11-24T10:00", id="两段不分先后写"),
        pytest.param(f"{FRI}T16:00", "24h", W, ["2026-11-28T00:00/2026-11-30T00:00"],
                     "2026-11-30T16:00", id="只停在周末不顺延"),
        # 周五16至20时4小时，周一6时起20小时到周二2时
        pytest.param(f"{FRI}T16:00", "24h", W, ["2026-11-27T20:00/2026-11-30T06:00"],
                     "2026-12-01T02:00", id="停过周末"),
        # 上午少1小时、下午少半小时，次日补1.5小时
        pytest.param(f"{MON}T09:00", "7h", S, ["2026-11-23T11:00/2026-11-23T14:00"],
                     "2026-11-24T10:30", id="停跨午休只少1.5小时"),
        pytest.param(f"{MON}T09:00", "7h", S, ["2026-11-23T12:00/2026-11-23T13:30"],
                     f"{MON}T17:30", id="只停午休不顺延"),
        pytest.param(f"{MON}T09:00", "7h", S, ["2026-11-23T17:30/2026-11-24T09:00"],
                     f"{MON}T17:30", id="下班后才停"),
        # 30日8小时，8日12时起12小时，9日4小时
        pytest.param(EVE, "24h", W, ["2026-10-01T00:00/2026-10-08T12:00"], "2026-10-09T04:00", id="停过整个国庆节"),
        pytest.param(EVE, "24h", W, ["2026-10-02T00:00/2026-10-05T00:00"], "2026-10-08T16:00", id="停在节日里不顺延"),
        # 10日是调休上班的周六，停一天少24小时：8日24、9日48、12日…8＋24＋24＋16
        pytest.param(EVE, "72h", W, ["2026-10-10T00:00/2026-10-11T00:00"], "2026-10-12T16:00", id="停在调休周六"),
        pytest.param("2026-12-30T00:00", "24h", W, ["2027-02-01T00:00/2027-02-02T00:00"],
                     "2026-12-31T00:00", id="停在没有安排的年份但早已计满"),
        pytest.param(DAY, "24h", C, ["2026-11-23T10:00/"], None, id="没有恢复"),
        pytest.param(DAY, "24h", C, ["2026-11-20T10:00/"], None, id="开始时就停着没有恢复"),
        pytest.param(DAY, "24h", W, ["2026-11-23T10:00/2026-11-23T11:00", "2026-11-23T10:30/"],
                     None, id="一段结束另一段没有恢复"),
        pytest.param(DAY, "0h", W, ["2026-11-20T10:00/"], DAY, id="时限为零不怕停"),
    ],
)  # fmt: skip
def test_due_with_pauses(start, long, count, stops, due):
    asked, stopped = limit(long, count), pauses(*stops)
    expected = at(due) if due else None

    assert due_at(at(start), asked, pauses=stopped, calendar=CALENDAR) == expected
    assert reckon(at(start), asked, pauses=stopped, calendar=CALENDAR).due == expected


@pytest.mark.parametrize(
    ("hours", "start", "long", "due"),
    [
        pytest.param("00:00-24:00", f"{FRI}T16:00", "24h", "2026-11-30T16:00", id="全天同工作日"),
        pytest.param("18:00-24:00", f"{MON}T20:00", "6h", "2026-11-24T20:00", id="夜里4小时接次日2"),
        pytest.param("18:00-24:00", f"{MON}T20:00", "4h", "2026-11-24T00:00", id="正好到24点"),
        pytest.param("13:30-17:30,09:00-12:00", f"{MON}T09:00", "4h", f"{MON}T14:30", id="倒着写也行"),
        pytest.param("00:00-06:00,22:00-24:00", f"{FRI}T23:00", "2h", "2026-11-30T01:00", id="跨夜分两段"),
    ],
)  # fmt: skip
def test_due_by_other_hours(hours, start, long, due):
    assert due_at(at(start), limit(long, S, hours), calendar=CALENDAR) == at(due)


@pytest.mark.parametrize(
    ("start", "long", "count", "stops"),
    [
        pytest.param("2026-12-31T12:00", "12h 1m", W, [], id="多一分钟就进2027"),
        pytest.param("2027-01-01T00:00", "1h", W, [], id="开始就在2027"),
        pytest.param("2026-12-31T17:00", "1h", S, [], id="服务时间进2027"),
        pytest.param("2026-12-30T00:00", "24h", W, ["2026-12-30T12:00/2027-01-04T00:00"], id="停进2027"),
        pytest.param("2026-12-20T00:00", "15d", W, [], id="15天进2027"),
    ],
)  # fmt: skip
def test_a_year_without_a_table_is_said_and_not_guessed(start, long, count, stops):
    with pytest.raises(NoTable, match="还没有2027年的放假调休安排") as told:
        due_at(at(start), limit(long, count), pauses=pauses(*stops), calendar=CALENDAR)

    assert told.value.year == 2027


def test_a_moment_with_an_offset_is_the_same_moment():
    start = datetime.fromisoformat("2026-09-30T08:00:00+00:00")

    assert due_at(start, limit("24h", W), calendar=CALENDAR) == at("2026-10-08T16:00")


def test_every_span_is_told_with_its_reason():
    found = reckon(
        at("2026-10-08T16:00"), limit("6h", S), calendar=CALENDAR,
        pauses=[Pause(at("2026-10-09T10:00"), at("2026-10-09T13:00"), "等鉴定结论")],
    )  # fmt: skip

    assert [(f"{s.since:%d %H:%M}", f"{s.until:%d %H:%M}", s.counted, s.why) for s in found.spans] == [
        ("08 16:00", "08 17:30", True, "服务时间"),
        ("08 17:30", "09 09:00", False, "非服务时间"),
        ("09 09:00", "09 10:00", True, "服务时间"),
        ("09 10:00", "09 13:00", False, "暂停：等鉴定结论"),
        ("09 13:00", "09 13:30", False, "非服务时间"),
        ("09 13:30", "09 17:00", True, "服务时间"),
    ]  # fmt: skip


def test_days_off_with_the_same_reason_are_one_span():
    found = reckon(at(EVE), limit("80h 1m", W), calendar=CALENDAR)

    assert [(f"{s.since:%m-%d}", s.counted, s.why) for s in found.spans] == [
        ("09-30", True, "工作日"),
        ("10-01", False, "国庆节放假"),
        ("10-08", True, "工作日"),
        ("10-10", True, "调休上班"),
        ("10-11", False, "周末"),
        ("10-12", True, "工作日"),
    ]


def test_pauses_that_overlap_are_told_with_all_their_causes():
    stops = [
        Pause(at("2026-11-23T10:00"), at("2026-11-23T14:00"), "等鉴定"),
        Pause(at("2026-11-23T12:00"), at("2026-11-23T16:00"), "诉求人出差"),
    ]
    found = reckon(at(DAY), limit("3h", C), pauses=stops)

    assert [s.why for s in found.spans] == [
        "自然日连续计时", "暂停：等鉴定", "暂停：等鉴定、诉求人出差", "暂停：诉求人出差", "自然日连续计时",
    ]  # fmt: skip


def test_words_a_clerk_can_repeat():
    asked = limit("72h", W)

    assert sentences(reckon(at(EVE), asked, calendar=CALENDAR), asked) == [
        "时限 72 小时，按工作日计。",
        "2026年9月30日（周三）16:00 开始。",
        "9月30日（周三）16:00 至 9月30日（周三）24:00，工作日，计 8 小时，累计 8 小时。",
        "10月1日（周四）00:00 至 10月7日（周三）24:00，国庆节放假，不计时。",
        "10月8日（周四）00:00 至 10月9日（周五）24:00，工作日，计 48 小时，累计 56 小时。",
        "10月10日（周六）00:00 至 10月10日（周六）16:00，调休上班，计 16 小时，累计 72 小时。",
        "计满 72 小时，截止时间是 2026年10月10日（周六）16:00。",
    ]


def test_words_for_a_clock_that_is_paused():
    asked = limit("7h", S)
    stop = Pause(at("2026-11-24T09:30"), None, "等诉求人补材料")

    assert sentences(reckon(at(f"{MON}T16:30"), asked, pauses=[stop], calendar=CALENDAR), asked) == [
        "时限 7 小时，按服务时间计（工作日 09:00–12:00、13:30–17:30）。",
        "2026年11月23日（周一）16:30 开始。",
        "11月23日（周一）16:30 至 11月24日（周二）09:30，服务时间，计 1 小时 30 分，累计 1 小时 30 分。",
        "2026年11月24日（周二）09:30 起暂停计时（等诉求人补材料），还没有恢复，还剩 5 小时 30 分，"
        "恢复计时后才能算出截止时间。",
    ]  # fmt: skip


def test_a_tentative_year_is_said():
    table = YearTable(2027, {at("2027-01-01").date(): "元旦"}, {}, confirmed=False, source="推定")
    calendar = CALENDAR.overlaid({2027: table})
    asked = limit("24h", W)
    # 周四12小时，1月1日周五放假，2、3日周末，4日周一12小时
    found = reckon(at("2026-12-31T12:00"), asked, calendar=calendar)

    assert (found.due, found.unconfirmed) == (at("2027-01-04T12:00"), (2027,))
    assert sentences(found, asked)[-1] == "2027年的放假安排是暂定的，待公布后会重算。"


def test_a_due_time_at_the_very_end_of_a_year_touches_no_tentative_next_one():
    calendar = CALENDAR.overlaid({2027: YearTable(2027, {}, {}, confirmed=False, source="推定")})

    found = reckon(at("2026-12-31T12:00"), limit("12h", W), calendar=calendar)

    assert (found.due, found.unconfirmed) == (at("2027-01-01T00:00"), ())


@pytest.mark.parametrize(
    ("since", "until", "count", "stops", "much"),
    [
        pytest.param(EVE, "2026-10-10T16:00", W, [], "72h", id="工作日"),
        pytest.param(EVE, "2026-10-12T10:30", S, [], "24h", id="服务时间"),
        pytest.param(EVE, "2026-10-02T16:00", C, ["2026-10-01T16:00/"], "24h", id="停到现在"),
        pytest.param(EVE, "2026-10-05T16:00", W, [], "8h", id="到节日里"),
        pytest.param("2026-12-31T12:00", "2027-01-01T00:00", W, [], "12h", id="到年底24点"),
        pytest.param(EVE, "2026-09-30T15:00", W, [], "0h", id="倒着是零"),
    ],
)
def test_how_much_counts_between(since, until, count, stops, much):
    found = counted(
        at(since), at(until), limit("1h", count), pauses=pauses(*stops), calendar=CALENDAR
    )

    assert found == length(much)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("九点到五点", "看不懂"),
        ("", "看不懂"),
        ("09:00-25:00", "看不懂"),
        ("09:60-10:00", "看不懂"),
        ("17:30-09:00", "起止颠倒"),
        ("09:00-09:00", "起止颠倒"),
        ("09:00-12:00,11:00-13:00", "重叠"),
    ],
)
def test_hours_that_cannot_be_are_refused(text, told):
    with pytest.raises(ValueError, match=told):
        parse_hours(text)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (Limit(timedelta(hours=-1)), "不能是负数"),
        (Limit(timedelta(hours=1), S), "要写明服务时间"),
        (Limit(timedelta(days=3_000_000)), "时限太长"),
    ],
)
def test_limits_that_cannot_be_counted_are_refused(asked, told):
    with pytest.raises(ValueError, match=told):
        due_at(at(EVE), asked, calendar=CALENDAR)


def test_no_calendar_is_no_table():
    with pytest.raises(NoTable):
        due_at(at(EVE), limit("1h", W), calendar=WorkCalendar({}))


@pytest.mark.parametrize(
    ("long", "words"),
    [("72h", "72 小时"), ("90m", "1 小时 30 分"), ("45s", "45 秒"), ("0h", "0 分")],
)
def test_spell(long, words):
    assert spell(length(long)) == words
