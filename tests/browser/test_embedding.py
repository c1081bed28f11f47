"""The chat as a guest: on another origin's page that allows as little as it can, in the shop's colours."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Window
from tests.browser.screens import Shop
from tests.unit.test_picture import picture

ORIGIN = "http://shop.localhost"
PAGE = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>店铺</title><h1>店铺</h1>
<script src="{stack}/static/widget.js"></script><tourniquet-chat {attributes}></tourniquet-chat></html>"""

Embedded = Callable[..., Shop]


@pytest.fixture
def embedded(window: Window, stack_url: str) -> Embedded:
    """A page of the shop with the chat on it: ``embedded(attributes, **of the window)``."""
    policy = (
        f"default-src 'none'; script-src {stack_url}; connect-src {stack_url} {stack_url.replace('http', 'ws')}; "
        "style-src 'none'; img-src 'none'; form-action 'none'; base-uri 'none'"
    )

    def page_with(attributes: str = "", **more: object) -> Shop:
        page = window(**more)

        def answered(route: Route) -> None:
            body = PAGE.format(stack=stack_url, attributes=attributes)
            headers = {"Content-Type": "text/html", "Content-Security-Policy": policy}
            route.fulfill(body=body, headers=headers)

        page.route(f"{ORIGIN}/", answered)
        page.goto(f"{ORIGIN}/")
        return Shop(page=page)

    return page_with


def signed_in(page: Page, stack_url: str) -> str:
    shopper = page.request.get(f"{stack_url}/demo/shoppers").json()["shoppers"][0]
    signed = page.request.post(f"{stack_url}/demo/sign-in", data={"customer_id": shopper["customer_id"]})
    return str(signed.json()["customer_token"])


def test_on_a_page_that_forbids_almost_everything_the_chat_is_dressed_talks_and_shows_pictures(
    embedded: Embedded, stack_url: str
) -> None:
    shop = embedded()
    shop.page.locator("tourniquet-chat").evaluate(
        "(chat, token) => chat.setAttribute('customer-token', token)", signed_in(shop.page, stack_url)
    )
    shop.open_chat()
    background = shop.page.locator("tourniquet-chat .send").evaluate("node => getComputedStyle(node).borderRadius")
    assert background == "14px"
    shop.say("你好")
    expect(shop.bubbles("bot")).not_to_have_count(0)
    shop.show_picture(picture())
    expect(shop.page.get_by_text("可以发送了")).to_be_visible()
    shop.box.press("Enter")
    expect(shop.log.get_by_role("button", name="图片，点开看大图").locator("canvas")).to_be_visible()
    shop.page.get_by_role("button", name="选择订单").click()
    expect(shop.page.get_by_role("region", name="选择订单").get_by_text("尾号").first).to_be_visible()


def test_an_origin_the_shop_did_not_name_gets_no_conversation(window: Window, stack_url: str) -> None:
    page = window()
    body = PAGE.format(stack=stack_url, attributes="")
    page.route("http://other.localhost/", lambda route: route.fulfill(body=body, content_type="text/html"))
    page.goto("http://other.localhost/")
    shop = Shop(page=page)
    shop.open_chat()
    shop.say("你好")
    expect(page.get_by_text("暂时连不上客服")).to_be_visible()


def colour_of(shop: Shop, selector: str) -> str:
    script = "node => getComputedStyle(node).backgroundColor"
    return str(shop.page.locator(f"tourniquet-chat {selector}").evaluate(script))


def test_it_follows_the_system_unless_the_page_says_otherwise(embedded: Embedded) -> None:
    light, dark = "rgb(255, 255, 255)", "rgb(26, 31, 29)"
    assert colour_of(embedded(), ".panel") == light
    assert colour_of(embedded(color_scheme="dark"), ".panel") == dark
    assert colour_of(embedded('theme="light"', color_scheme="dark"), ".panel") == light
    shop = embedded('theme="dark"')
    assert colour_of(shop, ".panel") == dark
    shop.page.locator("tourniquet-chat").evaluate("chat => chat.setAttribute('theme', 'light')")
    assert colour_of(shop, ".panel") == light
    shop = embedded()
    shop.page.emulate_media(color_scheme="dark")
    assert colour_of(shop, ".panel") == dark


def test_the_page_s_own_colours_win(embedded: Embedded) -> None:
    shop = embedded()
    shop.page.evaluate(
        """() => {
            const rules = new CSSStyleSheet();
            rules.replaceSync("tourniquet-chat { --brand: rgb(122, 31, 92) }");
            document.adoptedStyleSheets = [rules];
        }"""
    )
    assert colour_of(shop, ".launcher") == "rgb(122, 31, 92)"


def test_a_chat_that_is_taken_off_the_page_and_put_back_goes_on(embedded: Embedded) -> None:
    shop = embedded()
    shop.open_chat()
    shop.say("你好")
    expect(shop.bubbles("bot")).not_to_have_count(0)
    shop.page.evaluate(
        "() => { const chat = document.querySelector('tourniquet-chat'); chat.remove(); document.body.append(chat); }"
    )
    expect(shop.said("你好")).to_have_count(1)
    before = shop.bubbles("bot").count()
    shop.say("你好呀")
    expect(shop.bubbles("bot")).to_have_count(before + 1)
    expect(shop.page).to_have_title(re.compile("店铺"))
