"""The dashboard's figures over HTTP: what offers changed, how the experiment is set up, and rules by their Chinese names."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from retention.associate import Role
from retention.refusal import Refusal
from tests.http.world import NOW, Watch, World, opened
from tests.unit.compensation_cases import ENGINE
from tests.unit.experiment_cases import exposure, lived, offering

pytestmark = pytest.mark.anyio

API = "/console/api/insight"
COUPON = ENGINE.rows[0]


async def test_a_lift_is_drawn_only_where_there_is_a_control_and_it_says_why_not_elsewhere(world: World) -> None:
    with world.store.transaction() as records:
        kept_by = {COUPON.offer_id: 0.6, "none": 0.3}
        for each, case in lived(1200, seed=1, kept_by=kept_by, champion=offering(COUPON.offer_id, 5)):
            records.exposures.add(each, case)
        for number in range(2000, 2040):
            records.exposures.add(exposure(number, offer_id="gift", synthetic=True), case)
    by_offer, by_reason, by_tier = (await asked(world))["lifts"]
    assert [one["by"] for one in (by_offer, by_reason, by_tier)] == ["offer", "reason", "tier"]
    total, coupon, gift = by_offer["rows"]
    assert (total["name"], coupon["name"], coupon["verdict"]) == ("全部", COUPON.title, "more")
    assert coupon["kept"]["low"] < 0.3 < coupon["kept"]["high"]
    assert "多留住" in coupon["words"]
    assert gift["kept"] is None
    assert "没有对照" in gift["words"]
    assert "%" not in gift["words"]
    assert [caveat for caveat in by_offer["caveats"] if "合成数据" in caveat]
    assert {row["name"] for row in by_tier["rows"]} == {"全部", "普通", "银卡", "金卡"}


async def test_the_lift_is_counted_once_for_some_minutes_and_says_when(tmp_path: Path) -> None:
    watch = Watch()
    async with opened(tmp_path, clock=watch) as world:
        before = await asked(world)
        with world.store.transaction() as records:
            for each, case in lived(100, seed=1, kept_by={"coupon": 0.6, "none": 0.3}, champion=offering("coupon", 5)):
                records.exposures.add(each, case)
        watch.pass_by(minutes=9)
        again = await asked(world)
        assert again["counted_at"] == before["counted_at"] == NOW.isoformat()
        assert again["lifts"][0]["customers"] == 0
        watch.pass_by(minutes=2)
        later = await asked(world)
        assert later["counted_at"] > again["counted_at"]
        assert later["lifts"][0]["customers"] == 100


async def test_the_experiment_is_told_as_it_is_set_up(world: World) -> None:
    found = await asked(world)
    assert (found["hold_out"], found["settle_days"], found["challenger"]) == (0.0, 15, None)
    assert (found["learnt"], found["prices"]) == (False, [])


async def test_refusals_are_called_by_the_words_of_the_catalog_and_the_guard(world: World) -> None:
    rules = ["rule_everyday_customers", "guard:many_accounts", "cap_order", "rule_gone"]
    with world.store.transaction() as records:
        for rule in rules:
            records.refusals.add(refusal(rule))
    lead = await world.log_in("老陈", Role.SUPERVISOR)
    later = {"from": (NOW - timedelta(days=1)).isoformat(), "to": (NOW + timedelta(days=1)).isoformat()}
    found = (await lead.get(f"{API}/refusals", params=later)).json()
    words = {one["rule"]: one["words"] for one in found["counts"]}
    assert [words[rule] for rule in rules] == [
        "普通顾客近期补偿：到上限",
        "多个账号同设备或电话",
        "本单上限已满",
        "已撤下的规则（rule_gone）",
    ]
    assert {one["rule"]: one["words"] for one in found["recent"]} == words


async def asked(world: World) -> dict[str, Any]:
    lead = await world.log_in("老陈", Role.SUPERVISOR)
    answer = await lead.get(f"{API}/experiment")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def refusal(rule: str) -> Refusal:
    return Refusal(
        refusal_id=rule,
        at=NOW,
        rule=rule,
        why="说明",
        order_no="A1",
        customer_id="C1",
        conversation_id="K1",
        reasons=("price",),
        catalog_version="1",
    )
