from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Window
from tests.browser.screens import Console, Shop

FURIOUS = "等了一个星期还没到，你们就是骗子，我要去消协投诉你们"


def waiting_shopper(page: Page, complaint: str) -> Shop:
    shop = Shop.visited(page)
    shop.open_chat()
    shop.say(complaint)
    expect(shop.heading).to_have_text("等待人工")
    return shop


def test_a_furious_shopper_gets_a_person_and_afterwards_the_bot_again(window: Window, console_password: str) -> None:
    complaint = f"{FURIOUS}！"
    shop = waiting_shopper(window(), complaint)
    console = Console.logged_in(window(), "小林", console_password)
    expect(console.page).to_have_title(re.compile(r"^\(\d+\) 客服工作台"))
    console.claim(complaint)
    expect(shop.heading).to_have_text("人工客服")
    expect(console.log.get_by_label("听出了什么").last).to_be_visible()

    console.reply("我是小林，已经在联系快递网点了")
    expect(shop.bubbles("associate").filter(has_text="已经在联系快递网点了")).to_have_count(1)
    shop.say("好的，我等你消息")
    expect(console.log.get_by_text("好的，我等你消息")).to_be_visible()

    console.page.get_by_role("button", name="交还机器人").click()
    expect(shop.heading).to_have_text("智能客服")
    before = shop.bubbles("bot").count()
    shop.say("我的快递到哪了")
    expect(shop.bubbles("bot")).not_to_have_count(before)


def test_who_comes_second_to_a_claim_is_told_who_has_it(window: Window, console_password: str) -> None:
    complaint = f"{FURIOUS}，马上"
    waiting_shopper(window(), complaint)
    first = Console.logged_in(window(), "小林", console_password)
    second = Console.logged_in(window(), "小周", console_password)
    second.row(complaint).click()
    expect(second.page.get_by_role("button", name="认领", exact=True)).to_be_visible()

    # The second console does not learn of the claim in time.
    second.page.route(re.compile("/console/api/(queue|conversations)"), lambda route: route.abort())
    first.claim(complaint)
    second.page.get_by_role("button", name="认领", exact=True).click()
    expect(second.page.get_by_role("alert").filter(has_text="小林")).to_be_visible()

    second.page.unroute_all()
    second.row(complaint).click()
    expect(second.page.get_by_text("小林 正在处理")).to_be_visible()


def test_a_reply_to_a_chat_that_is_put_away_is_counted_on_its_button(window: Window, console_password: str) -> None:
    complaint = f"{FURIOUS}，人呢"
    shop = waiting_shopper(window(), complaint)
    console = Console.logged_in(window(), "小林", console_password)
    console.claim(complaint)
    expect(shop.heading).to_have_text("人工客服")
    shop.page.get_by_role("button", name="收起").click()
    console.reply("在的，正在看您的订单")
    shop.page.get_by_role("button", name="联系客服，1 条未读").click()
    expect(shop.bubbles("associate").filter(has_text="正在看您的订单")).to_be_visible()


def test_a_shopper_may_stop_waiting(window: Window) -> None:
    shop = waiting_shopper(window(), f"{FURIOUS}，听见没")
    shop.page.get_by_role("button", name="不等了").click()
    expect(shop.heading).to_have_text("智能客服")


def test_ending_a_conversation_asks_first_and_lets_the_shopper_begin_anew(
    window: Window, console_password: str
) -> None:
    complaint = f"{FURIOUS}，快点"
    shop = waiting_shopper(window(), complaint)
    console = Console.logged_in(window(), "小林", console_password)
    console.claim(complaint)
    console.page.get_by_role("button", name="结束会话").click()
    console.page.get_by_role("dialog").get_by_role("button", name="结束会话").click()
    expect(shop.heading).to_have_text("会话已结束")
    expect(shop.box).to_be_hidden()

    shop.page.get_by_role("button", name="再聊一次").click()
    expect(shop.heading).to_have_text("智能客服")
    expect(shop.said(complaint)).to_have_count(0)


def test_the_queue_is_worked_with_the_keyboard_and_a_draft_outlives_a_reload(
    window: Window, console_password: str
) -> None:
    complaint = f"{FURIOUS}，等到什么时候"
    waiting_shopper(window(), complaint)
    console = Console.logged_in(window(), "老陈", console_password)
    keyboard = console.page.keyboard
    expect(console.row(complaint)).to_be_visible()
    keyboard.press("?")
    expect(console.page.get_by_role("dialog")).to_be_visible()
    keyboard.press("Escape")
    for _ in range(console.page.locator(".queue .row").count()):
        keyboard.press("j")
        if console.row(complaint).evaluate("row => row === document.activeElement"):
            break
    keyboard.press("Enter")
    expect(console.box).to_be_focused()
    keyboard.type("正在核实")
    keyboard.press("Escape")
    expect(console.box).not_to_be_focused()

    console.page.reload()
    console.row(complaint).click()
    expect(console.box).to_have_value("正在核实")
    keyboard.press("r")
    expect(console.box).to_be_focused()
    keyboard.press("ControlOrMeta+Enter")
    expect(console.log.get_by_text("正在核实")).to_be_visible()
