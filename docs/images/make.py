"""The pictures of README.md and manual.md, from one scene on a stack of its own: ``make screenshots``.

Needs /usr/bin/chromium. Names and words are always the same; clocks are the day's.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from service.sandbox import Sandbox, running
from tests.browser.screens import Console, Shop

FOLDER = Path(__file__).parent
CHROMIUM = Path("/usr/bin/chromium")
QUIET = ("--no-sandbox", "--headless=new", "--disable-gpu", "--lang=zh-CN")
SHOP, DESK, PHONE = (1360, 780), (1440, 900), (390, 844)
LARGEST_BYTES = 200_000
SETTLED_MS = 500
THOUGHT_MS = 7_000  # or every figure of the supervisor would be 0 seconds
EARLIER = (
    ("许诺", "尺码拍错了，转人工", "小周", "换成 29 码了，今天就发", 5),
    ("沈一宁", "地址填成旧家了，转人工", "小林", "新地址改好了，您放心", 5),
    ("顾晓", "等了一个星期还没到，你们就是骗子，我要去消协投诉你们", "小周", "现货同款给您换好了，今天发", 4),
    ("秦川", "签收 20 天了就不能退吗，转人工", "小林", "超过 7 天了，这次只能保修", 2),
)
"""Who came before the scene: shopper, words, associate, answer, rating."""
WAITING = (
    ("唐果", "锅底涂层掉了，吃进去会中毒吗！转人工"),
    ("江明远", "电视晚到两天没人管，我要投诉，转人工"),
)


def main() -> None:
    with running(TOURNIQUET_DEMO="1") as sandbox, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=QUIET)
        play(sandbox, browser)
        browser.close()


def play(sandbox: Sandbox, browser: Browser) -> None:
    shop = Shop.visited(window(browser, sandbox, SHOP))
    lin, zhou, chen = (
        Console.logged_in(window(browser, sandbox, DESK), name, sandbox.console_password)
        for name in ("小林", "小周", "老陈")
    )
    for console in (lin, zhou, chen):
        console.act("不用了")
    before_the_scene(sandbox, {"小林": lin, "小周": zhou})

    shop.open_chat()
    shop.say("物流太慢了我要退单")
    expect(shop.offer).to_be_visible()
    take("chat", shop.page)

    shop.say("等了一个星期还没到，你们就是骗子！转人工")
    expect(shop.heading).to_have_text("等待人工")
    for name, words in WAITING:
        with shopper(sandbox, name) as client:
            say(client, words)
    lin.row("骗子").click()
    expect(lin.page.get_by_role("button", name="认领", exact=True)).to_be_visible()
    take("claim", lin.page)

    lin.act("认领")
    lin.reply("林女士您好，我是小林，正在联系快递网点，两分钟内给您准话")
    shop.say("好，我等你")
    expect(lin.log.get_by_text("好，我等你")).to_be_visible()
    take("console", lin.page)

    lin.panel.get_by_role("button", name="发放").first.click()
    lin.confirm("确认发放")
    expect(lin.log.get_by_text("小林为您办理了")).to_be_visible()
    lin.page.get_by_role("status").filter(has_text="已发放").get_by_role("button", name="关闭").click()
    lin.act("转接")
    lin.dialog.get_by_role("radio", name="小周").check()
    lin.dialog.get_by_label("交接说明").fill("已催件、已补 5 元。网点 15 点前回话，到时告诉顾客")
    take("transfer", lin.page)
    lin.confirm("转接")

    zhou.mine.get_by_role("button").filter(has_text="好，我等你").click()
    zhou.reply("林女士，我是小周。网点说今天 18 点前送到，我盯着")
    phone = Console.logged_in(window(browser, sandbox, PHONE), "小周", sandbox.console_password)
    phone.act("不用了")
    phone.row("好，我等你").click()
    expect(phone.log.get_by_text("我盯着")).to_be_visible()
    take("phone", phone.page)

    chen.view("数据")
    expect(chen.page.get_by_role("row", name="小周")).to_be_visible()
    take("supervisor", chen.page)


def before_the_scene(sandbox: Sandbox, consoles: dict[str, Console]) -> None:
    for name, words, associate, answer, score in EARLIER:
        with shopper(sandbox, name) as client:
            say(client, words)
            console = consoles[associate]
            console.claim(words)
            console.page.wait_for_timeout(THOUGHT_MS)
            console.reply(answer)
            console.act("结束会话")
            console.confirm("结束会话")
            expect(console.page.get_by_text("会话已结束", exact=True)).to_be_visible()
            client.post("/v1/chat/rating", json={"score": score}).raise_for_status()


def window(browser: Browser, sandbox: Sandbox, size: tuple[int, int]) -> Page:
    context = browser.new_context(
        base_url=sandbox.url,
        viewport={"width": size[0], "height": size[1]},
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        reduced_motion="reduce",
    )
    return context.new_page()


@contextmanager
def shopper(sandbox: Sandbox, name: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=sandbox.url, trust_env=False, timeout=60) as client:
        shoppers = client.get("/demo/shoppers").json()["shoppers"]
        who = next(one["customer_id"] for one in shoppers if one["name"] == name)
        signed: dict[str, Any] = client.post("/demo/sign-in", json={"customer_id": who}).json()
        begun = client.post("/v1/chat/conversations", json=signed).raise_for_status().json()
        client.headers["Authorization"] = f"Bearer {begun['token']}"
        yield client


def say(client: httpx.Client, words: str) -> None:
    """Raises AssertionError where it does not bring a person: the scene needs one."""
    said = client.post("/v1/chat/messages", json={"message_id": str(uuid4()), "text": words})
    status = said.raise_for_status().json()["status"]
    assert status == "waiting", f"“{words}” was to call a person, and the conversation is {status}"


def take(name: str, page: Page) -> None:
    """In 256 colours: a third of the size, and nothing that is seen. Raises AssertionError where it is still too large."""
    page.wait_for_timeout(SETTLED_MS)
    file = FOLDER / f"{name}.png"
    with Image.open(BytesIO(page.screenshot())) as shot:
        shot.convert("RGB").quantize(256, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
            file, optimize=True
        )
    size = file.stat().st_size
    assert size < LARGEST_BYTES, f"{file} has {size} bytes"
    print(f"{file.relative_to(FOLDER.parent.parent)}  {size // 1000} kB")


if __name__ == "__main__":
    main()
