"""Who uses a keyboard, an input method, a screen reader or a phone can use the screens too."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Window
from tests.browser.screens import Console, Shop, scrolls_sideways

TABS_AT_MOST = 60


def test_the_chat_is_used_with_the_keyboard_alone(window: Window) -> None:
    shop = Shop.visited(window(), re.compile("^."))
    keyboard = shop.page.keyboard
    launcher = shop.page.locator("tourniquet-chat .launcher")
    for _ in range(TABS_AT_MOST):
        keyboard.press("Tab")
        if launcher.evaluate("node => node.getRootNode().activeElement === node"):
            break
    keyboard.press("Enter")
    expect(shop.box).to_be_focused()

    keyboard.type("第一行")
    keyboard.press("Shift+Enter")
    keyboard.type("我想取消订单")
    expect(shop.box).to_have_value("第一行\n我想取消订单")
    keyboard.press("Enter")
    expect(shop.said("我想取消订单")).to_be_visible()
    expect(shop.box).to_be_focused()
    expect(shop.box).to_have_value("")

    keyboard.press("Escape")
    expect(shop.box).to_be_hidden()
    expect(launcher).to_be_focused()


def test_enter_belongs_to_the_input_method_while_it_composes(window: Window) -> None:
    shop = Shop.visited(window(), re.compile("^."))
    shop.open_chat()
    shop.box.fill("ni hao")
    shop.box.dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    expect(shop.box).to_have_value("ni hao")
    expect(shop.bubbles("shopper")).to_have_count(0)


def test_the_box_counts_down_near_its_limit_and_takes_no_more(window: Window) -> None:
    shop = Shop.visited(window(), re.compile("^."))
    shop.open_chat()
    shop.box.fill("字" * 1_990)
    expect(shop.page.get_by_text("还可以输入 10 字")).to_be_visible()
    shop.page.keyboard.insert_text("多" * 50)
    assert len(shop.box.input_value()) == 2_000


def test_on_a_phone_the_chat_fills_the_screen_and_keeps_the_focus(window: Window) -> None:
    shop = Shop.visited(window(size=PHONE), re.compile("^."))
    assert not shop.scrolls_sideways()
    shop.open_chat()
    shop.say("我想取消订单，" + "长" * 300)
    assert not shop.scrolls_sideways()
    box = shop.page.get_by_role("dialog").bounding_box()
    assert box is not None
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, *PHONE)
    for _ in range(TABS_AT_MOST):
        shop.page.keyboard.press("Tab")
        assert shop.page.evaluate(
            "[null, document.body, document.querySelector('tourniquet-chat')].includes(document.activeElement)"
        )


def test_on_a_phone_neither_shop_nor_console_scrolls_sideways(window: Window, console_password: str) -> None:
    page = window(size=PHONE)
    page.goto("/")
    expect(page.get_by_role("list", name="顾客").get_by_role("button").first).to_be_visible()
    assert not scrolls_sideways(page)
    console = Console.logged_in(window(size=PHONE), "小林", console_password)
    for view in ("回电", "纠正审核", "接待"):
        console.page.get_by_role("link", name=re.compile(f"^{view}")).click()
        assert not scrolls_sideways(console.page)
