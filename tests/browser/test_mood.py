"""What an associate sees at a glance of a shopper who was furious a moment ago."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.caller import waiting_caller
from tests.browser.conftest import Window
from tests.browser.corner_shop import corner_shop
from tests.browser.screens import Console


def test_the_dot_in_the_queue_shows_the_worst_of_late_and_says_how_it_is_now(window: Window, tmp_path: Path) -> None:
    with corner_shop(tmp_path) as corner, waiting_caller(corner.url, "气过了") as caller:
        console = Console.logged_in(window(at=corner.url), "小林", corner.console_password)
        row = console.row("气过了")
        expect(row.get_by_role("img", name="情绪：生气", exact=True)).to_be_visible()
        assert caller.say("你好，还在吗") == "waiting"
        row = console.row("还在吗")
        dot = row.get_by_role("img", name="情绪：刚才生气，现在平静", exact=True)
        expect(dot).to_have_attribute("data-emotion", "angry")
        console.page.get_by_text("筛选", exact=True).click()
        console.page.get_by_label("情绪", exact=True).select_option("生气")
        expect(row).to_be_visible()


def test_which_model_scored_is_told_by_the_gauge_and_not_beside_it(window: Window, tmp_path: Path) -> None:
    with corner_shop(tmp_path) as corner, waiting_caller(corner.url, "看看风险"):
        console = Console.logged_in(window(at=corner.url), "小林", corner.console_password)
        console.row("看看风险").click()
        gauge = console.panel.get_by_title("模型", exact=False)
        expect(gauge.get_by_role("img", name="流失概率")).to_be_visible()
        expect(console.panel).not_to_contain_text("模型")
