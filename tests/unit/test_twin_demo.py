"""The demo shop: every story has its open order, and installing twice or halfway does no harm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache

import pytest

from integrations.memory.store import MemoryStore
from retention.customer import Customer
from retention.event import Event, latest
from retention.order import MOVING, UNSHIPPED, Order, Stage
from tests.unit.twin_cases import NOW, SEED
from twin.demo import SHOPPERS, install, open_orders
from twin.world import History, generate


@cache
def small() -> History:
    return generate(SEED, customers=40, orders=120, now=NOW)


@dataclass(frozen=True, kw_only=True)
class Found:
    customer: Customer
    orders: Sequence[Order]
    events: Mapping[str, Sequence[Event]]

    @property
    def only(self) -> Order:
        (order,) = self.orders
        return order

    @property
    def told(self) -> Sequence[Event]:
        return self.events[self.only.order_no]


def installed(store: MemoryStore) -> MemoryStore:
    install(store, seed=SEED, now=NOW, progress=lambda _, __: None, history=small())
    return store


@cache
def shop() -> Mapping[str, Found]:
    """What a shop's screens would read back of each shopper."""
    found = {}
    with installed(MemoryStore()).transaction() as records:
        for shopper in SHOPPERS:
            customer = records.customers.find(shopper.customer_id)
            assert customer is not None
            orders = [order for order in records.orders.of_customer(shopper.customer_id) if order.is_open]
            events = {order.order_no: records.events.about(order, since=NOW - timedelta(days=60)) for order in orders}
            found[shopper.customer_id] = Found(customer=customer, orders=orders, events=events)
    return found


def test_thirty_open_orders_are_there_and_every_shopper_has_one_at_least() -> None:
    assert sum(len(found.orders) for found in shop().values()) == 30
    assert all(found.orders for found in shop().values())


def test_six_shoppers_at_least_need_not_say_which_order_they_mean() -> None:
    assert sum(len(found.orders) == 1 for found in shop().values()) >= 6


def test_orders_of_one_shopper_differ_in_the_digits_people_say() -> None:
    for found in shop().values():
        tails = [order.order_no[-4:] for order in found.orders]
        assert len(set(tails)) == len(tails)


def test_every_shopper_has_a_name_and_one_line_of_story() -> None:
    for shopper in SHOPPERS:
        assert shop()[shopper.customer_id].customer.name == shopper.name
        assert 8 <= len(shopper.story) <= 40
        assert "\n" not in shopper.story


def test_everything_in_the_demo_says_that_it_is_synthetic() -> None:
    for found in shop().values():
        assert found.customer.attributes["synthetic"] is True
        assert all(order.attributes["synthetic"] is True for order in found.orders)


def test_no_open_order_contradicts_its_own_times() -> None:
    for found in shop().values():
        for order in found.orders:
            assert order.placed_at < NOW
            assert (order.paid_at is None) is (order.stage is Stage.PENDING_PAYMENT)
            assert (order.shipped_at is None) is (order.stage in UNSHIPPED)
            assert (order.delivered_at is not None) is (order.stage is Stage.DELIVERED)
            assert order.paid_fen > order.cost_fen
            assert all(event.at <= NOW for event in found.events[order.order_no])


def test_goods_of_open_orders_are_told_of_by_their_own_events_only() -> None:
    past = {line.sku for each in small().orders for line in each.order.lines}
    skus = [line.sku for found in shop().values() for order in found.orders for line in order.lines]
    assert len(set(skus)) == len(skus)
    assert not past & set(skus)


def test_the_late_parcel_is_sixty_two_hours_late() -> None:
    order = shop()["demo-late"].only
    assert order.stage is Stage.IN_TRANSIT
    assert order.late_hours(NOW) == pytest.approx(62)


@pytest.mark.parametrize(
    ("shopper", "source", "drop"), [("demo-price", "own", 0.2), ("demo-rival", "competitor", 0.18)]
)
def test_the_price_fell_after_the_order(shopper: str, source: str, drop: float) -> None:
    found = shop()[shopper]
    line = found.only.lines[0]
    told = latest(found.told, "price.changed", sku=line.sku, source=source)
    assert told is not None
    assert told.at > found.only.placed_at
    assert told.number("price_fen") == pytest.approx(line.unit_price_fen * (1 - drop), abs=1)


def test_a_wrong_size_can_be_swapped_before_dispatch_where_the_size_is_in_stock() -> None:
    found = shop()["demo-size"]
    stock = {event.text("variant"): event.data["available"] for event in found.told if event.kind == "stock.changed"}
    assert found.only.stage is Stage.PENDING_SHIPMENT
    assert stock[str(found.only.attributes["variant"])] is True
    assert stock["深蓝色 L"] is True
    assert stock["深蓝色 XL"] is False


