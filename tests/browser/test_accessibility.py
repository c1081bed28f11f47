"""axe-core finds nothing serious, whatever the chat shows."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, Window
from tests.browser.corner_shop import corner_shop
from tests.browser.screens import Shop
from tests.browser.test_waiting import conversation_of, shut_today, waiting
from tests.unit.test_picture import picture

SERIOUS = ("serious", "critical")


def complaints(page: Page) -> list[str]:
    found = Axe().run(page, context="tourniquet-chat").response["violations"]
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in found
        if rule["impact"] in SERIOUS
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_axe_finds_nothing_serious(window: Window, tmp_path: Path, size: tuple[int, int], scheme: str) -> None:
    with corner_shop(tmp_path, staffing=shut_today()) as corner:
        page = window(at=corner.url, size=size, color_scheme=scheme)
        shop = Shop.visited(page)
        assert complaints(page) == []
        shop.open_chat()
        assert complaints(page) == []
        shop.say("物流太慢了我要退单")
        expect(shop.offer).to_be_visible()
        shop.offer.get_by_role("button", name="为什么").click()
        shop.show_picture(picture())
        expect(page.get_by_text("可以发送了")).to_be_visible()
        assert complaints(page) == []
        shop.box.press("Enter")
        expect(shop.bubbles("bot").filter(has_text="看不了图片")).to_have_count(1)
        page.get_by_role("button", name="选择订单").click()
        expect(page.get_by_role("region", name="选择订单").get_by_text("尾号").first).to_be_visible()
        assert complaints(page) == []
        page.keyboard.press("Escape")
        page.get_by_role("button", name="请回电").click()
        assert complaints(page) == []


def test_axe_finds_nothing_serious_while_waiting_offline_and_at_the_end(window: Window, tmp_path: Path) -> None:
    with corner_shop(tmp_path) as corner, corner.associate("小林") as agent:
        page = window(at=corner.url)
        shop = waiting(page)
        assert complaints(page) == []
        page.context.set_offline(True)
        shop.say("在吗")
        expect(shop.log.get_by_role("button", name="未送达，点此重试")).to_be_visible()
        assert complaints(page) == []
        page.context.set_offline(False)
        expect(shop.log.get_by_role("button", name="未送达，点此重试")).to_have_count(0)
        handoff_id = corner.handoff(conversation_of(shop))
        for act in ("claim", "resolve"):
            agent.post(f"handoffs/{handoff_id}/{act}", json={}).raise_for_status()
        expect(shop.heading).to_have_text("会话已结束")
        page.get_by_role("radio", name="一般").check(force=True)
        assert complaints(page) == []
