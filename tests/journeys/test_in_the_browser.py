"""What the desk is like under the hand: keys alone, two on one case, no network, no JavaScript, a phone."""

import re
from datetime import datetime, timedelta
from itertools import pairwise
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.factories.answers import unnumbered
from tests.factories.files import row, workbook

pytestmark = pytest.mark.browser

MARKUP = "<img src=x onerror=alert(1)>"
TITLES = {
    "keys": "三号楼电梯停运",
    "two": "二号楼楼道堆放杂物",
    "quicker": "七号楼下水堵塞",
    "offline": "四号院路灯不亮",
    "plain": "六号楼屋顶漏水",
    "late": "八号楼门禁损坏",
    "markup": MARKUP,
}
NUMBERS = {name: f"热线-261124-8800{n:02d}" for n, name in enumerate(TITLES, 1)}
ROWS = {f"row{n}": f"{n}号井盖松动" for n in range(1, 5)}  # a list of their own
NUMBERS |= {name: f"热线-261124-8810{n:02d}" for n, name in enumerate(ROWS, 1)}


@pytest.fixture(scope="module", autouse=True)
def orders(street, tmp_path_factory):
    """Orders of this hour, one for each story, imported as an operator would."""
    sent = datetime.now(ZoneInfo("Asia/Shanghai")) - timedelta(minutes=5)
    told = [
        row(
            工单编号=NUMBERS[name], 标题=title, 主要内容=f"市民反映，{title}，要求处理。", 社区="西木楼社区",
            问题分类="物业管理>设施维护>维修不及时", 来电时间="", 截止时间="", 派单时间=f"{sent:%Y-%m-%d %H:%M:%S}",
            问题点位=MARKUP if name == "markup" else "西木楼社区",
        )
        for name, title in (TITLES | ROWS).items()
    ]  # fmt: skip
    street.do("import", "orders", str(workbook(tmp_path_factory.mktemp("in") / "导出.xlsx", told)))


def address(street, name):
    return f"{street.url}/cases/{quote(NUMBERS[name])}/"


def now_at(page: Page, stage: str) -> None:
    expect(page.locator("#case .steps li.now > span")).to_have_text(stage)


def toast(page: Page, words: str) -> None:
    expect(page.locator(".toast", has_text=words).first).to_be_visible()


def focused(page: Page) -> str | None:
    return page.evaluate("document.activeElement.closest('[data-row]')?.dataset.row ?? null")


def test_keys_alone_from_the_search_to_the_dispatch(street, enter):
    page = enter("zuoxi01")
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    expect(page.locator("#help-keys")).to_contain_text("下一行")
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()

    page.keyboard.press("/")
    page.keyboard.type("三号楼电梯停")
    page.keyboard.press("Enter")
    expect(page.locator(".row")).to_have_count(1)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#case h1")).to_contain_text(TITLES["keys"])
    expect(page.locator("#case h1 mark")).to_have_text("三号楼电梯停")

    page.keyboard.press("z")  # a key that means nothing here
    page.keyboard.press("s")
    now_at(page, "派转")
    page.keyboard.press("d")
    expect(page.locator("#dialog form")).to_be_visible()
    page.keyboard.type("msbz")  # 民生保障, by its initials
    page.keyboard.press("Enter")
    expect(page.locator("#dialog .btn.primary")).to_have_text("派给 民生保障办公室")
    page.keyboard.press("Enter")
    toast(page, "已派给 民生保障办公室")
    now_at(page, "办理")
    expect(page.locator("#dialog")).to_be_hidden()


