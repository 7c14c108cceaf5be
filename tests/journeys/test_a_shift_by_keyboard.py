"""The first hour of a shift by the keyboard alone: no hand on the mouse, and the record to show for it."""

from datetime import datetime, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

import psycopg
import pytest
from playwright.sync_api import Page, expect

from tests.factories.files import row, workbook
from tests.journeys.conftest import PASSWORD

pytestmark = pytest.mark.browser

NAMES = ("one", "two", "three", "claimed", "batch1", "batch2")
NUMBERS = {name: f"热线-261124-8830{n:02d}" for n, name in enumerate(NAMES, 1)}
TITLES = {name: f"键盘甲乙丙丁{n}号井盖松动" for n, name in enumerate(NAMES, 1)}
NO_MOUSE = "addEventListener('pointerdown', () => { throw new Error('a mouse was used'); }, true)"


@pytest.fixture(scope="module", autouse=True)
def orders(street, tmp_path_factory):
    """Six orders of this hour."""
    sent = datetime.now(ZoneInfo("Asia/Shanghai")) - timedelta(minutes=5)
    told = [
        row(
            工单编号=NUMBERS[name], 标题=TITLES[name], 主要内容="市民反映，井盖松动，要求处理。", 社区="西木楼社区",
            问题分类="市政>道路设施>井盖", 来电时间="", 截止时间="",
            派单时间=f"{sent - timedelta(seconds=n):%Y-%m-%d %H:%M:%S}",
        )
        for n, name in enumerate(NAMES)
    ]  # fmt: skip
    street.do("import", "orders", str(workbook(tmp_path_factory.mktemp("in") / "导出.xlsx", told)))


@pytest.fixture
def page(street, chromium):
    """A window that lets nobody point at anything; errors in the page fail the test."""
    window = chromium.new_context(
        viewport={"width": 1440, "height": 900}, locale="zh-CN", timezone_id="Asia/Shanghai"
    )
    window.add_init_script(NO_MOUSE)
    faults: list[str] = []
    page = window.new_page()
    page.set_default_timeout(15_000)
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.goto(f"{street.url}/login/")
    expect(page.locator("input[name=username]")).to_be_focused()
    yield page
    window.close()
    assert faults == []


def record(street, name: str) -> list[tuple[str, str, str]]:
    """What the database holds of a case: (action, who, note) in order."""
    told = (street.folder / "pg" / "postmaster.pid").read_text().splitlines()
    with psycopg.connect(host=told[4], user="postgres", dbname="jiesu") as link:
        return link.execute(
            "SELECT e.action, coalesce(m.username, ''), e.note FROM cases_event e"
            " JOIN cases_case c ON c.id = e.case_id LEFT JOIN org_member m ON m.id = e.actor_id"
            " WHERE c.number = %s ORDER BY e.id", [NUMBERS[name]],
        ).fetchall()  # fmt: skip


def actions(street, name: str) -> list[str]:
    """What people did with it since it arrived; the product proposes groups by itself."""
    return [action for action, who, _ in record(street, name) if who or action == "arrive"]


def keys(page: Page, *pressed: str) -> None:
    for key in pressed:
        page.wait_for_load_state()  # a page that is coming does not know its keys yet
        page.keyboard.press(key)


def palette(page: Page, words: str, first: str) -> None:
    """Ctrl-K, some letters, Enter on what stands first."""
    keys(page, "Control+k")
    expect(page.locator("#palette")).to_be_visible()
    page.keyboard.type(words)
    expect(page.locator("#palette [aria-selected=true] > span")).to_have_text(first)
    keys(page, "Enter")


def search(page: Page, words: str, count: int) -> None:
    keys(page, "/")
    page.keyboard.type(words)
    keys(page, "Enter")
    expect(page.locator(".row")).to_have_count(count)


def now_at(page: Page, stage: str) -> None:
    expect(page.locator("#case .steps li.now > span")).to_have_text(stage)


def open_row(page: Page, name: str) -> None:
    """j until the row has the focus, Enter."""
    row = page.locator(".row", has_text=TITLES[name])
    expect(row).to_have_count(1)
    for _ in range(60):
        keys(page, "j")
        if row.evaluate("one => one === document.activeElement"):
            break
    keys(page, "Enter")
    expect(page.locator("#case h1")).to_contain_text(TITLES[name])


