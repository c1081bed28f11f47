"""The demo shop, written into a store. All of it is synthetic and says so in its attributes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import chain
from typing import TypeVar

from retention.event import Event
from retention.order import Order
from retention.ports import Store
from twin.dice import Dice
from twin.open_orders import OPEN_ORDERS
from twin.places import PLACES, WEIGHTS, address
from twin.shoppers import SHOPPERS, DemoShopper, customer
from twin.world import History, generate

__all__ = ["SHOPPERS", "DemoShopper", "install", "open_orders"]

BATCH = 500
_Thing = TypeVar("_Thing")


def install(
    store: Store,
    *,
    seed: int,
    now: datetime,
    progress: Callable[[str, float], None],
    history: History | None = None,
) -> None:
    """Write the customers, the past orders with their events, and last the demo shoppers with their open orders.

    Does nothing when the demo shoppers are there; a run that was cut short is simply run again. ``history`` spares
    drawing one that the caller already has. ``progress`` takes Chinese words and a share done.
    """
    if is_installed(store):
        progress("演示店铺已经就绪", 1.0)
        return
    progress("正在生成演示店铺（合成数据）", 0.0)
    past = history or generate(seed, now=now)
    _write_past(store, past, progress)
    _write_shoppers(store, seed=seed, now=now)
    progress("演示店铺已经就绪", 1.0)


def open_orders(*, seed: int, now: datetime) -> Iterator[tuple[Order, tuple[Event, ...]]]:
    """The demo shoppers' open orders with the events around them. A shopper has one address."""
    dice = Dice(seed, "demo")
    homes = {each.customer_id: address(dice, dice.weighted(PLACES, WEIGHTS), each.name) for each in SHOPPERS}
    for number, showcase in enumerate(OPEN_ORDERS, start=1):
        yield (
            showcase.order(number, homes[showcase.customer_id], now=now),
            showcase.events(number, now=now),
        )


def is_installed(store: Store) -> bool:
    with store.transaction() as records:
        return records.customers.find(SHOPPERS[-1].customer_id) is not None


def _write_past(store: Store, past: History, progress: Callable[[str, float], None]) -> None:
    for batch in _batches(past.customers):
        with store.transaction() as records:
            for each in batch:
                records.customers.put(each)
    with store.transaction() as records:
        records.events.add([event for events in past.market_events.values() for event in events])
    done = 0
    for orders in _batches(past.orders):
        with store.transaction() as records:
            for each_order in orders:
                records.orders.put(each_order.order)
            records.events.add(list(chain.from_iterable(each_order.events for each_order in orders)))
        done += len(orders)
        progress(f"正在写入演示订单 {done}/{len(past.orders)}", 0.2 + 0.75 * done / len(past.orders))


def _write_shoppers(store: Store, *, seed: int, now: datetime) -> None:
    with store.transaction() as records:
        for shopper in SHOPPERS:
            records.customers.put(customer(shopper))
        for order, events in open_orders(seed=seed, now=now):
            records.orders.put(order)
            records.events.add(events)


def _batches(things: Sequence[_Thing]) -> Iterator[Sequence[_Thing]]:
    return (things[start : start + BATCH] for start in range(0, len(things), BATCH))
