"""Pictures and orders: what a shopper shows and points at."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Window
from tests.browser.screens import Console, Shop
from tests.unit.test_picture import picture, with_metadata

SEEN = "图片，点开看大图"


def sent_picture(page: Page, picture_bytes: bytes, words: str = "") -> Shop:
    shop = Shop.visited(page)
    shop.open_chat()
    shop.show_picture(picture_bytes)
    expect(page.get_by_text("可以发送了")).to_be_visible()
    shop.box.fill(words)
    shop.box.press("Enter")
    expect(shop.log.get_by_role("button", name=SEEN).locator("canvas")).to_be_visible()
    return shop


def test_a_picture_is_looked_at_before_it_is_sent_and_is_there_after_a_reload(window: Window) -> None:
    shop = sent_picture(window(), with_metadata(), "你好，鞋底开胶了")
    expect(shop.bubbles("bot").filter(has_text="看不了图片")).to_have_count(1)
    expect(shop.page.get_by_role("button", name="不发这张图片")).to_have_count(0)
    shop.page.reload()
    expect(shop.log.get_by_role("button", name=SEEN).locator("canvas")).to_be_visible()
    expect(shop.said("鞋底开胶了")).to_have_count(1)

    shop.log.get_by_role("button", name=SEEN).click()
    large = shop.page.get_by_role("dialog", name="大图")
    expect(large.locator("canvas")).to_be_visible()
    shop.page.keyboard.press("Escape")
    expect(large).to_have_count(0)
    expect(shop.box).to_be_visible()


def test_a_picture_alone_is_a_message_and_its_stand_in_text_is_not_shown(window: Window) -> None:
    shop = sent_picture(window(size=PHONE), picture(size=(3000, 4000)))
    expect(shop.bubbles("bot").filter(has_text="看不了图片")).to_have_count(1)
    expect(shop.log.get_by_text("[图片]")).to_have_count(0)
    assert not shop.scrolls_sideways()


def test_a_picture_may_be_put_away_again(window: Window) -> None:
    shop = Shop.visited(window())
    shop.open_chat()
    shop.show_picture(picture())
    expect(shop.page.get_by_role("button", name="发送", exact=True)).to_be_enabled()
    shop.page.get_by_role("button", name="不发这张图片").click()
    expect(shop.page.get_by_role("button", name="发送", exact=True)).to_be_disabled()
    expect(shop.box).to_be_focused()
    expect(shop.log.locator(".entry")).to_have_count(0)


def test_another_shopper_at_the_same_screen_finds_neither_the_draft_nor_the_picture(window: Window) -> None:
    shop = Shop.visited(window())
    shop.open_chat()
    shop.show_picture(picture())
    expect(shop.page.get_by_text("可以发送了")).to_be_visible()
    shop.box.fill("我的地址是")
    shop.page.get_by_role("list", name="顾客").get_by_role("button").last.click()
    expect(shop.box).to_have_value("")
    expect(shop.page.get_by_role("button", name="不发这张图片")).to_have_count(0)
    shop.page.go_back()
    expect(shop.box).to_have_value("我的地址是")


def test_what_is_no_picture_is_said_at_once(window: Window) -> None:
    shop = Shop.visited(window())
    shop.open_chat()
    shop.show_picture(b"<svg onload=alert(1)>", "evil.jpg")
    expect(shop.page.get_by_text("这个文件不是能打开的图片")).to_be_visible()
    expect(shop.page.get_by_role("button", name="发送", exact=True)).to_be_disabled()


def test_an_upload_that_broke_off_is_tried_again_with_one_tap(window: Window) -> None:
    shop = Shop.visited(window())
    shop.open_chat()
    shop.page.route("**/v1/chat/attachments", lambda route: route.abort())
    shop.show_picture(picture())
    again = shop.page.get_by_role("button", name="重试")
    expect(again).to_be_visible()
    shop.page.unroute_all(behavior="wait")
    again.click()
    expect(shop.page.get_by_text("可以发送了")).to_be_visible()


def test_a_picture_message_written_offline_is_sent_once_when_the_network_is_back(window: Window) -> None:
    shop = Shop.visited(window())
    shop.open_chat()
    shop.show_picture(picture())
    expect(shop.page.get_by_text("可以发送了")).to_be_visible()
    shop.page.context.set_offline(True)
    shop.box.press("Enter")
    expect(shop.log.get_by_role("button", name="未送达，点此重试")).to_be_visible()
    shop.page.context.set_offline(False)
    expect(shop.bubbles("bot").filter(has_text="看不了图片")).to_have_count(1)
    expect(shop.log.get_by_role("button", name=SEEN)).to_have_count(1)


def test_an_associate_may_fetch_the_picture_and_a_stranger_may_not(window: Window, console_password: str) -> None:
    shop = Shop.visited(window())
    shop.open_chat()
    with shop.page.expect_response("**/v1/chat/attachments") as uploaded:
        shop.show_picture(picture())
    path = f"/console/api/attachments/{uploaded.value.json()['attachment_id']}"
    console = Console.logged_in(window(), "小周", console_password)
    assert console.page.request.get(path).headers["content-type"] == "image/jpeg"
    assert window().request.get(path).status == 401


def test_an_order_is_picked_with_the_keyboard_and_its_number_is_sent(window: Window) -> None:
    shop = Shop.visited(window(), re.compile("^."))
    number = (shop.page.get_by_text(re.compile("^订单号 ")).first.text_content() or "").split()[-1]
    shop.open_chat()
    opener = shop.page.get_by_role("button", name="选择订单")
    opener.focus()
    shop.page.keyboard.press("Enter")
    sheet = shop.page.get_by_role("region", name="选择订单")
    expect(sheet.get_by_role("heading")).to_be_focused()
    expect(sheet.get_by_text(f"尾号 {number[-4:]}")).to_be_visible()
    shop.page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(opener).to_be_focused()

    opener.click()
    sheet.get_by_text(f"尾号 {number[-4:]}").click()
    expect(shop.said(number)).to_have_count(1)
    expect(shop.box).to_be_focused()
    expect(shop.bubbles("bot")).not_to_have_count(0)


def test_orders_that_cannot_be_loaded_are_asked_for_again(window: Window) -> None:
    shop = Shop.visited(window())
    shop.open_chat()
    shop.page.route("**/v1/chat/orders", lambda route: route.abort())
    shop.page.get_by_role("button", name="选择订单").click()
    shop.page.get_by_role("button", name="订单没有加载出来，点此重试").click()
    shop.page.unroute_all(behavior="wait")
    shop.page.get_by_role("button", name="订单没有加载出来，点此重试").click()
    expect(shop.page.get_by_role("region", name="选择订单").get_by_text("尾号").first).to_be_visible()


def test_a_guest_is_not_asked_for_orders(window: Window) -> None:
    page = window()
    page.goto("/")
    shop = Shop(page=page)
    shop.open_chat()
    expect(page.get_by_role("button", name="发送图片")).to_be_visible()
    expect(page.get_by_role("button", name="选择订单")).to_be_hidden()
