from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import Window
from tests.browser.corner_shop import corner_shop
from tests.browser.screens import Console, Shop
from tests.browser.test_waiting import conversation_of


def test_a_late_parcel_gets_an_offer_that_is_accepted_once_and_is_still_there_after_a_reload(window: Window) -> None:
    shop = Shop.visited(window())
    shop.open_chat()
    shop.say("物流太慢了我要退单")
    expect(shop.offer).to_be_visible()
    expect(shop.offer.get_by_role("timer")).to_have_text(re.compile("还剩"))

    shop.offer.get_by_role("button", name="为什么").click()
    expect(shop.offer.locator(".reason")).to_be_visible()
    shop.offer.get_by_role("button", name="接受方案").click()
    expect(shop.said("接受方案")).to_have_count(1)
    confirmation = shop.bubbles("bot").filter(has_text="已生效")
    expect(confirmation).to_have_count(1)
    expect(shop.offer.get_by_role("button", name="接受方案")).to_be_disabled()
    expect(shop.offer.get_by_role("timer")).to_have_text("您已选择")
    told = shop.bubbles("bot").all_text_contents()  # with thanks for staying, unless she was thanked before

    shop.page.reload()
    expect(shop.said("物流太慢了我要退单")).to_be_visible()
    expect(shop.bubbles("bot")).to_have_text(told)
    expect(confirmation).to_have_count(1)
    expect(shop.offer.get_by_role("button", name="接受方案")).to_be_disabled()


def test_an_offer_that_an_associate_granted_stops_its_clock_at_once_and_for_good(
    window: Window, tmp_path: Path
) -> None:
    with corner_shop(tmp_path) as corner:
        shop = Shop.visited(window(at=corner.url))
        shop.open_chat()
        shop.say("物流太慢了我要退单")
        expect(shop.offer.get_by_role("timer")).to_have_text(re.compile("还剩"))
        title = shop.offer.locator("strong").inner_text()
        shop.say("转人工")
        console = Console.logged_in(window(at=corner.url), "小林", corner.console_password)
        console.claim("转人工")
        on_table = console.panel.get_by_role("listitem").filter(has_text=title)
        on_table.get_by_role("button", name="发放").click()
        console.confirm("确认发放")
        expect(shop.offer.get_by_role("timer")).to_have_text(re.compile("已发放|已兑现"))
        expect(shop.offer.get_by_role("button", name="接受方案")).to_be_disabled()
        console.page.get_by_role("button", name="交还机器人").click()
        expect(shop.heading).to_have_text("智能客服")
        shop.page.reload()
        expect(shop.offer.get_by_role("timer")).to_have_text(re.compile("已发放|已兑现"))
        expect(shop.offer.get_by_role("button", name="接受方案")).to_be_disabled()


def test_what_an_associate_granted_while_the_shopper_was_away_shows_on_the_card_afterwards(
    window: Window, tmp_path: Path
) -> None:
    with corner_shop(tmp_path) as corner, corner.associate("小林") as agent:
        shop = Shop.visited(window(at=corner.url))
        shop.open_chat()
        shop.say("物流太慢了我要退单")
        expect(shop.offer).to_be_visible()
        shop.say("转人工")
        expect(shop.heading).to_have_text("等待人工")
        talk = conversation_of(shop)
        agent.post(f"handoffs/{corner.handoff(talk)}/claim", json={}).raise_for_status()
        expect(shop.heading).to_have_text("人工客服")
        shop.page.context.set_offline(True)
        offers = agent.get(f"conversations/{talk}/authority").json()["offers"]
        grant = {"offer_id": offers[0]["offer_id"], "message_id": "g1"}
        agent.post(f"conversations/{talk}/grants", json=grant).raise_for_status()
        shop.page.context.set_offline(False)
        expect(shop.offer.get_by_role("timer")).to_have_text(re.compile("已发放|已兑现"))


def test_applying_for_cancellation_puts_words_into_the_box_and_sends_nothing(window: Window) -> None:
    shop = Shop.visited(window(), re.compile("^."))
    shop.page.get_by_role("button", name="申请取消").first.click()
    expect(shop.box).to_have_value(re.compile("^我想取消这个订单"))
    expect(shop.log.locator(".entry")).to_have_count(0)


def test_what_a_shopper_types_is_shown_as_text(window: Window) -> None:
    shop = Shop.visited(window(), re.compile("^."))
    shop.open_chat()
    shop.say('<img src=x onerror="document.title=1"><b>粗</b>')
    expect(shop.said("<b>粗</b>")).to_be_visible()
    assert shop.log.locator("img, b").count() == 0


def test_every_shopper_has_orders_with_a_price_and_a_stage(window: Window) -> None:
    page = window()
    page.goto("/")
    shoppers = page.get_by_role("list", name="顾客").get_by_role("button")
    expect(shoppers.first).to_be_visible()
    expect(page.get_by_text("演示店铺 · 数据均为合成").first).to_be_visible()
    assert shoppers.count() >= 12
    for index in range(shoppers.count()):
        shoppers.nth(index).click()
        expect(page.get_by_role("heading", name="的订单")).to_contain_text(
            shoppers.nth(index).locator("b").inner_text()
        )
        for order in page.locator(".order").all():
            expect(order.locator(".price")).to_contain_text("元")
            expect(order.locator(".stage")).not_to_be_empty()
