"""What an order is marked for, by which words; denials, look-alikes and fears make no mark."""

import pytest

from jiesu.catalogue.shipped import mark_rules
from jiesu.rules.alarms import AlarmRules, judge
from jiesu.rules.marks import MarkKind, marks
from jiesu.rules.saying import says


def told(text, month=11, **more):
    return {m.code: m.found for m in marks(("", text), mark_rules(), month=month, **more)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "家里暖气从昨晚开始不热，老人受不了", {"heating": ("暖气", "不热")}, id="供暖"
        ),
        pytest.param("整栋楼停水两天了", {"water": ("停水",)}, id="停水"),
        pytest.param("这里从来没有停水", {}, id="否认的停水"),
        pytest.param("小区没电梯，老人上下楼不便", {}, id="没电梯不是没电"),
        pytest.param("厨房里有很重的煤气味", {"gas": ("煤气味",)}, id="燃气"),
        pytest.param(
            "一旦发生火灾，消防车进不来", {"fire_risk": ("消防车", "进不来")}, id="担心火灾不是火情"
        ),
        pytest.param("昨晚三号楼起火，浓烟很大", {"fire": ("起火",)}, id="起火"),
        pytest.param("热水器打不着火", {}, id="打不着火"),
        pytest.param("电动车堵门，业主出不去", {}, id="车堵门不是聚集"),
        pytest.param("邻居被困在电梯里半小时", {"lift": ("困在电梯",)}, id="电梯困人"),
        pytest.param("电梯经常停运，出行困难", {}, id="困难不是困人"),
        pytest.param("我司申请的手续一直没有批", {"business": ("我司",)}, id="企业自称"),
        pytest.param("我公司拖欠工资三个月", {"wages": ("拖欠工资",)}, id="员工说我公司"),
        pytest.param("楼下烧烤店每晚喧哗", {"barbecue": ("烧烤", "喧哗")}, id="烧烤扰民"),
    ],
)
def test_the_words_decide(text, expected):
    assert told(text) == expected


def test_a_season_says_whether_it_is_now():
    summer, winter = (
        next(m for m in marks(("", "路口一下雨就积水"), mark_rules(), month=month))
        for month in (7, 12)
    )

    assert (summer.kind, summer.in_season, summer.reason) == (
        MarkKind.SEASON,
        True,
        "写有“积水”，正值6月至9月",
    )
    assert (winter.in_season, winter.reason) == (False, "写有“积水”，不在6月至9月")
    heating = next(m for m in marks(("", "供暖不热"), mark_rules(), month=1) if m.code == "heating")
    assert heating.reason == "写有“供暖”“不热”，正值11月至次年3月"


def test_tags_classes_and_names_of_a_business_need_no_words():
    assert told("请尽快处理", tags=["企业48小时"]) == {"business": ()}
    assert told("请尽快处理", company="某某商贸有限公司") == {"business": ()}
    assert told("请尽快处理", category="公共服务>供暖>温度不达标") == {"heating": ()}


RULES = AlarmRules(threat_words=("扬言", "跳楼", "不想活"), threat_but=("跳楼价",))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("来电人扬言要去跳楼", ("扬言", "跳楼"), id="两个词"),
        pytest.param("来电人情绪激动，但没有扬言", (), id="没有扬言"),
        pytest.param("其表示不会跳楼，请尽快处理", (), id="不会跳楼"),
        pytest.param("商场天天喊跳楼价，吵得不行", (), id="跳楼价"),
        pytest.param("没有办法，只能跳楼", ("跳楼",), id="没有办法不是否认"),
        pytest.param("再不解决就不想活了", ("不想活",), id="不想活"),
        pytest.param("不是扬言，是真的要跳楼", ("跳楼",), id="否认一个，另一个是真"),
    ],
)
def test_a_threat_denied_is_no_alarm(text, found):
    alarm = judge((), "", ("", text), RULES)

    assert (alarm.found if alarm else ()) == found


def test_a_long_text_full_of_denials_is_read_quickly():
    assert not says("没有扬言" * 20_000, "扬言")
