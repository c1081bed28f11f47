from __future__ import annotations

import json

from playwright.sync_api import Route, expect

from tests.browser.conftest import Window
from tests.browser.screens import Shop

UNSENT = "在吗，我想问一下物流"


def stored_messages(shop: Shop, text: str) -> int:
    """How often the service has this message, by its own account."""
    kept = shop.page.evaluate("Object.entries(localStorage).find(([key]) => key.endsWith(':conversation'))?.[1]")
    headers = {"Authorization": f"Bearer {json.loads(kept)['token']}"}
    answer = shop.page.request.get("/v1/chat/messages?after=0", headers=headers)
    return [message["text"] for message in answer.json()["messages"]].count(text)


def test_what_was_written_offline_is_sent_once_when_the_network_is_back(window: Window) -> None:
    shop = Shop.visited(window())
    shop.open_chat()
    shop.say("你好")
    expect(shop.bubbles("bot")).not_to_have_count(0)

    shop.page.context.set_offline(True)
    shop.say(UNSENT)
    expect(shop.log.get_by_role("button", name="未送达，点此重试")).to_be_visible()
    shop.page.context.set_offline(False)
    expect(shop.log.get_by_role("button", name="未送达，点此重试")).to_have_count(0)
    expect(shop.said(UNSENT)).to_have_count(1)
    assert stored_messages(shop, UNSENT) == 1


def test_an_unsent_message_outlives_the_page(window: Window) -> None:
    shop = Shop.visited(window())
    shop.open_chat()
    shop.page.route("**/v1/chat/messages", lambda route: route.abort())
    shop.say(UNSENT)
    expect(shop.log.get_by_role("button", name="未送达，点此重试")).to_be_visible()

    shop.page.unroute_all(behavior="wait")
    shop.page.reload()
    expect(shop.bubbles("bot")).not_to_have_count(0)
    expect(shop.said(UNSENT)).to_have_count(1)
    assert stored_messages(shop, UNSENT) == 1


def test_a_message_whose_answer_was_lost_is_not_said_twice(window: Window) -> None:
    shop = Shop.visited(window())
    shop.open_chat()
    sent: list[str] = []

    def lose_first_answer(route: Route) -> None:
        sent.append(json.loads(route.request.post_data or "{}")["message_id"])
        response = route.fetch()
        if len(sent) == 1:
            route.abort()
        else:
            route.fulfill(response=response)

    shop.page.route("**/v1/chat/messages", lose_first_answer)
    shop.say(UNSENT)
    expect(shop.bubbles("bot")).not_to_have_count(0)
    shop.page.unroute_all(behavior="wait")
    assert len(set(sent)) == 1
    assert stored_messages(shop, UNSENT) == 1
    expect(shop.said(UNSENT)).to_have_count(1)


def test_without_a_web_socket_the_chat_goes_on_by_polling(window: Window) -> None:
    page = window()
    page.route_web_socket("**/v1/chat/ws*", lambda socket: socket.close())
    shop = Shop.visited(page)
    shop.open_chat()
    shop.say("你好")
    expect(shop.bubbles("bot")).not_to_have_count(0)


def test_an_expired_conversation_is_followed_by_a_new_one_and_the_message_is_not_lost(window: Window) -> None:
    shop = Shop.visited(window())
    shop.open_chat()
    shop.say("你好")
    expect(shop.bubbles("bot")).not_to_have_count(0)
    shop.page.evaluate(
        """() => {
            const key = Object.keys(localStorage).find((key) => key.endsWith(":conversation"));
            localStorage.setItem(key, JSON.stringify({ ...JSON.parse(localStorage.getItem(key)), token: "gone" }));
        }"""
    )
    shop.page.reload()
    expect(shop.log.get_by_text("上次的会话已过期")).to_be_visible()
    shop.say(UNSENT)
    expect(shop.bubbles("bot")).not_to_have_count(0)
    assert stored_messages(shop, UNSENT) == 1
