"""Whom to call first, by the weights of the rule set and with the reason in words."""

from datetime import datetime, timedelta

import pytest

from jiesu.rules.follow_up import (
    FollowUpRules,
    Signs,
    Worry,
    follow_up_rules,
    reasons,
    score,
)
from jiesu.rules.moments import BEIJING

AT = datetime(2026, 11, 10, 10, tzinfo=BEIJING)
ENDS = datetime(2026, 11, 19, tzinfo=BEIJING)
PLAIN = {"tags": [], "result": "已更换灯泡，诉求人满意。", "since": AT - timedelta(hours=2)}


@pytest.mark.parametrize(
    ("signs", "expected"),
    [
        pytest.param({}, [], id="没有风险"),
        pytest.param({"result": "暂时无法修复"}, ["办理结果里写着“暂时无法”"], id="结果里的话"),
        pytest.param({"reopened": 1, "rejected": 1}, ["重新办理过 1 次"], id="重办重于驳回"),
        pytest.param(
            {"tags": ["重点人", "反水"]}, ["平台标为“反水”", "平台标为重点人"], id="平台标签"
        ),
        pytest.param(
            {"reversed_before": 2}, ["同一来电人 2 次先说满意、后说不满意"], id="反水前科"
        ),
        pytest.param(
            {"reversed_here": True, "reversed_before": 2},
            ["街道回访时说满意，上级回访时说不满意"],
            id="本件反水",
        ),
        pytest.param({"month_seq": 3}, ["本月第 3 次来电"], id="月次"),
        pytest.param({"month_seq": 1, "year_seq": 3}, ["本年第 3 次来电"], id="年次"),
        pytest.param({"same_phone": 4}, ["同一号码另有 4 件"], id="同一号码"),
        pytest.param({"attempts": 2, "last_result": "占线"}, ["已打 2 次，占线"], id="打过"),
        pytest.param({"since": AT - timedelta(days=2)}, ["等了 2 天"], id="等久了"),
    ],
)
def test_the_reasons(signs, expected):
    told = reasons(Signs(**PLAIN | signs), FollowUpRules(), at=AT, ends=ENDS)

    assert [reason.words for reason in told] == expected


def test_near_the_end_of_the_cycle_counts_and_past_it_does_not():
    near = ENDS - timedelta(hours=50)

    found = reasons(Signs(**PLAIN | {"since": near}), FollowUpRules(), at=near, ends=ENDS)

    assert [(r.worry, r.words) for r in found] == [(Worry.CYCLE_END, "考核期还剩 2 天")]
    assert reasons(Signs(**PLAIN | {"since": ENDS}), FollowUpRules(), at=ENDS, ends=ENDS) == []


def test_weights_are_the_rule_sets_and_what_it_does_not_say_stays():
    rules = follow_up_rules({"weights": {"repeat": 99}, "tries": 5, "again_h": 72})
    told = reasons(Signs(**PLAIN | {"month_seq": 2, "tags": ["重点人"]}), rules, at=AT, ends=ENDS)

    assert [reason.worry for reason in told] == [Worry.REPEAT, Worry.KEY_PERSON]
    assert score(told) == 99 + 25
    assert (rules.tries, rules.again, rules.month_times) == (5, timedelta(hours=72), 2)