def find(page: Page, name: str) -> None:
    search(page, NUMBERS[name], 1)
    open_row(page, name)


def test_the_first_hour_of_a_shift_with_no_mouse(street, page):
    page.keyboard.type("zuoxi02")
    keys(page, "Tab")
    page.keyboard.type(PASSWORD)
    keys(page, "Enter")
    page.wait_for_url("**/cases/")
    keys(page, "Tab")
    expect(page.locator(".skip")).to_be_focused()
    keys(page, "Enter")
    expect(page.locator("#main")).to_be_focused()

    # takes over: the handover page, and a line for the next shift
    palette(page, "jjb", "交接班")
    expect(page.locator("h1")).to_contain_text("交接班")
    keys(page, "n")
    expect(page.locator("h1")).to_contain_text("值班记事")
    keys(page, "Tab", "Enter")  # past the rail
    for _ in range(5):
        if page.evaluate("document.activeElement.name") == "text":
            break
        keys(page, "Tab")
    page.keyboard.type("键盘值守，平稳。")
    keys(page, "Control+Enter")
    expect(page.locator("body")).to_contain_text("键盘值守，平稳。")

    palette(page, "dr", "导入")
    page.wait_for_url("**/intake/")

    # signs three
    palette(page, "dqs", "待签收")
    page.wait_for_url("**stage=to_sign**")
    for name in ("one", "two", "three"):
        find(page, name)
        keys(page, "s")
        now_at(page, "派转")

    # dispatches two, each to a unit by its initials
    for name, letters, unit in (
        ("one", "csgl", "城市管理办公室"),
        ("two", "msbz", "民生保障办公室"),
    ):
        find(page, name)
        keys(page, "d")
        expect(page.locator("#dialog form")).to_be_visible()
        page.keyboard.type(letters)
        keys(page, "Enter")
        expect(page.locator("#dialog .btn.primary")).to_have_text(f"派给 {unit}")
        keys(page, "Enter")
        now_at(page, "办理")
        expect(page.locator("#dialog")).to_be_hidden()

    # sends one back, with reason and proof
    find(page, "three")
    keys(page, "r")
    expect(page.locator("#dialog [name=reason] >> nth=0")).to_be_focused()
    keys(page, "ArrowDown", "Tab")
    expect(page.locator("#dialog [name=proof]")).to_be_focused()
    page.keyboard.type("派单目录 3.2，应由区城管委承办。")
    keys(page, "Control+Enter")
    expect(page.locator("#case .steps li.now small").first).to_contain_text("退回待裁")

    # takes one, and notes what was heard
    find(page, "claimed")
    keys(page, "t")
    expect(page.locator("#case .head .taken")).to_contain_text("我认领")
    keys(page, "n")
    expect(page.locator("#dialog textarea")).to_be_focused()
    page.keyboard.type("已电话核实点位。")
    keys(page, "Control+Enter")
    expect(page.locator("#case .line blockquote")).to_have_text("已电话核实点位。")

    # filters by words in the dialog, marks two, signs both
    keys(page, "l")
    expect(page.locator("#dialog input[name=q]")).to_be_focused()
    keys(page, "Control+a")
    page.keyboard.type("键盘甲乙丙丁")
    keys(page, "Enter")
    expect(page.locator(".row")).to_have_count(len(NAMES))
    for name in ("batch1", "batch2"):
        row = page.locator(".row", has_text=TITLES[name])
        for _ in range(20):
            if row.evaluate("one => one === document.activeElement"):
                break
            keys(page, "j")
        keys(page, "x")
    expect(page.locator("#batch")).to_contain_text("已选 2 件")
    keys(page, "S")
    expect(page.locator("#dialog .btn.primary")).to_be_focused()
    keys(page, "Enter")
    expect(page.locator("#dialog-title")).to_contain_text("成功 2 件")
    keys(page, "Enter")
    expect(page.locator("#dialog")).to_be_hidden()

    palette(page, "ztz", "诉求总台账")
    page.wait_for_url("**/ledger/cases/**")
    palette(page, "tcdl", "退出登录")
    page.wait_for_url("**/login/**")

    # the record says so
    assert actions(street, "one") == ["arrive", "sign", "triage", "dispatch"]
    assert actions(street, "two") == ["arrive", "sign", "triage", "dispatch"]
    assert actions(street, "three") == ["arrive", "sign", "send_back"]
    assert actions(street, "claimed") == ["arrive", "take", "note"]
    assert actions(street, "batch1") == actions(street, "batch2") == ["arrive", "sign"]
    assert {who for name in NAMES for _, who, _ in record(street, name)} == {"", "zuoxi02"}
    assert record(street, "claimed")[-1][2] == "已电话核实点位。"


