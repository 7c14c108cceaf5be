"""Call-back files of other platforms: other headings, other words, and what nobody here knows."""

import pytest

from jiesu.platforms import callback_columns, callbacks, tables
from jiesu.platforms.callbacks import CallBack, Refused
from jiesu.platforms.sheets import Unreadable
from jiesu.rules.answers import Contacted, Satisfied, Solved, Standing
from tests.factories.order_files import make_workbook


def read(tmp_path, rows):
    file = make_workbook(tmp_path / "明细.xlsx", rows)
    source = tables.read(file, headings=callback_columns)
    return [one for sheet in source.sheets for one in callbacks.read(sheet)]


def test_another_platforms_file_is_understood(tmp_path):
    heads = [
        "满意情况",
        "解决情况",
        "热线编号",
        "联系情况",
        "回访是否有效",
        "是否保留",
        "考核单位",
        "不满意原因",
    ]
    rows = [
        ["某区考核期回访情况"],
        heads,
        ["非常满意", "已解决", "热线－260919－000001", "已联系", "有效", "保留", "综合办公室", ""],
        ["不满意", "部分解决", "热线-260919-000002", "未联系", "有效", "剔除", "民生", "没人来"],
        ["", "", "热线-260919-000003", "", "未接通", "", "", ""],
        ["合计", "", "", "", "2", "", "", ""],
        heads,
    ]

    first, second, third = read(tmp_path, rows)

    assert (first.number, first.valid, first.standing) == (
        "热线-260919-000001",
        True,
        Standing.COUNTED,
    )
    assert (first.contacted, first.solved, first.satisfied) == (
        Contacted.YES, Solved.SOLVED, Satisfied.SATISFIED,
    )  # fmt: skip
    assert (second.contacted, second.solved, second.satisfied) == (
        Contacted.NO, Solved.PARTLY, Satisfied.UNSATISFIED,
    )  # fmt: skip
    assert (second.standing, second.cause) == (Standing.EXEMPT, "没人来")
    assert (third.valid, third.outcome, third.standing) == (False, "未接通", None)


def test_without_a_column_for_it_a_call_back_is_valid_when_all_three_were_answered(tmp_path):
    heads = ["工单编号", "是否联系", "是否解决", "是否满意", "回访结果"]
    rows = [
        heads,
        ["热线-260919-000001", "是", "否", "基本满意", "已接听"],
        ["热线-260919-000002", "是", "是", "未评价", "已接听"],
        ["热线-260919-000003", "是", "是", "满意", "拒绝接听"],
    ]

    assert [one.valid for one in read(tmp_path, rows)] == [True, False, False]


def test_longer_names_and_asides_are_understood_and_the_streets_own_column_gives_way(tmp_path):
    heads = ["街道回访是否解决", "市级回访-是否解决", "考核是否满意", "工单编号", "三率有效"]
    rows = [heads, ["是", "否", "不满意（态度差）", "热线-260919-000001", "是"]]

    (one,) = read(tmp_path, rows)

    assert (one.valid, one.solved, one.satisfied) == (True, Solved.UNSOLVED, Satisfied.UNSATISFIED)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        pytest.param(["", "是", "是"], "没有工单编号，请补填后再导入", id="没有编号"),
        pytest.param(
            ["热线-260919-000001", "大概吧", "是"],
            "是否有效回访“大概吧”看不懂，请改成 是 或 否 后再导入", id="不认识的话",
        ),
        pytest.param(
            ["热线-260919-000001", "是", "再说"],
            "是否解决“再说”看不懂，请改成 是、否 等常用写法后再导入", id="不认识的回答",
        ),
    ],
)  # fmt: skip
def test_a_row_that_is_not_understood_says_why(tmp_path, cells, reason):
    found = read(tmp_path, [["工单编号", "是否有效回访", "是否解决"], cells])

    assert [(one.row, one.reason) for one in found if isinstance(one, Refused)] == [(2, reason)]
    assert [one for one in found if isinstance(one, CallBack)] == []


def test_a_file_without_the_columns_says_which_are_needed(tmp_path):
    with pytest.raises(Unreadable, match="要有“工单编号”，还要有“是否有效回访”"):
        read(tmp_path, [["工单编号", "标题"], ["热线-260919-000001", "路灯"]])
