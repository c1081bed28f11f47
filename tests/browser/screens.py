"""The two screens as the people before them see them: by role and by words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page, Route, expect

LATE_PARCEL = re.compile("晚了|超了")
PATIENCE_MS = 20_000

expect.set_options(timeout=PATIENCE_MS)


@dataclass(frozen=True, kw_only=True)
class Shop:
    """A shopper's window with the chat."""

    page: Page

    @classmethod
    def visited(cls, page: Page, who: str | re.Pattern[str] = LATE_PARCEL) -> Shop:
        """The demo shop, signed in as the shopper whose name or story matches."""
        page.goto("/")
        page.get_by_role("list", name="顾客").get_by_role("button", name=who).first.click()
        expect(page.get_by_role("button", name="申请取消").first).to_be_visible()
        return cls(page=page)

    @property
    def box(self) -> Locator:
        return self.page.get_by_label("输入消息")

    @property
    def log(self) -> Locator:
        return self.page.get_by_role("log", name="聊天记录")

    @property
    def heading(self) -> Locator:
        return self.page.get_by_role("dialog").get_by_role("heading")

    @property
    def offer(self) -> Locator:
        return self.log.get_by_label("补偿方案").last

    def bubbles(self, author: str) -> Locator:
        """shopper, bot or associate."""
        return self.log.locator(f".{author} .bubble")

    def said(self, text: str) -> Locator:
        return self.bubbles("shopper").filter(has_text=text)

    def open_chat(self) -> None:
        self.page.get_by_role("button", name="联系客服").first.click()
        expect(self.box).to_be_focused()

    def say(self, text: str) -> None:
        self.box.fill(text)
        self.box.press("Enter")
        expect(self.said(text).last).to_be_visible()

    def show_picture(self, picture: bytes, name: str = "shoe.jpg") -> None:
        self.page.set_input_files("input[type=file]", {"name": name, "mimeType": "image/jpeg", "buffer": picture})

    def scrolls_sideways(self) -> bool:
        return scrolls_sideways(self.page)


@dataclass(frozen=True, kw_only=True)
class Console:
    """An associate's window."""

    page: Page

    @classmethod
    def logged_in(cls, page: Page, name: str, password: str) -> Console:
        page.goto("/console")
        page.get_by_role("textbox", name="账号").fill(name)
        page.get_by_label("密码").fill(password)
        page.get_by_role("button", name="进入工作台").click()
        expect(page.get_by_role("heading", name="等待认领")).to_be_visible()
        return cls(page=page)

    @property
    def log(self) -> Locator:
        return self.page.get_by_role("log", name="会话记录")

    @property
    def box(self) -> Locator:
        return self.page.get_by_label("回复顾客")

    def write(self, method: str, path: str, **body: Any) -> None:
        """As another screen of the same associate would, over the console's API."""
        url = f"/console/api/{path}"
        answer = self.page.request.fetch(url, method=method, data=body, headers={"X-Requested-With": "tourniquet"})
        assert answer.ok, answer.text()

    @property
    def note(self) -> Locator:
        return self.page.get_by_label("内部备注")

    @property
    def panel(self) -> Locator:
        return self.page.get_by_label("订单与顾客")

    @property
    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog")

    @property
    def mine(self) -> Locator:
        return self.page.locator(".group").filter(has=self.page.get_by_role("heading", name="我的会话"))

    def is_now(self, presence: str) -> None:
        """Online, busy or away, and the service knows."""
        state = {"在线": "online", "忙碌": "busy", "离开": "away"}[presence]
        with self.page.expect_response(lambda answer: state in (answer.request.post_data or "")):
            self.page.get_by_label("我的状态").select_option(presence)

    def act(self, words: str) -> None:
        self.page.get_by_role("button", name=words, exact=True).click()

    def confirm(self, words: str) -> None:
        self.dialog.get_by_role("button", name=words, exact=True).click()

    def view(self, words: str) -> None:
        self.page.get_by_label("工作").get_by_role("link", name=re.compile(f"^{words}")).click()

    def told(self, words: str) -> None:
        expect(self.page.get_by_role("alert").filter(has_text=words)).to_be_visible()

    def row(self, last_text: str) -> Locator:
        """The queue entry of the conversation that ended with these words."""
        return self.page.get_by_label("队列").get_by_role("button").filter(has_text=last_text)

    def claim(self, last_text: str) -> None:
        self.row(last_text).click()
        self.page.get_by_role("button", name="认领", exact=True).click()
        expect(self.box).to_be_focused()

    def reply(self, text: str) -> None:
        self.box.fill(text)
        self.box.press("Enter")
        expect(self.box).to_have_value("")
        self.has_sent(text)

    def has_sent(self, text: str) -> None:
        """It is in the transcript, and no longer on its way."""
        expect(self.log.get_by_text(text)).to_be_visible()
        expect(self.log.get_by_text("正在发送…")).to_have_count(0)


def lose_the_answer(route: Route) -> None:
    """The service does it, and the page never hears that it did."""
    route.fetch()
    route.abort()


def scrolls_sideways(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))
