"""Real windows on a running stack. What a window's page complains about fails its test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from service.sandbox import Sandbox
from tests.browser.caller import Caller, waiting_caller

CHROMIUM = Path("/usr/bin/chromium")
QUIET = (
    "--no-sandbox",
    "--headless=new",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-features=LocalNetworkAccessChecks",  # a page made up by a test may fetch from the stack
)
DESK = (1440, 900)
PHONE = (390, 844)
PATIENCE_MS = 20_000

Window = Callable[..., Page]
Call = Callable[..., Caller]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Windows come last: while Playwright is there, its event loop runs, and no asynchronous test can run its own."""
    for item in items:
        if _has_window(item):
            item.add_marker(pytest.mark.browser)
    items.sort(key=_has_window)


def _has_window(item: pytest.Item) -> bool:
    return Path(__file__).parent in item.path.parents


@pytest.fixture(scope="session")
def stack_url(sandbox: Sandbox) -> str:
    """Where the service with the demo shop answers."""
    return sandbox.url


@pytest.fixture(scope="session")
def console_password(sandbox: Sandbox) -> str:
    return sandbox.console_password


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is missing: install the chromium package")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def caller(stack_url: str) -> Iterator[Call]:
    """``caller(mark)``: a shopper who waits for a person and whose last words end with the mark; ``guest=True``."""
    with ExitStack() as callers:
        yield lambda mark, **more: callers.enter_context(waiting_caller(stack_url, mark, **more))


@pytest.fixture
def window(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Window]:
    """Open a window of somebody with storage of their own: ``window(size=PHONE, color_scheme="dark")``; ``at`` is where
    a shop of the test's own answers.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            complaints.append(message.text)

    def watched(page: Page) -> None:
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", heard)

    def opened(*, at: str = "", size: tuple[int, int] = DESK, **more: Any) -> Page:
        width, height = size
        context = chromium.new_context(
            base_url=at or request.getfixturevalue("stack_url"),
            viewport={"width": width, "height": height},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            has_touch=size == PHONE,
            **more,
        )
        contexts.append(context)
        context.on("close", lambda closed: contexts.remove(closed))  # some tests close theirs
        context.set_default_timeout(PATIENCE_MS)
        context.on("page", watched)
        return context.new_page()

    yield opened
    for context in tuple(contexts):
        context.unroute_all(behavior="ignoreErrors")
        context.close()
    assert complaints == []