def test_the_place_in_the_list_is_kept_when_a_row_leaves_it(street, enter):
    page = enter("zuoxi01")
    page.goto(f"{street.url}/cases/?stage=to_sign&q=8810")
    expect(page.locator(".row")).to_have_count(len(ROWS))
    places = [one.get_attribute("data-row") for one in page.locator(".row").all()]
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("j")
    assert focused(page) == places[1]
    page.keyboard.press("Enter")
    expect(page.locator(f"#case [data-case='{places[1]}']")).to_be_visible()
    page.keyboard.press("s")
    expect(page.locator(f"#row-{places[1]}")).to_have_count(0)
    expect(page.locator(f"#row-{places[2]}")).to_be_focused()
    expect(
        page.locator(f"#case [data-case='{places[1]}']")
    ).to_be_visible()  # d still sends this one on
    now_at(page, "派转")


def test_of_two_who_sign_the_second_is_told_by_whom_and_sees_it(street, enter):
    first, second = enter("zuoxi01"), enter("zuoxi02")
    second.add_init_script("delete window.EventSource; delete window.SharedWorker;")  # no news yet
    for page in (first, second):
        page.goto(address(street, "two"))
    first.keyboard.press("s")
    now_at(first, "派转")
    second.keyboard.press("s")
    toast(second, "案件现为“已签收”，不能“签收”")
    expect(second.locator(".toast").first).to_contain_text("已“签收”。")
    now_at(second, "派转")
    expect(second.locator("#case .acts .primary")).to_contain_text("派转")


def test_who_was_too_late_gets_the_page_and_the_own_words_back(street, enter):
    slower, quicker = enter("zuoxi01"), enter("zuoxi02")
    slower.goto(address(street, "quicker"))
    slower.keyboard.press("s")
    now_at(slower, "派转")
    slower.keyboard.press("d")
    slower.check("#dialog label:has-text('城市管理办公室') input[name=unit]")
    slower.fill("#dialog [name=note]", "请当日疏通。")

    quicker.goto(address(street, "quicker"))
    quicker.keyboard.press("d")
    quicker.check("#dialog label:has-text('社区建设办公室') input[name=unit]")
    quicker.click("#dialog .btn.primary")
    now_at(quicker, "办理")

    slower.click("#dialog .btn.primary")
    expect(slower.locator("#dialog-title")).to_contain_text("“派转”没有提交")
    expect(slower.locator("#dialog .alert")).to_contain_text("已“派转”")
    expect(slower.locator("#dialog .both")).to_contain_text("请当日疏通。")
    expect(slower.locator("#dialog .both")).to_contain_text("社区建设办公室")
    expect(slower.locator("#dialog").get_by_text("复制我的内容")).to_be_visible()
    slower.click("#dialog .btn.primary")
    expect(slower.locator("#dialog")).to_be_hidden()
    now_at(slower, "办理")
    expect(slower.locator("#holders")).to_contain_text("社区建设办公室")


def test_a_lost_network_says_so_keeps_the_words_and_the_next_try_arrives(street, enter):
    page = enter("zuoxi01")
    page.goto(address(street, "offline"))
    page.keyboard.press("n")
    page.fill("#dialog textarea", "已电话告知社区。")
    page.context.set_offline(True)
    page.click("#dialog .btn.primary")
    expect(page.locator("#offline")).to_be_visible()
    expect(page.locator("#offline")).to_contain_text("网络断开")
    expect(page.locator("#dialog textarea")).to_have_value("已电话告知社区。")

    page.context.set_offline(False)
    expect(page.locator("#offline")).to_be_hidden()
    toast(page, "请再提交一次")
    page.dblclick("#dialog .btn.primary")  # an impatient hand
    toast(page, "已记入")
    expect(page.locator("#case .line blockquote")).to_have_count(1)


def test_a_form_closed_in_the_middle_comes_back_as_it_was(street, enter):
    page = enter("zuoxi01")
    page.goto(address(street, "offline"))
    page.keyboard.press("n")
    page.fill("#dialog textarea", "写到一半")
    page.keyboard.press("Escape")
    expect(page.locator("#dialog")).to_be_hidden()
    page.reload()
    page.keyboard.press("n")
    expect(page.locator("#dialog textarea")).to_have_value("写到一半")
    expect(page.locator("#dialog .kept")).to_contain_text("已恢复")


