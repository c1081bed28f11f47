"""A shopper who waits: where they stand, when they have waited enough, and being called back instead."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from retention.staffing import Hours
from tests.http.test_handoff_moves import Clock, Floor, lines, status
from tests.http.world import NOW, opened
from tests.unit.counter import STAFFING

pytestmark = pytest.mark.anyio

PHONE = "13900002222"
AFTERNOONS = replace(STAFFING, hours=(Hours(days=frozenset(range(7)), start=13 * 60, end=18 * 60),))


@pytest.fixture
async def floor(tmp_path: Path) -> AsyncIterator[Floor]:
    clock = Clock()
    async with opened(tmp_path, clock=clock) as world:
        yield Floor(world, clock)


async def queue(floor: Floor, shopper: dict[str, str]) -> dict[str, Any]:
    answer = await floor.world.client.get("/v1/chat/queue", headers=shopper)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def book(floor: Floor, shopper: dict[str, str], **body: object) -> dict[str, Any]:
    answer = await floor.world.client.post("/v1/chat/callback", json={"contact": PHONE, **body}, headers=shopper)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_shopper_asks_where_they_stand(floor: Floor) -> None:
    first, second = await floor.world.begin(), await floor.world.begin()
    nobody = {"status": "bot", "position": None, "expected_wait_s": None, "open": True, "opens_at": None}
    assert await queue(floor, first) == nobody
    await floor.world.say(first, "转人工")
    floor.clock.wait(seconds=1)
    await floor.world.say(second, "转人工")
    assert [(await queue(floor, one))["position"] for one in (first, second)] == [1, 2]
    await floor.world.client.delete("/v1/chat/handoff", headers=first)
    assert (await queue(floor, second))["position"] == 1
    assert await queue(floor, first) == nobody


async def test_who_waited_in_vain_is_back_with_the_bot_and_offered_a_call(floor: Floor) -> None:
    shopper = await floor.world.begin()
    await floor.world.say(shopper, "转人工", "m1")
    floor.clock.wait(minutes=20)
    await floor.world.service.associates.sweep()
    assert await status(floor, shopper) == "bot"
    transcript = (await floor.world.client.get("/v1/chat/messages", headers=shopper)).json()["messages"]
    assert transcript[-1]["buttons"] == [{"title": "预约回电", "text": "预约回电"}]
    assert (await floor.world.say(shopper, "你好", "m2")).json()["replies"]


async def test_out_of_hours_the_shop_says_when_it_opens(tmp_path: Path) -> None:
    async with opened(tmp_path, staffing=AFTERNOONS) as world:
        floor = Floor(world, Clock())
        shopper = await world.begin()
        answer = (await world.say(shopper, "转人工")).json()
        assert answer["status"] == "bot"
        assert "13:00" in answer["replies"][-1]["text"]
        shown = await queue(floor, shopper)
        assert (shown["open"], shown["opens_at"]) == (False, "2026-11-20T13:00:00+08:00")
        assert (await floor.get("小王", "queue"))["handoffs"] == []


async def test_a_call_is_booked_once_however_often_it_is_sent(floor: Floor) -> None:
    shopper = await floor.world.begin()
    one, again = await book(floor, shopper, wish="退款没到"), await book(floor, shopper, wish="退款没到")
    assert one == again
    assert one["contact"] == "139****2222"
    assert len(await lines(floor, shopper)) == 1
    floor.clock.wait(minutes=5)
    later = await book(floor, shopper, when=(NOW + timedelta(hours=2)).isoformat())
    assert later["task_id"] == one["task_id"]
    assert later["due_at"].startswith("2026-11-20T06:30:00")
    [task] = (await floor.get("小王", "tasks"))["tasks"]
    assert task["due_at"] == later["due_at"].replace("Z", "+00:00")


async def test_a_time_in_the_wish_is_when_to_call(floor: Floor) -> None:
    shopper = await floor.world.begin()
    booked = await book(floor, shopper, wish="明天下午三点打给我")
    assert booked["due_at"].startswith("2026-11-21T07:30:00")  # 15:30 in China
    [line] = await lines(floor, shopper)
    assert "明天 15:00 到 15:30" in line
    [task] = (await floor.get("小王", "tasks"))["tasks"]
    assert (task["begins_at"][:16], task["due_at"][:16]) == ("2026-11-21T07:00", "2026-11-21T07:30")
    earlier = await book(floor, shopper, wish="明天下午三点打给我", when=(NOW + timedelta(hours=1)).isoformat())
    assert earlier["due_at"].startswith("2026-11-20T05:30:00"), "a moment that was picked is what counts"


async def test_the_number_is_whole_only_for_who_makes_the_call(floor: Floor) -> None:
    task_id = (await book(floor, await floor.world.begin(), wish="退款没到"))["task_id"]
    listed = await floor.get("小王", "tasks")
    assert PHONE not in str(listed)
    assert (listed["tasks"][0]["customer"], listed["tasks"][0]["wish"]) == ("李**", "退款没到")
    assert (await floor.get("小王", f"tasks/{task_id}"))["task"]["contact"] == "139****2222"
    taken = (await floor.post("小王", f"tasks/{task_id}/take")).json()["task"]
    assert (taken["contact"], taken["handler"]) == (PHONE, "小王")
    assert (await floor.get("小王", f"tasks/{task_id}"))["task"]["contact"] == PHONE
    assert (await floor.get("小李", f"tasks/{task_id}"))["task"]["contact"] == "139****2222"
    assert PHONE not in str(await floor.get("小王", "tasks"))


async def test_a_call_is_made_by_one_and_then_done(floor: Floor) -> None:
    task_id = (await book(floor, await floor.world.begin()))["task_id"]
    await floor.post("小王", f"tasks/{task_id}/take")
    for act, body in (("take", {}), ("done", {"note": ""})):
        answer = await floor.post("小李", f"tasks/{task_id}/{act}", **body)
        assert answer.status_code == 409
        assert "小王" in answer.json()["detail"]
    done = (await floor.post("小王", f"tasks/{task_id}/done", note="已说明，顾客接受")).json()["task"]
    assert (done["state"], done["done_by"], done["note"]) == ("done", "小王", "已说明，顾客接受")
    assert (await floor.post("小王", f"tasks/{task_id}/done", note="")).status_code == 409
    assert (await floor.get("小王", "tasks"))["tasks"] == []
    assert [one["task_id"] for one in (await floor.get("小王", "tasks?state=done"))["tasks"]] == [task_id]


@pytest.mark.parametrize("contact", ["", "1", "a" * 65, "<script>", "139\n0000"])
async def test_what_is_no_number_books_no_call(floor: Floor, contact: str) -> None:
    answer = await floor.world.client.post(
        "/v1/chat/callback", json={"contact": contact}, headers=await floor.world.begin()
    )
    assert answer.status_code == 422


async def test_a_call_that_nobody_booked_is_not_found(floor: Floor) -> None:
    for act, body in (("take", {}), ("done", {"note": ""})):
        assert (await floor.post("小王", f"tasks/NOPE/{act}", **body)).status_code == 404
