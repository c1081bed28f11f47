from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PHONE, Window
from tests.browser.screens import Console, Shop, scrolls_sideways

COMPLAINT = "等了一个星期还没到，你们就是骗子，我要去消协投诉你们，打 138 1234 5678"


@dataclass(frozen=True, kw_only=True)
class Panel:
    """Where an associate says what a message meant."""

    node: Locator

    @classmethod
    def opened(cls, console: Console, text: str) -> Panel:
        """From the transcript, under the message that holds these words."""
        entry = console.log.locator(".entry.shopper").filter(has_text=text)
        entry.get_by_role("button", name="纠正").click()
        return cls(node=console.page.get_by_role("dialog"))

    def search(self, words: str) -> None:
        self.node.get_by_label("查找意图").fill(words)

    def option(self, words: str) -> Locator:
        return self.node.get_by_role("radiogroup", name="意图").get_by_role("radio", name=words)

    def choose(self, group: str, words: str) -> None:
        fieldset = self.node.get_by_role("group", name=group)
        fieldset.get_by_label(words, exact=True).check()

    def send(self, verb: str = "提交纠正") -> None:
        self.node.get_by_role("button", name=verb, exact=True).click()
        expect(self.node).to_be_hidden()


@dataclass(frozen=True, kw_only=True)
class Reviewing:
    """The screen of a second associate."""

    page: Page

    @classmethod
    def of(cls, console: Console) -> Reviewing:
        console.page.get_by_role("link", name=re.compile("^纠正审核")).click()
        expect(console.page.get_by_role("heading", name="纠正审核")).to_be_visible()
        return cls(page=console.page)

    def card(self, text: str) -> Locator:
        return self.page.get_by_label("等待审核的纠正").get_by_role("article").filter(has_text=text)

    def move_to(self, text: str) -> Locator:
        """With the keyboard."""
        expect(self.card(text)).to_be_visible()
        for _ in range(self.page.locator(".card").count()):
            self.page.keyboard.press("j")
            if self.card(text).evaluate("card => card === document.activeElement"):
                break
        expect(self.card(text)).to_be_focused()
        return self.card(text)


@pytest.fixture
def corrected(request: pytest.FixtureRequest, window: Window, console_password: str) -> tuple[Console, str]:
    """The console of 小林 after a correction, and words that only this test's message holds."""
    mark = request.node.name.removeprefix("test_")[:24]
    console = open_talk(window, console_password, mark)
    panel = Panel.opened(console, mark)
    panel.search("物流进度")
    panel.node.get_by_label("查找意图").press("Enter")
    panel.choose("情绪", "失望")
    panel.choose("强度", "弱")
    for reason in ("物流", "服务"):
        panel.choose("原因（可多选）", reason)
    panel.choose("应该由人工接手吗", "不需要")
    panel.send()
    return console, mark


def open_talk(window: Window, console_password: str, mark: str) -> Console:
    """A shopper's complaint, claimed by 小林."""
    shop = Shop.visited(window())
    shop.open_chat()
    shop.say(f"{COMPLAINT}，{mark}")
    expect(shop.heading).to_have_text("等待人工")
    console = Console.logged_in(window(), "小林", console_password)
    console.claim(mark)
    return console


def test_what_was_heard_is_preselected_and_the_models_guesses_come_first(window: Window, console_password: str) -> None:
    console = open_talk(window, console_password, "预选")
    panel = Panel.opened(console, "预选")
    heard = console.log.get_by_label("听出了什么").first.get_by_role("listitem").first.inner_text()
    first = panel.node.get_by_role("radiogroup", name="意图").get_by_role("radio").first
    expect(first).to_be_checked()
    assert heard.startswith(first.get_attribute("data-words") or "?")
    expect(panel.node.get_by_role("group", name="应该由人工接手吗").get_by_label("需要", exact=True)).to_be_checked()
    assert panel.node.get_by_role("radiogroup", name="意图").get_by_role("radio").count() == 34
    expect(panel.node.get_by_role("button", name="提交纠正")).to_be_disabled()


def test_typing_narrows_the_intents_and_enter_takes_the_first(window: Window, console_password: str) -> None:
    panel = Panel.opened(open_talk(window, console_password, "查找"), "查找")
    panel.search("没有这个意图")
    expect(panel.node.get_by_text("没有这样的意图")).to_be_visible()
    panel.search("退款")
    expect(panel.option("取消订单")).to_be_hidden()
    expect(panel.option("查退款进度")).to_be_visible()
    panel.search("track_order")
    panel.node.get_by_label("查找意图").press("Enter")
    expect(panel.option("查物流进度")).to_be_checked()
    expect(panel.node.get_by_role("button", name="提交纠正")).to_be_enabled()


def test_a_calm_message_has_no_strength(window: Window, console_password: str) -> None:
    panel = Panel.opened(open_talk(window, console_password, "强度"), "强度")
    panel.choose("情绪", "平静")
    expect(panel.node.get_by_role("radio", name="弱")).to_be_disabled()
    panel.choose("情绪", "着急")
    expect(panel.node.get_by_role("radio", name="弱")).to_be_enabled()