def test_signed_and_dispatched_without_javascript(street, enter):
    page = enter("zuoxi01", java_script_enabled=False)
    page.goto(f"{street.url}/cases/?q={quote(TITLES['plain'])}")
    page.click(".row")
    page.click("#case .acts button:has-text('签收')")
    expect(page.locator(".toast")).to_contain_text("已签收")
    page.click("#case .acts a:has-text('派转')")
    page.click("#form .btn.primary")
    expect(page.locator("#form .error")).to_contain_text("请选择主办单位")
    page.check("label:has-text('城市管理办公室') input[name=unit]")
    page.click("#form .btn.primary")
    expect(page.locator(".toast")).to_contain_text("已派给 城市管理办公室")
    now_at(page, "办理")


def test_a_late_answer_does_not_bring_an_earlier_case_back(street, enter):
    page = enter("zuoxi01")
    page.goto(f"{street.url}/cases/?q={quote('8800')}")
    page.click(f".row:has-text('{TITLES['late']}')")
    expect(page.locator("#case h1")).to_contain_text(TITLES["late"])
    held = []
    page.route(
        lambda url: "/cases/" in url,
        lambda route: held.append(route) if route.request.headers.get("hx-trigger") == "refresh" else route.continue_(),
    )  # fmt: skip
    with page.expect_request(lambda asked: asked.headers.get("hx-trigger") == "refresh"):
        page.keyboard.press("s")
    toast(page, "已签收")
    page.click(f".row:has-text('{TITLES['plain']}')")
    expect(page.locator("#case h1")).to_contain_text(TITLES["plain"])
    assert len(held) == 1
    with page.expect_event(
        "requestfinished", lambda done: done.headers.get("hx-trigger") == "refresh"
    ):
        held[0].continue_()
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done, 100)))")
    expect(page.locator("#case h1")).to_contain_text(TITLES["plain"])


