"""A shop that answers from its own Chatwoot: handoffs go there, agents' words come back, whatever gets lost or comes twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from integrations.chatwoot import Chatwoot
from retention.help_desk import LinkState
from service.bridging import path_secret
from tests.fake_chatwoot import FakeChatwoot
from tests.http.world import LATE_ORDER, NOW, SECRETS, World, opened
from tests.web_server import serving

pytestmark = pytest.mark.anyio

PATH = f"/v1/bridge/{path_secret(SECRETS)}"
PATIENCE_S = 20


@dataclass
class Ticking:
    now: datetime = NOW

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


@dataclass
class Shop:
    """A shop and its Chatwoot."""

    world: World
    chatwoot: FakeChatwoot
    clock: Ticking

    async def until(self, holds: Callable[[], bool]) -> None:
        """Let the bridge work until this holds."""
        async with asyncio.timeout(PATIENCE_S):
            while not holds():
                await self._bridging.round()
                await asyncio.sleep(0.01)

    async def wait_for_person(self) -> tuple[dict[str, str], int]:
        """A shopper who is handed over, and the conversation in Chatwoot."""
        before = len(self.chatwoot.conversations)
        shopper = await self.world.begin()
        await self.world.say(shopper, "物流太慢了，我要取消", "m1")
        await self.world.say(shopper, "转人工", "m2")
        await self.until(lambda: len(self.chatwoot.conversations) > before and bool(self._newest["messages"]))
        return shopper, self._newest["id"]

    async def tell(self, payload: dict[str, Any]) -> httpx.Response:
        """One delivery of Chatwoot's webhook."""
        headers, body = self.chatwoot.signed(payload, at=self.clock.now)
        return await self.world.client.post(PATH, content=body, headers=headers)

    async def seen(self, shopper: Mapping[str, str]) -> tuple[list[str], str]:
        """What the shopper reads from people, and who owns the conversation."""
        transcript = (await self.world.client.get("/v1/chat/messages", headers=dict(shopper))).json()
        said = [one["text"] for one in transcript["messages"] if one["author"] == "associate"]
        return said, transcript["status"]

    def links(self, state: LinkState) -> int:
        with self.world.store.transaction() as records:
            return records.links.counts()[state]

    @property
    def _newest(self) -> dict[str, Any]:
        return self.chatwoot.conversations[max(self.chatwoot.conversations)]

    @property
    def _bridging(self) -> Any:
        bridging = self.world.service.bridging
        assert bridging is not None
        return bridging


@pytest.fixture
def chatwoot() -> FakeChatwoot:
    return FakeChatwoot()


@pytest.fixture
def address(chatwoot: FakeChatwoot) -> Iterator[str]:
    with serving(chatwoot.app) as url:
        yield url


@pytest.fixture
async def shop(tmp_path: Path, chatwoot: FakeChatwoot, address: str) -> AsyncIterator[Shop]:
    async with bridged(tmp_path, chatwoot, address) as made:
        yield made


@asynccontextmanager
async def bridged(home: Path, chatwoot: FakeChatwoot, address: str, **settings: Any) -> AsyncIterator[Shop]:
    clock = Ticking()
    desk = Chatwoot(chatwoot.settings(address, **settings))
    async with opened(home, clock=clock, help_desk=desk) as world:
        yield Shop(world=world, chatwoot=chatwoot, clock=clock)


async def test_a_handoff_goes_to_chatwoot_with_what_an_agent_needs_and_no_more_of_a_person(shop: Shop) -> None:
    _, there = await shop.wait_for_person()
    (note,) = shop.chatwoot.notes(there)
    for part in ("转接原因：顾客要求人工", "订单：缓震跑鞋", "最近的对话：", "顾客：转人工"):
        assert part in note
    assert shop.chatwoot.said(there) == []
    (contact,) = shop.chatwoot.contacts.values()
    assert (contact["name"], contact["identifier"]) == ("李**", "C1")
    everything = repr((shop.chatwoot.contacts, shop.chatwoot.conversations))
    for private in (LATE_ORDER.address.phone, LATE_ORDER.address.detail, LATE_ORDER.address.receiver, "李小明"):
        assert private not in everything


