"""Lines into drafts and refusals, as a clerk would check them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiesu.platforms import cells
from jiesu.platforms.columns import assign
from jiesu.platforms.drafts import Draft, Known, Refused, clean
from jiesu.platforms.sheets import Line, Sheet
from jiesu.rules.moments import moment
from tests.factories.order_files import HEADERS, ROW


def cleaned(*rows, headers=HEADERS, **options):
    lines = (Line(number, list(row)) for number, row in enumerate(rows, start=2))
    return list(clean(Sheet("", 1, tuple(headers), assign(headers), lines), **options))


def order(**changed):
    """Clean one good row with some columns changed or added; return the one thing that comes out."""
    cells_by_header = dict(zip(HEADERS, ROW, strict=True)) | changed
    (item,) = cleaned(list(cells_by_header.values()), headers=list(cells_by_header))
    return item


def test_a_good_row_becomes_a_draft_with_everything_in_its_place():
    draft = order(
        问题分类="住房->房屋权属->房产证", 标签="企业48小时，普通", 月次="3次", 网格="7号"
    )

    assert isinstance(draft, Draft)
    assert (draft.row, draft.number, draft.title) == (2, ROW[0], ROW[1])
    assert draft.dispatched_at == draft.arrived_at == moment("2026-10-19 10:24:59")
    assert draft.category == ("住房", "房屋权属", "房产证")
    assert draft.tags == ("企业48小时", "普通")
    assert (draft.month_seq, draft.extra) == (3, {"网格": "7号"})
    assert draft.raw[0] == ["工单编号", ROW[0]]
    assert (draft.warnings, draft.finished, len(draft.digest)) == ((), False, 16)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"工单编号": " "}, "没有工单编号，请补填后再导入"),
        (
            {"工单编号": "<script>"},
            "工单编号“<script>”不像编号，应形如 热线-261019-020001，请核对",
        ),
        ({"派单时间": "昨天下午"}, "派单时间“昨天下午”看不懂，请写成 2026-10-19 08:05"),
        ({"截止时间": "尽快"}, "截止时间“尽快”看不懂，请写成 2026-10-19 08:05"),
        (
            {"派单时间": "2026-02-30 08:00:00"},
            "没有这一天：派单时间“2026-02-30 08:00:00”，请核对年月日后改正",
        ),
        ({"标题": "", "主要内容": "\u3000"}, "标题和主要内容都是空的，请至少补填一项后再导入"),
        ({"主要内容": "长" * 100_001}, "“主要内容”一格超过 100000 字，请缩短后再导入"),
        (
            {"工单编号": "", "来电时间": "?"},
            "没有工单编号，请补填后再导入；来电时间“?”看不懂，请写成 2026-10-19 08:05",
        ),
    ],
)
def test_a_row_that_cannot_be_used_says_what_to_do(changed, reason):
    refused = order(**changed)

    assert isinstance(refused, Refused)
    assert (refused.row, refused.reason) == (2, reason)
    assert dict(refused.raw) == dict(zip(HEADERS, ROW, strict=True)) | changed


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("热线－261019－020001", "热线-261019-020001"),
        ("热线—２６１０１９—020001", "热线-261019-020001"),
        (" 热线 -261019-020001\u200b", "热线-261019-020001"),
        ("微信-261019-0201", "微信-261019-0201"),
    ],
)
def test_an_order_number_is_one_however_it_was_typed(written, number):
    assert order(工单编号=written).number == number


@pytest.mark.parametrize(
    ("written", "phone"),
    [
        (13800136732.0, "13800136732"),
        (13800136732, "13800136732"),
        ("13800136732.0", "13800136732"),
        ("\u300013800136732\u200b", "13800136732"),
        ("138 0013 6732", "13800136732"),
        ("010－68007470", "010-68007470"),
        ("13800136732、010-68007470", "13800136732、010-68007470"),
        ("保密", "保密"),
        ("-", ""),
    ],
)
def test_a_phone_is_text(written, phone):
    assert order(联系方式=written).requester_phone == phone


@pytest.mark.parametrize(
    ("written", "levels"),
    [
        ("住房->房屋权属->房产证", ("住房", "房屋权属", "房产证")),
        ("住房 > 房屋权属＞房产证", ("住房", "房屋权属", "房产证")),
        ("市容环卫/城市管理>占道经营", ("市容环卫/城市管理", "占道经营")),
        ("住房/物业管理/物业服务", ("住房", "物业管理", "物业服务")),
        ("住房—物业管理", ("住房", "物业管理")),
        ("住房、物业管理", ("住房", "物业管理")),
        ("住房", ("住房",)),
        ("", ()),
    ],
)
def test_a_category_is_a_path(written, levels):
    assert order(问题分类=written).category == levels


def test_level_columns_fill_what_the_path_does_not_say():
    assert order(问题分类="住房", 一级问题分类="住房", 二级问题分类="供暖").category == (
        "住房",
        "供暖",
    )
    assert order(一级问题分类="住房", 二级问题分类="", 三级问题分类="x").category == ("住房",)


@pytest.mark.parametrize(
    ("changed", "finished"),
    [
        ({"工单状态": "已办结"}, True),
        ({"工单状态": "回复完成"}, True),
        ({"工单状态": "已归档"}, True),
        ({"工单状态": "逾期办结"}, True),
        ({"工单状态": "已办结待回访"}, True),
        ({"工单状态": "办理中", "办结时间": "2026-10-20 08:00"}, False),
        ({"工单状态": "未办结"}, False),
        ({"工单状态": "待办结"}, False),
        ({"工单状态": "办结审核中"}, False),
        ({"工单状态": "", "办结时间": "2026-10-20 08:00"}, True),
        ({"工单状态": ""}, False),
    ],
)
def test_finished_is_what_the_export_calls_so(changed, finished):
    assert order(**changed).finished is finished


def test_a_title_made_from_the_content_says_so():
    draft = order(标题="", 主要内容="楼前\n路灯" * 10)

    assert (draft.title, draft.title_given) == ("楼前 路灯" * 6 + "…", False)


@pytest.mark.parametrize(
    ("changed", "warnings", "arrived"),
    [
        pytest.param(
            {"派单时间": ""},
            ("没有派单时间，按来电（创建）时间计",),
            "2026-10-19 09:58:59",
            id="缺派单时间",
        ),
        pytest.param(
            {"派单时间": "", "来电时间": "无"},
            ("没有派单时间，也没有来电时间，请在案件页补填",),
            None,
            id="两个时间都缺",
        ),
        pytest.param(
            {"截止时间": "2026-10-18"},
            ("截止时间早于派单时间，请核对",),
            "2026-10-19 10:24:59",
            id="截止早于派单",
        ),
        pytest.param(
            {"截止时间": "7个自然日"},
            ("截止时间“7个自然日”不是时刻，按规则另算截止时间",),
            "2026-10-19 10:24:59",
            id="时限写成天数",
        ),
    ],
)
def test_what_is_odd_but_usable_comes_with_a_warning(changed, warnings, arrived):
    draft = order(**changed)

    assert draft.warnings == warnings
    assert draft.arrived_at == (moment(arrived) if arrived else None)


def test_the_time_of_creation_alone_is_the_time_of_the_call():
    headers = ["创建时间" if header == "来电时间" else header for header in HEADERS]

    (draft,) = cleaned(ROW, headers=headers)

    assert draft.called_at == draft.created_at == moment(ROW[3])


def test_blank_rows_sums_numbered_blanks_and_repeated_headers_are_passed_over():
    headers = ["序号", *HEADERS]
    blank = [""] * len(headers)

    found = cleaned(
        blank,
        ["1", *ROW],
        ["2", *[" "] * 9],
        headers,
        ["合 计", "", "1"],
        ["", "总计：", "1"],
        headers=headers,
    )

    assert [(item.row, item.number) for item in found] == [(3, ROW[0])]


def test_nothing_of_a_row_is_lost_and_columns_without_a_name_get_one():
    headers = [*HEADERS, "备注", "备注", ""]

    (draft,) = cleaned([*ROW, "甲", "乙", "丙", "丁"], headers=headers)

    assert draft.extra == {"备注": "甲", "备注（2）": "乙", "第12列": "丙", "第13列": "丁"}
    assert [text for _, text in draft.raw] == [*ROW, "甲", "乙", "丙", "丁"]


def test_what_a_database_cannot_hold_is_left_out():
    draft = order(标题="路\x00灯\x07不\ud800亮\u202e", 主要内容="\u200b一\r\n二\u3000三\u2028")

    assert (draft.title, draft.content) == ("路灯不亮", "一\n二\u3000三")
    assert "\0" not in "".join(draft.texts)
    "".join(draft.texts).encode()


def test_formula_text_and_markup_are_only_text():
    draft = order(
        标题='=HYPERLINK("http://127.0.0.1/","点我")', 主要内容="<img src=x onerror=alert(1)>"
    )

    assert draft.title == '=HYPERLINK("http://127.0.0.1/","点我")'
    assert draft.content == "<img src=x onerror=alert(1)>"


def test_the_same_line_has_the_same_digest_and_is_not_worked_on_twice():
    first, again, other = cleaned(ROW, ROW, [*ROW[:-1], "会城门社区"])

    assert first.digest == again.digest != other.digest
    assert cleaned(ROW, known={first.digest}) == [Known(2, "", first.digest)]


@given(
    st.lists(
        st.one_of(
            st.text(max_size=20),
            st.text(st.characters(codec=None), max_size=8),
            st.floats(),
            st.integers(),
            st.booleans(),
            st.none(),
            st.dates(),
            st.datetimes(),
            st.times(),
        ),
        max_size=14,
    )
)
def test_whatever_stands_in_the_cells_a_row_is_drafted_refused_or_passed_over(row):
    headers = [*HEADERS, "问题分类", "标签", "月次"]

    found = cleaned([ROW[0], "标题", *row], headers=headers)

    for item in found:
        "".join(item.texts).encode()
        assert len(item.headers) == len(item.texts)


@given(st.text(st.characters(codec=None)))
def test_text_is_tidy_after_one_go(text):
    for treat in (cells.tidy, cells.one_line):
        once = treat(text)
        assert treat(once) == once
        once.encode()
        assert "\0" not in once