def test_a_phone_shows_one_pane_and_never_scrolls_sideways(street, enter):
    page = enter("zuoxi01", width=390, height=844)
    for path in (
        "/cases/", "/cases/?stage=to_sign", "/cases/?q=没有这个词", "/filter/", "/intake/", "/ledger/",
        "/ledger/cases/", "/ledger/signing/", "/password/", f"/cases/{quote(NUMBERS['plain'])}/dispatch/",
    ):  # fmt: skip
        page.goto(f"{street.url}{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path

    page.goto(f"{street.url}/cases/?q=8800")
    expect(page.locator("#queue")).to_be_visible()
    expect(page.locator("#case")).to_be_hidden()
    page.click(".row >> nth=0")
    expect(page.locator("#case h1")).to_be_visible()
    expect(page.locator("#queue")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.click("[data-back]")
    expect(page.locator("#queue")).to_be_visible()
    expect(page.locator("#case")).to_be_hidden()
    small = page.eval_on_selector_all(
        ".row, .tab-link, .queue .bar a.chip",
        "all => all.filter(one => one.offsetHeight && one.offsetHeight < 44).length",
    )
    assert small == 0  # what a thumb cannot hit


def test_markup_in_an_order_is_words_wherever_it_stands(street, enter):
    page = enter("zuoxi01")
    said = []
    page.on("dialog", lambda box: (said.append(box.message), box.dismiss()))
    for path in ("/cases/?q=88000", "/ledger/cases/?q=88000", "/ledger/signing/?q=88000"):
        page.goto(f"{street.url}{path}")
        expect(page.locator("body")).to_contain_text(
            NUMBERS["markup"] if "ledger" in path else MARKUP
        )
    page.goto(f"{address(street, 'markup')}?q={quote(MARKUP)}")
    expect(page.locator("#case h1")).to_contain_text(MARKUP)
    page.keyboard.press("s")
    now_at(page, "派转")
    page.keyboard.press("d")
    expect(page.locator("#dialog")).to_contain_text(MARKUP)
    page.keyboard.press("Escape")
    page.keyboard.press("l")
    expect(page.locator("#dialog form")).to_be_visible()
    page.keyboard.press("Escape")
    assert page.locator("img[src=x]").count() == 0
    assert said == []


def test_a_key_in_the_moment_a_dialog_closes_is_not_lost(street, enter):
    page = enter("zuoxi01")
    page.goto(f"{street.url}/cases/?stage=all")
    page.keyboard.press("l")
    expect(page.locator("#dialog form")).to_be_visible()
    page.evaluate("""() => {
        document.querySelector("#dialog form input:not([type=hidden])").focus();
        document.querySelector("#dialog").close();
        const press = new KeyboardEvent("keydown", { key: "?", bubbles: true, cancelable: true });
        document.activeElement.dispatchEvent(press);
    }""")
    expect(page.locator("#help")).to_be_visible()


def test_a_foreign_case_looks_exactly_like_a_missing_one(street, enter):
    page = enter("ximulou01")
    seen = []
    for number in (NUMBERS["offline"], "热线-261124-999999"):
        for path in ("", "dispatch/", "reveal/", "evidence/1/"):
            answer = page.goto(f"{street.url}/cases/{quote(number)}/{path}")
            seen.append((answer.status, unnumbered(page.inner_text("body")), page.title()))
    assert seen[0] == seen[4]
    assert {one[0] for one in seen if "没有找到" in one[1]} == {404}
    assert seen[:4] == seen[4:]


def test_a_reviewer_listens_and_marks_three_moments_by_keyboard(street, enter):
    page = enter("shenhe01")
    page.goto(f"{street.url}/follow-up/recordings/")
    page.locator("section", has_text="最近对上的").locator("tbody a").first.click()
    expect(page.locator("[data-player][data-ready]")).to_be_visible()
    number = page.locator(".page-head .mono").inner_text()
    expect(page.locator("[data-lines] li")).to_have_count(7)
    page.evaluate("document.activeElement.blur()")
    marks = {
        name: page.locator(f"[name={name}_s]") for name in ("contacted", "solved", "satisfied")
    }

    page.keyboard.press("p")
    expect(page.locator("[data-playing]")).to_have_text("暂停")
    expect(page.locator("[data-now]")).to_have_text(re.compile("0:0[1-9]"))  # it is heard
    page.keyboard.press("p")
    expect(page.locator("[data-playing]")).to_have_text("播放")
    page.locator("[data-lines]").evaluate("list => { list.closest('details').open = true }")
    page.locator("[data-lines] button").nth(2).click()  # heard from there
    page.keyboard.press("p")
    expect(page.locator("[data-playing]")).to_have_text("播放")
    page.keyboard.press("q")
    page.keyboard.press("]")
    page.keyboard.press("w")
    page.keyboard.press("]")
    page.keyboard.press("e")
    told = {name: field.input_value() for name, field in marks.items()}
    expect(page.locator(".wave-mark")).to_have_text(["联系", "解决", "满意"])
    seconds = [int(one.split(":")[1]) for one in told.values()]
    assert 6 <= seconds[0] <= 12  # the line begins at 6; a laden machine stops it later
    assert [b - a for a, b in pairwise(seconds)] == [3, 3]

    for name, value in (("result", "answered"), ("contacted", "yes"), ("solved", "solved"), ("satisfied", "satisfied")):  # fmt: skip
        page.locator(f"[name={name}][value={value}]").check()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("3")
    expect(page.locator("#call-backs")).to_contain_text(f"满意 {told['satisfied']}")

    page.goto(f"{street.url}/ledger/rates/?q={quote(number)}")
    cells = page.locator("tbody tr").first
    for moment in told.values():
        expect(cells).to_contain_text(moment)
    expect(cells).to_contain_text("办理反馈.wav")
