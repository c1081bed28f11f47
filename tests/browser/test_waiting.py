"""The queue, the call-back and the rating. Their endpoints are stood in for here: what is tried is the screen."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

from playwright.sync_api import Page, Route, WebSocketRoute, expect

from tests.browser.conftest import PHONE, Window
from tests.browser.screens import Console, Shop
from tests.browser.test_handoff import FURIOUS

OPEN = {"status": "waiting", "position": 3, "expected_wait_s": 200, "open": True, "opens_at": None}
SHUT = {"status": "bot", "position": None, "expected_wait_s": None, "open": False}


def queue_says(page: Page, **place: Any) -> None:
    page.route("**/v1/chat/queue", lambda route: route.fulfill(json={**OPEN, **place}))


def news(shop: Shop) -> Any:
    return shop.page.locator("tourniquet-chat .strip")


def waiting(page: Page) -> Shop:
    shop = Shop.visited(page)
    shop.open_chat()
    shop.say(FURIOUS)
    expect(shop.heading).to_have_text("等待人工")
    return shop


def test_a_waiting_shopper_sees_their_place_and_an_honest_wait_as_they_change(window: Window) -> None:
    page = window()
    sockets: list[WebSocketRoute] = []

    def between(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        server.on_message(lambda message: socket.send(message))
        socket.on_message(lambda message: server.send(message))
        sockets.append(socket)

    page.route_web_socket("**/v1/chat/ws*", between)
    queue_says(page)
    shop = waiting(page)
    expect(news(shop)).to_contain_text("前面还有 2 位，大约等 4 分钟")
    sockets[-1].send(json.dumps({"type": "queue", "position": 1, "expected_wait_s": 20}))
    expect(news(shop)).to_contain_text("您是下一位，大约等不到 1 分钟")
    sockets[-1].send(json.dumps({"type": "queue", "position": 1, "expected_wait_s": None}))
    expect(news(shop)).to_contain_text("您是下一位，可以先把情况写下来")
    page.get_by_role("button", name="不等了").click()
    expect(shop.heading).to_have_text("智能客服")
    expect(news(shop)).to_be_hidden()


def test_where_the_service_says_nothing_of_the_queue_the_shopper_still_waits_and_leaves(window: Window) -> None:
    page = window()
    page.route("**/v1/chat/queue", lambda route: route.fulfill(status=404, json={}))
    shop = waiting(page)
    expect(news(shop)).to_contain_text("正在为您排队")
    expect(page.get_by_role("button", name="请回电")).to_be_hidden()
    page.get_by_role("button", name="不等了").click()
    expect(shop.heading).to_have_text("智能客服")


def test_out_of_hours_a_call_back_is_asked_for_once(window: Window) -> None:
    page = window(size=PHONE)
    opens_at = datetime.now(timezone.utc) + timedelta(hours=9)
    queue_says(page, **SHUT, opens_at=opens_at.isoformat())
    asked: list[Any] = []

    def take(route: Route) -> None:
        asked.append(route.request.post_data_json)
        if len(asked) == 1:
            route.fulfill(status=422, json={"detail": "这个号码打不通，请换一个"})
        else:
            route.fulfill(status=201, json={"task_id": "t1"})

    page.route("**/v1/chat/callback", take)
    shop = Shop.visited(page)
    shop.open_chat()
    shop.say("你好")
    expect(news(shop)).to_contain_text("上班")
    page.get_by_role("button", name="请回电").click()
    sheet = page.get_by_role("region", name="请人工给我回电")
    expect(sheet.get_by_role("heading")).to_be_focused()
    sheet.get_by_label("电话号码").fill("不告诉你")
    sheet.get_by_label("想解决什么").fill("包裹一直没到")
    sheet.get_by_label("什么时候方便").select_option("下午")
    sheet.get_by_role("button", name="请回电").click()
    expect(sheet.get_by_label("电话号码")).to_be_focused()
    assert asked == []

    sheet.get_by_label("电话号码").fill("138 1234 5678")
    sheet.get_by_role("button", name="请回电").click()
    expect(sheet.get_by_role("alert")).to_have_text("这个号码打不通，请换一个")
    sheet.get_by_role("button", name="请回电").click()
    expect(page.get_by_role("region", name="已登记，我们会给您回电")).to_be_visible()
    assert asked[-1] == {"contact": "138 1234 5678", "wish": "包裹一直没到", "when": "下午"}
    assert not shop.scrolls_sideways()
    page.get_by_role("button", name="关闭", exact=True).click()
    expect(page.get_by_role("button", name="请回电")).to_be_hidden()
    page.reload()
    expect(news(shop)).to_contain_text("已登记")
    expect(page.get_by_role("button", name="请回电")).to_be_hidden()


def test_who_waited_in_vain_is_offered_a_call_back(window: Window) -> None:
    page = window()
    page.route_web_socket("**/v1/chat/ws*", lambda socket: socket.close())
    queue_says(page)
    shop = waiting(page)
    given_up = {"messages": [], "status": "bot"}
    page.route("**/v1/chat/messages?*", lambda route: route.fulfill(json=given_up))
    expect(news(shop)).to_contain_text("刚才没有等到人工")
    expect(page.get_by_role("button", name="请回电")).to_be_visible()


def closed(window: Window, console_password: str, complaint: str) -> Shop:
    shop = Shop.visited(window())
    shop.open_chat()
    shop.say(complaint)
    expect(shop.heading).to_have_text("等待人工")
    console = Console.logged_in(window(), "小林", console_password)
    console.claim(complaint)
    console.page.get_by_role("button", name="结束会话").click()
    console.page.get_by_role("dialog").get_by_role("button", name="结束会话").click()
    expect(shop.heading).to_have_text("会话已结束")
    return shop


def test_a_closed_conversation_is_rated_with_the_keyboard_and_the_rating_may_be_changed(
    window: Window, console_password: str
) -> None:
    shop = closed(window, console_password, f"{FURIOUS}，评一下")
    given: list[Any] = []

    def take(route: Route) -> None:
        given.append(route.request.post_data_json)
        route.fulfill(json={})

    shop.page.route("**/v1/chat/rating", take)
    shop.page.get_by_role("radio", name="很不满意").focus()
    for _ in range(3):
        shop.page.keyboard.press("ArrowRight")
    expect(shop.page.get_by_role("radio", name="满意", exact=True)).to_be_checked()
    shop.page.get_by_label("想说的话").fill("小林很耐心")
    shop.page.get_by_role("button", name="提交评价").click()
    expect(shop.page.get_by_text("谢谢，已经收到")).to_be_visible()
    assert given == [{"score": 4, "comment": "小林很耐心"}]

    shop.page.reload()
    expect(shop.page.get_by_role("group", name="您的评价：满意")).to_be_visible()
    shop.page.get_by_role("radio", name="很满意").check(force=True)
    shop.page.get_by_role("button", name="提交评价").click()
    expect(shop.page.get_by_text("谢谢，已经收到")).to_be_visible()
    assert given[-1] == {"score": 5}


def test_where_nothing_can_be_rated_the_shopper_is_told_and_goes_on(window: Window, console_password: str) -> None:
    shop = closed(window, console_password, f"{FURIOUS}，不评了")
    shop.page.route("**/v1/chat/rating", lambda route: route.fulfill(status=404, json={}))
    shop.page.get_by_role("radio", name="一般").check(force=True)
    shop.page.get_by_role("button", name="提交评价").click()
    expect(shop.page.get_by_text("现在不能评价")).to_be_visible()
    shop.page.get_by_role("button", name="再聊一次").click()
    expect(shop.heading).to_have_text("智能客服")
