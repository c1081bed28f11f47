"""Orders, their changes, customers and events."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from integrations.memory.rows import Rows, Undo
from retention.change import OrderChange
from retention.customer import Customer
from retention.event import Event
from retention.order import Order
from retention.ports import Customers, Events, Orders

T = TypeVar("T")


class MemoryOrders(Orders):
    def __init__(self, undo: Undo) -> None:
        self.rows: Rows[str, Order] = Rows(undo)
        self.change_rows: Rows[str, OrderChange] = Rows(undo)

    def find(self, order_no: str) -> Order | None:
        return self.rows.get(order_no)

    def find_all(self, order_nos: Collection[str]) -> Mapping[str, Order]:
        return _found(self.rows, order_nos)

    def put(self, order: Order) -> None:
        self.rows[order.order_no] = order

    def put_all(self, orders: Sequence[Order]) -> None:
        for order in orders:
            self.put(order)

    def of_customer(self, customer_id: str, *, limit: int = 50) -> Sequence[Order]:
        found = [order for order in self.rows.values() if order.customer_id == customer_id]
        return tuple(sorted(found, key=lambda order: (order.placed_at, order.order_no), reverse=True)[:limit])

    def with_goods(self, sku: str, *, after: str = "", limit: int = 500) -> Sequence[str]:
        found = [
            order.order_no
            for order in self.rows.values()
            if order.is_open and order.order_no > after and order.line(sku) is not None
        ]
        return sorted(found)[:limit]

    def changes(self, order_no: str) -> Sequence[OrderChange]:
        found = [change for change in self.change_rows.values() if change.order_no == order_no]
        return tuple(sorted(found, key=lambda change: (change.at, change.change_id)))

    def changes_of(self, order_nos: Collection[str]) -> Mapping[str, Sequence[OrderChange]]:
        return {order_no: found for order_no in order_nos if (found := self.changes(order_no))}

    def record_change(self, change: OrderChange) -> bool:
        if change.change_id in self.change_rows:
            return False
        self.change_rows[change.change_id] = change
        return True


class MemoryCustomers(Customers):
    def __init__(self, undo: Undo) -> None:
        self.rows: Rows[str, Customer] = Rows(undo)

    def find(self, customer_id: str) -> Customer | None:
        return self.rows.get(customer_id)

    def find_all(self, customer_ids: Collection[str]) -> Mapping[str, Customer]:
        return _found(self.rows, customer_ids)

    def put(self, customer: Customer) -> None:
        self.rows[customer.customer_id] = customer

    def put_all(self, customers: Sequence[Customer]) -> None:
        for customer in customers:
            self.put(customer)


class MemoryEvents(Events):
    def __init__(self, undo: Undo) -> None:
        self.rows: Rows[str, Event] = Rows(undo)

    def add(self, events: Sequence[Event]) -> int:
        before = len(self.rows)
        for event in events:
            if event.event_id not in self.rows:
                self.rows[event.event_id] = event
        return len(self.rows) - before

    def about(self, order: Order, *, since: datetime, limit: int = 500) -> Sequence[Event]:
        found = [event for event in self.rows.values() if event.at >= since and _concerns(event, order)]
        newest_first = sorted(found, key=lambda event: (event.at, event.event_id), reverse=True)[:limit]
        return tuple(newest_first[::-1])

    def about_all(
        self, orders: Collection[Order], *, since: datetime, limit: int = 500
    ) -> Mapping[str, Sequence[Event]]:
        return {order.order_no: self.about(order, since=since, limit=limit) for order in orders}

    def find_all(self, event_ids: Collection[str]) -> Mapping[str, Event]:
        return _found(self.rows, event_ids)


def _found(rows: Rows[str, T], keys: Collection[str]) -> Mapping[str, T]:
    return {key: row for key in keys if (row := rows.get(key)) is not None}


def _concerns(event: Event, order: Order) -> bool:
    if event.order_no is not None:
        return event.order_no == order.order_no
    if event.customer_id is not None:
        return event.customer_id == order.customer_id
    return event.sku in {line.sku for line in order.lines}
