"""One conversation, however many tabs and reloads."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Window
from tests.browser.screens import Shop
from tests.browser.test_connection import stored_messages


def second_tab(shop: Shop) -> Shop:
    """Of the same browser, at the same address."""
    page: Page = shop.page.context.new_page()
    page.goto(shop.page.url)
    expect(page.get_by_role("button", name="申请取消").first).to_be_visible()
    other = Shop(page=page)
    other.open_chat()
    return other


def test_what_is_said_in_one_tab_appears_once_in_the_other(window: Window) -> None:
    one = Shop.visited(window())
    one.open_chat()
    other = second_tab(one)  # before there is a conversation
    one.say("你好")
    expect(one.bubbles("bot")).not_to_have_count(0)
    expect(other.said("你好")).to_have_count(1)
    other.say("您好，在吗")
    expect(one.said("您好，在吗")).to_have_count(1)
    expect(other.bubbles("bot")).to_have_count(2)
    expect(one.bubbles("bot")).to_have_count(2)
    for tab in (one, other):
        assert tab.bubbles("shopper").all_inner_texts() == ["您：\n你好", "您：\n您好，在吗"]
        assert stored_messages(tab, "你好") == stored_messages(tab, "您好，在吗") == 1


def test_what_two_tabs_say_at_once_offline_is_sent_once_each_in_one_conversation(window: Window) -> None:
    one = Shop.visited(window())
    one.open_chat()
    other = second_tab(one)
    one.page.context.set_offline(True)
    one.say("你好")
    other.say("您好，在吗")
    one.page.context.set_offline(False)
    for tab in (one, other):
        for text in ("你好", "您好，在吗"):
            expect(tab.said(text)).to_have_count(1)
        expect(tab.bubbles("bot")).to_have_count(2)
        expect(tab.log.get_by_text("未送达")).to_have_count(0)
    assert stored_messages(one, "你好") == stored_messages(one, "您好，在吗") == 1


def test_history_is_there_after_a_reload_and_in_a_new_tab(window: Window) -> None:
    shop = Shop.visited(window())
    shop.open_chat()
    shop.say("你好")
    expect(shop.bubbles("bot")).to_have_count(1)
    shop.page.reload()
    expect(shop.said("你好")).to_have_count(1)
    expect(shop.bubbles("bot")).to_have_count(1)
    other = second_tab(shop)
    expect(other.said("你好")).to_have_count(1)
    expect(other.bubbles("bot")).to_have_count(1)


def test_a_new_conversation_in_one_tab_is_the_conversation_of_the_other(window: Window) -> None:
    one = Shop.visited(window())
    one.open_chat()
    one.say("你好")
    expect(one.bubbles("bot")).to_have_count(1)
    other = second_tab(one)
    expect(other.said("你好")).to_have_count(1)
    # as "start anew" does it, or a token that has expired
    one.page.evaluate(
        """() => {
            const key = Object.keys(localStorage).find((key) => key.endsWith(":conversation"));
            localStorage.removeItem(key);
        }"""
    )
    expect(other.said("你好")).to_have_count(0)
    other.say("您好，在吗")
    expect(one.said("您好，在吗")).to_have_count(1)
    expect(one.said("你好")).to_have_count(0)


def test_a_long_history_comes_whole_and_the_newest_is_in_sight(window: Window) -> None:
    shop = Shop.visited(window())
    shop.open_chat()
    shop.say("你好")
    expect(shop.bubbles("bot")).to_have_count(1)
    at = "2026-11-20T08:00:00+08:00"
    told = [
        {"seq": seq, "message_id": f"x{seq}", "author": ("shopper", "bot")[seq % 2], "text": f"第{seq}条", "at": at}
        for seq in range(1, 1201)
    ]

    def page_of(after: int) -> dict[str, object]:
        return {"messages": [row for row in told if int(str(row["seq"])) > after][:500], "status": "bot"}

    shop.page.route(
        "**/v1/chat/messages?*",
        lambda route: route.fulfill(json=page_of(int(route.request.url.partition("after=")[2]))),
    )
    shop.page.reload()
    expect(shop.log.locator(".entry")).to_have_count(1200)
    expect(shop.log.get_by_text("第1200条")).to_be_in_viewport()
