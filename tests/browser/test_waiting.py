"""The queue, the call-back and the rating: the shopper's screen on what the service really says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from retention.staffing import Staffing
from retention.task import Task, TaskState
from retention.words import CHINA
from tests.browser.caller import UNSHIPPED, Caller, waiting_caller
from tests.browser.conftest import PHONE, Window
from tests.browser.corner_shop import CornerShop, corner_shop, real_now
from tests.browser.screens import Console, Shop, lose_the_answer
from tests.browser.test_handoff import FURIOUS
from tests.http.world import Watch
from tests.unit.counter import STAFFING

Open = Callable[..., CornerShop]


@pytest.fixture
def open_shop(tmp_path: Path) -> Iterator[Open]:
    """``open_shop(clock=..., staffing=...)``"""
    with ExitStack() as shops:
        yield lambda **more: shops.enter_context(corner_shop(tmp_path, **more))


def shut_today() -> Staffing:
    """The shop's people are off until midnight."""
    return replace(STAFFING, holidays=frozenset({real_now().astimezone(CHINA).date()}))


def news(shop: Shop) -> Locator:
    return shop.page.locator("tourniquet-chat .strip")


def waiting(page: Page, who: str = UNSHIPPED) -> Shop:
    """The demo shopper of ``caller``: nobody is more urgent than those who came before."""
    shop = Shop.visited(page, re.compile(who))
    shop.open_chat()
    shop.say(FURIOUS)
    expect(shop.heading).to_have_text("等待人工")
    return shop


def conversation_of(shop: Shop) -> str:
    kept = shop.page.evaluate("Object.entries(localStorage).find(([key]) => key.endsWith(':conversation'))[1]")
    return str(json.loads(kept)["conversation_id"])


def tasks(shop: CornerShop) -> list[Task]:
    with shop.world.store.transaction() as records:
        return list(records.tasks.listed(TaskState.OPEN))


def test_a_waiting_shopper_sees_their_place_and_an_honest_wait_as_they_change(window: Window, open_shop: Open) -> None:
    watch = Watch(real_now())
    corner = open_shop(clock=watch)
    with ExitStack() as people:
        agent = people.enter_context(corner.associate("小林"))

        def comes(mark: str) -> Caller:
            caller = people.enter_context(waiting_caller(corner.url, mark))
            watch.pass_by(seconds=1)
            return caller

        for mark in ("一", "二", "三"):  # each is taken after 110 seconds
            agent.post(
                "presence", json={"state": "online"}
            ).raise_for_status()  # or those they hold go back to the queue
            caller = comes(mark)
            watch.pass_by(seconds=109)
            agent.post(f"handoffs/{corner.handoff(caller.conversation_id)}/claim", json={}).raise_for_status()
        agent.post("presence", json={"state": "online"}).raise_for_status()
        ahead = [comes("四"), comes("五")]
        shop = waiting(window(at=corner.url))
        expect(news(shop)).to_contain_text("前面还有 2 位，大约等 6 分钟")
        ahead[0].client.delete("/v1/chat/handoff").raise_for_status()
        expect(news(shop)).to_contain_text("前面还有 1 位，大约等 4 分钟")
        ahead[1].client.delete("/v1/chat/handoff").raise_for_status()
        expect(news(shop)).to_contain_text("您是下一位，大约等 2 分钟")
        agent.post("presence", json={"state": "away"}).raise_for_status()
        expect(news(shop)).to_contain_text("您是下一位，可以先把情况写下来")
        shop.page.get_by_role("button", name="不等了").click()
        expect(shop.heading).to_have_text("智能客服")
        expect(news(shop)).to_be_hidden()


def test_a_place_that_the_service_fails_to_tell_is_told_as_soon_as_it_changes(window: Window, open_shop: Open) -> None:
    page = window(at=open_shop().url)
    page.route("**/v1/chat/queue", lambda route: route.fulfill(status=503, json={}))
    shop = waiting(page)
    expect(news(shop)).to_contain_text("您是下一位，可以先把情况写下来")
    expect(page.get_by_role("button", name="请回电")).to_be_hidden()
    page.get_by_role("button", name="不等了").click()
    expect(shop.heading).to_have_text("智能客服")


