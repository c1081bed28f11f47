"""The guard over HTTP: what is withheld, who may give it all the same, and that both are on record."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from retention.associate import Role
from retention.kin import TieKind
from retention.kindred import phone_key
from retention.offer import GrantState
from tests.http.test_console_grants import API, authority, held
from tests.http.world import LATE_ORDER, NOW, World

pytestmark = pytest.mark.anyio

DEVICE = "0123456789abcdef0123456789abcdef"
SINCE = NOW - timedelta(days=1)
UNTIL = NOW + timedelta(days=1)
LEAD = Role.SUPERVISOR


async def test_accounts_on_one_device_are_found_by_the_id_their_browsers_sent(world: World) -> None:
    for number in range(4):
        body = {"customer_token": world.service.tokens.customer(f"other-{number}"), "device_id": DEVICE}
        assert (await world.client.post("/v1/chat/conversations", json=body)).status_code == 201
    with world.store.transaction() as records:
        kin = world.shop.rules.kindred.of(records, "other-0", now=NOW)
        raw = records.kinship.around("other-0", since=SINCE)
    assert [relative.ties for relative in kin.relatives] == [frozenset({TieKind.DEVICE})] * 3
    assert not [tie for tie in raw if DEVICE in tie.digest]


async def test_a_guest_leaves_no_trace_of_their_device(world: World) -> None:
    assert (await world.client.post("/v1/chat/conversations", json={"device_id": DEVICE})).status_code == 201
    with world.store.transaction() as records:
        assert records.kinship.purge(UNTIL) == 0


@pytest.mark.parametrize("device_id", ["short", "x" * 65, "有空格 的设备编号", 7])
async def test_a_device_id_that_is_none_is_refused(world: World, device_id: object) -> None:
    body = {"customer_token": world.service.tokens.customer("C1"), "device_id": device_id}
    assert (await world.client.post("/v1/chat/conversations", json=body)).status_code == 422


async def test_who_is_withheld_money_is_helped_and_let_go_and_accused_of_nothing(world: World) -> None:
    crowd(world)
    shopper = await world.begin()
    answer = (await world.say(shopper, "物流太慢了，我要取消", "m1")).json()
    said = "".join(reply["text"] for reply in answer["replies"])
    assert not any(reply.get("offer") for reply in answer["replies"])
    assert not [word for word in ("账号", "设备", "电话", "同一", "异常", "风险") if word in said]
    with world.store.transaction() as records:
        assert list(records.ledger.of_order(LATE_ORDER.order_no)) == []
        [refusal] = records.refusals.recent(SINCE, UNTIL)
    assert (refusal.rule, refusal.overridden_by) == ("guard:many_accounts", None)
    assert refusal.order_no == LATE_ORDER.order_no


async def test_an_associate_gives_all_the_same_with_a_reason_that_is_kept(world: World) -> None:
    crowd(world)
    shopper, console = await held(world)
    body = await authority(world, console, shopper)
    assert body["offers"] == []
    offer = body["withheld"][0]
    assert "账号" in offer["withheld"]
    bare = await give(world, console, shopper, offer["offer_id"])
    assert (bare.status_code, bare.json()["type"]) == (409, "urn:tourniquet:problem:withheld")
    too_short = await give(world, console, shopper, offer["offer_id"], override="好")
    assert too_short.status_code == 422

    given = await give(world, console, shopper, offer["offer_id"], override="核实是一家人，电话 13812345678")
    assert given.status_code == 200, given.text
    with world.store.transaction() as records:
        [grant] = records.ledger.of_order(LATE_ORDER.order_no)
        [entry] = [one for one in records.audit.about(f"grant:{grant.grant_id}") if one.act == "guard_overridden"]
        by_rule = {one.rule: one.overridden for one in records.refusals.counted(SINCE, UNTIL)}
    assert grant.state is GrantState.ISSUED
    assert entry.actor == "associate:小王"
    assert "核实是一家人" in entry.why
    assert "13812345678" not in entry.why
    assert by_rule["guard:many_accounts"] >= 1


async def test_a_reason_opens_no_cap(world: World) -> None:
    shopper, console = await held(world)
    ruled_out = (await authority(world, console, shopper))["ruled_out"][0]
    answer = await give(world, console, shopper, ruled_out["offer_id"], override="顾客很着急，请通融")
    assert answer.status_code == 409


async def test_a_crm_is_withheld_it_too(world: World) -> None:
    crowd(world)
    quote = await world.client.post(
        "/v1/offers/quote", json={"order_no": LATE_ORDER.order_no, "reason": "logistics"}, headers=world.api()
    )
    assert {one["rule"] for one in quote.json()["offers"] if not one["fits"]} >= {"guard:many_accounts"}
    body = {"order_no": LATE_ORDER.order_no, "reason": "logistics"}
    answer = await world.client.post("/v1/grants", json=body, headers=world.api(**{"Idempotency-Key": "k-1"}))
    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:tourniquet:problem:no_offer_guard:many_accounts"


async def test_supervisors_see_what_was_withheld_and_what_budgets_hold(world: World) -> None:
    crowd(world)
    shopper, console = await held(world)
    offer = (await authority(world, console, shopper))["withheld"][0]
    await give(world, console, shopper, offer["offer_id"], override="核实过，这单确实晚了")
    lead = await world.log_in("老陈", LEAD)
    later = {"from": SINCE.isoformat(), "to": UNTIL.isoformat()}
    refusals = (await lead.get(f"{API}/insight/refusals", params=later)).json()
    [count] = [one for one in refusals["counts"] if one["rule"] == "guard:many_accounts"]
    assert (count["words"], count["orders"], count["overridden"]) == ("多个账号同设备或电话", 1, 1)
    assert "customer_id" not in refusals["recent"][0]
    assert refusals["synthetic"] is True

    money = (await lead.get(f"{API}/insight/money", params=later)).json()
    [given] = money["offers"]
    assert (given["offer_id"], given["made"], given["taken"]) == (offer["offer_id"], 1, 1)
    used = {one["budget_id"]: one["used_fen"] for one in money["budgets"]}
    assert sum(used.values()) > 0
    assert all(one["left_fen"] == one["cap_fen"] - one["used_fen"] - one["reserved_fen"] for one in money["budgets"])


async def test_fairness_is_told_to_supervisors_and_by_the_api_alike(world: World) -> None:
    shopper = await world.begin()
    await world.say(shopper, "物流太慢了，我要取消", "m1")
    lead = await world.log_in("老陈", LEAD)
    later = {"from": SINCE.isoformat(), "to": UNTIL.isoformat()}
    shown = (await lead.get(f"{API}/insight/fairness", params=later)).json()
    times = {"since": SINCE.isoformat(), "until": UNTIL.isoformat()}
    told = (await world.client.get("/v1/reports/fairness", params=times, headers=world.api())).json()
    assert shown["dealings"] == told["dealings"] == 1
    assert shown["dimensions"] == told["dimensions"]
    [province] = next(one["groups"] for one in told["dimensions"] if one["name"] == "province")
    assert (province["words"], province["offered"]["n"]) == ("浙江省", 1)
    assert told["warns"] is False


async def test_agents_are_not_shown_the_dashboards_figures(world: World) -> None:
    console = await world.log_in("小王")
    for name in ("money", "refusals", "fairness", "experiment"):
        assert (await console.get(f"{API}/insight/{name}")).status_code == 403


@pytest.mark.parametrize("until", [SINCE, SINCE + timedelta(days=93)])
async def test_a_report_about_no_time_or_too_long_a_time_is_refused(world: World, until: Any) -> None:
    times = {"since": SINCE.isoformat(), "until": until.isoformat()}
    answer = await world.client.get("/v1/reports/fairness", params=times, headers=world.api())
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:tourniquet:problem:bad_period")


def crowd(world: World) -> None:
    """Three other accounts whose orders go to the same telephone number."""
    kindred = world.shop.rules.kindred
    assert phone_key(LATE_ORDER.address.phone) is not None
    with world.store.transaction() as records:
        for number in range(3):
            other = replace(LATE_ORDER, order_no=f"B{number}", customer_id=f"other-{number}")
            kindred.see_order(records, other, at=NOW - timedelta(days=2))


async def give(
    world: World,
    console: httpx.AsyncClient,
    shopper: dict[str, str],
    offer_id: str,
    *,
    override: str | None = None,
) -> httpx.Response:
    path = f"{API}/conversations/{world.conversation_of(shopper)}/grants"
    body = {"offer_id": offer_id, "message_id": "g1"} | ({"override": override} if override else {})
    return await console.post(path, json=body)
