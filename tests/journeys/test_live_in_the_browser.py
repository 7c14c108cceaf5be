"""The live desk under the hand: what others do appears by itself, also after the network was away."""

import contextlib
import json
import socket
import threading
import time
from datetime import datetime, timedelta
from itertools import count
from urllib.parse import quote
from zoneinfo import ZoneInfo

import psutil
import psycopg
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.factories.files import row, workbook

pytestmark = pytest.mark.browser

EARS = """
window.heard = [];
window.rowSeen = {};
addEventListener("DOMContentLoaded", () => new MutationObserver(() => {
  for (const row of document.querySelectorAll(".queue .row-title")) window.rowSeen[row.textContent] ??= Date.now();
}).observe(document, { childList: true, subtree: true }));
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...when) {
  window.heard.push(Math.round(this.frequency.value));
  return start.apply(this, when);
};
"""
_number = count(1)


class Road:
    """A road between browser and product that can be closed, as a network is lost: nothing goes through."""

    def __init__(self, port: int) -> None:
        self.to, self.open, self.links = port, True, set()
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = self.door.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                one, _ = self.door.accept()
            except OSError:
                return
            if not self.open:
                one.close()
                continue
            other = socket.create_connection(("127.0.0.1", self.to))
            self.links |= {one, other}
            for source, to in ((one, other), (other, one)):
                threading.Thread(target=self._carry, args=(source, to), daemon=True).start()

    def _carry(self, source: socket.socket, to: socket.socket) -> None:
        try:
            while piece := source.recv(65536):
                to.sendall(piece)
        except OSError:
            pass
        for end in (source, to):
            self._shut(end)

    def _shut(self, end: socket.socket) -> None:
        self.links.discard(end)
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()

    def close(self) -> None:
        self.open = False
        for end in list(self.links):
            self._shut(end)


@pytest.fixture
def road(street):
    made = Road(street.port)
    yield made
    made.close()
    made.door.close()


@pytest.fixture
def arrive(street, tmp_path):
    """Bring orders in as an operator does; return their numbers."""

    def bring(*titles: str) -> list[str]:
        sent = datetime.now(ZoneInfo("Asia/Shanghai")) - timedelta(minutes=5)
        told = [
            row(
                工单编号=f"热线-261124-77{next(_number):04d}", 标题=title, 主要内容=f"市民反映，{title}。", 社区="西木楼社区",
                问题分类="物业管理>设施维护>维修不及时", 来电时间="", 截止时间="", 派单时间=f"{sent:%Y-%m-%d %H:%M:%S}",
                问题点位="西木楼社区",
            )
            for title in titles
        ]  # fmt: skip
        path = workbook(tmp_path / f"{next(_number)}.xlsx", told)
        street.do("import", "orders", str(path))
        return [one["工单编号"] for one in told]

    return bring


def database(street) -> psycopg.Connection:
    told = (street.folder / "pg" / "postmaster.pid").read_text().splitlines()
    return psycopg.connect(host=told[4], user="postgres", dbname="jiesu")


@contextlib.contextmanager
def ear(street):
    """Yield a list that gets the moment, in the browser's milliseconds, of every commit that is told."""
    heard, over = [], threading.Event()
    with database(street) as link:
        link.autocommit = True
        link.execute("LISTEN jiesu_live")

        def listen() -> None:
            while not over.is_set():
                heard.extend(
                    time.time() * 1000
                    for one in link.notifies(timeout=0.5, stop_after=1)
                    if json.loads(one.payload)["k"] == "case"
                )

        thread = threading.Thread(target=listen)
        thread.start()
        yield heard
        over.set()
        thread.join()


def at_desk(page: Page, url: str, path: str = "/cases/?stage=to_sign") -> None:
    page.add_init_script(EARS)
    page.goto(f"{url}{path}")
    expect(page.locator("[data-stream]")).to_have_text("实时")
    page.evaluate("window.stayed = true")  # gone with a reload
    page.mouse.click(5, 500)  # a browser makes no sound before a press


