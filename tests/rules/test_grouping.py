"""并案: what is plainly of two places, what is a burst, and whose a group is."""

from datetime import datetime, timedelta

import pytest

from jiesu.rules.grouping import GroupKind, Spot, burst, elsewhere, kind_of, kinds, otherwise
from jiesu.rules.moments import BEIJING

EIGHT = datetime(2026, 10, 12, 8, tzinfo=BEIJING)
WINDOWS = ((timedelta(hours=24), 5), (timedelta(hours=72), 8))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param(Spot(1, "12号院5号楼"), Spot(1, "12号院 5号楼"), False, id="同院同楼"),
        pytest.param(Spot(1, "12号院5号楼"), Spot(2, "12号院5号楼"), True, id="两个社区"),
        pytest.param(Spot(1, "12号院5号楼"), Spot(1, "8号院5号楼"), True, id="两个院"),
        pytest.param(Spot(1, "12号院5号楼"), Spot(1, "12号院6栋"), True, id="两栋楼"),
        pytest.param(Spot(1, "12号院5号楼"), Spot(1, "12号院"), False, id="没有说哪栋"),
        pytest.param(Spot(None, "翠微路"), Spot(1, "12号院"), False, id="没有说哪里"),
    ],
)
def test_what_is_plainly_of_two_places(one, other, expected):
    assert elsewhere(one, other) is expected
    assert elsewhere(other, one) is expected


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        pytest.param([0, 1, 2, 3], [], id="四件不算集中"),
        pytest.param([0, 5, 10, 20, 24], [0, 1, 2, 3, 4], id="24小时内满五件"),
        pytest.param([0, 5, 10, 20, 25], [], id="超过一小时就不满"),
        pytest.param([-200, 0, 1, 2, 3, 4], [1, 2, 3, 4, 5], id="隔了八天的不算"),
        pytest.param([0, 10, 20, 30, 40, 50, 60, 70], list(range(8)), id="72小时内满八件"),
    ],
)
def test_a_burst_is_so_many_within_a_window(hours, expected):
    assert burst([EIGHT + timedelta(hours=hour) for hour in hours], WINDOWS) == expected


def test_two_classes_are_told_apart_at_the_second_level():
    assert otherwise("公共服务>供暖>室温不达标", "民政>养老服务>居家养老")
    assert otherwise("公共服务>供暖", "公共服务>供水")
    assert not otherwise("公共服务>供暖>室温不达标", "公共服务>供暖>供暖收费")
    assert not otherwise("公共服务", "民政>养老服务")
    assert not otherwise("", "")


def test_a_kind_is_the_third_level_or_a_plain_word():
    assert kinds("公共服务>供水>停水", "家里没水", "", ()) == {"公共服务>供水>停水"}
    assert kinds("公共服务", "整栋楼停水", "", ("停水", "停电")) == {"停水"}
    assert kinds("", "咨询", "", ("停水",)) == frozenset()


def test_a_group_is_one_persons_when_all_share_a_phone():
    assert kind_of([frozenset("ab"), frozenset("b")]) is GroupKind.REQUESTER
    assert kind_of([frozenset("a"), frozenset("b")]) is GroupKind.MATTER
    assert kind_of([]) is GroupKind.MATTER