async def test_words_go_both_ways_in_order_and_once(shop: Shop) -> None:
    shopper, there = await shop.wait_for_person()
    for number, text in enumerate(["还在吗", "快一点", "我很急"]):
        await shop.world.say(shopper, text, f"w{number}")
    await shop.until(lambda: len(shop.chatwoot.said(there)) == 3)
    assert shop.chatwoot.said(there) == ["还在吗", "快一点", "我很急"]
    reply = shop.chatwoot.agent_says(there, "您好，我来处理", at=shop.clock.now)
    for _ in range(3):
        assert (await shop.tell(reply)).status_code == 204
    await shop.tell(shop.chatwoot.agent_says(there, "已经催了快递", at=shop.clock.now))
    assert await shop.seen(shopper) == (["您好，我来处理", "已经催了快递"], "human")
    transcript = (await shop.world.client.get("/v1/chat/messages", headers=shopper)).json()
    assert "小敏 为您服务" in [one["text"] for one in transcript["messages"]]
    await shop.world.say(shopper, "谢谢", "w9")
    await shop.until(lambda: len(shop.chatwoot.said(there)) == 4)


async def test_a_conversation_resolved_there_is_closed_here(shop: Shop) -> None:
    shopper, there = await shop.wait_for_person()
    await shop.tell(shop.chatwoot.agent_says(there, "已退款", at=shop.clock.now))
    for _ in range(2):
        assert (await shop.tell(shop.chatwoot.agent_sets(there, "resolved", at=shop.clock.now))).status_code == 204
    assert (await shop.seen(shopper))[1] == "closed"
    await shop.until(lambda: shop.links(LinkState.OVER) == 1)
    assert len(shop.chatwoot.notes(there)) == 1, "nobody over there needs to be told"


async def test_a_conversation_set_to_pending_there_goes_back_to_the_bot(shop: Shop) -> None:
    shopper, there = await shop.wait_for_person()
    await shop.tell(shop.chatwoot.agent_says(there, "我让机器人接着帮您", at=shop.clock.now))
    await shop.tell(shop.chatwoot.agent_sets(there, "pending", at=shop.clock.now))
    assert (await shop.seen(shopper))[1] == "bot"
    await shop.until(lambda: shop.links(LinkState.OVER) == 1)
    assert shop.chatwoot.conversations[there]["status"] == "pending"
    answer = await shop.world.say(shopper, "你好", "m8")
    assert answer.json()["replies"]


async def test_one_who_was_never_answered_may_be_resolved_too(shop: Shop) -> None:
    shopper, there = await shop.wait_for_person()
    await shop.tell(shop.chatwoot.agent_sets(there, "resolved", at=shop.clock.now))
    assert await shop.seen(shopper) == ([], "closed")


async def test_last_words_that_arrive_after_the_end_still_reach_the_shopper(shop: Shop) -> None:
    shopper, there = await shop.wait_for_person()
    await shop.tell(shop.chatwoot.agent_says(there, "马上", at=shop.clock.now))
    goodbye = shop.chatwoot.agent_says(there, "已为您退款，再见", at=shop.clock.now)
    await shop.tell(shop.chatwoot.agent_sets(there, "resolved", at=shop.clock.now))
    for _ in range(2):
        assert (await shop.tell(goodbye)).status_code == 204
    assert await shop.seen(shopper) == (["马上", "已为您退款，再见"], "closed")


async def test_who_writes_long_after_the_end_learns_that_nobody_reads_it(shop: Shop) -> None:
    shopper, there = await shop.wait_for_person()
    await shop.tell(shop.chatwoot.agent_says(there, "马上", at=shop.clock.now))
    await shop.tell(shop.chatwoot.agent_sets(there, "resolved", at=shop.clock.now))
    shop.clock.now += timedelta(minutes=10)
    late = await shop.tell(shop.chatwoot.agent_says(there, "还有一件事", at=shop.clock.now))
    assert late.status_code == 409
    assert await shop.seen(shopper) == (["马上"], "closed")