def to_sign(page: Page) -> Locator:
    """How many the rail says wait to be signed."""
    return page.locator("#rail a[href='/cases/?stage=to_sign'] .count")


def waiting(page: Page) -> int:
    return int(to_sign(page).inner_text())


def hears_new_work(page: Page) -> None:
    page.wait_for_function("() => window.heard.includes(660)")


def is_quiet(page: Page) -> bool:
    """True when no new work was heard; a reminder of the demo's own may be."""
    return 660 not in page.evaluate("window.heard")


def row_of(page: Page, title: str):
    return page.locator(".row", has_text=title)


def test_an_order_imported_elsewhere_appears_at_every_desk_within_a_second(street, enter, arrive):
    clerk, reviewer, handler = enter("zuoxi01"), enter("shenhe01"), enter("minsheng01")
    at_desk(clerk, street.url)
    at_desk(reviewer, street.url)
    at_desk(handler, street.url, "/cases/")
    before = waiting(reviewer)

    with ear(street) as committed:
        (number,) = arrive("九号楼暖气不热")
        expect(row_of(clerk, "九号楼暖气不热")).to_be_visible()

    for page in (clerk, reviewer):
        expect(row_of(page, "九号楼暖气不热")).to_be_visible()
        assert page.evaluate("window.rowSeen['九号楼暖气不热']") - committed[0] < 1000
        expect(page.locator(".toast", has_text=f"新工单 1 件：{number}")).to_be_visible()
        expect(to_sign(page)).to_have_text(str(before + 1))
        hears_new_work(page)
        assert page.evaluate("window.stayed") is True
    expect(handler.locator(".toast", has_text="新工单")).to_have_count(0)
    assert is_quiet(handler)


def test_what_one_does_the_other_sees_and_only_the_other_is_told(street, enter, arrive):
    (number,) = arrive("十号楼门禁坏了")
    clerk, handler = enter("zuoxi01"), enter("minsheng01")
    at_desk(handler, street.url, "/cases/")
    at_desk(clerk, street.url, f"/cases/{quote(number)}/")
    clerk.keyboard.press("s")
    expect(clerk.locator("#case .steps li.now > span")).to_have_text("派转")
    clerk.keyboard.press("d")
    expect(clerk.locator("#dialog form")).to_be_visible()
    clerk.keyboard.type("msbz")
    clerk.keyboard.press("Enter")
    expect(clerk.locator("#dialog .btn.primary")).to_have_text("派给 民生保障办公室")
    clerk.keyboard.press("Enter")

    expect(row_of(handler, "十号楼门禁坏了")).to_be_visible()
    expect(handler.locator(".toast", has_text="新工单 1 件")).to_be_visible()
    hears_new_work(handler)
    assert is_quiet(clerk)


def test_after_a_lost_connection_list_counters_and_case_are_right_again(
    street, road, enter, arrive
):
    first, _ = arrive("一号院停水", "二号院停水")
    page = enter("zuoxi01")
    page.context.add_cookies(
        [{**one, "url": f"http://127.0.0.1:{road.port}"} for one in
         ({"name": c["name"], "value": c["value"]} for c in page.context.cookies())]
    )  # fmt: skip
    at_desk(page, f"http://127.0.0.1:{road.port}", f"/cases/{quote(first)}/?stage=to_sign")
    before = waiting(page)
    road.close()
    expect(page.locator("[data-stream]")).to_have_text("正在重连…")

    arrive("三号院停水", "四号院停水")
    other = enter("zuoxi02")
    other.goto(f"{street.url}/cases/{quote(first)}/")
    for _ in range(
        3
    ):  # on a laden machine the case may be held by what is proposed of it just then
        other.keyboard.press("s")
        with contextlib.suppress(AssertionError):
            expect(other.locator("#case .steps li.now > span")).to_have_text("派转")
            break
    expect(other.locator("#case .steps li.now > span")).to_have_text("派转")
    expect(row_of(page, "三号院停水")).to_have_count(0)

    road.open = True
    expect(row_of(page, "三号院停水")).to_be_visible()
    expect(row_of(page, "四号院停水")).to_be_visible()
    expect(row_of(page, "二号院停水")).to_be_visible()
    expect(row_of(page, "一号院停水")).to_have_count(0)
    expect(page.locator("#case .steps li.now > span")).to_have_text("派转")
    expect(page.locator("[data-stream]")).to_have_text("实时")
    expect(to_sign(page)).to_have_text(str(before + 1))  # two more, one signed
    expect(page.locator(".toast", has_text="新工单 2 件")).to_be_visible()
    assert page.evaluate("window.stayed") is True