def test_out_of_hours_a_call_back_is_asked_for_once(window: Window, open_shop: Open) -> None:
    corner = open_shop(staffing=shut_today())
    page = window(at=corner.url, size=PHONE)
    shop = Shop.visited(page)
    shop.open_chat()
    shop.say("你好")
    expect(news(shop)).to_contain_text("人工客服明天 00:00 上班")
    page.get_by_role("button", name="请回电").click()
    sheet = page.get_by_role("region", name="请人工给我回电")
    expect(sheet.get_by_role("heading")).to_be_focused()
    sheet.get_by_label("电话号码").fill("不告诉你")
    sheet.get_by_label("想解决什么").fill("包裹一直没到")
    sheet.get_by_label("什么时候方便").select_option("明天下午")
    sheet.get_by_role("button", name="请回电").click()
    expect(sheet.get_by_label("电话号码")).to_be_focused()
    assert tasks(corner) == []

    sheet.get_by_label("电话号码").fill("138 1234 5678")
    page.route("**/v1/chat/callback", lose_the_answer)
    sheet.get_by_role("button", name="请回电").click()
    expect(sheet.get_by_role("alert")).to_have_text("没有登记上，请检查网络后再试")
    page.unroute_all(behavior="wait")
    sheet.get_by_role("button", name="请回电").click()
    expect(page.get_by_role("region", name="已登记，我们会给您回电")).to_be_visible()
    [task] = tasks(corner)
    assert (task.contact, task.wish) == ("138 1234 5678", "包裹一直没到")
    assert f"{task.due_at.astimezone(CHINA):%H:%M}" == "13:30"
    assert not shop.scrolls_sideways()
    page.get_by_role("button", name="关闭", exact=True).click()
    expect(shop.log.get_by_text("明天 13:00 到 13:30")).to_have_count(1)
    expect(page.get_by_role("button", name="请回电")).to_be_hidden()
    page.reload()
    expect(news(shop)).to_contain_text("已登记")
    expect(page.get_by_role("button", name="请回电")).to_be_hidden()

    console = Console.logged_in(window(at=corner.url), "小林", corner.console_password)
    console.view("回电")
    card = console.page.get_by_role("listitem").filter(has_text="包裹一直没到")
    expect(card).to_contain_text("138****5678")
    expect(card).to_contain_text("明天 13:00 到 13:30 打")


def test_who_waited_in_vain_is_offered_a_call_back(window: Window, open_shop: Open) -> None:
    watch = Watch(real_now())
    shop = waiting(window(at=open_shop(clock=watch).url))
    watch.pass_by(minutes=STAFFING.wait_expires.total_seconds() / 60)
    expect(shop.heading).to_have_text("智能客服")
    expect(news(shop)).to_contain_text("刚才没有等到人工")
    expect(shop.page.get_by_role("button", name="请回电")).to_be_visible()


def closed(shop: Shop, console: Console, complaint: str) -> None:
    console.claim(complaint)
    console.page.get_by_role("button", name="结束会话").click()
    console.page.get_by_role("dialog").get_by_role("button", name="结束会话").click()
    expect(shop.heading).to_have_text("会话已结束")


def test_a_closed_conversation_is_rated_with_the_keyboard_and_the_rating_may_be_changed(
    window: Window, console_password: str
) -> None:
    complaint = f"{FURIOUS}，评一下"
    shop = Shop.visited(window())
    shop.open_chat()
    shop.say(complaint)
    console = Console.logged_in(window(), "小林", console_password)
    closed(shop, console, complaint)

    def given() -> dict[str, Any]:
        answer = console.page.request.get(f"/console/api/conversations/{conversation_of(shop)}")
        rating: dict[str, Any] = answer.json()["rating"]
        return rating

    shop.page.get_by_role("radio", name="很不满意").focus()
    for _ in range(3):
        shop.page.keyboard.press("ArrowRight")
    expect(shop.page.get_by_role("radio", name="满意", exact=True)).to_be_checked()
    shop.page.get_by_label("想说的话").fill("小林很耐心")
    shop.page.route("**/v1/chat/rating", lose_the_answer)
    shop.page.get_by_role("button", name="提交评价").click()
    expect(shop.page.get_by_text("没有提交上，请稍后再试")).to_be_visible()
    shop.page.unroute_all(behavior="wait")
    shop.page.get_by_role("button", name="提交评价").click()
    expect(shop.page.get_by_text("谢谢，已经收到")).to_be_visible()
    assert (given()["score"], given()["comment"]) == (4, "小林很耐心")

    shop.page.reload()
    expect(shop.page.get_by_role("group", name="您的评价：满意")).to_be_visible()
    shop.page.get_by_role("radio", name="很满意").check(force=True)
    shop.page.get_by_role("button", name="提交评价").click()
    expect(shop.page.get_by_text("谢谢，已经收到")).to_be_visible()
    assert given()["score"] == 5


def test_a_rating_that_comes_too_late_is_refused_in_words_and_the_shopper_goes_on(
    window: Window, open_shop: Open
) -> None:
    watch = Watch(real_now())
    corner = open_shop(clock=watch)
    shop = waiting(window(at=corner.url))
    closed(shop, Console.logged_in(window(at=corner.url), "小林", corner.console_password), FURIOUS)
    watch.pass_by(hours=24)
    shop.page.get_by_role("radio", name="一般").check(force=True)
    shop.page.get_by_role("button", name="提交评价").click()
    expect(shop.page.locator(".told")).to_have_text("登录已失效，请重新进入会话。")
    shop.page.reload()
    expect(shop.log.get_by_text("上次的会话已过期")).to_be_visible()
    shop.say("你好")
    expect(shop.bubbles("bot")).to_have_count(1)
