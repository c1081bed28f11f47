"""Conversations between associates: passed on, taken over, put back, and taken from those who are gone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from integrations.store.engine import open_store
from retention.associate import Role
from retention.conversation import Author
from retention.staffing import Assignment
from service.board import Board
from tests.http.world import NOW, World, in_a_file, opened
from tests.unit.counter import STAFFING

pytestmark = pytest.mark.anyio

AUTOMATIC = replace(STAFFING, assignment=Assignment.AUTOMATIC)
ROW = {
    *("handoff_id", "conversation_id", "state", "reason", "reason_words", "priority", "opened_at", "waiting_s"),
    *("associate", "skill", "claimed_at", "first_reply_at", "held_for", "releases", "sla", "position"),
    *("customer", "order_title", "last_text", "emotion", "sentiment", "worst_emotion"),
}


@dataclass
class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def wait(self, **time: float) -> None:
        self.now += timedelta(**time)


@dataclass
class Floor:
    """A shop with a clock that moves, and consoles by name."""

    world: World
    clock: Clock
    consoles: dict[str, httpx.AsyncClient] = field(default_factory=dict)

    async def post(self, name: str, path: str, **body: object) -> httpx.Response:
        if name not in self.consoles:
            self.consoles[name] = await self.world.log_in(name)
        return await self.consoles[name].post(f"/console/api/{path}", json=body)

    async def get(self, name: str, path: str) -> Any:
        if name not in self.consoles:
            self.consoles[name] = await self.world.log_in(name)
        answer = await self.consoles[name].get(f"/console/api/{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def online(self, *names: str) -> None:
        for name in names:
            assert (await self.post(name, "presence", state="online")).status_code == 200

    async def row(self) -> dict[str, Any]:
        """The only one in the queue; from a board of its own, which has not read it yet."""
        [row] = (await Board(self.world.shop).shown())["handoffs"]
        found: dict[str, Any] = row
        return found


@pytest.fixture(params=["memory", "sqlite"])
async def floor(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Floor]:
    clock = Clock()
    store = in_a_file(tmp_path) if request.param == "sqlite" else None
    async with opened(tmp_path, store=store, clock=clock) as world:
        yield Floor(world, clock)


async def held(floor: Floor, name: str = "小王") -> tuple[dict[str, str], str]:
    """A shopper whom an associate has; and the path of the handoff."""
    shopper = await floor.world.begin()
    await floor.world.say(shopper, "转人工", "m1")
    path = f"handoffs/{(await floor.row())['handoff_id']}"
    assert (await floor.post(name, f"{path}/claim")).status_code == 200
    return shopper, path


async def lines(floor: Floor, shopper: dict[str, str]) -> list[str]:
    """What the screen announced."""
    answer = await floor.world.client.get("/v1/chat/messages", headers=shopper)
    return [one["text"] for one in answer.json()["messages"] if one["author"] == Author.SYSTEM.value]


async def status(floor: Floor, shopper: dict[str, str]) -> str:
    found: str = (await floor.world.client.get("/v1/chat/messages", headers=shopper)).json()["status"]
    return found


async def test_a_queue_row_says_all_that_the_console_shows(floor: Floor) -> None:
    await floor.world.say(await floor.world.begin(), "物流太慢了，转人工")
    row = await floor.row()
    assert set(row) == ROW
    assert (row["position"], row["releases"], row["held_for"], row["claimed_at"]) == (1, 0, None, None)
    assert row["sla"]["breached"] is False
    floor.clock.wait(seconds=61)
    assert (await floor.row())["sla"]["breached"] is True


async def test_a_conversation_is_passed_on_with_a_note_and_the_shopper_is_told(floor: Floor) -> None:
    shopper, path = await held(floor)
    await floor.online("小李")
    moved = (await floor.post("小王", f"{path}/transfer", to="小李", note="已核实，差补差价")).json()["handoff"]
    assert (moved["associate"], moved["held_for"], moved["state"]) == ("小李", "小李", "claimed")
    assert (await lines(floor, shopper))[-1].startswith("小王 已把会话转给 小李")
    panel = await floor.get("小李", f"conversations/{moved['conversation_id']}")
    assert panel["summary"].splitlines()[0] == "交接说明（小王）：已核实，差补差价"
    assert (await floor.post("小王", f"{path}/reply", message_id="a1", text="在的")).status_code == 409
    answered = (await floor.post("小李", f"{path}/reply", message_id="a2", text="您好，我接着处理")).json()["handoff"]
    assert answered["held_for"] is None
    assert answered["first_reply_at"] is not None


@pytest.mark.parametrize(
    ("state", "taken", "words"),
    [(None, 0, "不在线"), ("busy", 0, "正忙"), ("away", 0, "不在线"), ("online", 1, "已满")],
)
async def test_nobody_is_passed_a_conversation_they_cannot_take(
    floor: Floor, state: str | None, taken: int, words: str
) -> None:
    floor.world.employ("小李", capacity=1)
    for _ in range(taken):
        await held(floor, "小李")
    shopper = await floor.world.begin()
    await floor.world.say(shopper, "转人工", "m1")
    with floor.world.store.transaction() as records:
        mine = records.handoffs.open_of(floor.world.conversation_of(shopper))
    assert mine is not None
    await floor.post("小王", f"handoffs/{mine.handoff_id}/claim")
    if state:
        await floor.post("小李", "presence", state=state)
    answer = await floor.post("小王", f"handoffs/{mine.handoff_id}/transfer", to="小李")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:tourniquet:problem:no_room")
    assert words in answer.json()["detail"]


async def test_only_who_has_a_conversation_passes_it_on(floor: Floor) -> None:
    _, path = await held(floor)
    await floor.online("小李")
    for act, body in (("transfer", {"to": "小李"}), ("release", {})):
        answer = await floor.post("小李", f"{path}/{act}", **body)
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:tourniquet:problem:held_by_another")


async def test_a_conversation_put_back_stands_in_front_and_keeps_the_wanted_skill(floor: Floor) -> None:
    shopper, path = await held(floor)
    await floor.world.say(await floor.world.begin(), "物流太慢了，转人工")
    back = (await floor.post("小王", f"{path}/transfer", to=None, skill="payment", note="要查扣款")).json()["handoff"]
    assert (back["state"], back["associate"], back["skill"], back["releases"]) == ("waiting", None, "payment", 1)
    assert await status(floor, shopper) == "waiting"
    rows = (await floor.get("小李", "queue"))["handoffs"]
    assert next(row["handoff_id"] for row in rows) == back["handoff_id"]
    assert (await floor.post("小李", f"{path}/claim")).status_code == 200


async def test_a_skill_nobody_has_heard_of_is_refused(floor: Floor) -> None:
    _, path = await held(floor)
    assert (await floor.post("小王", f"{path}/transfer", to=None, skill="juggling")).status_code == 422
    assert (await floor.post("小王", f"{path}/transfer", to="小李", skill="payment")).status_code == 422


async def test_a_supervisor_takes_a_conversation_over_and_an_agent_may_not(floor: Floor) -> None:
    shopper, path = await held(floor)
    refused = await floor.post("小李", f"{path}/takeover")
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:tourniquet:problem:supervisors_only")
    floor.world.employ("老陈", Role.SUPERVISOR)
    taken = (await floor.post("老陈", f"{path}/takeover")).json()["handoff"]
    assert (taken["associate"], taken["held_for"]) == ("老陈", None)
    assert (await lines(floor, shopper))[-1] == "老陈 为您服务"
    with floor.world.store.transaction() as records:
        entries = records.audit.about(f"conversation:{taken['conversation_id']}")
    assert (entries[-1].act, entries[-1].actor, entries[-1].data) == (
        "handoff_taken_over",
        "associate:老陈",
        {"from": "小王"},
    )


async def test_a_conversation_of_who_is_gone_goes_back_to_the_front(floor: Floor) -> None:
    await floor.online("小王")
    shopper, _ = await held(floor)
    floor.clock.wait(seconds=119)
    await floor.world.service.associates.sweep()
    assert await status(floor, shopper) == "human"
    floor.clock.wait(seconds=1)
    await floor.world.service.associates.sweep()
    assert await status(floor, shopper) == "waiting"
    assert "离开" in (await lines(floor, shopper))[-1]
    assert (await floor.world.say(shopper, "人呢", "m2")).json()["replies"] == []
    row = await floor.row()
    assert (row["state"], row["releases"], row["position"]) == ("waiting", 1, 1)


async def stays(floor: Floor, name: str, *, minutes: int) -> None:
    """Minute by minute, or the service's own sweep might find them gone in between."""
    for _ in range(minutes):
        floor.clock.wait(minutes=1)
        await floor.online(name)


