"""Many orders scored at once are the same scores, in as many reads for a hundred orders as for one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from integrations.codec import encode
from integrations.settings import Limits
from integrations.store.engine import SqlStore
from retention.event import Event
from service.api.risk import MOST_ORDERS
from service.cases import cases_of
from tests.http.world import LATE_ORDER, NOW, PLENTY, World, in_a_file, opened

pytestmark = pytest.mark.anyio

ORDERS = [replace(LATE_ORDER, order_no=f"O-{number}", customer_id=f"C{number % 7}") for number in range(250)]
NAMES = [order.order_no for order in ORDERS]


def _fill(world: World) -> None:
    facts = [
        Event(event_id=f"E{number}", kind="service.complained", at=NOW, order_no=order.order_no)
        for number, order in enumerate(ORDERS)
        if number % 3 == 0
    ]
    with world.store.transaction() as records:
        records.orders.put_all(ORDERS)
        records.events.add([*facts, Event(event_id="mine", kind="service.complained", at=NOW, customer_id="C1")])


async def _ask(world: World, order_nos: list[str], **more: Any) -> list[dict[str, Any]]:
    body = {"order_nos": order_nos, **more}
    answer = await world.client.post("/v1/risk/scores", json=body, headers=world.api())
    assert answer.status_code == 200, answer.text
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


async def test_each_result_is_the_score_of_its_order_and_stands_where_it_was_asked_for(world: World) -> None:
    _fill(world)
    asked = [*reversed(NAMES), NAMES[0]]
    results = await _ask(world, asked, reasons=True)
    assert [result["order_no"] for result in results] == asked
    for place in (0, 1, 2, 3, -1):
        answer = await world.client.post("/v1/risk/score", json={"order_no": asked[place]}, headers=world.api())
        alone = answer.json()
        assert results[place].pop("probability") == pytest.approx(alone.pop("probability"), abs=1e-6)
        assert results[place].keys() == alone.keys()
        assert [reason["feature"] for reason in results[place]["reasons"]] == [
            reason["feature"] for reason in alone["reasons"]
        ]


async def test_reasons_are_left_out_unless_they_are_asked_for(world: World) -> None:
    [plain] = await _ask(world, [LATE_ORDER.order_no])
    [told] = await _ask(world, [LATE_ORDER.order_no], reasons=True)
    assert told.keys() - plain.keys() == {"reasons", "similar"}
    assert {"probability", "interval", "scenario", "model_version", "rule_version"} <= plain.keys()


async def test_an_unknown_order_is_a_problem_in_its_place_and_the_others_are_scored(world: World) -> None:
    first, unknown = await _ask(world, [LATE_ORDER.order_no, "nobodys"])
    assert first["probability"] > 0
    assert unknown["order_no"] == "nobodys"
    assert unknown["problem"]["type"] == "urn:tourniquet:problem:no_such_order"
    assert "probability" not in unknown


@pytest.mark.parametrize(
    ("order_nos", "where"),
    [
        ([], "body.order_nos"),
        (["O-1"] * (MOST_ORDERS + 1), "body.order_nos"),
        (["O-1", "has space"], "body.order_nos[1]"),
        (["O-1", 7], "body.order_nos[1]"),
    ],
)
async def test_what_cannot_be_asked_is_refused_with_its_place(world: World, order_nos: list[Any], where: str) -> None:
    answer = await world.client.post("/v1/risk/scores", json={"order_nos": order_nos}, headers=world.api())
    assert (answer.status_code, answer.json()["errors"][0]["where"]) == (422, where)


async def test_a_key_without_the_scope_may_not_score(world: World) -> None:
    from service.security import digest

    with world.store.transaction() as records:
        records.api_keys.put(digest("other-key"), "other", frozenset({"orders:read"}))
    headers = {"Authorization": "Bearer other-key"}
    answer = await world.client.post("/v1/risk/scores", json={"order_nos": ["O-1"]}, headers=headers)
    assert answer.status_code == 403


async def test_every_further_hundred_orders_count_as_a_request(tmp_path: Path) -> None:
    limits: Limits = replace(PLENTY, calls="3/minute")
    async with opened(tmp_path, limits=limits) as world:
        body = {"order_nos": NAMES}
        statuses = [
            (await world.client.post("/v1/risk/scores", json=body, headers=world.api())).status_code for _ in range(2)
        ]
    assert statuses == [200, 429]


async def test_what_was_scored_is_counted(world: World) -> None:
    [found] = await _ask(world, [LATE_ORDER.order_no])
    text = (await world.client.get("/metrics", headers=world.api())).text
    assert f'tourniquet_risk_scores_total{{band="{found["band"]}"}} 1.0' in text


@contextmanager
def _counted(store: SqlStore) -> Iterator[list[str]]:
    statements: list[str] = []
    engine: Engine = store._engine
    event.listen(engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    yield statements


async def test_a_hundred_orders_take_as_many_reads_as_one(tmp_path: Path) -> None:
    store = in_a_file(tmp_path)
    assert isinstance(store, SqlStore)
    async with opened(tmp_path, store=store) as world:
        _fill(world)
        with _counted(store) as statements:
            counts = []
            for names in (NAMES[:1], NAMES[:100]):
                statements.clear()
                with store.transaction() as records:
                    assert len(cases_of(world.shop, records, names)) == len(names)
                counts.append(len(statements))
    assert counts[0] == counts[1] <= 6


async def test_an_answer_can_be_large(world: World) -> None:
    _fill(world)
    results = await _ask(world, (NAMES * 4)[:MOST_ORDERS])
    assert len(results) == MOST_ORDERS
    assert encode(results[0]["probability"]) == results[250]["probability"]