def test_help_names_the_keys_and_the_focus_comes_back(street, page):
    page.keyboard.type("zuoxi02")
    keys(page, "Tab")
    page.keyboard.type(PASSWORD)
    keys(page, "Enter")
    page.wait_for_url("**/cases/")
    search(page, "键盘甲乙丙丁", len(NAMES))
    open_row(page, "claimed")
    where = page.evaluate("document.activeElement.id")

    keys(page, "?")
    for words in ("下一行", "命令面板", "选中这一行", "我来办", "续认领", "复制编号", "备注"):
        if words in {"我来办", "续认领"}:
            continue
        expect(page.locator("#help-keys")).to_contain_text(words)
    keys(page, "Escape")
    assert page.evaluate("document.activeElement.id") == where

    for opener in ("n", "Control+k"):
        keys(page, opener)
        expect(page.locator("dialog[open]")).to_have_count(1)
        keys(page, "Escape")
        expect(page.locator("dialog[open]")).to_have_count(0)
        assert page.evaluate("document.activeElement.id") == where, opener

    keys(page, "x")
    expect(page.locator("#batch")).to_contain_text("已选 1 件")
    keys(page, "j", "j", "X")
    expect(page.locator("#batch")).to_contain_text("已选")
    assert page.locator(".pick:checked").count() >= 2
    keys(page, "Escape")
    assert page.locator(".pick:checked").count() == 0


def test_a_late_answer_does_not_close_the_form_opened_since(street, page):
    page.keyboard.type("zuoxi02")
    keys(page, "Tab")
    page.keyboard.type(PASSWORD)
    keys(page, "Enter")
    page.wait_for_url("**/cases/")
    find(page, "claimed")
    held = []
    page.route("**/take/", lambda route: held.append(route))
    with page.expect_request("**/take/"):
        keys(page, "t")
    keys(page, "n")
    expect(page.locator("#dialog textarea")).to_be_focused()
    page.keyboard.type("还在写")
    assert len(held) == 1
    with page.expect_response("**/take/"):
        held[0].continue_()
    expect(page.locator(".toast", has_text="已认领")).to_be_visible()
    expect(page.locator("#dialog textarea")).to_have_value("还在写")


def test_tab_walks_a_page_in_order_and_shows_where_it_is(street, page):
    page.keyboard.type("zuoxi02")
    keys(page, "Tab")
    page.keyboard.type(PASSWORD)
    keys(page, "Enter")
    page.wait_for_url("**/cases/")
    page.goto(f"{street.url}/cases/{quote(NUMBERS['one'])}/")
    seen: list[list[float]] = []
    parts = []
    for _ in range(90):
        keys(page, "Tab")
        told = page.evaluate("""() => {
          const one = document.activeElement, box = one.getBoundingClientRect(), look = getComputedStyle(one);
          return { tag: one.tagName, part: one.closest(".top, .rail, #queue, #case")?.className ?? one.className,
                   wide: box.width, ring: look.outlineStyle !== "none" || look.boxShadow !== "none" };
        }""")
        if told["tag"] == "BODY":
            break
        assert told["ring"], told  # what has the focus is seen
        seen.append([told["wide"]])
        part = told["part"].split()[0] if told["part"] else ""
        if not parts or parts[-1] != part:
            parts.append(part)

    assert parts[:5] == ["skip", "top", "rail", "queue", "case"]
