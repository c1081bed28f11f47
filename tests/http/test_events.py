"""Facts reported in batches: each once, in any order, and what cannot be kept is named by its place."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from retention.event import Event
from service.api.events import MOST_EVENTS, EventBody
from tests.http.world import LATE_ORDER, World, in_a_file, opened

pytestmark = pytest.mark.anyio

FACT: dict[str, Any] = {
    "event_id": "E1",
    "kind": "fulfilment.delayed",
    "at": "2026-11-19T00:00:00Z",
    "order_no": LATE_ORDER.order_no,
    "data": {"hours": 60},
}


async def _post(world: World, *events: Any) -> httpx.Response:
    return await world.client.post("/v1/events", json={"events": events}, headers=world.api())


def _kept(world: World) -> list[Event]:
    with world.store.transaction() as records:
        return list(records.events.about(LATE_ORDER, since=LATE_ORDER.placed_at))


@pytest.fixture(params=["memory", "file"])
async def any_world(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    async with opened(tmp_path, store=in_a_file(tmp_path) if request.param == "file" else None) as made:
        yield made


async def test_the_same_fact_twice_in_a_batch_or_later_counts_once(any_world: World) -> None:
    first = await _post(any_world, FACT, FACT)
    later = await _post(any_world, FACT)
    assert first.json() == {"received": 2, "new": 1, "differing": []}
    assert later.json() == {"received": 1, "new": 0, "differing": []}
    assert len(_kept(any_world)) == 1


async def test_another_fact_under_a_known_id_is_named_and_the_first_stays(any_world: World) -> None:
    other = {**FACT, "kind": "payment.failed"}
    moved = {**FACT, "data": {"hours": 90}}
    fresh = {**FACT, "event_id": "E2"}
    first = await _post(any_world, FACT, other, fresh)
    assert first.json() == {"received": 3, "new": 2, "differing": [{"index": 1, "event_id": "E1"}]}
    later = await _post(any_world, fresh, moved)
    assert later.json() == {"received": 2, "new": 0, "differing": [{"index": 1, "event_id": "E1"}]}
    assert {(event.kind, event.number("hours")) for event in _kept(any_world)} == {("fulfilment.delayed", 60.0)}


async def test_an_erased_fact_sent_again_is_no_other_fact_and_stays_erased(world: World) -> None:
    about = {**FACT, "customer_id": "C1", "data": {"hours": 60, "words": "顾客李明不在家"}}
    await _post(world, about)
    await world.client.delete("/v1/customers/C1", headers=world.api())
    again = await _post(world, about)
    assert again.json() == {"received": 1, "new": 0, "differing": []}
    with world.store.transaction() as records:
        [kept] = records.events.find_all(["E1"]).values()
    assert (kept.customer_id, kept.data) == (None, {"hours": 60})


async def test_kinds_nobody_understands_are_kept(world: World) -> None:
    await _post(world, {**FACT, "kind": "drone.landed"})
    assert [event.kind for event in _kept(world)] == ["drone.landed"]


async def test_facts_in_any_order_make_the_same_score(tmp_path: Path) -> None:
    facts = [
        {**FACT, "event_id": f"E{day}", "at": f"2026-11-{day}T00:00:00Z", "data": {"hours": day}}
        for day in range(14, 20)
    ]
    found = []
    for turn, order in enumerate((facts, random.Random(1).sample(facts, len(facts)))):
        async with opened(tmp_path / str(turn)) as world:
            for fact in order:
                await _post(world, fact)
            body = {"order_no": LATE_ORDER.order_no}
            found.append((await world.client.post("/v1/risk/score", json=body, headers=world.api())).json())
    assert found[0] == found[1]


async def test_a_fact_of_tomorrow_is_kept_for_then(world: World) -> None:
    body = {"order_no": LATE_ORDER.order_no}
    answer = await _post(world, {**FACT, "at": "2026-11-21T00:00:00Z"})
    assert answer.json()["new"] == 1
    scored = await world.client.post("/v1/risk/score", json=body, headers=world.api())
    assert scored.status_code == 200


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "ancient": ({"at": "1999-12-31T23:59:59Z"}, "at"),
    "far off": ({"at": "2101-01-01T00:00:00Z"}, "at"),
    "no zone": ({"at": "2026-11-19T00:00:00"}, "at"),
    "no family": ({"kind": "delayed"}, "kind"),
    "a long kind": ({"kind": "a." + "b" * 63}, "kind"),
    "deep": ({"data": {"a": {"b": {"c": {"d": {"e": {"f": {"g": {}}}}}}}}}, "data"),
    "wide": ({"data": {f"k{number}": 1 for number in range(65)}}, "data"),
    "NUL": ({"data": {"a": "\x00"}}, "data"),
    "no id": ({"event_id": ""}, "event_id"),
}


@pytest.mark.parametrize(("change", "field"), WRONG.values(), ids=WRONG.keys())
async def test_a_wrong_fact_is_named_by_its_place_and_none_of_the_batch_is_kept(
    world: World, change: dict[str, Any], field: str
) -> None:
    answer = await _post(world, {**FACT, "event_id": "E0"}, {**FACT, **change})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["where"].startswith(f"body.events[1].{field}")
    assert _kept(world) == []


async def test_a_batch_has_its_limits(world: World) -> None:
    most = [{**FACT, "event_id": f"E{number}"} for number in range(MOST_EVENTS)]
    full, over, none = (await _post(world, *most), await _post(world, *most, FACT), await _post(world))
    assert full.json()["new"] == MOST_EVENTS
    assert (over.status_code, none.status_code) == (422, 422)
    heavy = await _post(world, {**FACT, "event_id": "heavy", "data": {"words": "x" * (1 << 20)}})
    assert heavy.status_code == 413


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.dictionaries(st.text(max_size=6), VALUES, max_size=5))
def test_whatever_data_passes_the_check_can_be_kept(tmp_path: Path, data: dict[str, Any]) -> None:
    try:
        fact = EventBody.model_validate({**FACT, "data": data}).to_event()
    except ValidationError:
        return
    store = in_a_file(tmp_path)
    with store.transaction() as records:
        records.events.add([fact])
        assert records.events.find_all(["E1"])["E1"].kind == fact.kind
    store.close()
