"""The pages of the hard ones, walked as their people walk them: 四个能否, 并案, 初核 and its models, 三率; then on a phone."""

from datetime import datetime, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.factories.files import row, workbook

pytestmark = pytest.mark.browser

TITLES = {
    "able": "两院之间的隔墙歪了没人管",
    "first": "育新里雨水井返臭，整个院子都是臭味",
    "second": "育新里雨水井返臭，楼下全是臭味",
}  # fmt: skip
NUMBERS = {name: f"热线-261124-8840{n:02d}" for n, name in enumerate(TITLES, 1)}
PLAN = "原因：雨水井与污水管错接。措施：疏通并改接，社区张贴告示。后天 18 时前完成。"


@pytest.fixture(scope="module", autouse=True)
def orders(street, tmp_path_factory):
    """One that nobody wants, and two about one matter."""
    sent = datetime.now(ZoneInfo("Asia/Shanghai")) - timedelta(minutes=5)
    told = [
        row(  # at a place of their own: the product groups what other tests bring
            工单编号=NUMBERS[name], 标题=title, 主要内容=f"市民反映，{title}，要求尽快处理。", 社区="会城门社区",
            问题分类="市容环卫>环境卫生>排水异味", 来电时间="", 截止时间="", 派单时间=f"{sent:%Y-%m-%d %H:%M:%S}",
            问题点位="会城门小区9号楼",
        )
        for name, title in TITLES.items()
    ]  # fmt: skip
    street.do("import", "orders", str(workbook(tmp_path_factory.mktemp("in") / "导出.xlsx", told)))


def open_case(page: Page, street, name: str) -> None:
    page.goto(f"{street.url}/cases/{quote(NUMBERS[name])}/")
    expect(page.locator("#case h1")).to_contain_text(TITLES[name])


def now_at(page: Page, stage: str) -> None:
    expect(page.locator("#case .steps li.now > span")).to_have_text(stage)


def toast(page: Page, words: str) -> None:
    expect(page.locator(".toast", has_text=words).first).to_be_visible()


def sign(page: Page) -> None:
    page.keyboard.press("s")
    now_at(page, "派转")


def answer(page: Page, *, able: str, person: str, words: str, unit: str = "") -> None:
    """Answer the question that stands in the dialog; no ``unit``: the one that is marked already."""
    if unit:
        page.check(f"#dialog label:has-text('{unit}') input[name=asked]")
    page.check(f"#dialog input[name=able][value={able}]")
    page.fill("#dialog input[name=person]", person)
    page.fill("#dialog textarea[name=words]", words)
    page.click("#dialog .btn.primary")


def test_four_questions_lead_to_who_can(street, enter):
    page = enter("zuoxi01")
    open_case(page, street, "able")
    sign(page)

    page.keyboard.press("4")
    expect(page.locator("#dialog")).to_contain_text("四个能否，第 1 问")
    expect(page.locator("#dialog input[name=asked]:checked")).to_have_count(1)  # its own community
    answer(page, able="no", person="社区书记", words="墙在两个单位之间，社区没有力量修。")
    toast(page, "已记下：不能。接着问下一问")

    expect(page.locator("#able")).to_contain_text("社区书记")
    page.keyboard.press("4")
    expect(page.locator("#dialog")).to_contain_text("四个能否，第 2 问")
    expect(page.locator("#dialog")).to_contain_text("社区没有力量修")
    answer(page, able="yes", person="值班科长", words="可以牵头两院商量。", unit="民生保障办公室")
    toast(page, "已记下：能")

    page.keyboard.press("4")
    expect(page.locator("#dialog-title")).to_contain_text("按结论派转")
    expect(page.locator("#dialog .btn.primary")).to_have_text("派给 民生保障办公室")
    page.click("#dialog .btn.primary")
    toast(page, "已派给 民生保障办公室")
    now_at(page, "办理")
    for words in ("会城门社区 社区书记 答不能", "民生保障办公室 值班科长 答能"):
        expect(page.locator("#case .line")).to_contain_text(words)


def test_a_leader_reads_what_was_said_and_decides(street, enter):
    page = enter("lingdao01")
    page.goto(f"{street.url}/coordination/")
    expect(page.locator("#coordination tbody tr")).to_have_count(1)
    page.locator("#coordination").get_by_text("作出决定").click()
    expect(page.locator("#dialog .alert")).to_contain_text("不在本办职责清单内")
    page.click("#dialog .btn.primary")
    expect(page.locator("#dialog")).to_contain_text(
        "请写明决定的理由和依据"
    )  # and nothing was decided
    page.keyboard.press("Escape")
    expect(page.locator("#dialog")).to_be_hidden()
    expect(page.locator("#coordination tbody tr")).to_have_count(1)


