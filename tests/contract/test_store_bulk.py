"""Many records at once are the same records one by one."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retention.errors import StoreBusyError
from retention.event import Event
from retention.order import Order, Stage
from retention.ports import Store
from tests.contract.conftest import Backend
from tests.contract.samples import CHANGE, CUSTOMER, EVENT, HOUR, NOW, ORDER

LONG_AGO = NOW - 1_000 * HOUR
MANY = 1_200  # more than one statement takes
LINE = ORDER.lines[0]


def _order(number: int, customer: int, skus: frozenset[int]) -> Order:
    lines = tuple(replace(LINE, sku=f"S{sku}") for sku in sorted(skus))
    return replace(ORDER, order_no=f"A{number}", customer_id=f"C{customer}", lines=lines)


def _event(number: int, at: int, order: int | None, customer: int | None, sku: int | None) -> Event:
    return replace(
        EVENT,
        event_id=f"E{number:03}",
        at=NOW - at * HOUR,
        order_no=None if order is None else f"A{order}",
        customer_id=None if customer is None else f"C{customer}",
        sku=None if sku is None else f"S{sku}",
    )


FEW = st.integers(0, 2)
MAYBE = st.none() | FEW
ORDERS = st.lists(
    st.tuples(FEW, st.frozensets(FEW)).map(lambda of: (of[0], of[1])), max_size=3
).map(lambda found: [_order(number, *each) for number, each in enumerate(found)])  # fmt: skip
EVENTS = st.lists(st.tuples(st.integers(0, 5), MAYBE, MAYBE, MAYBE), max_size=30).map(
    lambda found: [_event(number, *each) for number, each in enumerate(found)]
)


class _UndoError(Exception):
    """Ends a transaction that leaves nothing."""


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(orders=ORDERS, events=EVENTS, limit=st.integers(1, 5), since=st.integers(0, 6))
def test_what_is_told_of_many_orders_is_what_is_told_of_each(
    store: Store, orders: list[Order], events: list[Event], limit: int, since: int
) -> None:
    with suppress(_UndoError), store.transaction() as records:
        records.events.add(events)
        told = records.events.about_all(orders, since=NOW - since * HOUR, limit=limit)
        each = {
            order.order_no: list(records.events.about(order, since=NOW - since * HOUR, limit=limit)) for order in orders
        }
        assert {order_no: list(found) for order_no, found in told.items()} == each
        raise _UndoError


def test_many_are_put_and_found_at_once_and_strangers_are_left_out(store: Store) -> None:
    orders = [replace(ORDER, order_no=f"A{number}") for number in range(MANY)]
    customers = [replace(CUSTOMER, customer_id=f"C{number}") for number in range(MANY)]
    events = [replace(EVENT, event_id=f"E{number}") for number in range(MANY)]
    with store.transaction() as records:
        records.orders.put_all(orders)
        records.customers.put_all(customers)
        records.events.add(events)
    with store.transaction() as records:
        asked = [order.order_no for order in orders]
        assert records.orders.find_all([*asked, *asked, "nobody's"]) == {order.order_no: order for order in orders}
        found = records.customers.find_all([*(one.customer_id for one in customers), "nobody"])
        assert found == {customer.customer_id: customer for customer in customers}
        known = records.events.find_all([*(event.event_id for event in events), "nothing"])
        assert known == {event.event_id: event for event in events}


def test_of_two_orders_of_one_number_the_later_stands(store: Store) -> None:
    with store.transaction() as records:
        records.orders.put_all([ORDER, replace(ORDER, stage=Stage.CANCELLED)])
        records.customers.put_all([CUSTOMER, replace(CUSTOMER, tier="gold")])
        records.orders.put_all([])
        records.customers.put_all([])
    with store.transaction() as records:
        found, customer = records.orders.find(ORDER.order_no), records.customers.find(CUSTOMER.customer_id)
        assert found is not None
        assert customer is not None
        assert (found.stage, customer.tier) == (Stage.CANCELLED, "gold")


def test_changes_of_many_orders_are_those_of_each(store: Store) -> None:
    changes = [
        replace(CHANGE, change_id=f"{order_no}-{at}", order_no=order_no, at=NOW - at * HOUR)
        for order_no in ("A1", "A2")
        for at in (1, 3, 2)
    ]
    with store.transaction() as records:
        records.orders.put_all([replace(ORDER, order_no=order_no) for order_no in ("A1", "A2", "A3")])
        for change in changes:
            records.orders.record_change(change)
        found = records.orders.changes_of(["A1", "A2", "A3"])
        assert {order_no: list(each) for order_no, each in found.items()} == {
            order_no: list(records.orders.changes(order_no)) for order_no in ("A1", "A2")
        }


def test_an_order_found_among_many_is_not_put_over_another_ones_change(postgresql_backend: Backend) -> None:
    store = postgresql_backend.store
    with store.transaction() as records:
        records.orders.put(ORDER)
    with pytest.raises(StoreBusyError):
        _change_late(store)
    store.close()


def _change_late(store: Store) -> None:
    with store.transaction() as mine:
        found = mine.orders.find_all([ORDER.order_no])[ORDER.order_no]
        with store.transaction() as theirs:
            theirs.orders.put(replace(ORDER, stage=Stage.IN_TRANSIT))
        mine.orders.put_all([found])
