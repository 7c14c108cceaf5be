"""Column names: the three real families of exports, their kin, and who wins when two mean one thing."""

import pytest

from jiesu.platforms.columns import assign, field_of, find_header


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("工单编号", "number"),
        ("　工单 编号：", "number"),
        ("＊工单编号（必填）", "number"),
        ("1. 工单编号", "number"),
        ("热线编号", "number"),
        ("受理编号", "number"),
        ("诉求编号", "number"),
        ("案件编号", "case_no"),
        ("村／社区", "community"),
        ("社区/村", "community"),
        ("所在村社区", "community"),
        ("来电人电话/账号", "requester_phone"),
        ("手机号", "requester_phone"),
        ("反映人", "requester_name"),
        ("事项描述", "content"),
        ("来电内容", "content"),
        ("小区点位", "location"),
        ("事发地址", "location"),
        ("推送时间", "dispatched_at"),
        ("下派时间", "dispatched_at"),
        ("交办时间", "dispatched_at"),
        ("办理期限", "due_at"),
        ("回复时限", "due_at"),
        ("截止日期", "due_at"),
        ("被反映街乡镇", "street"),
        ("反映管区", "district"),
        ("回复市中心时间", "replied_at"),
        ("五级问题分类", "category5"),
        ("月次", "month_seq"),
        ("序号", "serial"),
        ("是否接近到期时间", None),
        ("转派时间", None),
        ("来电人地址", "requester_address"),
        ("", None),
        (None, None),
        (46114.5, None),
    ],
)
def test_a_column_is_known_however_it_is_spelt(header, field):
    assert field_of(header) == field


@pytest.mark.parametrize(
    ("headers", "fields"),
    [
        pytest.param(
            ["派单时间", "市派单时间"], (None, "dispatched_at"), id="市派单时间先于派单时间"
        ),
        pytest.param(["推送时间", "派单时间"], (None, "dispatched_at"), id="派单时间先于推送时间"),
        pytest.param(["创建时间", "来电时间"], ("created_at", "called_at"), id="来电与创建各归各"),
        pytest.param(["备注", "备注"], (None, None), id="不认识的都留着"),
        pytest.param(["是否解决", "是否解决"], ("answer_solved", None), id="重名取前一列"),
        pytest.param(["原始标签", "案件标签"], ("tags", "tags"), id="标签合在一起"),
        pytest.param(["案件编号", "工单编号"], ("case_no", "number"), id="案件编号与工单编号并存"),
        pytest.param(["案件编号", "标题"], ("number", "title"), id="只有案件编号时当工单编号"),
    ],
)
def test_two_columns_for_one_thing_have_one_winner(headers, fields):
    assert assign(headers) == fields


def test_the_header_is_the_row_that_names_most_columns():
    rows = [
        ["工单编号、标题、社区均须填写"],
        ["工单编号", "标题", "社区"],
        ["工单编号", "标题", "社区", "派单时间"],
        ["热线-261019-020001", "标题", "社区", "2026-10-19"],
    ]

    assert find_header(rows) == 2
    assert find_header([["工单编号", "承办单位", "是否解决", "是否满意"]]) is None
    assert find_header([]) is None
