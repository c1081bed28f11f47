"""Replies kept ready: whose they are, what fills them, and those a new shop begins with."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from retention.associate import Role
from retention.canned import unknown_places
from service.founding import found, starter_replies
from tests.http.world import NOW, PASSWORD, World

pytestmark = pytest.mark.anyio

API = "/console/api/canned"
LATE = {
    "shortcut": "/kd",
    "title": "物流",
    "text": "{{customer}}，{{order_tail}} 晚了 {{ late_hours }} 小时，{{associate}}催",
}


async def test_ones_own_reply_is_kept_changed_and_thrown_away(world: World) -> None:
    console = await world.log_in("小王")
    made = (await console.post(API, json=LATE)).json()["canned"]
    assert (made["owner"], made["text"]) == ("小王", LATE["text"])
    changed = await console.put(f"{API}/{made['id']}", json={**LATE, "title": "催物流"})
    assert changed.json()["canned"]["title"] == "催物流"
    assert [one["title"] for one in await listed(console)] == ["催物流"]
    assert (await console.delete(f"{API}/{made['id']}")).status_code == 204
    assert await listed(console) == []


async def test_a_reply_of_somebody_else_is_not_there(world: World) -> None:
    one, other = await world.log_in("小王"), await world.log_in("小李")
    path = f"{API}/{(await one.post(API, json=LATE)).json()['canned']['id']}"
    assert await listed(other) == []
    tries = [
        await other.put(path, json=LATE),
        await other.delete(path),
        await other.get(f"{path}/rendered", params={"conversation_id": world.conversation_of(await world.begin())}),
    ]
    assert [answer.status_code for answer in tries] == [404, 404, 404]


async def test_everybodys_replies_are_kept_by_supervisors(world: World) -> None:
    lead, agent = await world.log_in("老陈", Role.SUPERVISOR), await world.log_in("小王")
    refused = await agent.post(API, json={**LATE, "shared": True})
    assert (refused.status_code, refused.json()["detail"]) == (403, "公共话术由主管维护，您可以先存为自己的话术。")
    made = (await lead.post(API, json={**LATE, "shared": True})).json()["canned"]
    assert made["owner"] is None
    assert [one["id"] for one in await listed(agent)] == [made["id"]]
    for answer in (await agent.put(f"{API}/{made['id']}", json=LATE), await agent.delete(f"{API}/{made['id']}")):
        assert answer.status_code == 403
    assert (await lead.delete(f"{API}/{made['id']}")).status_code == 204


async def test_a_shortcut_means_one_reply_of_ones_own_which_comes_before_everybodys(world: World) -> None:
    lead = await world.log_in("老陈", Role.SUPERVISOR)
    await lead.post(API, json={**LATE, "shared": True})
    assert (await lead.post(API, json={**LATE, "title": "我的"})).status_code == 201
    assert [one["owner"] for one in await listed(lead)] == ["老陈", None]
    taken = await lead.post(API, json=LATE)
    assert (taken.status_code, taken.json()["detail"]) == (409, "快捷词/kd已经有话术在用，请换一个。")
    other = (await lead.post(API, json={**LATE, "shortcut": "/x"})).json()["canned"]
    assert (await lead.put(f"{API}/{other['id']}", json=LATE)).status_code == 409


async def test_a_place_no_conversation_can_fill_is_refused_by_name(world: World) -> None:
    console = await world.log_in("小王")
    answer = await console.post(API, json={**LATE, "text": "{{customer}}，今天{{weather}}"})
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert (error["where"], error["what"]) == ("body.text", "unknown place {{weather}}")
    assert "late_hours" in error["fix"]


@pytest.mark.parametrize(
    "change", [{"shortcut": "kd"}, {"shortcut": "/a b"}, {"shortcut": "/"}, {"title": ""}, {"text": " "}]
)
async def test_a_reply_has_a_shortcut_a_title_and_words(world: World, change: dict[str, str]) -> None:
    console = await world.log_in("小王")
    assert (await console.post(API, json={**LATE, **change})).status_code == 422


async def test_a_reply_is_filled_from_the_conversation(world: World) -> None:
    shopper = await world.begin()
    await world.say(shopper, "物流太慢了，我要取消")
    console = await world.log_in("小王")
    assert await rendered(world, console, shopper) == {
        "text": "李先生/女士，6001 晚了 62 小时，小王催",
        "missing": [],
    }


async def test_what_is_not_known_stays_and_is_named(world: World) -> None:
    guest = await world.begin(None)
    console = await world.log_in("小王")
    answer = await rendered(world, console, guest)
    assert answer["text"] == "{{customer}}，{{order_tail}} 晚了 {{ late_hours }} 小时，小王催"
    assert [one["place"] for one in answer["missing"]] == ["customer", "order_tail", "late_hours"]
    assert answer["missing"][0]["words"] == "顾客称呼"


async def test_a_new_shop_has_people_and_replies_once(world: World) -> None:
    found(world.shop)
    for name, role in {"admin": "admin", "小林": "agent", "小周": "agent", "老陈": "supervisor"}.items():
        answer = await world.browser().post("/console/api/login", json={"name": name, "password": PASSWORD})
        assert answer.json()["role"] == role
    lead = await world.log_in("老陈")
    first = await listed(lead)
    assert len(first) == len(list(starter_replies(NOW))) >= 10
    await lead.delete(f"{API}/{first[0]['id']}")
    found(world.shop)
    assert await listed(lead) == first[1:]


def test_the_starting_replies_have_places_that_can_be_filled_and_shortcuts_of_their_own() -> None:
    replies = list(starter_replies(NOW))
    assert [place for reply in replies for place in unknown_places(reply.text)] == []
    assert len({reply.shortcut for reply in replies}) == len(replies)


async def listed(console: httpx.AsyncClient) -> list[dict[str, Any]]:
    replies: list[dict[str, Any]] = (await console.get(API)).json()["canned"]
    return replies


async def rendered(world: World, console: httpx.AsyncClient, shopper: dict[str, str]) -> dict[str, Any]:
    made = (await console.post(API, json=LATE)).json()["canned"]
    params = {"conversation_id": world.conversation_of(shopper)}
    answer: dict[str, Any] = (await console.get(f"{API}/{made['id']}/rendered", params=params)).json()
    return answer