async def test_who_is_there_but_silent_loses_the_conversation_as_well(floor: Floor) -> None:
    await floor.online("小王")
    shopper, path = await held(floor)
    await floor.post("小王", f"{path}/reply", message_id="a1", text="您好")
    await stays(floor, "小王", minutes=9)
    await floor.world.say(shopper, "还在吗", "m2")
    await stays(floor, "小王", minutes=9)
    await floor.world.service.associates.sweep()
    assert await status(floor, shopper) == "human", "the shopper has waited nine minutes, not eighteen"
    await stays(floor, "小王", minutes=1)
    await floor.world.service.associates.sweep()
    assert await status(floor, shopper) == "waiting"


async def test_an_associate_of_another_agent_desk_is_never_found_gone(floor: Floor) -> None:
    shopper, _ = await held(floor)
    floor.clock.wait(hours=5)
    await floor.world.service.associates.sweep()
    assert await status(floor, shopper) == "human"


async def test_who_is_online_is_given_the_next_one_where_the_shop_assigns(tmp_path: Path) -> None:
    async with opened(tmp_path, staffing=AUTOMATIC) as world:
        floor = Floor(world, Clock())
        shopper = await world.begin()
        await world.say(shopper, "转人工")
        await floor.online("小李")
        await world.service.associates.sweep()
        assert await status(floor, shopper) == "human"
        row = await floor.row()
        assert (row["associate"], row["held_for"]) == ("小李", "小李")
        text = world.service.metrics.text().decode()
        assert 'tourniquet_handoffs_total{act="assigned"} 1.0' in text
        assert "tourniquet_claim_seconds_count 1.0" in text


async def test_two_processes_agree_on_who_is_there_and_who_waits(tmp_path: Path) -> None:
    store = in_a_file(tmp_path)
    other = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    async with opened(tmp_path, store=store) as here, opened(tmp_path, store=other) as there:
        one, two = Floor(here, Clock()), Floor(there, Clock())
        await one.online("小王")
        await two.post("小李", "presence", state="busy")
        assert await one.get("小王", "staff") == await two.get("小李", "staff")
        _, path = await held(one)
        await two.online("小李")
        assert (await one.post("小王", f"{path}/transfer", to="小李")).status_code == 200
        staff = (await two.get("小李", "staff"))["associates"]
        assert {row["name"]: (row["state"], row["open"]) for row in staff} == {
            "小王": ("online", 0),
            "小李": ("online", 1),
        }
