"""Other systems are told what happens: signed, once they want it, again when they were away, and never to a wrong address."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import WebhookVerificationError

from integrations.target import networks
from retention.notice import DispatchState, Subscription
from retention.ports import Store
from service.outbox import listed, retry
from service.security import digest
from tests.http.world import World, in_a_file, opened
from tests.receiver import Delivery, Receiver
from tests.web_server import serving

pytestmark = pytest.mark.anyio

OURS = networks("127.0.0.0/8")
ALL = ["handoff.opened", "handoff.claimed", "handoff.closed", "conversation.rated", "order.cancelled", "grant.issued"]
PATIENCE_S = 20


@dataclass
class Ticking:
    """A clock of our own, on today's date: receivers check how old a signature is."""

    now: datetime = field(default_factory=lambda: datetime.now(timezone.utc))

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Ticking:
    return Ticking()


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def address(receiver: Receiver) -> Iterator[str]:
    with serving(receiver.app) as url:
        yield f"{url}/hook"


@pytest.fixture
async def world(tmp_path: Path, clock: Ticking) -> AsyncIterator[World]:
    async with opened(tmp_path, clock=clock, private_targets=OURS) as made:
        yield made


async def subscribe(world: World, url: str, events: list[str] | None = None, *, key: str = "") -> dict[str, Any]:
    body = {"url": url, "events": events or ALL}
    headers = world.api(**{"Idempotency-Key": key}) if key else world.api()
    answer = await world.client.post("/v1/webhooks", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    created: dict[str, Any] = answer.json()
    return created


async def delivered(world: World, receiver: Receiver, count: int) -> list[Delivery]:
    """What came, as soon as that many came and their outcome is on record."""
    async with asyncio.timeout(PATIENCE_S):
        while len(receiver.deliveries) < count:
            await asyncio.gather(*await world.service.dispatching.start_due())
            await asyncio.sleep(0.01)
        while world.service.dispatching.is_busy:
            await asyncio.sleep(0.01)
    return receiver.deliveries


async def test_a_handoff_is_told_from_its_opening_to_its_end(world: World, receiver: Receiver, address: str) -> None:
    secret = (await subscribe(world, address))["secret"]
    await world.say(await world.begin(), "转人工")
    console = await world.log_in("小王")
    row = (await console.get("/console/api/queue")).json()["handoffs"][0]
    for act in ("claim", "resolve"):
        assert (await console.post(f"/console/api/handoffs/{row['handoff_id']}/{act}", json={})).status_code == 200
    told = [one.proven(secret) for one in await delivered(world, receiver, 3)]
    assert {(one["type"], one["data"]["state"]) for one in told} == {
        ("handoff.opened", "waiting"),
        ("handoff.claimed", "claimed"),
        ("handoff.closed", "resolved"),
    }
    for one in told:
        assert one["data"]["handoff_id"] == row["handoff_id"]
        assert one["data"]["customer_id"] == "C1"
        assert one["data"]["reason"] == "asked_for_person"
        assert datetime.fromisoformat(one["timestamp"]).tzinfo is not None
    assert len({one.notice_id for one in receiver.deliveries}) == 3


async def test_a_grant_is_told_with_what_the_order_system_must_do(
    world: World, receiver: Receiver, address: str
) -> None:
    secret = (await subscribe(world, address, ["grant.issued"]))["secret"]
    body = {"order_no": "TQ20261116001", "reason": "logistics"}
    for _ in range(2):
        granted = await world.client.post("/v1/grants", json=body, headers=world.api(**{"Idempotency-Key": "g1"}))
        assert granted.status_code == 201, granted.text
    (delivery,) = await delivered(world, receiver, 1)
    data = delivery.proven(secret)["data"]
    assert data["grant_id"] == granted.json()["grant_id"]
    assert data["terms"] == granted.json()["offer"]["terms"]
    assert data["actor"] == "key:main"


async def test_a_cancellation_on_the_shoppers_word_is_told(world: World, receiver: Receiver, address: str) -> None:
    secret = (await subscribe(world, address, ["order.cancelled"]))["secret"]
    with world.store.transaction() as records:
        order = records.orders.find("TQ20261116001")
        assert order is not None
        records.orders.put(replace(order, stage=type(order.stage).PENDING_SHIPMENT, shipped_at=None))
    shopper = await world.begin()
    for number, text in enumerate(["我要取消订单", "直接取消", "确认取消"]):
        await world.say(shopper, text, f"m{number}")
    (delivery,) = await delivered(world, receiver, 1)
    told = delivery.proven(secret)
    assert (told["type"], told["data"]["order_no"]) == ("order.cancelled", "TQ20261116001")
    assert told["data"]["conversation_id"] == world.conversation_of(shopper)


async def test_a_signature_of_another_subscription_proves_nothing(
    world: World, receiver: Receiver, address: str
) -> None:
    first, second = await subscribe(world, address), await subscribe(world, address)
    assert first["secret"] != second["secret"]
    await world.say(await world.begin(), "转人工")
    deliveries = await delivered(world, receiver, 2)
    assert deliveries[0].notice_id == deliveries[1].notice_id, "whoever gets it twice can tell"
    secrets = (first["secret"], second["secret"])
    assert sum(_is_proven(delivery, secret) for delivery in deliveries for secret in secrets) == 2


async def test_who_was_away_is_told_later_with_the_same_id_and_a_fresh_signature(
    world: World, receiver: Receiver, address: str, clock: Ticking
) -> None:
    secret = (await subscribe(world, address))["secret"]
    receiver.answers = [(500, {}), (503, {"Retry-After": "120"})]
    await world.say(await world.begin(), "转人工")
    await delivered(world, receiver, 1)
    assert await _is_quiet(world, receiver, 1)
    clock.now += timedelta(seconds=5)
    await delivered(world, receiver, 2)
    clock.now += timedelta(seconds=299)
    assert await _is_quiet(world, receiver, 2)
    clock.now += timedelta(seconds=1)
    deliveries = await delivered(world, receiver, 3)
    assert len({one.notice_id for one in deliveries}) == 1
    assert len({one.headers["webhook-timestamp"] for one in deliveries}) == 3
    assert len({one.body for one in deliveries}) == 1
    assert deliveries[0].proven(secret)
    clock.now += timedelta(days=2)
    assert await _is_quiet(world, receiver, 3)


async def test_what_nobody_takes_for_three_days_is_given_up_counted_and_can_be_put_back(
    tmp_path: Path, receiver: Receiver, address: str, clock: Ticking
) -> None:
    store = in_a_file(tmp_path)
    url = f"sqlite:///{tmp_path / 'store.db'}"
    async with opened(tmp_path, store=store, clock=clock, private_targets=OURS, database_url=url) as world:
        await subscribe(world, address, ["handoff.opened"])
        await world.say(await world.begin(), "转人工")
        receiver.answers = [(500, {})] * 10
        for attempt in range(1, 11):
            await delivered(world, receiver, attempt)
            clock.now += timedelta(days=1)
        assert await _is_quiet(world, receiver, 10)
        metrics = (await world.client.get("/metrics", headers=world.api())).text
        assert 'tourniquet_outbox{state="dead"} 1.0' in metrics
        assert 'tourniquet_webhooks_total{ended="failed"} 9.0' in metrics
        assert 'tourniquet_webhooks_total{ended="dead"} 1.0' in metrics
        settings = world.shop.settings
        (parcel,) = listed(settings, dead_only=True)
        assert (parcel.what, parcel.to, parcel.problem) == ("handoff.opened", address, "answered 500")
        assert retry(settings, parcel.parcel_id) == 1
        assert await asyncio.to_thread(retry, settings, None) == 0
        clock.now = max(clock.now, datetime.now(timezone.utc))
        await delivered(world, receiver, 11)
        assert listed(settings, dead_only=False) == []


async def test_an_address_that_says_it_is_gone_hears_nothing_more(
    world: World, receiver: Receiver, address: str
) -> None:
    created = await subscribe(world, address)
    receiver.answers = [(410, {})]
    await world.say(await world.begin(), "转人工")
    await delivered(world, receiver, 1)
    await world.say(await world.begin(), "转人工")
    assert await _is_quiet(world, receiver, 1)
    (shown,) = (await world.client.get("/v1/webhooks", headers=world.api())).json()["webhooks"]
    assert (shown["webhook_id"], shown["active"]) == (created["webhook_id"], False)


async def test_a_redirect_leads_nowhere(world: World, receiver: Receiver, address: str) -> None:
    created = await subscribe(world, address)
    receiver.answers = [(302, {"Location": address})]
    answer = await world.client.post(f"/v1/webhooks/{created['webhook_id']}/test", headers=world.api())
    assert answer.json()["delivered"] is False
    assert "redirects are not followed" in answer.json()["problem"]
    assert len(receiver.deliveries) == 1


async def test_one_who_never_answers_holds_up_nobody_else(world: World, receiver: Receiver, address: str) -> None:
    hanging = asyncio.Event()

    async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await hanging.wait()
        writer.close()

    server = await asyncio.start_server(never, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    await subscribe(world, f"http://127.0.0.1:{port}/")
    await subscribe(world, address)
    await world.say(await world.begin(), "转人工")
    started = await world.service.dispatching.start_due()
    async with asyncio.timeout(PATIENCE_S):
        while not receiver.deliveries:
            await asyncio.sleep(0.01)
    assert started
    hanging.set()
    server.close()
    await asyncio.gather(*started)


async def test_a_test_delivery_goes_out_at_once_and_is_signed_like_the_rest(
    world: World, receiver: Receiver, address: str
) -> None:
    created = await subscribe(world, address, ["grant.issued"])
    answer = await world.client.post(f"/v1/webhooks/{created['webhook_id']}/test", headers=world.api())
    assert answer.json() == {"delivered": True, "status": 204, "problem": "", "ms": answer.json()["ms"]}
    (delivery,) = receiver.deliveries
    assert delivery.proven(created["secret"])["type"] == "webhook.test"


async def test_the_secret_is_said_once(world: World, address: str) -> None:
    created = await subscribe(world, address, key="w1")
    body = {"url": address, "events": ALL}
    again = await world.client.post("/v1/webhooks", json=body, headers=world.api(**{"Idempotency-Key": "w1"}))
    assert again.json() == {name: value for name, value in created.items() if name != "secret"}
    shown = await world.client.get("/v1/webhooks", headers=world.api())
    assert len(shown.json()["webhooks"]) == 1
    for answer in (again, shown):
        assert created["secret"] not in answer.text
    assert created["secret"] not in repr(world.store.__dict__["_records"].idempotency.rows)


async def test_who_unsubscribes_hears_nothing_more(world: World, receiver: Receiver, address: str) -> None:
    created = await subscribe(world, address)
    path = f"/v1/webhooks/{created['webhook_id']}"
    assert (await world.client.delete(path, headers=world.api())).status_code == 204
    assert (await world.client.delete(path, headers=world.api())).status_code == 404
    await world.say(await world.begin(), "转人工")
    assert await _is_quiet(world, receiver, 0)


async def test_a_key_is_told_only_what_it_may_read(world: World, address: str) -> None:
    with world.store.transaction() as records:
        records.api_keys.put(digest("crm-key"), "crm", frozenset({"webhooks:write", "handoffs:read"}))
    headers = {"Authorization": "Bearer crm-key"}
    body: dict[str, Any] = {"url": address, "events": ["handoff.opened", "grant.issued"]}
    refused = await world.client.post("/v1/webhooks", json=body, headers=headers)
    assert refused.status_code == 403
    assert "grants:read" in refused.json()["detail"]
    body["events"] = ["handoff.opened"]
    assert (await world.client.post("/v1/webhooks", json=body, headers=headers)).status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        {"url": "https://crm.example/hook", "events": []},
        {"url": "https://crm.example/hook", "events": ["order.eaten"]},
        {"url": "https://crm.example/hook", "events": ["webhook.test"]},
        {"url": "https://10.0.0.1/hook", "events": ["grant.issued"]},
        {"url": "https://169.254.169.254/latest/meta-data", "events": ["grant.issued"]},
        {"url": "gopher://crm.example", "events": ["grant.issued"]},
        {"url": "https://user@crm.example", "events": ["grant.issued"]},
        {"events": ["grant.issued"]},
    ],
)
async def test_a_subscription_that_makes_no_sense_is_refused(world: World, body: dict[str, Any]) -> None:
    answer = await world.client.post("/v1/webhooks", json=body, headers=world.api())
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_name_that_leads_inside_gets_nothing(tmp_path: Path, receiver: Receiver, address: str) -> None:
    port = address.split(":")[2].split("/")[0]
    async with opened(tmp_path) as world:
        created = await subscribe(world, f"https://localhost:{port}/hook")
        answer = await world.client.post(f"/v1/webhooks/{created['webhook_id']}/test", headers=world.api())
        assert answer.json()["delivered"] is False
        assert "no public address" in answer.json()["problem"]
    assert receiver.deliveries == []


