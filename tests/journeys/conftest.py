"""A headless Chromium, and a served product with the demo street that the browser tests share."""

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.journeys.served import Product, product

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        loop = asyncio._get_running_loop()
        yield browser
        asyncio._set_running_loop(loop)  # the last test of the run may be one that does not see it
        browser.close()


@pytest.fixture(scope="session")
def street() -> Iterator[Product]:
    """``jiesu run --demo`` on a folder of its own."""
    with product("demo") as served:
        served.start("--demo")
        yield served


@pytest.fixture
def enter(
    request: pytest.FixtureRequest, chromium: Browser, street: Product
) -> Iterator[Callable[..., Page]]:
    """Open a window of one's own and log in: ``enter("zuoxi01")``. Errors in the page fail the test."""
    windows = []
    faults: list[str] = []

    def enter(username: str, *, width: int = 1440, height: int = 900, **more: object) -> Page:
        window = chromium.new_context(
            viewport={"width": width, "height": height}, locale="zh-CN", timezone_id="Asia/Shanghai",
            accept_downloads=True, **more,
        )  # fmt: skip
        windows.append(window)
        page = window.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.on(
            "console",
            lambda said: (
                faults.append(said.text) if "Content Security Policy" in said.text else None
            ),
        )
        page.goto(f"{street.url}/login/")
        page.fill("input[name=username]", username)
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda url: "/login/" not in url)
        return page

    yield enter
    for number, window in enumerate(windows):
        if getattr(request.node, "failed", False):  # what the person saw, for whoever looks into it
            SCREENS.mkdir(exist_ok=True)
            window.pages[-1].screenshot(path=SCREENS / f"{request.node.name}-{number}.png")
        window.close()
    assert faults == []


PATIENCE = 15_000  # ms: what takes seconds on a laden machine is no fault
PASSWORD = "yangfangdian2026"
SCREENS = Path(__file__).resolve().parents[1] / "screens"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Let fixtures know that their test failed."""
    report = yield
    item.failed = getattr(item, "failed", False) or report.failed  # type: ignore[attr-defined]
    return report