async def test_an_old_end_does_not_close_a_new_handoff_in_the_same_conversation(shop: Shop) -> None:
    shopper, there = await shop.wait_for_person()
    resolved_long_ago = shop.chatwoot.agent_sets(there, "resolved", at=shop.clock.now - timedelta(hours=1))
    assert (await shop.tell(resolved_long_ago)).status_code == 204
    assert (await shop.seen(shopper))[1] == "waiting"


async def test_what_is_no_word_to_the_shopper_stays_over_there(shop: Shop) -> None:
    shopper, there = await shop.wait_for_person()
    at = shop.clock.now
    says = shop.chatwoot.agent_says
    unsaid: list[dict[str, Any]] = [
        says(there, "这人很难缠", at=at, private=True),
        says(there, "转人工", at=at, message_type="incoming"),
        says(there, "小敏 已加入会话", at=at, message_type="activity"),
        says(there, "已删除", at=at, content_attributes={"deleted": True}),
        says(there, "没送到", at=at, event="message_updated", status="failed"),
        says(there, "没送到", at=at, event="message_updated", content_attributes={"external_error": "timeout"}),
        says(there, "", at=at),
        says(there, "您好", at=at, conversation={"id": 999_999}),
        says(there, "您好", at=at, account={"id": 8}),
        {"event": "conversation_typing_on", "conversation": {"id": there}},
        {"event": "contact_updated", "id": 1},
        shop.chatwoot.agent_sets(there, "snoozed", at=at),
    ]
    for payload in unsaid:
        assert (await shop.tell(payload)).status_code == 204, payload
    assert await shop.seen(shopper) == ([], "waiting")


async def test_a_reply_that_failed_and_was_sent_again_by_its_agent_arrives_once(shop: Shop) -> None:
    shopper, there = await shop.wait_for_person()
    lost = shop.chatwoot.agent_says(there, "您好", at=shop.clock.now)
    marked = {**lost, "event": "message_updated", "status": "failed"}
    retried = {**lost, "event": "message_updated", "status": "sent"}
    for payload in (marked, retried, retried, lost):
        assert (await shop.tell(payload)).status_code == 204
    assert (await shop.seen(shopper))[0] == ["您好"]


async def test_a_picture_of_an_agent_comes_as_its_address(shop: Shop) -> None:
    shopper, there = await shop.wait_for_person()
    picture = [{"id": 1, "file_type": "image", "data_url": "https://chatwoot.example/p.png"}]
    await shop.tell(shop.chatwoot.agent_says(there, "看这里", at=shop.clock.now, attachments=picture))
    assert (await shop.seen(shopper))[0] == ["看这里\n附件：https://chatwoot.example/p.png"]


async def test_one_taken_in_our_own_console_is_taken_off_chatwoot(shop: Shop) -> None:
    shopper, there = await shop.wait_for_person()
    console = await shop.world.log_in("小林")
    row = (await console.get("/console/api/queue")).json()["handoffs"][0]
    await console.post(f"/console/api/handoffs/{row['handoff_id']}/claim", json={})
    await shop.until(lambda: shop.chatwoot.conversations[there]["status"] == "resolved")
    assert "小林" in shop.chatwoot.notes(there)[-1]
    refused = await shop.tell(shop.chatwoot.agent_says(there, "我来", at=shop.clock.now))
    assert refused.status_code == 409
    assert "小林" in refused.json()["detail"]
    await shop.tell(shop.chatwoot.agent_sets(there, "resolved", at=shop.clock.now))
    assert await shop.seen(shopper) == ([], "human")


async def test_one_who_leaves_the_queue_is_taken_off_chatwoot(shop: Shop) -> None:
    shopper, there = await shop.wait_for_person()
    assert (await shop.world.client.delete("/v1/chat/handoff", headers=shopper)).status_code == 204
    await shop.until(lambda: shop.links(LinkState.OVER) == 1)
    assert shop.chatwoot.conversations[there]["status"] == "resolved"
    assert "离开排队" in shop.chatwoot.notes(there)[-1]
    assert (await shop.tell(shop.chatwoot.agent_says(there, "您好", at=shop.clock.now))).status_code == 409