async def test_there_is_an_end_to_the_number_of_subscriptions(world: World, address: str) -> None:
    with world.store.transaction() as records:
        for number in range(50):
            records.subscriptions.put(
                Subscription(
                    subscription_id=f"S{number}", url=address, kinds=(), secret="", created_at=world.shop.clock(),
                    created_by="crm",
                )
            )  # fmt: skip
    body = {"url": address, "events": ALL}
    answer = await world.client.post("/v1/webhooks", json=body, headers=world.api())
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:tourniquet:problem:too_many_webhooks")


async def test_a_process_that_dies_while_sending_loses_nothing(
    tmp_path: Path, receiver: Receiver, address: str, clock: Ticking
) -> None:
    store = in_a_file(tmp_path)
    async with opened(tmp_path, store=store, clock=clock, private_targets=OURS) as world:
        await subscribe(world, address, ["handoff.opened"])  # the queue gives up on it in those days as well
        await world.say(await world.begin(), "转人工")
        _begin_and_die(store, clock.now)
    async with opened(tmp_path, store=in_a_file(tmp_path), clock=clock, private_targets=OURS) as world:
        assert await _is_quiet(world, receiver, len(receiver.deliveries))
        before = len(receiver.deliveries)
        clock.now += timedelta(hours=1)
        await delivered(world, receiver, max(1, before))
        with world.store.transaction() as records:
            assert records.dispatches.counts()[DispatchState.WAITING] == 0


def _begin_and_die(store: Store, now: datetime) -> None:
    with store.transaction() as records:
        for dispatch in records.dispatches.listed(frozenset({DispatchState.WAITING})):
            records.dispatches.claim(dispatch, now=now, until=now + timedelta(minutes=1))


def _is_proven(delivery: Delivery, secret: str) -> bool:
    try:
        delivery.proven(secret)
    except WebhookVerificationError:
        return False
    return True


async def _is_quiet(world: World, receiver: Receiver, count: int) -> bool:
    """Nothing is due, and no more came than that."""
    started = await world.service.dispatching.start_due()
    await asyncio.gather(*started)
    return not started and len(receiver.deliveries) == count
