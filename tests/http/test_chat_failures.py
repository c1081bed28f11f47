"""When a part fails, the shopper hears the truth and nothing they wrote is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from integrations.memory.store import MemoryStore
from retention.errors import StoreBusyError
from retention.ports import Records
from tests.http.world import World, opened

pytestmark = pytest.mark.anyio


class StubbornStore(MemoryStore):
    """Busy from the moment ``busy_after`` transactions are done until it is told otherwise."""

    def __init__(self) -> None:
        super().__init__()
        self.busy_after: int | None = None

    @contextmanager
    def transaction(self) -> Iterator[Records]:
        if self.busy_after is not None:
            if self.busy_after == 0:
                raise StoreBusyError
            self.busy_after -= 1
        with super().transaction() as records:
            yield records

    def check(self) -> None:
        if self.busy_after == 0:
            raise StoreBusyError


@pytest.mark.parametrize("status", [500, 503, 504, 422, 400])
async def test_a_broken_rasa_means_an_honest_sentence_and_a_person(world: World, status: int) -> None:
    headers = await world.begin()
    world.rasa.broken = status
    answer = await world.say(headers, "物流太慢了，我要取消")
    assert answer.status_code == 200
    assert answer.json()["status"] == "waiting"
    assert "人工" in answer.json()["replies"][0]["text"]
    with world.store.transaction() as records:
        handoff = records.handoffs.open_of(world.conversation_of(headers))
    assert handoff is not None
    assert handoff.reason == "bot_down"


async def test_a_slow_rasa_means_an_honest_sentence_and_a_person(tmp_path: Path) -> None:
    async with opened(tmp_path, turn_seconds=0.05) as world:
        world.rasa.gate.clear()
        answer = await world.say(await world.begin(), "物流太慢了，我要取消")
        assert answer.json()["status"] == "waiting"
        world.rasa.gate.set()


async def test_a_rasa_that_says_nothing_means_a_person(world: World) -> None:
    world.rasa.silent = True
    answer = await world.say(await world.begin(), "物流太慢了，我要取消")
    assert answer.json()["status"] == "waiting"


async def test_an_answer_that_the_desk_gave_counts_although_rasa_broke_after_it(world: World) -> None:
    headers = await world.begin()
    world.rasa.gate.clear()
    waiting = asyncio.create_task(world.say(headers, "物流太慢了，我要取消"))
    while not world.rasa.turns:
        await asyncio.sleep(0)
    call_action = world.rasa.call_action
    assert call_action is not None

    async def answer_and_break(call: dict[str, Any]) -> httpx.Response:
        await call_action(call)
        return httpx.Response(500)

    world.rasa.call_action = answer_and_break
    world.rasa.gate.set()
    answer = await waiting
    assert answer.json()["status"] == "bot"
    assert "offer" in answer.json()["replies"][-1]


@pytest.mark.parametrize("transactions_before", [0, 1, 2])
async def test_a_busy_store_asks_to_send_the_same_message_again_and_then_answers_it(
    tmp_path: Path, transactions_before: int
) -> None:
    store = StubbornStore()
    async with opened(tmp_path, store=store) as world:
        headers = await world.begin()
        store.busy_after = transactions_before
        refused = await world.say(headers, "物流太慢了，我要取消")
        assert refused.status_code == 503
        assert refused.headers["retry-after"]
        assert refused.headers["content-type"] == "application/problem+json"
        assert "稍后" in refused.json()["detail"]
        store.busy_after = None
        answer = await world.say(headers, "物流太慢了，我要取消")
        assert answer.status_code == 200
        assert answer.json()["replies"]
        transcript = (await world.client.get("/v1/chat/messages", headers=headers)).json()["messages"]
        assert [message["author"] for message in transcript].count("shopper") == 1
        with store.transaction() as records:
            assert len(records.ledger.of_order("TQ20261116001")) <= 1


async def test_a_desk_that_fails_hands_over(world: World) -> None:
    async def failing(_: object) -> httpx.Response:
        return httpx.Response(503)

    world.rasa.call_action = failing
    answer = await world.say(await world.begin(), "物流太慢了，我要取消")
    assert answer.json()["status"] == "waiting"


async def test_not_hearing_a_shopper_who_waits_for_a_person_does_no_harm(world: World) -> None:
    headers = await world.begin()
    await world.say(headers, "转人工", "m1")
    world.rasa.broken = 500
    answer = await world.say(headers, "还在吗", "m2")
    assert answer.status_code == 200
    assert answer.json() == {"replies": [], "status": "waiting", "turn": None}
    world.rasa.broken = None
    again = await world.say(headers, "还在吗", "m2")
    assert again.json()["turn"]["intent"] == "out_of_scope"
