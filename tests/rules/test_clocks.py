"""时限 by a table a clerk could check."""

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import jiesu
from jiesu.rules.clocks import Tone, internal_due, order_due, remaining, spell, tone, used
from jiesu.rules.rule_set import parse

RULES = parse((Path(jiesu.__file__).parent / "rulesets" / "bj-2026-haidian.toml").read_text())
LIMITS = RULES.limits


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))


START = at("2026-11-23T08:00")


@pytest.mark.parametrize(
    ("own", "tags", "due", "source"),
    [
        pytest.param(
            "2026-11-23T12:00", ["24小时"], "2026-11-23T12:00", "工单自带", id="工单自带的时限最先"
        ),
        pytest.param(None, ["24小时"], "2026-11-24T08:00", "标签“24小时”", id="其次是标签"),
        pytest.param(
            None, ["24小时", "2小时"], "2026-11-23T10:00", "标签“2小时”", id="几个标签取最短"
        ),
        pytest.param(None, ["企业48小时"], "2026-11-25T08:00", "标签“企业48小时”", id="企业"),
        pytest.param(None, [], "2026-11-30T08:00", "一般诉求默认时限", id="都没有按一般诉求七天"),
    ],
)
def test_order_due(own, tags, due, source):
    found = order_due(START, at(own) if own else None, tags, LIMITS)

    assert (found.at, found.source) == (at(due), source)


@pytest.mark.parametrize(
    ("due", "internal"),
    [
        pytest.param("2026-11-30T08:00", "2026-11-29T08:00", id="七天提前一天"),
        pytest.param("2026-11-25T08:00", "2026-11-24T08:00", id="四十八小时提前一天"),
        pytest.param("2026-11-24T08:00", "2026-11-23T20:00", id="一天的取一半"),
        pytest.param("2026-11-23T10:00", "2026-11-23T09:00", id="两小时的取一半"),
        pytest.param("2026-11-22T08:00", "2026-11-22T08:00", id="已经超时的不再提前"),
    ],
)
def test_internal_due(due, internal):
    assert internal_due(START, at(due), LIMITS).at == at(internal)


@pytest.mark.parametrize(
    ("hours", "left", "expected"),
    [
        (168, 100, Tone.OK),
        (168, 50, Tone.SOON),
        (24, 7.9, Tone.SOON),
        (24, 1.9, Tone.LATE),
        (24, -0.1, Tone.LATE),
        (0.5, 0.4, Tone.OK),
        (0.5, 0.15, Tone.SOON),
        (0.5, 0.05, Tone.LATE),
        (2, 1.5, Tone.LATE),
        (4, 3, Tone.SOON),
    ],
)
def test_tone(hours, left, expected):
    due = START + timedelta(hours=hours)

    assert tone(START, due, due - timedelta(hours=left)) == expected


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, "1 分"),
        (41, "41 分"),
        (60, "1 小时"),
        (380, "6 小时 20 分"),
        (5940, "4 天 3 小时"),
        (2880, "2 天"),
    ],
)
def test_spell(minutes, words):
    assert spell(timedelta(minutes=minutes)) == words


def test_remaining_says_left_or_over():
    assert remaining(START + timedelta(minutes=41), START) == "剩 41 分"
    assert remaining(START - timedelta(minutes=125), START) == "超 2 小时 05 分"


@pytest.mark.parametrize(("passed", "percent"), [(-1, 0), (0, 0), (12, 50), (24, 100), (99, 100)])
def test_used(passed, percent):
    assert used(START, START + timedelta(hours=24), START + timedelta(hours=passed)) == percent


def test_a_rule_set_that_lacks_something_says_what():
    with pytest.raises(ValueError, match="规则集缺少 deadline"):
        parse("valid_from = 2026-01-01")
