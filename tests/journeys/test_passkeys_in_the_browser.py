"""A passkey in a real browser: added, used as a second step, and as a whole log-in."""

import pytest

from tests.journeys.conftest import PASSWORD

pytestmark = pytest.mark.browser
KEY = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@pytest.fixture
def desk(chromium, street):
    """A window with a key in it, on the name that keys are made for."""
    window = chromium.new_context(locale="zh-CN", timezone_id="Asia/Shanghai")
    page = window.new_page()
    page.set_default_timeout(15_000)
    faults = []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.on(
        "console", lambda said: faults.append(said.text) if "Security Policy" in said.text else None
    )
    wire = window.new_cdp_session(page)
    wire.send("WebAuthn.enable")
    wire.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
    page.base = street.url.replace("127.0.0.1", "localhost")
    yield page
    window.close()
    assert faults == []


def by_password(page, username):
    page.goto(f"{page.base}/login/")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: not url.endswith("/login/"))


def leave(page):
    page.goto(f"{page.base}/account/")
    page.evaluate("document.querySelector('form[action=\"/logout/\"]').submit()")
    page.wait_for_url("**/login/")


def test_a_passkey_is_added_asked_for_and_enough_by_itself(desk):
    page = desk
    by_password(page, "huodong01")
    page.goto(f"{page.base}/account/second/")
    page.fill("#passkey-name", "值班席电脑")
    page.click("text=添加通行密钥")
    page.wait_for_selector("text=恢复码，只显示这一次")
    assert page.locator(".recovery li").count() == 10
    page.click("text=已经收好")
    page.wait_for_selector("text=值班席电脑")

    leave(page)
    by_password(page, "huodong01")
    assert page.url.endswith("/login/second/")
    page.click("text=用通行密钥验证")
    page.wait_for_url("**/cases/**")

    leave(page)
    page.click("text=用通行密钥登录")
    page.wait_for_url("**/cases/**")
    page.goto(f"{page.base}/account/")
    assert "通行密钥" in page.locator(".sittings li", has_text="这里").inner_text()
