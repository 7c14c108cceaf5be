"""No lost work: what was typed is there again after the server was killed, and at another desk."""

from datetime import datetime, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.factories.files import row, workbook

pytestmark = pytest.mark.browser

STORIES = ("killed", "closed", "sent", "clash", "cleared", "same")
NUMBERS = {name: f"热线-261124-8820{n:02d}" for n, name in enumerate(STORIES, 1)}
TEXT = "已到现场，三单元水管接头渗漏，约了明早维修。"
TEXT_2 = "物业已签收维修单。"


@pytest.fixture(scope="module", autouse=True)
def orders(street, tmp_path_factory):
    """One order for each story."""
    sent = datetime.now(ZoneInfo("Asia/Shanghai")) - timedelta(minutes=5)
    told = [
        row(
            工单编号=number, 标题=f"水管渗漏 {name}", 主要内容="市民反映，水管渗漏。", 社区="西木楼社区",
            来电时间="", 截止时间="", 派单时间=f"{sent:%Y-%m-%d %H:%M:%S}",
        )
        for name, number in NUMBERS.items()
    ]  # fmt: skip
    street.do("import", "orders", str(workbook(tmp_path_factory.mktemp("in") / "导出.xlsx", told)))


def open_note(page: Page, street, name: str) -> None:
    page.goto(f"{street.url}/cases/{quote(NUMBERS[name])}/")
    page.keyboard.press("n")
    expect(page.locator("#dialog textarea")).to_be_visible()


def saved(page: Page) -> None:
    expect(page.locator(".saved")).to_contain_text("已自动保存")


def test_the_words_are_there_after_the_server_was_killed(street, enter):
    page = enter("zuoxi01")
    open_note(page, street, "killed")
    page.keyboard.type(TEXT)
    saved(page)

    street.kill_everything()
    page.context.close()
    street.start("--demo")

    again = enter("zuoxi01")
    open_note(again, street, "killed")
    expect(again.locator("#dialog textarea")).to_have_value(TEXT)
    expect(again.locator("#dialog .kept")).to_contain_text("已恢复您上次没有提交的内容（")
    again.keyboard.press("Control+Enter")
    expect(again.locator("#case .line blockquote")).to_have_text(TEXT)
    open_note(again, street, "killed")
    expect(again.locator("#dialog textarea")).to_have_value("")


def test_a_page_that_is_left_before_the_hand_rested_has_saved_too(street, enter):
    page = enter("zuoxi01")
    open_note(page, street, "closed")
    page.keyboard.type(TEXT)
    page.goto(f"{street.url}/ledger/")  # no 1.5 s have gone

    other = enter("zuoxi01")  # another machine: a browser that has seen none of it
    other.goto(f"{street.url}/drafts/")
    expect(other.locator(".draft", has_text=NUMBERS["closed"])).to_contain_text(TEXT)
    other.locator(".draft", has_text=NUMBERS["closed"]).get_by_text("继续填写").click()
    expect(other.locator("#form textarea")).to_have_value(TEXT)


def test_a_form_that_was_sent_leaves_no_draft(street, enter):
    page = enter("zuoxi01")
    open_note(page, street, "sent")
    page.keyboard.type(TEXT)
    page.keyboard.press("Control+Enter")  # before the first save
    expect(page.locator("#case .line blockquote")).to_have_text(TEXT)
    page.wait_for_timeout(2200)
    page.goto(f"{street.url}/drafts/")
    expect(page.locator("body")).not_to_contain_text(NUMBERS["sent"])


def test_clearing_it_clears_it_on_the_server(street, enter):
    page = enter("zuoxi02")
    open_note(page, street, "cleared")
    page.keyboard.type(TEXT)
    saved(page)
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("n")
    expect(page.locator("#dialog textarea")).to_have_value(TEXT)
    with page.expect_response("**/drafts/drop/"):
        page.click("#dialog .kept button")
    expect(page.locator("#dialog textarea")).to_have_value("")
    page.goto(f"{street.url}/drafts/")
    expect(page.locator("body")).not_to_contain_text(NUMBERS["cleared"])


def test_who_came_too_late_sees_both_texts_and_notes_the_own(street, enter):
    slower, quicker = enter("zuoxi01"), enter("zuoxi02")
    for page in (slower, quicker):
        page.goto(f"{street.url}/cases/{quote(NUMBERS['clash'])}/")
    slower.keyboard.press("r")
    slower.check("#dialog [name=reason] >> nth=0")
    slower.fill("#dialog [name=proof]", TEXT)

    quicker.keyboard.press("r")
    quicker.check("#dialog [name=reason] >> nth=1")
    quicker.fill("#dialog [name=proof]", TEXT_2)
    quicker.click("#dialog .btn.primary")
    expect(quicker.locator("#case .steps li.now small").first).to_contain_text("退回待裁")

    slower.click("#dialog .btn.primary")
    expect(slower.locator("#dialog-title")).to_contain_text("没有提交")
    expect(slower.locator("#dialog .both section >> nth=0")).to_contain_text(TEXT_2)
    expect(slower.locator("#dialog .both section >> nth=1")).to_contain_text(TEXT)
    slower.click("#dialog button:has-text('改记为备注')")
    expect(slower.locator("#case .line blockquote >> nth=0")).to_contain_text(TEXT)
    expect(slower.locator("#dialog")).to_be_hidden()
    slower.goto(f"{street.url}/drafts/")
    expect(slower.locator("body")).not_to_contain_text(NUMBERS["clash"])


def test_the_same_fact_by_two_is_shown_beside_and_sent_all_the_same(street, enter):
    seat, first, second = enter("zuoxi01"), enter("minsheng01"), enter("minsheng02")
    where = f"{street.url}/cases/{quote(NUMBERS['same'])}/"
    seat.goto(where)
    seat.keyboard.press("s")
    expect(seat.locator("#case .steps li.now > span")).to_have_text("派转")
    seat.keyboard.press("d")
    expect(seat.locator("#dialog form")).to_be_visible()
    seat.keyboard.type("msbz")
    seat.keyboard.press("Enter")
    expect(seat.locator("#dialog .btn.primary")).to_have_text("派给 民生保障办公室")
    seat.keyboard.press("Enter")
    expect(seat.locator("#case .steps li.now > span")).to_have_text("办理")
    for page, words in ((second, TEXT_2), (first, TEXT)):
        page.goto(where)
        page.keyboard.press("p")
        page.fill("#dialog [name=note]", words)
    first.click("#dialog .btn.primary")
    expect(first.locator("#case .line")).to_contain_text(TEXT)

    second.click("#dialog .btn.primary")
    expect(second.locator("#dialog .alert")).to_contain_text(TEXT)
    expect(second.locator("#dialog [name=note]")).to_have_value(TEXT_2)
    second.click("#dialog button:has-text('仍然提交')")
    expect(second.locator("#case .line")).to_contain_text(TEXT_2)
