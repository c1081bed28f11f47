"""The two screens as the people before them see them: by role and by words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

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
        page.get_by_label("称呼").fill(name)
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
        expect(self.log.get_by_text(text)).to_be_visible()
        expect(self.box).to_have_value("")


def scrolls_sideways(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))
