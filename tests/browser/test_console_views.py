"""The other screens of the console: call-backs, figures, accounts, one's own settings; and who may see which."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, Call, Window
from tests.browser.screens import Console, scrolls_sideways


def test_a_call_back_is_taken_by_one_who_then_sees_the_number_and_says_what_came_of_it(
    window: Window, console_password: str, caller: Call
) -> None:
    caller("回电").wants_a_call("13812345678", "周日再打给我")
    console, colleague = [Console.logged_in(window(), name, console_password) for name in ("小林", "小周")]
    for each in (console, colleague):
        each.view("回电")
    card = console.page.get_by_role("listitem").filter(has_text="周日再打给我")
    expect(card).to_contain_text("138****5678")
    card.get_by_role("button", name="我来回电").click()
    expect(card).to_contain_text("13812345678")
    theirs = colleague.page.get_by_role("listitem").filter(has_text="周日再打给我")
    expect(theirs).to_contain_text("小林 在处理")
    expect(theirs).to_contain_text("138****5678")

    card.get_by_label("结果").fill("约了周六")
    card.get_by_role("button", name="完成").click()
    expect(card).to_have_count(0)
    expect(theirs).to_have_count(0)
    console.act("已完成")
    expect(card).to_contain_text("小林：约了周六")


def test_a_supervisor_sees_the_figures_and_an_agent_has_no_such_screen(
    window: Window, console_password: str, caller: Call
) -> None:
    caller("数一数")
    lead = Console.logged_in(window(), "老陈", console_password)
    lead.view("数据")
    expect(lead.page.get_by_role("row", name="老陈")).to_contain_text("在线")
    expect(lead.page.get_by_role("img", name=re.compile(r"每小时转人工：.*\d 次"))).to_be_visible()
    expect(lead.page.locator(".ranking")).to_contain_text("顾客提到投诉或曝光")
    lead.act("近 30 天")
    expect(lead.page.get_by_role("row", name="小周")).to_be_visible()
    admin = Console.logged_in(window(), "admin", console_password)
    newcomer = f"新人{uuid4().hex[:6]}"
    account = {"name": newcomer, "display": newcomer, "password": "first-password"}
    admin.write("POST", "associates", **account)
    lead.act("近 7 天")
    expect(lead.page.get_by_role("row", name=newcomer)).to_contain_text("未登录过")
    agent = Console.logged_in(window(), "小林", console_password)
    for view in ("数据", "账号"):
        expect(agent.page.get_by_role("link", name=view)).to_have_count(0)


def test_an_admin_adds_an_account_whose_owner_sets_a_password_and_keeps_replies_until_it_is_shut(
    window: Window, console_password: str, caller: Call
) -> None:
    caller("自己的话术")
    admin = Console.logged_in(window(), "admin", console_password)
    admin.view("账号")
    admin.act("添加账号")
    for label, words in {"账号": "小林", "称呼": "林林", "技能": "物流、退款组", "初始密码": "given-one"}.items():
        admin.dialog.get_by_label(label).fill(words)
    admin.confirm("添加")
    expect(admin.dialog.get_by_role("alert")).to_contain_text("小林已经有了")
    expect(admin.dialog.get_by_label("称呼")).to_have_value("林林")
    name = f"lin{uuid4().hex[:8]}"
    admin.dialog.get_by_label("账号").fill(name)
    admin.confirm("添加")
    card = admin.page.get_by_role("listitem").filter(has_text=name)
    expect(card).to_contain_text("物流 · 退款组")

    console = Console.logged_in(window(), name, "given-one")
    console.act("我的账号：林林")
    console.page.get_by_role("link", name="个人设置").click()
    console.act("修改密码")
    console.dialog.get_by_label("现在的密码").fill("wrong-one")
    console.dialog.get_by_label("新密码").fill("a-new-password")
    console.confirm("修改")
    expect(console.dialog.get_by_role("alert")).to_have_text("原密码不对，密码没有修改。")
    console.dialog.get_by_label("现在的密码").fill("given-one")
    console.confirm("修改")
    expect(console.page.get_by_role("status").filter(has_text="密码已修改")).to_be_visible()
    shared = console.page.get_by_role("listitem").filter(has_text="物流超时")
    expect(shared.get_by_role("button", name="修改")).to_have_count(0)

    console.act("添加常用语")
    for label, words in {"快捷词": "/wan", "标题": "晚安", "内容": "晚安，好梦"}.items():
        console.dialog.get_by_label(label).fill(words)
    console.confirm("保存")
    expect(console.page.get_by_role("listitem").filter(has_text="晚安，好梦")).to_contain_text("我的")
    console.view("接待")
    console.claim("自己的话术")
    console.box.press_sequentially("/wan")
    console.box.press("Enter")
    expect(console.box).to_have_value("晚安，好梦")

    card.get_by_role("button", name="修改").click()
    admin.dialog.get_by_label("可以登录").uncheck()
    admin.confirm("保存")
    expect(card).to_contain_text("已停用")
    console.page.get_by_label("我的状态").select_option("忙碌")
    expect(console.dialog.filter(has_text="登录已过期")).to_be_visible()


def test_presence_is_said_at_the_start_and_when_it_changes(window: Window, console_password: str) -> None:
    console = Console.logged_in(window(), "小林", console_password)
    presence = console.page.get_by_label("我的状态")

    def known() -> str:
        staff = console.page.request.get("/console/api/staff").json()["associates"]
        return str(next(one["state"] for one in staff if one["name"] == "小林"))

    console.is_now("忙碌")
    assert known() == "busy"
    console.page.route("**/presence", lambda route: route.abort())
    presence.select_option("离开")
    console.told("状态没有改成")
    expect(presence).to_have_value("busy")
    assert known() == "busy"
    console.page.unroute_all(behavior="wait")
    console.page.reload()
    expect(presence).to_have_value("busy")
    console.is_now("在线")
    assert known() == "online"


def test_the_sheet_of_keys_opens_with_a_question_mark_of_either_width(window: Window, console_password: str) -> None:
    console = Console.logged_in(window(), "小林", console_password)
    for mark in ("?", "？"):
        console.page.locator("body").dispatch_event("keydown", {"key": mark, "bubbles": True})
        expect(console.dialog.get_by_role("heading", name="快捷键")).to_be_visible()
        console.page.keyboard.press("Escape")
        expect(console.dialog).to_have_count(0)


def test_on_a_phone_one_goes_from_the_queue_to_the_talk_to_the_facts_and_back(
    window: Window, console_password: str, caller: Call
) -> None:
    caller("手机")
    console = Console.logged_in(window(size=PHONE), "小林", console_password)
    console.claim("手机")
    assert not scrolls_sideways(console.page)
    expect(console.page.get_by_role("heading", name="等待认领")).to_be_hidden()
    console.page.get_by_role("link", name="详情").click()
    expect(console.panel.get_by_role("heading", name="可以给的方案")).to_be_visible()
    assert not scrolls_sideways(console.page)
    console.page.go_back()
    console.reply("在手机上回复")
    console.act("更多")
    expect(console.page.get_by_role("button", name="转接")).to_be_in_viewport()
    console.page.get_by_role("link", name="回到队列").click()
    expect(console.page.get_by_role("heading", name="我的会话")).to_be_visible()


def barriers(page: Page) -> list[str]:
    """What axe-core finds seriously wrong with the page as it stands."""
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in Axe().run(page).response["violations"]
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize(("size", "scheme"), [(DESK, "light"), (DESK, "dark"), (PHONE, "light")])
def test_no_screen_has_a_serious_barrier(
    window: Window, console_password: str, caller: Call, size: tuple[int, int], scheme: str
) -> None:
    mark = f"无障碍 {size[0]} {scheme}"
    caller(mark).wants_a_call("13812345678", f"明早打给我，{mark}")
    page = window(size=size, color_scheme=scheme)
    page.goto("/console")
    expect(page.get_by_role("heading", name="客服工作台")).to_be_visible()
    assert barriers(page) == []
    console = Console.logged_in(page, "admin", console_password)
    assert barriers(page) == []
    console.claim(mark)
    console.box.press_sequentially("/")
    expect(page.get_by_role("option")).not_to_have_count(0)
    assert barriers(page) == []
    console.box.fill("")
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    assert barriers(page) == []
    page.goto("/console#/desk")
    for view, settled in {
        "回电": f"明早打给我，{mark}",
        "纠正审核": "纠正审核",
        "数据": "为什么转人工",
        "账号": "最多同时接",
    }.items():
        console.view(view)
        expect(page.get_by_role("main").get_by_text(settled).first).to_be_visible()
        assert barriers(page) == []
    page.keyboard.press("?")
    expect(console.dialog).to_be_visible()
    assert barriers(page) == []
