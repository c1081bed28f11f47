"""An associate whose window is gone must not hold a shopper: the conversation comes back whole, to the front."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.caller import waiting_caller
from tests.browser.conftest import Window
from tests.browser.corner_shop import corner_shop
from tests.browser.screens import Console, Shop
from tests.browser.test_handoff import FURIOUS
from tests.unit.counter import STAFFING

RELEASE = timedelta(seconds=8)
IMPATIENT = replace(
    STAFFING, heartbeat=timedelta(seconds=1), away_after=timedelta(seconds=4), release_after=RELEASE
)  # as short as a row may be where a heartbeat can be late on a busy machine
LONGEST_MS = 60_000


def test_an_agent_closes_the_laptop_and_a_colleague_goes_on_where_they_were(window: Window, tmp_path: Path) -> None:
    complaint = f"{FURIOUS}，第一次说"
    with corner_shop(tmp_path, staffing=IMPATIENT) as corner:
        shop = Shop.visited(window(at=corner.url))
        shop.open_chat()
        shop.say(complaint)
        expect(shop.heading).to_have_text("等待人工")
        agent, colleague = [
            Console.logged_in(window(at=corner.url), name, corner.console_password) for name in ("小林", "小周")
        ]
        agent.claim(complaint)
        expect(shop.heading).to_have_text("人工客服")
        agent.reply("我是小林，正在联系网点")
        shop.say("好的，我等着")
        expect(agent.log.get_by_text("好的，我等着")).to_be_visible()
        agent.page.keyboard.press("Escape")
        agent.page.keyboard.press("m")
        agent.note.fill("网点电话打过一次，没人接")
        agent.note.press("Enter")
        expect(agent.note).to_have_value("")
        with waiting_caller(corner.url, "后来的"):
            expect(colleague.row("后来的")).to_be_visible()
            agent.page.context.close()
            shop.say("人呢，还在吗")

            expect(shop.heading).to_have_text("等待人工", timeout=LONGEST_MS)
            expect(shop.log.get_by_text("刚才的同事暂时离开了，已经帮您排到最前面")).to_have_count(1)
            back = colleague.row("人呢，还在吗")
            expect(back).to_contain_text("退回过 1 次")
            expect(back).to_contain_text("第 1 位")
            expect(colleague.row("后来的")).to_contain_text("第 2 位")
            colleague.claim("人呢，还在吗")
            expect(shop.heading).to_have_text("人工客服")
            for text in (complaint, "我是小林，正在联系网点", "好的，我等着", "人呢，还在吗"):
                expect(colleague.log.get_by_text(text, exact=True)).to_have_count(1)
            expect(colleague.log.locator(".note")).to_contain_text("网点电话打过一次，没人接")
            colleague.reply("我是小周，小林的记录我都看到了")
            expect(shop.bubbles("associate").filter(has_text="小林的记录我都看到了")).to_have_count(1)
            for text in (complaint, "好的，我等着", "人呢，还在吗"):
                expect(shop.said(text)).to_have_count(1)
            expect(colleague.page.get_by_text("我在接待")).to_be_visible()