async def test_a_chatwoot_that_is_away_costs_time_and_nothing_else(shop: Shop) -> None:
    shop.chatwoot.refuse = [500, 502, 401]
    shop.chatwoot.cut = 3
    shopper = await shop.world.begin()
    await shop.world.say(shopper, "转人工", "m1")

    def arrived() -> bool:
        shop.clock.now += timedelta(minutes=1)
        return any(one["messages"] for one in shop.chatwoot.conversations.values())

    await shop.until(arrived)
    await shop.world.say(shopper, "在吗", "m2")
    shop.chatwoot.cut = 1
    (there,) = shop.chatwoot.conversations

    def said() -> bool:
        shop.clock.now += timedelta(minutes=1)
        return bool(shop.chatwoot.said(there)) and not shop.chatwoot.cut

    await shop.until(said)
    await shop.world.say(shopper, "喂", "m3")
    await shop.until(lambda: said() and len(shop.chatwoot.said(there)) == 2)
    assert shop.chatwoot.said(there) == ["在吗", "喂"]
    assert len(shop.chatwoot.notes(there)) == 1
    metrics = (await shop.world.client.get("/metrics", headers=shop.world.api())).text
    assert 'tourniquet_help_desk_links{state="open"} 1.0' in metrics
    failures = next(row for row in metrics.splitlines() if row.startswith("tourniquet_help_desk_failures_total"))
    assert float(failures.split()[1]) >= 7


async def test_a_second_handoff_of_a_conversation_is_a_second_one_in_chatwoot(shop: Shop) -> None:
    shopper, first = await shop.wait_for_person()
    await shop.tell(shop.chatwoot.agent_says(first, "好的", at=shop.clock.now))
    await shop.tell(shop.chatwoot.agent_sets(first, "pending", at=shop.clock.now))
    await shop.world.say(shopper, "转人工", "m7")
    await shop.until(lambda: len(shop.chatwoot.conversations) == 2)
    second = max(shop.chatwoot.conversations)
    assert len(shop.chatwoot.contacts) == 1
    await shop.tell(shop.chatwoot.agent_says(second, "又见面了", at=shop.clock.now))
    assert (await shop.seen(shopper))[0] == ["好的", "又见面了"]


@pytest.mark.parametrize("path", ["/v1/bridge/guess", "/v1/bridge/" + "0" * 40, "/v1/bridge/%F0%9F%98%A1"])
async def test_who_does_not_know_the_address_finds_nothing(shop: Shop, path: str) -> None:
    _, there = await shop.wait_for_person()
    headers, body = shop.chatwoot.signed(shop.chatwoot.agent_says(there, "您好", at=shop.clock.now), at=shop.clock.now)
    assert (await shop.world.client.post(path, content=body, headers=headers)).status_code == 404


async def test_a_forged_delivery_changes_nothing(shop: Shop) -> None:
    shopper, there = await shop.wait_for_person()
    payload = shop.chatwoot.agent_says(there, "我是坏人", at=shop.clock.now)
    headers, body = shop.chatwoot.signed(payload, at=shop.clock.now, secret="guessed")
    for given in (headers, {}):
        assert (await shop.world.client.post(PATH, content=body, headers=given)).status_code == 401
    assert await shop.seen(shopper) == ([], "waiting")


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"x"', b"\xff", b"{}", b"[" * 100_000, b'{"event": 1, "id": []}'])
async def test_without_signatures_any_body_is_survived(
    tmp_path: Path, chatwoot: FakeChatwoot, address: str, body: bytes
) -> None:
    async with bridged(tmp_path, chatwoot, address, signed=False) as shop:
        answer = await shop.world.client.post(PATH, content=body)
        assert answer.status_code in (204, 401)


async def test_a_shop_without_a_help_desk_has_no_such_address(world: World) -> None:
    assert (await world.client.post(PATH, content=b"{}")).status_code == 404