def test_two_on_one_case_see_each_other_and_part_again(street, enter, arrive):
    one, _ = arrive("五号院路灯不亮", "六号院路灯不亮")
    clerk, reviewer = enter("zuoxi01"), enter("shenhe01")
    at_desk(clerk, street.url, f"/cases/{quote(one)}/?stage=to_sign")
    at_desk(reviewer, street.url, f"/cases/{quote(one)}/?stage=to_sign")
    mine, theirs = (
        p.locator("summary.me-button").get_attribute("aria-label")[3] for p in (clerk, reviewer)
    )

    expect(clerk.locator("#case [data-who]")).to_have_text(f"{theirs} 也在看")
    expect(reviewer.locator("#case [data-who]")).to_have_text(f"{mine} 也在看")
    expect(row_of(clerk, "五号院路灯不亮").locator("[data-who]")).to_have_text(f"{theirs} 正在看")

    reviewer.click(".row:has-text('六号院路灯不亮')")
    expect(clerk.locator("#case [data-who]")).to_have_count(0)
    expect(row_of(clerk, "六号院路灯不亮").locator("[data-who]")).to_have_text(f"{theirs} 正在看")

    clerk.keyboard.press("s")  # the queue is fetched anew, and painted anew
    expect(row_of(clerk, "五号院路灯不亮")).to_have_count(0)
    expect(row_of(clerk, "六号院路灯不亮").locator("[data-who]")).to_have_text(f"{theirs} 正在看")

    reviewer.close()
    expect(row_of(clerk, "六号院路灯不亮").locator("[data-who]")).to_have_count(0)


def test_nothing_is_swapped_under_a_writing_hand_and_it_comes_when_the_hand_is_gone(
    street, enter, arrive
):
    (number,) = arrive("七号院井盖响")
    clerk, other = enter("zuoxi01"), enter("zuoxi02")
    at_desk(clerk, street.url, f"/cases/{quote(number)}/")
    other.goto(f"{street.url}/cases/{quote(number)}/")
    clerk.keyboard.press("n")
    clerk.fill("#dialog textarea", "写到一半")

    other.keyboard.press("s")

    expect(clerk.locator(".toast", has_text="您打开的案件刚有变化：签收")).to_be_visible()
    expect(clerk.locator("#dialog textarea")).to_have_value("写到一半")
    expect(clerk.locator("#dialog textarea")).to_be_focused()
    expect(clerk.locator("#case .steps li.now > span")).to_have_text("签收")
    clerk.keyboard.press("Escape")
    expect(clerk.locator("#case .steps li.now > span")).to_have_text("派转")


def test_the_sound_is_switched_off_and_stays_off(street, enter, arrive):
    page = enter("shenhe01")
    at_desk(page, street.url)
    page.click("[data-sound]")
    expect(page.get_by_label("声音：关")).to_be_visible()
    page.reload()
    expect(page.get_by_label("声音：关")).to_be_visible()
    expect(page.locator("[data-stream]")).to_have_text("实时")

    arrive("八号院垃圾未清")

    expect(page.locator(".toast", has_text="新工单 1 件")).to_be_visible()
    page.wait_for_timeout(500)
    assert page.evaluate("window.heard") == []


