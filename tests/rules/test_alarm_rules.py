"""Which orders somebody must look at at once."""

from datetime import timedelta

import pytest

from jiesu.rules.alarms import Alarm, AlarmKind, AlarmRules, alarm_rules, judge

RULES = AlarmRules(threat_words=("跳楼", "同归于尽"))
THREAT, URGENT, KEY = AlarmKind


@pytest.mark.parametrize(
    ("tags", "category", "texts", "expected"),
    [
        pytest.param(["普通"], "住房>物业", ["路灯不亮"], None, id="平常的工单"),
        pytest.param([], "", [], None, id="什么都没有"),
        pytest.param([], "扬言>自伤", ["来电"], Alarm(THREAT, "一级分类为“扬言”"), id="一级分类"),
        pytest.param([], "扬言", ["要跳楼"], Alarm(THREAT, "一级分类为“扬言”", ("跳楼",)), id="分类和话"),
        pytest.param([], "住房>扬言", ["来电"], None, id="二级分类不算"),
        pytest.param(["扬言"], "住房", [""], Alarm(THREAT, "标签“扬言”"), id="标签扬言"),
        pytest.param([], "住房", ["再不修就跳楼"], Alarm(THREAT, "来单写有“跳楼”", ("跳楼",)), id="话"),
        pytest.param(
            [], "", ["同归于尽", "跳楼"],
            Alarm(THREAT, "来单写有“跳楼”“同归于尽”", ("跳楼", "同归于尽")), id="标题和内容各一句",
        ),
        pytest.param(["2小时"], "供暖", [""], Alarm(URGENT, "标签“2小时”"), id="紧急"),
        pytest.param(["重点人"], "住房", [""], Alarm(KEY, "标签“重点人”"), id="重点人"),
        pytest.param(["重点人", "2小时"], "", [""], Alarm(URGENT, "标签“2小时”"), id="紧急先于重点人"),
        pytest.param(
            ["重点人", "2小时"], "", ["跳楼"], Alarm(THREAT, "来单写有“跳楼”", ("跳楼",)), id="扬言最先"
        ),
    ],
)  # fmt: skip
def test_what_alarms_and_why(tags, category, texts, expected):
    assert judge(tags, category, texts, RULES) == expected


def test_rules_are_read_from_a_rule_set_and_never_deaf():
    told = alarm_rules({"threat_words": ["自焚"], "call_min": 5, "report_min": 15})

    assert told.threat_words == ("自焚",)
    assert (told.call_within, told.report_within) == (timedelta(minutes=5), timedelta(minutes=15))
    assert alarm_rules({}) == AlarmRules()
    assert judge(["2小时"], "", [], alarm_rules({})) == Alarm(URGENT, "标签“2小时”")