def test_two_orders_about_one_matter_get_one_plan(street, enter):
    seat = enter("zuoxi01")
    for name in ("second", "first"):
        open_case(seat, street, name)
        sign(seat)
        seat.keyboard.press("d")
        expect(seat.locator("#dialog form")).to_be_visible()
        seat.keyboard.type("msbz")
        seat.keyboard.press("Enter")
        expect(seat.locator("#dialog .btn.primary")).to_have_text("派给 民生保障办公室")
        seat.keyboard.press("Enter")
        now_at(seat, "办理")

    seat.goto(f"{street.url}/groups/?state=proposed")  # the product has seen that they are alike
    seat.locator("#groups tbody a", has_text="育新里雨水井返臭").click()
    expect(seat.locator("#group .alert")).to_contain_text("尚未经人确认")
    seat.keyboard.press("s")
    toast(seat, "已确认为同一事项")
    expect(seat.locator("#group tbody tr")).to_have_count(2)
    expect(seat.locator(".page-head")).to_contain_text("已确认")
    where = seat.url

    handler = enter("minsheng01")
    handler.goto(where)
    handler.keyboard.press("f")
    handler.fill("#dialog textarea[name=plan]", PLAN)
    handler.check("#dialog label:has-text('民生保障办公室') input[name=owner]")
    handler.click("#dialog .btn.primary")
    expect(handler.locator("#group")).to_contain_text(PLAN)
    handler.keyboard.press("p")
    handler.fill("#dialog textarea[name=note]", "已打开井盖查看，确是错接。")
    handler.click("#dialog .btn.primary")
    expect(handler.locator("#group .line")).to_contain_text("确是错接")
    for name in ("first", "second"):  # written once, on the record of each
        open_case(handler, street, name)
        expect(handler.locator("#case .line")).to_contain_text("确是错接")


def test_rates_are_followed_to_the_order_and_tried_out(street, enter):
    page = enter("yanpan01")
    page.goto(f"{street.url}/assessment/")
    expect(page.locator(".stats .stat")).not_to_have_count(0)
    expect(page.locator("svg.course .dot")).not_to_have_count(0)
    page.locator(".stats .stat").first.click()
    page.wait_for_url("**/assessment/lines/**")
    expect(page.locator("table tbody tr")).not_to_have_count(0)

    page.goto(f"{street.url}/assessment/losses/")
    expect(page.locator("table.causes tbody tr")).not_to_have_count(0)
    page.locator("table.causes tbody tr a").first.click()
    page.wait_for_url("**cause=**")
    expect(page.locator("#rows h2")).to_contain_text("逐项失分：")
    expect(page.locator("#rows tbody tr")).not_to_have_count(0)

    page.goto(f"{street.url}/assessment/what-if/")
    for box in page.locator("input[name=turn]").all()[:2]:
        box.check()
    page.get_by_text("假如选中的都转为满意").click()
    expect(page.get_by_text("2 件转为满意")).to_be_visible()
    expect(page.locator("input[name=turn]:checked")).to_have_count(2)


def test_a_desk_without_a_model_says_so_and_an_analyst_has_one_trained(street, enter):
    seat = enter("zuoxi01")
    seat.goto(f"{street.url}/cases/?stage=to_sign")
    seat.locator(".row").first.click()
    expect(seat.locator("#triage h2")).to_contain_text("初核")
    expect(seat.locator("#triage")).to_contain_text("职责依据")

    page = enter("yanpan01")
    page.goto(f"{street.url}/models/")
    expect(page.locator("#main")).to_contain_text("还没有模型")
    page.keyboard.press("n")
    expect(page.locator("#training")).to_contain_text("训练")


def test_on_a_phone_none_of_it_scrolls_sideways(street, enter):
    reviewer = enter("shenhe01", width=390, height=844)
    reviewer.goto(f"{street.url}/groups/")
    group = reviewer.locator("#groups tbody a").first.get_attribute("href")
    assessment = ("", "lines/?pick=valid", "losses/", "what-if/", "results/")
    reviewed = ["/coordination/", "/groups/", group, *(f"/assessment/{one}" for one in assessment)]
    seat = enter("zuoxi01", width=390, height=844)
    cases = [f"/cases/{quote(number)}/" for number in NUMBERS.values()]
    asked = [f"/cases/{quote(NUMBERS['first'])}/alike/"]
    analyst = enter("yanpan01", width=390, height=844)
    wide = [
        (path, page.url)
        for page, paths in ((reviewer, reviewed), (seat, [*cases, *asked]), (analyst, ["/models/", "/models/?target=unit"]))
        for path in paths
        if _is_wide(page, f"{street.url}{path}")
    ]  # fmt: skip

    assert wide == []


def _is_wide(page: Page, url: str) -> bool:
    answer = page.goto(url)
    assert answer is not None
    assert answer.status == 200, url
    return not page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
