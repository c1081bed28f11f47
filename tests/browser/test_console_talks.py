"""Several conversations at once: what is written is neither lost nor said twice, and what is unread is seen."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.caller import COMPLAINT
from tests.browser.conftest import Call, Window
from tests.browser.screens import Console, Shop, lose_the_answer

SOON_MS = 10_000
"""Before the console looks by itself, which it does twice a minute."""
NOTES = """
window.notes = [];
window.Notification = class {
    static permission = "granted";
    static requestPermission = async () => "granted";
    constructor(title, { body }) { notes.push(body); }
};
"""


@dataclass
class Wire:
    """Between a page and the service, to be cut and mended."""

    sockets: list[WebSocketRoute] = field(default_factory=list)
    is_cut: bool = False

    @classmethod
    def of(cls, page: Page) -> Wire:
        wire = cls()
        page.route_web_socket("**/console/api/ws", wire._opened)
        return wire

    def cut(self) -> None:
        self.is_cut = True
        while self.sockets:
            self.sockets.pop().close()

    def _opened(self, socket: WebSocketRoute) -> None:
        if self.is_cut:
            socket.close()
        else:
            socket.connect_to_server()
            self.sockets.append(socket)


def test_two_conversations_keep_a_draft_each_and_count_what_is_unread(
    window: Window, console_password: str, caller: Call
) -> None:
    first, second = caller("先来的"), caller("后来的")
    console = Console.logged_in(window(), "小林", console_password)
    console.claim("先来的")
    console.box.fill("给先来的")
    console.claim("后来的")
    expect(console.box).to_have_value("")
    console.box.fill("给后来的")

    first.say("先来的又问")
    expect(console.row("先来的又问").locator(".unread")).to_have_text(re.compile("^1"))
    second.say("后来的又问")
    expect(console.log.get_by_text("后来的又问")).to_be_visible()
    expect(console.row("后来的又问").locator(".unread")).to_have_text("")
    expect(console.page).to_have_title(re.compile(r"^\(\d+\)"))

    console.page.keyboard.press("Alt+ArrowUp")
    expect(console.box).to_have_value("给先来的")
    expect(console.log.get_by_text("以下是新消息")).to_be_visible()
    expect(console.row("先来的又问").locator(".unread")).to_have_text("")
    console.page.keyboard.press("Enter")
    console.has_sent("给先来的")
    assert first.heard("associate") == ["给先来的"]
    assert second.heard("associate") == []


def test_the_last_of_several_pushes_is_followed_by_a_look_at_the_queue(window: Window, console_password: str) -> None:
    page = window()
    wire = Wire.of(page)
    Console.logged_in(page, "小林", console_password)
    page.wait_for_load_state("networkidle")
    for _ in range(2):
        wire.sockets[-1].send('{"type": "queue"}')
    for _ in range(2):
        with page.expect_request("**/console/api/queue", timeout=SOON_MS):
            pass


def test_a_reply_written_without_a_network_is_sent_once_when_it_is_back(
    window: Window, console_password: str, caller: Call
) -> None:
    shopper = caller("断网")
    console = Console.logged_in(window(), "小林", console_password)
    console.claim("断网")
    console.page.context.set_offline(True)
    console.box.fill("网断了也要说的话")
    console.box.press("Enter")
    expect(console.log.get_by_text("还没有送达")).to_be_visible()
    console.act("交还机器人")
    console.told("还有 1 条回复没有送达")
    console.page.context.set_offline(False)
    expect(console.log.get_by_text("还没有送达")).to_have_count(0)
    expect(console.log.get_by_text("网断了也要说的话")).to_have_count(1)
    assert shopper.heard("associate") == ["网断了也要说的话"]


def test_a_reply_whose_answer_was_lost_outlives_a_reload_and_is_said_once(
    window: Window, console_password: str, caller: Call
) -> None:
    shopper = caller("丢了回执")
    console = Console.logged_in(window(), "小林", console_password)
    console.claim("丢了回执")

    console.page.route("**/reply", lose_the_answer)
    console.box.fill("只说一遍")
    with console.page.expect_event("requestfailed", lambda request: request.url.endswith("/reply")):
        console.box.press("Enter")
    console.page.unroute_all(behavior="ignoreErrors")
    console.page.reload()
    expect(console.log.get_by_text("只说一遍")).to_have_count(1)
    expect(console.log.get_by_text(re.compile("正在发送|还没有送达"))).to_have_count(0)
    assert shopper.heard("associate") == ["只说一遍"]


def test_a_reply_that_is_refused_goes_back_into_the_box_and_says_who_has_the_conversation(
    window: Window, console_password: str, caller: Call
) -> None:
    caller("被接走")
    console = Console.logged_in(window(), "小林", console_password)
    console.claim("被接走")
    refusal = {"detail": "这个会话已由老陈接待。"}
    console.page.route("**/reply", lambda route: route.fulfill(status=409, json=refusal))
    console.box.fill("写了半天的话")
    console.box.press("Enter")
    console.told("这个会话已由老陈接待。您写的内容放回了输入框。")
    expect(console.box).to_have_value("写了半天的话")


def test_when_the_login_runs_out_the_work_is_covered_and_goes_on_after_the_next_one(
    window: Window, console_password: str, caller: Call
) -> None:
    caller("过期")
    console = Console.logged_in(window(), "小林", console_password)
    console.claim("过期")
    console.box.fill("写到一半")
    console.page.context.clear_cookies()
    console.page.get_by_label("我的状态").select_option("忙碌")
    expired = console.dialog.filter(has_text="登录已过期")
    expect(expired).to_be_visible()
    console.page.keyboard.press("Escape")
    expect(expired).to_be_visible()
    expired.get_by_label("密码").fill(console_password)
    console.confirm("进入工作台")
    expect(expired).to_be_hidden()
    expect(console.box).to_have_value("写到一半")
    console.reply("写完了")


def test_a_lost_connection_is_said_and_what_was_missed_is_fetched(
    window: Window, console_password: str, caller: Call
) -> None:
    shopper = caller("重连")
    page = window()
    wire = Wire.of(page)
    console = Console.logged_in(page, "小林", console_password)
    console.claim("重连")
    outage = page.get_by_role("status").filter(has_text="连接断开，正在重连")
    wire.cut()
    expect(outage).to_be_visible()
    shopper.say("断线时说的")
    wire.is_cut = False
    outage.get_by_role("button", name="马上重连").click()
    expect(console.log.get_by_text("断线时说的")).to_be_visible()
    expect(outage).to_have_count(0)


def test_what_a_shopper_writes_is_shown_as_text(window: Window, console_password: str, caller: Call) -> None:
    shopper = caller("尖括号")
    console = Console.logged_in(window(), "小林", console_password)
    console.claim("尖括号")
    shopper.say('<img src=x onerror="document.title=1"><b>粗</b>')
    expect(console.log.get_by_text("<b>粗</b>")).to_be_visible()
    assert console.page.locator(".log img, .log .bubble b, .row img").count() == 0


def test_shopper_and_associate_see_each_other_write(window: Window, console_password: str) -> None:
    shop = Shop.visited(window())
    shop.open_chat()
    shop.say(f"{COMPLAINT}，打字")
    console = Console.logged_in(window(), "小林", console_password)
    console.claim("打字")
    expect(shop.heading).to_have_text("人工客服")
    shop.box.press_sequentially("我")
    expect(console.page.get_by_text("顾客正在输入…")).to_be_visible()
    console.box.press_sequentially("好")
    expect(shop.page.get_by_role("status").filter(has_text="对方正在输入")).to_be_visible()
    shop.say("写完了")
    expect(console.log.get_by_text("写完了")).to_be_visible()
    expect(console.page.get_by_text("顾客正在输入…")).to_have_count(0)


def test_what_happens_behind_another_window_is_told_without_a_name_and_only_if_wanted(
    window: Window, console_password: str, caller: Call
) -> None:
    page = window(permissions=["notifications"])
    page.add_init_script(NOTES)
    console = Console.logged_in(page, "小林", console_password)
    page.evaluate("Object.defineProperty(document, 'hidden', { get: () => true })")
    caller("没人看")
    expect(console.row("没人看")).to_be_visible()
    assert page.evaluate("notes") == []
    console.act("提醒")
    page.get_by_role("button", name="桌面通知").click()
    caller("有人看")
    expect(console.row("有人看")).to_be_visible()
    assert page.evaluate("notes") == ["有顾客在排队：顾客提到投诉或曝光"]
    page.reload()
    page.get_by_role("button", name="提醒").click()
    expect(page.get_by_role("button", name="桌面通知")).to_have_attribute("aria-pressed", "true")


def test_reminders_are_offered_once(window: Window, console_password: str) -> None:
    console = Console.logged_in(window(), "小林", console_password)
    offer = console.page.get_by_label("桌面通知", exact=True)
    offer.get_by_role("button", name="不用了").click()
    expect(offer).to_be_hidden()
    console.page.reload()
    expect(console.page.get_by_role("heading", name="等待认领")).to_be_visible()
    expect(offer).to_be_hidden()