def test_a_correction_is_marked_in_the_transcript_and_accepted_by_another(
    window: Window, console_password: str, corrected: tuple[Console, str]
) -> None:
    proposer, mark = corrected
    expect(proposer.log.get_by_text("已提交纠正")).to_be_visible()
    review = Reviewing.of(Console.logged_in(window(), "小周", console_password))
    card = review.card(mark)
    for words in ("138****5678", "小林", "查物流进度", "失望 弱", "物流、服务", "不需要"):
        expect(card).to_contain_text(words)
    expect(card).not_to_contain_text("1234")
    card.get_by_role("button", name="通过", exact=True).click()
    expect(card).to_have_count(0)
    expect(review.page.get_by_role("status").filter(has_text="已通过")).to_be_visible()
    expect(proposer.log.get_by_text("纠正已通过")).to_be_visible()


def test_the_review_is_worked_with_the_keyboard(
    window: Window, console_password: str, corrected: tuple[Console, str]
) -> None:
    proposer, mark = corrected
    review = Reviewing.of(Console.logged_in(window(), "小周", console_password))
    review.move_to(mark)
    review.page.keyboard.press("e")
    panel = Panel(node=review.page.get_by_role("dialog"))
    expect(panel.option("查物流进度")).to_be_checked()
    expect(panel.node.get_by_label("查找意图")).to_have_value("")
    review.page.keyboard.press("Escape")
    expect(panel.node).to_be_hidden()
    expect(review.card(mark)).to_be_focused()
    review.page.keyboard.press("r")
    expect(review.card(mark)).to_have_count(0)
    expect(proposer.log.get_by_text("纠正未通过")).to_be_visible()


def test_a_reviewer_may_change_the_labels_before_accepting(
    window: Window, console_password: str, corrected: tuple[Console, str]
) -> None:
    proposer, mark = corrected
    review = Reviewing.of(Console.logged_in(window(), "小周", console_password))
    review.card(mark).get_by_role("button", name="修改后通过").click()
    panel = Panel(node=review.page.get_by_role("dialog"))
    panel.option("催一下发货或物流").check()
    panel.send("通过")
    expect(review.card(mark)).to_have_count(0)
    marked = proposer.log.get_by_text("纠正已通过")
    expect(marked).to_have_attribute("title", re.compile("催一下发货或物流"))


def test_ones_own_correction_is_for_somebody_else_to_review(corrected: tuple[Console, str]) -> None:
    console, mark = corrected
    review = Reviewing.of(console)
    card = review.move_to(mark)
    expect(card.get_by_text("这条是您提交的")).to_be_visible()
    expect(card.get_by_role("button", name="通过")).to_have_count(0)
    review.page.keyboard.press("a")
    expect(review.page.get_by_role("status").filter(has_text="不能审核自己提交的纠正")).to_be_visible()
    expect(card).to_be_visible()
    card.get_by_role("button", name="查看会话").click()
    expect(console.log.get_by_text(mark)).to_be_visible()


def test_who_reviews_late_is_told_who_was_first(
    window: Window, console_password: str, corrected: tuple[Console, str]
) -> None:
    _, mark = corrected
    first, late = [Reviewing.of(Console.logged_in(window(), name, console_password)) for name in ("小周", "老陈")]
    expect(late.card(mark)).to_be_visible()
    late.page.route(re.compile("/console/api/(queue|corrections$)"), lambda route: route.abort())
    first.card(mark).get_by_role("button", name="驳回").click()
    expect(first.card(mark)).to_have_count(0)
    late.card(mark).get_by_role("button", name="通过", exact=True).click()
    expect(late.page.get_by_role("alert").filter(has_text="小周已经审核过了，结果是已驳回")).to_be_visible()


def test_a_key_meant_for_a_card_that_is_gone_does_not_reach_the_next_one(
    window: Window, console_password: str, corrected: tuple[Console, str]
) -> None:
    _, mark = corrected
    first, second = [Reviewing.of(Console.logged_in(window(), name, console_password)) for name in ("小周", "老陈")]
    second.move_to(mark)
    first.card(mark).get_by_role("button", name="驳回").click()
    expect(second.card(mark)).to_have_count(0)
    expect(second.page.get_by_role("heading", name="纠正审核")).to_be_focused()
    expect(second.page.get_by_role("status").filter(has_text="已由同事处理")).to_be_visible()


def test_on_a_phone_a_message_is_corrected_and_reviewed_without_scrolling_sideways(
    window: Window, console_password: str, corrected: tuple[Console, str]
) -> None:
    _, mark = corrected
    console = Console.logged_in(window(size=PHONE), "小周", console_password)
    review = Reviewing.of(console)
    expect(review.card(mark)).to_be_visible()
    assert not scrolls_sideways(review.page)
    review.card(mark).get_by_role("button", name="查看会话").click()
    panel = Panel.opened(console, mark)
    expect(panel.option("查物流进度")).to_be_checked()
    expect(panel.node.get_by_role("button", name="提交纠正")).to_be_in_viewport()
    assert not scrolls_sideways(review.page)
