"""After the talk: the shopper's word on the associate, and what a supervisor sees of it all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from retention.associate import Role
from tests.http.world import NOW, Watch, World, opened

pytestmark = pytest.mark.anyio

API = "/console/api"
BETTER = {"score": 5, "comment": "小王很耐心"}


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
async def world(tmp_path: Path, watch: Watch) -> AsyncIterator[World]:
    async with opened(tmp_path, clock=watch) as made:
        yield made


async def test_a_shopper_rates_after_the_talk_and_may_think_again_for_a_day(world: World, watch: Watch) -> None:
    shopper, console = await talked(world)
    first = await rate(world, shopper, {"score": 2})
    assert first.status_code == 200
    assert first.json()["score"] == 2
    again = await rate(world, shopper, BETTER)
    assert (again.json()["score"], again.json()["rated_at"]) == (5, first.json()["rated_at"])
    shown = (await console.get(f"{API}/conversations/{world.conversation_of(shopper)}")).json()["rating"]
    assert (shown["score"], shown["comment"]) == (5, "小王很耐心")
    watch.pass_by(hours=23, minutes=59)
    assert (await rate(world, shopper, {"score": 4})).status_code == 200
    conversation_id = world.conversation_of(shopper)
    watch.pass_by(minutes=2)
    token, _ = world.service.tokens.chat(conversation_id)
    final = await rate(world, {"Authorization": f"Bearer {token}"}, {"score": 1})
    assert (final.status_code, final.json()["type"]) == (409, "urn:tourniquet:problem:rating_final")


async def test_there_is_nothing_to_rate_before_a_person_has_ended_the_talk(world: World) -> None:
    shopper = await world.begin()
    refusals = [await rate(world, shopper, BETTER)]
    await world.say(shopper, "转人工")
    refusals.append(await rate(world, shopper, BETTER))
    console = await world.log_in("小王")
    row = await take(world, console, shopper)
    refusals.append(await rate(world, shopper, BETTER))
    assert {(one.status_code, one.json()["detail"]) for one in refusals} == {
        (409, "人工服务结束后才能评价，感谢您的耐心。")
    }
    await console.post(f"{API}/handoffs/{row}/return", json={})
    assert (await rate(world, shopper, BETTER)).status_code == 200


async def test_every_handoff_of_a_conversation_has_a_rating_of_its_own(world: World, watch: Watch) -> None:
    shopper, console = await talked(world, end="return")
    await rate(world, shopper, {"score": 1})
    watch.pass_by(hours=1)
    await world.say(shopper, "转人工", "m9")
    await console.post(f"{API}/handoffs/{await take(world, console, shopper)}/resolve", json={})
    await rate(world, shopper, {"score": 4})
    with world.store.transaction() as records:
        ratings = records.ratings.of_conversation(world.conversation_of(shopper))
    assert [one.score for one in ratings] == [4, 1]


@pytest.mark.parametrize(
    "body", [{}, {"score": 0}, {"score": 6}, {"score": "5"}, {"score": 4.5}, {"score": 5, "comment": "字" * 501}]
)
async def test_a_score_is_one_to_five_and_a_comment_is_short(world: World, body: dict[str, Any]) -> None:
    shopper, _ = await talked(world)
    assert (await rate(world, shopper, body)).status_code == 422


async def test_a_supervisor_sees_the_queue_now_and_the_work_of_today(world: World, watch: Watch) -> None:
    shopper, _ = await talked(world)
    await rate(world, shopper, BETTER)
    await world.say(await world.begin(), "转人工")
    with world.store.transaction() as records:
        [ended] = records.handoffs.of_conversation(world.conversation_of(shopper))
    watch.pass_by(minutes=1)
    lead = await world.log_in("老陈", Role.SUPERVISOR)
    body = (await lead.get(f"{API}/supervisor")).json()
    assert (body["now"]["waiting"], body["now"]["longest_wait_s"], body["now"]["open"]) == (1, 60, 0)
    work = {row["name"]: row for row in body["associates"]}
    assert set(work) == {"小王", "老陈"}
    assert work["小王"]["state"] == "never", "claimed over the API, and no screen of theirs was ever open"
    assert (work["小王"]["handled"], work["小王"]["csat"], work["小王"]["csat_n"]) == (1, 5.0, 1)
    assert (work["老陈"]["handled"], work["老陈"]["csat"], work["老陈"]["first_reply_p50_s"]) == (0, None, None)
    assert body["causes"] == [{"reason": ended.reason, "words": "顾客要求人工", "count": 2}]
    assert body["by_hour"][12] == {"hour": 12, "count": 2}
    assert body["csat"] == {"n": 1, "mean": 5.0, "by_score": {"1": 0, "2": 0, "3": 0, "4": 0, "5": 1}}
    assert set(body["sla"]) == {"first_reply_kept", "resolution_kept"}
    yesterday = {"from": (NOW - timedelta(days=1)).isoformat(), "to": (NOW - timedelta(hours=12)).isoformat()}
    before = (await lead.get(f"{API}/supervisor", params=yesterday)).json()
    assert (before["causes"], before["csat"]["n"], before["now"]["waiting"]) == ([], 0, 1)


async def test_after_a_transfer_the_first_reply_is_whose_it_was_and_the_resolution_whose_it_became(
    world: World, watch: Watch
) -> None:
    shopper = await world.begin()
    await world.say(shopper, "转人工")
    first, last = await world.log_in("小王"), await world.log_in("小李")
    row = await take(world, first, shopper)
    watch.pass_by(seconds=5)
    await first.post(f"{API}/handoffs/{row}/reply", json={"message_id": "a1", "text": "您好"})
    await last.post(f"{API}/presence", json={"state": "online"})
    watch.pass_by(seconds=20)
    assert (await first.post(f"{API}/handoffs/{row}/transfer", json={"to": "小李", "note": ""})).status_code == 200
    watch.pass_by(seconds=7)
    await last.post(f"{API}/handoffs/{row}/reply", json={"message_id": "a2", "text": "我来接着办"})
    watch.pass_by(seconds=40)
    await last.post(f"{API}/handoffs/{row}/resolve", json={})
    lead = await world.log_in("老陈", Role.SUPERVISOR)
    watch.pass_by(seconds=1)
    work = {one["name"]: one for one in (await lead.get(f"{API}/supervisor")).json()["associates"]}
    figures = ("first_reply_p50_s", "handled", "resolution_p50_s")
    assert [work["小王"][name] for name in figures] == [5, 0, None]
    assert [work["小李"][name] for name in figures] == [None, 1, 47]


@pytest.mark.parametrize("days", [-1, 0, 93])
async def test_a_time_that_ends_before_it_begins_or_never_is_refused(world: World, days: int) -> None:
    lead = await world.log_in("老陈", Role.SUPERVISOR)
    params = {"from": NOW.isoformat(), "to": (NOW + timedelta(days=days)).isoformat()}
    answer = await lead.get(f"{API}/supervisor", params=params)
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:tourniquet:problem:bad_period")


async def test_figures_of_colleagues_are_not_for_agents(world: World) -> None:
    agent = await world.log_in("小王")
    assert (await agent.get(f"{API}/supervisor")).status_code == 403


async def talked(world: World, *, end: str = "resolve") -> tuple[dict[str, str], httpx.AsyncClient]:
    shopper = await world.begin()
    await world.say(shopper, "转人工")
    console = await world.log_in("小王")
    await console.post(f"{API}/handoffs/{await take(world, console, shopper)}/{end}", json={})
    return shopper, console


async def take(world: World, console: httpx.AsyncClient, shopper: dict[str, str]) -> str:
    with world.store.transaction() as records:
        waiting = records.handoffs.open_of(world.conversation_of(shopper))
    assert waiting is not None
    assert (await console.post(f"{API}/handoffs/{waiting.handoff_id}/claim", json={})).status_code == 200
    return waiting.handoff_id


async def rate(world: World, shopper: dict[str, str], body: dict[str, Any]) -> httpx.Response:
    return await world.client.post("/v1/chat/rating", json=body, headers=shopper)
