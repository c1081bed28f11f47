"""The screens name a chance and a length of time as the service does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from retention.words import percent, span
from tests.browser.conftest import Window
from tests.browser.corner_shop import corner_shop

SHARES = (0.0, 0.000001, 0.0099, 0.01, 0.42, 0.99, 0.991, 0.999999, 1.0)
HOURS = (1, 47, 48, 49, 62, 72, 24 * 30 + 1)


def say(page: Page, module: str, call: str) -> Any:
    return page.evaluate(f"import('/static/{module}').then((words) => {call})")


def test_a_chance_and_a_length_of_time_read_the_same_everywhere(window: Window, tmp_path: Path) -> None:
    with corner_shop(tmp_path) as corner:
        page = window(at=corner.url)
        page.goto("/console")
        console, widget = "console/words.js", "widget/words.js"
        assert say(page, console, f"{list(SHARES)}.map(words.percent)") == [percent(share) for share in SHARES]
        named = [span(hours) for hours in HOURS]
        assert say(page, console, f"{list(HOURS)}.map((hours) => words.span(hours * 3600))") == named
        assert say(page, console, f"{list(HOURS)}.map((hours) => words.waited(hours * 3600))") == named
        ahead = "new Date(hours * 3600000).toISOString()"
        assert say(page, widget, f"{list(HOURS)}.map((hours) => words.left({ahead}, 0))") == named
