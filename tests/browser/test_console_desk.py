"""What an associate does with a conversation beside answering: notes, canned replies, passing on, granting, filing."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import uuid4

from playwright.sync_api import expect

from service.sandbox import Sandbox
from tests.browser.caller import COMPLAINT
from tests.browser.conftest import Call, Window
from tests.browser.screens import Console, lose_the_answer
from tests.shopper import Shopper


def test_a_canned_reply_is_found_by_its_shortcut_and_filled_in(
    window: Window, console_password: str, caller: Call
) -> None:
    caller("常用语")
    console = Console.logged_in(window(), "小林", console_password)
    console.claim("常用语")
    options = console.page.get_by_role("listbox", name="常用语").get_by_role("option")
    console.box.press_sequentially("/")
    expect(options.filter(has_text="物流超时")).to_be_visible()
    console.box.press_sequentially("hi")
    expect(options).to_have_count(1)
    console.box.press("Enter")
    expect(console.box).to_have_value(re.compile("^.先生/女士您好，我是小林，"))
    expect(options).to_have_count(0)


def test_a_canned_reply_with_a_gap_is_not_sent_before_the_gap_is_filled(
    window: Window, console_password: str, caller: Call
) -> None:
    shopper = caller("空格没填", guest=True)
    console = Console.logged_in(window(), "小林", console_password)
    console.claim("空格没填")
    console.page.keyboard.press("Escape")
    console.page.keyboard.press("c")
    console.page.get_by_role("option", name="/kd").click()
    expect(console.page.get_by_text("“订单尾号”没有可填的内容")).to_be_visible()
    console.page.keyboard.insert_text("8842")  # what is missing is selected
    console.box.press("Enter")
    expect(console.page.get_by_text("“已超时的小时数”没有可填的内容")).to_be_visible()
    assert shopper.heard("associate") == []
    console.page.keyboard.insert_text("72")
    console.box.press("Enter")
    expect(console.log.get_by_text("尾号 8842 这单比承诺晚了 72 小时")).to_be_visible()


def test_a_note_is_for_colleagues_only(window: Window, console_password: str, caller: Call) -> None:
    shopper = caller("备注")
    console = Console.logged_in(window(), "小林", console_password)
    console.claim("备注")
    console.page.keyboard.press("Escape")
    console.page.keyboard.press("m")
    expect(console.note).to_be_focused()
    console.note.fill("上周投诉过，先安抚")
    console.note.press("Enter")
    expect(console.note).to_have_value("")

    colleague = Console.logged_in(window(), "小周", console_password)
    colleague.row("备注").click()
    expect(colleague.log.locator(".note").filter(has_text="小林 的内部备注")).to_contain_text("上周投诉过，先安抚")
    expect(colleague.note).to_be_visible()
    expect(colleague.box).to_have_count(0)
    assert shopper.heard("associate") == []


def test_a_conversation_is_passed_to_a_colleague_who_is_there(
    window: Window, console_password: str, caller: Call
) -> None:
    caller("转接")
    colleague = Console.logged_in(window(), "小周", console_password)
    console = Console.logged_in(window(), "小林", console_password)
    console.claim("转接")
    console.page.keyboard.press("Escape")
    console.page.keyboard.press("t")
    console.dialog.get_by_role("radio", name="小周").check()
    console.dialog.get_by_label("交接说明").fill("已催过，等网点回话")
    colleague.is_now("忙碌")
    console.confirm("转接")
    expect(console.dialog.get_by_role("alert")).to_contain_text("小周")
    expect(console.dialog.get_by_label("交接说明")).to_have_value("已催过，等网点回话")
    expect(console.dialog.get_by_role("radio", name="小周")).to_be_disabled()

    colleague.is_now("在线")
    console.act("取消")
    console.act("转接")
    console.dialog.get_by_role("radio", name="小周").check()
    console.dialog.get_by_label("交接说明").fill("已催过，等网点回话")
    console.confirm("转接")
    expect(console.page.get_by_role("status").filter(has_text="已转给小周")).to_be_visible()
    expect(console.page.get_by_text("小周 正在处理")).to_be_visible()
    colleague.mine.get_by_role("button").filter(has_text="转接").click()
    expect(colleague.page.get_by_text("已催过，等网点回话")).to_be_visible()
    colleague.reply("我是小周，接着帮您办")


def test_a_supervisor_takes_a_conversation_over_and_an_agent_cannot(
    window: Window, console_password: str, caller: Call
) -> None:
    caller("接管")
    agent, lead, other = [Console.logged_in(window(), name, console_password) for name in ("小林", "老陈", "小周")]
    agent.claim("接管")
    other.row("接管").click()
    expect(other.page.get_by_text("小林 正在处理")).to_be_visible()
    expect(other.page.get_by_role("button", name="接管", exact=True)).to_have_count(0)
    lead.row("接管").click()
    lead.act("接管")
    lead.confirm("接管")
    expect(lead.box).to_be_visible()
    expect(agent.page.get_by_text("老陈 正在处理")).to_be_visible()


def test_a_conversation_is_put_back_and_the_next_one_claimed_with_the_keyboard(
    window: Window, console_password: str, caller: Call
) -> None:
    caller("放回")
    console = Console.logged_in(window(), "小林", console_password)
    console.claim("放回")
    console.page.keyboard.press("Escape")
    console.page.keyboard.press("Shift+Q")
    expect(console.page.get_by_role("status").filter(has_text="已放回队列")).to_be_visible()
    expect(console.row("放回")).to_contain_text("退回过 1 次")
    console.page.keyboard.press("n")
    expect(console.box).to_be_focused()
    expect(console.log.get_by_text("放回")).to_be_visible()


def test_an_offer_is_granted_after_a_question_and_once(
    window: Window, console_password: str, sandbox: Sandbox, meet: Callable[..., Shopper]
) -> None:
    shopper = meet(sandbox, status="shipped", item="跑鞋", amount_yuan=399, margin_pct=40, delay_hours=62)
    assert shopper.say(f"{COMPLAINT}，发放")["status"] == "waiting"
    console = Console.logged_in(window(), "小林", console_password)
    console.row("发放").click()
    expect(console.panel.get_by_text("认领后可以发放")).to_be_visible()
    console.act("认领")
    offer = console.panel.get_by_role("listitem").filter(has=console.page.get_by_role("button", name="发放")).first
    title = offer.locator("b").inner_text()
    before = announced(shopper)
    offer.get_by_role("button", name="发放").click()
    expect(console.dialog.get_by_role("heading")).to_have_text(f"发放“{title}”？")
    expect(console.dialog).to_contain_text("价值")
    console.page.route("**/grants", lose_the_answer)
    console.confirm("确认发放")
    expect(console.dialog.get_by_role("alert")).to_contain_text("连不上服务")
    console.page.unroute_all(behavior="wait")
    console.confirm("确认发放")
    expect(console.page.get_by_role("status").filter(has_text=f"已发放“{title}”")).to_be_visible()
    granted = console.panel.locator(".grants li").filter(has_text=title)
    expect(granted).to_have_count(1)
    expect(granted).to_contain_text(re.compile("已发放|已兑现"))
    assert announced(shopper) == before + 1


def announced(shopper: Shopper) -> int:
    """Lines that both sides see."""
    messages = shopper.chat.get("/v1/chat/messages?after=0").raise_for_status().json()["messages"]
    return sum(message["author"] == "system" for message in messages)


def test_labels_are_added_and_taken_off(window: Window, console_password: str, caller: Call) -> None:
    caller("标签")
    console = Console.logged_in(window(), "小林", console_password)
    console.claim("标签")
    box = console.panel.get_by_label("加标签")
    for label in ("催物流", "老顾客"):
        box.fill(label)
        box.press("Enter")
        expect(console.panel.get_by_role("button", name=f"去掉标签 {label}")).to_be_visible()
    console.panel.get_by_role("button", name="去掉标签 催物流").click()
    expect(console.panel.get_by_role("button", name="去掉标签 催物流")).to_have_count(0)
    find = console.page.get_by_label("搜索会话")
    find.focus()
    console.page.get_by_label("标签", exact=True).fill("老顾客")
    expect(console.page.locator(".results li")).to_have_count(1)
    expect(console.page.locator(".results li")).to_contain_text("标签")


def test_the_queue_is_filtered_and_says_how_many_are_hidden(
    window: Window, console_password: str, caller: Call
) -> None:
    caller("挑出来")
    console = Console.logged_in(window(), "小林", console_password)
    expect(console.row("挑出来")).to_be_visible()
    console.page.get_by_text("筛选", exact=True).click()
    console.page.get_by_label("情绪", exact=True).select_option("满意")
    expect(console.row("挑出来")).to_have_count(0)
    expect(console.page.get_by_text(re.compile(r"已隐藏 \d+ 个会话"))).to_be_visible()
    console.act("清除筛选")
    expect(console.row("挑出来")).to_be_visible()


def test_conversations_are_searched_and_a_failure_can_be_tried_again(
    window: Window, console_password: str, caller: Call
) -> None:
    words = f"麻辣小龙虾{uuid4().hex[:6]}"
    caller(words)
    console = Console.logged_in(window(), "小周", console_password)
    console.page.keyboard.press("/")
    find = console.page.get_by_label("搜索会话")
    expect(find).to_be_focused()
    find.fill(words)
    found = console.page.locator(".results li")
    expect(found).to_have_count(1)
    expect(found).to_contain_text("等待认领")
    find.fill("查无此人")
    expect(console.page.get_by_text("没有找到这样的会话")).to_be_visible()
    console.page.route("**/search?*", lambda route: route.abort())
    find.fill(words[2:])
    failed = console.page.get_by_role("alert").filter(has_text="连不上服务")
    expect(failed).to_be_visible()
    console.page.unroute_all(behavior="wait")
    failed.get_by_role("button", name="重试").click()
    found.get_by_role("button").click()
    expect(console.log.get_by_text(words)).to_be_visible()
    console.act("回到队列")
    expect(console.page.get_by_role("heading", name="等待认领")).to_be_visible()


def test_who_waits_is_told_over_a_search_and_the_queue_comes_back(
    window: Window, console_password: str, caller: Call
) -> None:
    caller("搜索时来的")
    console = Console.logged_in(window(), "小周", console_password)
    desk = console.page.get_by_role("navigation", name="工作").get_by_role("link", name="接待")
    expect(desk).to_have_attribute("aria-current", "page")
    console.page.get_by_label("搜索会话").focus()
    expect(console.row("搜索时来的")).to_be_hidden()
    expect(console.page.get_by_text(re.compile(r"^\d+ 人在排队$"))).to_be_visible()
    desk.click()
    expect(console.row("搜索时来的")).to_be_visible()


def test_a_note_on_passing_on_stands_out_for_the_next_associate(
    window: Window, console_password: str, caller: Call
) -> None:
    caller("交接")
    console = Console.logged_in(window(), "小林", console_password)
    console.claim("交接")
    console.act("转接")
    console.dialog.get_by_role("radio", name="任何人").check()
    console.dialog.get_by_label("交接说明").fill("已催过，等网点回话")
    console.confirm("转接")
    expect(console.panel.locator(".handed-over")).to_have_text("交接说明（小林）：已催过，等网点回话")


def test_an_empty_queue_says_so(window: Window, console_password: str) -> None:
    page = window()
    page.route("**/console/api/queue", lambda route: route.fulfill(json={"handoffs": [], "corrections": 0}))
    console = Console.logged_in(page, "小林", console_password)
    for words in ("现在没有人排队", "还没有认领会话", "现在没有人需要人工"):
        expect(console.page.get_by_text(words)).to_be_visible()
    console.page.keyboard.press("n")
    expect(console.page.get_by_role("status").filter(has_text="现在没有人排队")).to_be_visible()


def test_a_conversation_that_cannot_be_read_can_be_tried_again(
    window: Window, console_password: str, caller: Call
) -> None:
    caller("读不到")
    console = Console.logged_in(window(), "小林", console_password)
    broken = re.compile("/console/api/conversations/[^/]+$")
    console.page.route(broken, lambda route: route.fulfill(status=500, json={"detail": "服务出了问题，请稍后再试。"}))
    console.row("读不到").click()
    failed = console.page.get_by_label("会话", exact=True).get_by_role("alert").filter(has_text="服务出了问题")
    expect(failed).to_be_visible()
    console.page.unroute_all(behavior="wait")
    failed.get_by_role("button", name="重试").click()
    expect(console.log.get_by_text("读不到")).to_be_visible()
