"""``/v1/experiments/lift``: the hold-out compared over HTTP, by whoever has the scope."""

from __future__ import annotations

from pathlib import Path

import pytest

from retention.exposure import Arm
from retention.profile import Outcome
from service.settling import settle_due
from tests.http.world import CUSTOMER, LATE_ORDER, NOW, World, opened
from tests.unit.experiment_cases import lived, offering

pytestmark = pytest.mark.anyio


async def test_the_lift_is_an_estimate_with_its_interval_and_its_counts(world: World) -> None:
    with world.store.transaction() as records:
        kept_by = {"coupon": 0.6, "none": 0.3}
        for exposure, case in lived(1200, seed=1, kept_by=kept_by, champion=offering("coupon", 5)):
            records.exposures.add(exposure, case)
    answer = await world.client.get("/v1/experiments/lift?by=reason", headers=world.api())
    assert answer.status_code == 200, answer.text
    found = answer.json()
    [row] = found["rows"]
    assert (row["key"], row["verdict"], found["customers"]) == ("logistics", "more", 1200)
    assert row["kept"]["low"] < 0.3 < row["kept"]["high"]


async def test_what_the_log_cannot_carry_is_null(world: World) -> None:
    found = (await world.client.get("/v1/experiments/lift", headers=world.api())).json()
    assert found["total"]["verdict"] == "no_control"
    assert found["total"]["kept"] is None


@pytest.mark.parametrize("query", ["by=weather", "since=yesterday", "since=2026-01-01"])
async def test_a_question_nobody_understands_is_refused(world: World, query: str) -> None:
    answer = await world.client.get(f"/v1/experiments/lift?{query}", headers=world.api())
    assert answer.status_code == 422


@pytest.mark.parametrize(("hold_out", "arm"), [(0.0, Arm.OFFERED), (1.0, Arm.HELD_OUT)])
async def test_a_talk_over_http_leaves_its_exposure_and_is_settled_when_the_window_closes(
    tmp_path: Path, hold_out: float, arm: Arm
) -> None:
    async with opened(tmp_path, hold_out=hold_out) as world:
        headers = await world.begin(CUSTOMER.customer_id)
        said = (await world.say(headers, "物流太慢了，我要取消")).json()["replies"]
        assert any(reply.get("offer") for reply in said) is (arm is Arm.OFFERED)
        with world.store.transaction() as records:
            [exposure] = records.exposures.of_order(LATE_ORDER.order_no)
        assert exposure.arm is arm
        assert exposure.offer_id is not None
        settled = settle_due(world.store, NOW.replace(year=2027), window=world.shop.experiment.window)
        assert settled == {Outcome.UNDECIDED: 1}, "never delivered: nobody knows"