def test_many_tabs_share_one_stream_and_one_voice_and_the_title_counts(street, enter, arrive):
    page = enter("shenhe01")
    page.context.add_init_script("Document.prototype.hasFocus = () => window.near === true;")
    at_desk(page, street.url)
    second = page.context.new_page()
    at_desk(second, street.url)

    arrive("九号院树枝折断")

    for tab in (page, second):
        expect(row_of(tab, "九号院树枝折断")).to_be_visible()
        tab.wait_for_function("() => /^\\(\\d+\\) /.test(document.title)")
    end = time.monotonic() + 15
    while is_quiet(page) and is_quiet(second) and time.monotonic() < end:
        page.wait_for_timeout(50)
    page.wait_for_timeout(500)  # the other would have spoken by now
    assert is_quiet(page) != is_quiet(second)
    page.evaluate("window.near = true; dispatchEvent(new Event('focus'))")
    page.wait_for_function("() => !document.title.startsWith('(')")


def test_a_browser_without_shared_workers_has_a_stream_for_each_page(street, enter, arrive):
    page = enter("zuoxi02")
    page.add_init_script("delete window.SharedWorker;")
    at_desk(page, street.url)

    arrive("十一号院堆物")

    expect(row_of(page, "十一号院堆物")).to_be_visible()
    hears_new_work(page)


def test_a_killed_web_process_comes_back_and_so_does_the_stream(street, enter, arrive):
    page = enter("zuoxi01")
    at_desk(page, street.url)
    supervisor = psutil.Process(street.supervisor.pid)
    (web,) = [one for one in supervisor.children() if "jiesu.command.serving" in one.cmdline()]
    supervisor.suspend()  # or it were back before the second is over after which the page says so
    web.kill()
    expect(page.locator("[data-stream]")).to_have_text("正在重连…")
    supervisor.resume()

    arrive("十二号院噪声")

    expect(row_of(page, "十二号院噪声")).to_be_visible()
    expect(page.locator("[data-stream]")).to_have_text("实时")
    assert page.evaluate("window.stayed") is True


def test_a_reminder_is_heard_and_a_page_of_reminders_fetches_itself(street, enter, arrive):
    (number,) = arrive("十三号院路面塌陷")
    page, other = enter("shenhe01"), enter("zuoxi02")
    at_desk(page, street.url, "/supervision/reminders/")
    at_desk(other, street.url)
    assert number not in page.inner_text("#reminders")

    with database(street) as link:
        case, office, due = link.execute(
            "SELECT id, office_id, next_due_at FROM cases_case WHERE number = %s", [number]
        ).fetchone()
        (reminder,) = link.execute(
            "INSERT INTO supervision_reminder (office_id, case_id, level, rung, at, due_at, words)"
            " VALUES (%s, %s, '', 'centre', now(), %s, '') RETURNING id", [office, case, due],
        ).fetchone()  # fmt: skip
        (notice,) = link.execute(
            "INSERT INTO supervision_notice (reminder_id, member_id, rung, why, climbed, made_at, answer)"
            " SELECT %s, id, 'centre', '', false, now(), '' FROM org_member WHERE username = 'shenhe01'"
            " RETURNING id", [reminder],
        ).fetchone()  # fmt: skip
        told = json.dumps({"k": "notice", "n": [notice]})
        link.execute("SELECT pg_notify('jiesu_live', %s)", [told])

    expect(page.locator(".toast", has_text=f"临期提醒 1 条：{number} 催办")).to_be_visible()
    expect(page.locator("#reminders")).to_contain_text(number)
    page.wait_for_function("() => window.heard.includes(587)")
    assert page.evaluate("window.stayed") is True
    expect(other.locator(".toast", has_text=f"：{number} 催办")).to_have_count(0)


def test_the_browsers_own_word_that_the_network_went_is_shown_and_taken_back(street, enter):
    page = enter("zuoxi02")
    at_desk(page, street.url)
    page.evaluate(  # a stream that still brings something takes the word back at once: what was said is kept
        """() => {
          const said = document.querySelector("[data-stream]");
          window.said = [];
          new MutationObserver(() => window.said.push(said.textContent.trim()))
            .observe(said, { childList: true, subtree: true, characterData: true });
        }"""
    )

    page.context.set_offline(True)
    page.wait_for_function("() => window.said.includes('正在重连…')")
    page.context.set_offline(False)

    expect(page.locator("[data-stream]")).to_have_text("实时")
