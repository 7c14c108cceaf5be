"""The main job, told as a story: an export arrives, and one order goes from 签收 to 台账 in a browser."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from python_calamine import CalamineWorkbook

from tests.factories.files import row, workbook

NUMBER = "热线-261123-990001"
ORDER = row(
    工单编号=NUMBER, 标题="五号楼整夜没有暖气", 主要内容="市民反映，五号楼一至三单元自昨晚起暖气全凉，要求尽快供暖。",
    问题分类="公共服务>供暖>室温不达标", 问题点位="五号楼一至三单元", 标签="24小时", 社区="西木楼社区", 工单类型="求助",
    联系方式="12099990001", 来电时间="", 派单时间="", 截止时间="",
)  # fmt: skip

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def order(tmp_path_factory):
    """The order as a file of today: dispatched ten minutes ago, due tomorrow."""
    sent = datetime.now(ZoneInfo("Asia/Shanghai")) - timedelta(minutes=10)
    told = ORDER | {"派单时间": f"{sent:%Y-%m-%d %H:%M:%S}"}
    return workbook(tmp_path_factory.mktemp("order") / "平台导出.xlsx", [told], above=2)


def open_case(page, street):
    page.goto(f"{street.url}/cases/{NUMBER}/")
    page.wait_for_selector("#case h1")


def wait_for_stage(page, label):
    page.wait_for_selector(f"#case .steps li.now:has-text('{label}')")


def test_one_order_through_every_step_to_the_ledger(street, enter, order):
    # the seat brings the export in
    seat = enter("zuoxi01")
    seat.goto(f"{street.url}/intake/")
    seat.set_input_files("input[type=file]", str(order))
    seat.click("text=先试读")
    seat.wait_for_selector("text=还没有导入")
    assert "新增" in seat.inner_text("#batch")
    seat.click("text=确认导入 1 行")
    seat.wait_for_selector("text=去签收")

    # signs it with one key, and dispatches it with another
    open_case(seat, street)
    seat.keyboard.press("s")
    wait_for_stage(seat, "派转")
    seat.keyboard.press("d")
    seat.wait_for_selector("#dialog form")
    choose_lead(seat, "民生保障办公室")
    seat.fill("#dialog [name=note]", "请即刻联系热力公司排查。")
    seat.click("#dialog .btn.primary")
    wait_for_stage(seat, "办理")
    assert "民生保障办公室" in seat.inner_text("#case .case-side")

    # the handler accepts, contacts, visits, adds a photo, reports progress, hands in the result
    handler = enter("minsheng01")
    open_case(handler, street)
    handler.keyboard.press("a")
    handler.wait_for_selector("#case:has-text('接单')")
    handler.wait_for_selector("#case .acts .primary:has-text('提交结果')")
    handler.keyboard.press("c")
    handler.wait_for_selector("#dialog form")
    handler.check("#dialog [name=outcome][value=reached]") if handler.query_selector(
        "#dialog [name=outcome][type=radio]"
    ) else handler.select_option("#dialog [name=outcome]", "reached")
    handler.fill("#dialog [name=note]", "来电人表示仍不热。")
    handler.click("#dialog .btn.primary")
    handler.wait_for_selector("#case .line:has-text('已联系上')")
    fill_in(handler, "w", {"place": "五号楼", "note": "顶层空房积气，已联系产权单位放气。"}, "上门")
    fill_in(handler, "p", {"note": "各单元已恢复供暖。"}, "各单元已恢复供暖")
    handler.keyboard.press("u")
    handler.wait_for_selector("#dialog form")
    handler.set_input_files(
        "#dialog input[type=file]",
        {"name": "现场.png", "mimeType": "image/png", "buffer": PNG},
    )
    handler.click("#dialog .btn.primary")
    handler.wait_for_selector("#case:has-text('现场.png')")
    fill_in(
        handler, "f",
        {"result": "已联系诉求人；核实为顶层积气；放气后各单元恢复供暖，室温 20 度；诉求人表示满意。"},
        "提交办理结果",
    )  # fmt: skip
    wait_for_stage(handler, "审核")

    # the reviewer passes it and closes it
    reviewer = enter("shenhe01")
    open_case(reviewer, street)
    reviewer.keyboard.press("v")
    reviewer.wait_for_selector("#dialog form")
    reviewer.click("#dialog .btn.primary")
    wait_for_stage(reviewer, "回访")
    reviewer.keyboard.press("e")
    reviewer.wait_for_selector("#dialog form")
    reviewer.click("#dialog .btn.primary")
    reviewer.wait_for_selector("#case .tag:has-text('已办结')")

    # it stands in the ledger, on screen and as xlsx
    seat.goto(f"{street.url}/ledger/")
    seat.click("#main a:has-text('诉求总台账'), main a:has-text('诉求总台账')")
    seat.wait_for_url("**/ledger/cases/**")
    seat.goto(f"{seat.url}?q=990001")
    assert NUMBER in seat.inner_text("table")
    with seat.expect_download() as saved:
        seat.click("a[data-key-label='导出']")
    sheet = CalamineWorkbook.from_path(saved.value.path()).get_sheet_by_index(0).to_python()
    line = dict(zip(sheet[0], sheet[1], strict=True))
    assert len(sheet) == 2
    assert line["编号"] == NUMBER
    assert line["主办"] == "民生保障办公室"
    assert "放气" in line["结果"]
    assert line["签收人"]

    # and the whole of it is on record
    open_case(seat, street)
    record = seat.inner_text("#case .line")
    for words in (
        "签收",
        "民生保障办公室",
        "接单",
        "已联系上",
        "上门",
        "提交办理结果",
        "审核通过",
        "办结",
    ):
        assert words in record


def choose_lead(page, name):
    """Choose the lead unit as a seat does: by typing, or from the list."""
    value = page.eval_on_selector_all(
        "#dialog select[name=unit] option",
        f"all => (all.find(one => one.textContent.includes('{name}')) || {{}}).value",
    )
    if value:
        page.select_option("#dialog select[name=unit]", value)
    else:
        page.check(f"#dialog label:has-text('{name}') input[name=unit]")


def fill_in(page, key, values, shown):
    page.keyboard.press(key)
    page.wait_for_selector("#dialog form")
    for name, text in values.items():
        page.fill(f"#dialog [name={name}]", text)
    page.click("#dialog .btn.primary")
    page.wait_for_selector(f"#case .line:has-text('{shown}')")


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f64540"
    "0000000049454e44ae426082"
)
