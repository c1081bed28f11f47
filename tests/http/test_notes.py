"""What associates write down about a conversation, and finding a conversation again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from retention.conversation import Author, Conversation, Message, Status
from tests.http.world import LATE_ORDER, NOW, World

pytestmark = pytest.mark.anyio

API = "/console/api"


async def test_a_note_is_read_by_colleagues_and_never_by_the_shopper(world: World) -> None:
    shopper = await world.begin()
    await world.say(shopper, "转人工")
    one, other = await world.log_in("小王"), await world.log_in("小李")
    path = f"{API}/conversations/{world.conversation_of(shopper)}/notes"
    answer = await one.post(path, json={"text": "答应周三前回电"})
    assert answer.status_code == 201
    [note] = (await other.get(path)).json()["notes"]
    assert note == answer.json()["note"]
    assert (note["author"], note["text"], note["at"]) == ("小王", "答应周三前回电", NOW.isoformat())
    assert "答应周三" not in (await world.client.get("/v1/chat/messages", headers=shopper)).text


@pytest.mark.parametrize("text", ["", "  \n", "字" * 2001])
async def test_a_note_says_something_and_not_too_much(world: World, text: str) -> None:
    shopper = await world.begin()
    console = await world.log_in("小王")
    answer = await console.post(f"{API}/conversations/{world.conversation_of(shopper)}/notes", json={"text": text})
    assert answer.status_code == 422


async def test_labels_replace_each_other_and_are_counted(world: World) -> None:
    console = await world.log_in("小王")
    ids = [world.conversation_of(await world.begin()) for _ in range(2)]
    await label(console, ids[0], "物流", "待回访")
    await label(console, ids[1], "物流")
    answer = await label(console, ids[0], "物流", "已解决", "物流")
    assert answer.json() == {"labels": ["已解决", "物流"]}
    assert (await console.get(f"{API}/conversations/{ids[0]}")).json()["labels"] == ["已解决", "物流"]
    used = (await console.get(f"{API}/labels/used")).json()["labels"]
    assert used == [{"label": "物流", "count": 2}, {"label": "已解决", "count": 1}]


@pytest.mark.parametrize("bad", ["", " ", "字" * 21, "a\nb", " 前后 "])
async def test_a_label_is_a_short_word(world: World, bad: str) -> None:
    console = await world.log_in("小王")
    assert (await label(console, world.conversation_of(await world.begin()), bad)).status_code == 422


@pytest.mark.parametrize("what", ["notes", "labels"])
async def test_nothing_is_written_about_a_conversation_that_never_was(world: World, what: str) -> None:
    console = await world.log_in("小王")
    body: dict[str, Any] = {"text": "x"} if what == "notes" else {"labels": ["x"]}
    method = "POST" if what == "notes" else "PUT"
    assert (await console.request(method, f"{API}/conversations/NOPE/{what}", json=body)).status_code == 404


async def test_a_conversation_is_found_by_what_was_said_and_shown_masked(world: World) -> None:
    shopper = await world.begin()
    await world.say(shopper, "我叫李小明，电话 13812345678，鞋盒压坏了")
    await world.say(await world.begin(None), "你好")
    console = await world.log_in("小王")
    [row] = await found(console, q="鞋盒")
    assert row["conversation_id"] == world.conversation_of(shopper)
    assert (row["customer"], row["customer_id"], row["status"]) == ("李**", "C1", "bot")
    assert "鞋盒压坏了" in row["excerpt"]
    for private in ("李小明", "13812345678"):
        assert private not in str(row)


async def test_a_long_message_is_shown_around_what_was_searched_for(world: World) -> None:
    shopper = await world.begin()
    await world.say(shopper, "前面" * 50 + "找我呀" + "后面" * 50)
    [row] = await found(await world.log_in("小王"), q="找我呀")
    assert row["excerpt"].startswith("…前面")
    assert row["excerpt"].endswith("后面…")
    assert len(row["excerpt"]) < 70


async def test_every_filter_narrows_and_all_of_them_hold(world: World) -> None:
    console = await world.log_in("小王")
    shopper = await world.begin()
    conversation = world.conversation_of(shopper)
    await world.say(shopper, "物流太慢了，我要取消", "m1")
    await world.say(shopper, "转人工", "m2")
    await label(console, conversation, "物流")
    [queued] = (await console.get(f"{API}/queue")).json()["handoffs"]
    await console.post(f"{API}/handoffs/{queued['handoff_id']}/claim", json={})
    await world.say(await world.begin(), "物流到哪了")
    fits = {
        "q": LATE_ORDER.order_no[-6:],
        "label": "物流",
        "associate": "小王",
        "status": "human",
        "from": NOW.isoformat(),
        "to": (NOW + timedelta(seconds=1)).isoformat(),
    }
    misses = {
        "q": "没人说过",
        "label": "投诉",
        "associate": "小李",
        "status": "closed",
        "from": fits["to"],
        "to": fits["from"],
    }
    [row] = await found(console, **fits)
    assert (row["order_tail"], row["associates"], row["labels"]) == ("6001", ["小王"], ["物流"])
    for name, miss in misses.items():
        assert await found(console, **{**fits, name: miss}) == [], name


async def test_a_search_goes_back_ninety_days_unless_it_says_more(world: World) -> None:
    long_ago = NOW - timedelta(days=91)
    with world.store.transaction() as records:
        one = Conversation(
            conversation_id="K1", channel="web", status=Status.CLOSED, created_at=long_ago, updated_at=long_ago
        )
        records.conversations.put(one)
    console = await world.log_in("小王")
    assert await found(console) == []
    assert [row["conversation_id"] for row in await found(console, **{"from": long_ago.isoformat()})] == ["K1"]


async def test_pages_follow_each_other_without_gap_or_repetition(world: World) -> None:
    many(world, 70)
    console = await world.log_in("小王")
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        answer = (
            await console.get(f"{API}/search", params={"q": "批量", **({"cursor": cursor} if cursor else {})})
        ).json()
        seen += [row["conversation_id"] for row in answer["conversations"]]
        cursor = answer["next"]
    assert seen == [f"K{number:03}" for number in reversed(range(70))]


@pytest.mark.parametrize("cursor", ["x", "AAAA", "MjAyNg==", "%00", "MjAyNi0xMS0yMFQwNDowMDowMCBLMQ=="])
async def test_a_page_nobody_has_is_refused_in_words(world: World, cursor: str) -> None:
    console = await world.log_in("小王")
    answer = await console.get(f"{API}/search", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["detail"]) == (422, "翻页位置无法识别，请从第一页重新开始。")


async def test_the_history_of_a_customer_is_theirs_alone_newest_first(world: World) -> None:
    many(world, 3)
    await world.begin("someone-else")
    console = await world.log_in("小王")
    answer = (await console.get(f"{API}/customers/C1/conversations")).json()
    assert [row["conversation_id"] for row in answer["conversations"]] == ["K002", "K001", "K000"]
    assert answer["next"] is None


def many(world: World, count: int) -> None:
    """Conversations of C1, each an hour after the one before."""
    with world.store.transaction() as records:
        for number in range(count):
            at = NOW - timedelta(hours=count - number)
            one = Conversation(
                conversation_id=f"K{number:03}",
                channel="web",
                status=Status.CLOSED,
                created_at=at,
                updated_at=at,
                customer_id="C1",
            )
            records.conversations.put(one)
            said = Message(
                conversation_id=one.conversation_id, message_id="m", author=Author.SHOPPER, at=at, text="批量"
            )
            records.messages.add(replace(said, text=f"批量 {number}"))


async def label(console: httpx.AsyncClient, conversation_id: str, *labels: str) -> httpx.Response:
    return await console.put(f"{API}/conversations/{conversation_id}/labels", json={"labels": list(labels)})


async def found(console: httpx.AsyncClient, **params: str) -> list[dict[str, Any]]:
    answer = await console.get(f"{API}/search", params=params)
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()["conversations"]
    return rows