def test_addresses_wait_for_dispatch_or_hang_on_the_carrier() -> None:
    assert shop()["demo-address"].only.stage is Stage.PENDING_SHIPMENT
    moving = shop()["demo-moving"].orders
    assert all(order.stage in MOVING for order in moving)
    assert {order.attributes["address_editable"] for order in moving} == {True, False}


@pytest.mark.parametrize(("shopper", "days"), [("demo-restock", 5), ("demo-restock-long", 20)])
def test_goods_out_of_stock_come_back_on_a_known_day(shopper: str, days: int) -> None:
    found = shop()[shopper]
    told = latest(found.told, "stock.changed", available=False)
    assert told is not None
    assert told.number("restock_days") == days
    assert told.text("variant") in ("", found.only.attributes.get("variant"))
    assert found.only.stage is Stage.PENDING_SHIPMENT


def test_the_payment_page_was_left_twice_and_a_payment_failed() -> None:
    kinds = Counter(event.kind for event in shop()["demo-payment"].told)
    assert shop()["demo-payment"].only.stage is Stage.PENDING_PAYMENT
    assert kinds["behaviour.payment_bounced"] == 2
    assert kinds["payment.failed"] == 1


@pytest.mark.parametrize(("shopper", "days"), [("demo-quality", 3), ("demo-old", 20)])
def test_goods_were_received_inside_and_outside_the_return_window(shopper: str, days: int) -> None:
    delivered = shop()[shopper].only.delivered_at
    assert delivered == NOW - timedelta(days=days)


def test_shoppers_differ_in_what_they_are_to_the_shop() -> None:
    assert shop()["demo-vip"].customer.rfm > 80
    assert shop()["demo-serial"].customer.cancelled_orders == 14
    assert shop()["demo-optout"].customer.opted_out
    assert len(shop()["demo-many"].orders) == 6
    assert max(order.late_hours(NOW) for order in shop()["demo-vip"].orders) == pytest.approx(50)


def test_a_thin_margin_a_sale_and_a_late_dispatch_are_there() -> None:
    thin = shop()["demo-thin"].only
    late = shop()["demo-dispatch"].only
    assert round(thin.margin_fen / thin.paid_fen, 2) == 0.04
    assert any(order.promotion_id and len(order.lines) == 3 for order in shop()["demo-sale"].orders)
    assert late.stage is Stage.PENDING_SHIPMENT
    assert late.late_hours(NOW) == pytest.approx(30)


def test_the_past_is_written_with_the_shoppers() -> None:
    with installed(MemoryStore()).transaction() as records:
        for past in small().orders:
            assert records.orders.find(past.order.order_no) == past.order
            written = records.events.about(past.order, since=past.order.placed_at)
            assert all(event in written for event in past.events)
        assert all(records.customers.find(each.customer_id) == each for each in small().customers)


def test_installing_again_changes_nothing() -> None:
    store = installed(MemoryStore())
    with store.transaction() as records:
        order = records.orders.of_customer("demo-late")[0]
        records.orders.put(replace(order, stage=Stage.CANCELLED))
    told: list[str] = []
    install(store, seed=SEED, now=NOW + timedelta(days=1), progress=lambda words, _: told.append(words))
    with store.transaction() as records:
        assert records.orders.of_customer("demo-late")[0].stage is Stage.CANCELLED
    assert told == ["演示店铺已经就绪"]


def test_an_installation_cut_short_is_completed_by_the_next() -> None:
    store = MemoryStore()

    def pull_the_plug(words: str, share: float) -> None:
        if share > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        install(store, seed=SEED, now=NOW, progress=pull_the_plug, history=small())
    with store.transaction() as records:
        assert records.customers.find("demo-late") is None
    with installed(store).transaction() as records:
        assert records.orders.of_customer("demo-late")


def test_progress_is_told_in_chinese_and_never_runs_back() -> None:
    told: list[tuple[str, float]] = []
    install(MemoryStore(), seed=SEED, now=NOW, progress=lambda *step: told.append(step), history=small())
    assert told[0] == ("正在生成演示店铺(合成数据)", 0.0)
    assert told[-1] == ("演示店铺已经就绪", 1.0)
    assert [share for _, share in told] == sorted(share for _, share in told)


def test_the_same_seed_and_moment_give_the_same_open_orders() -> None:
    assert list(open_orders(seed=SEED, now=NOW)) == list(open_orders(seed=SEED, now=NOW))
