"""Orders and what is stored around them, many at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from integrations.memory.conversations import MemoryConversations, MemoryMessages
from integrations.memory.orders import MemoryCustomers, MemoryEvents, MemoryOrders
from retention.conversation import Author, Message
from retention.event import Event
from retention.order import Order
from retention.risk_ports import Past
from retention.surroundings import LEFT, Surroundings


class MemoryPast(Past):
    def __init__(
        self,
        orders: MemoryOrders,
        customers: MemoryCustomers,
        events: MemoryEvents,
        conversations: MemoryConversations,
        messages: MemoryMessages,
    ) -> None:
        self._orders = orders
        self._customers = customers
        self._events = events
        self._conversations = conversations
        self._messages = messages

    def span(self) -> tuple[datetime, datetime] | None:
        times = [order.placed_at for order in self._orders.rows.values()]
        return (min(times), max(times)) if times else None

    def placed(
        self, since: datetime, until: datetime, *, after: tuple[datetime, str] | None = None, limit: int = 500
    ) -> Sequence[Order]:
        found = [
            order
            for order in self._orders.rows.values()
            if order.customer_id
            and since <= order.placed_at < until
            and (after is None or (order.placed_at, order.order_no) > after)
        ]
        return tuple(sorted(found, key=lambda order: (order.placed_at, order.order_no))[:limit])

    def around(self, orders: Sequence[Order], *, since: datetime, until: datetime) -> Surroundings:
        customers = {order.customer_id for order in orders}
        others = [order for order in self._orders.rows.values() if order.customer_id in customers]
        theirs = {order.order_no for order in others}
        own = {order.order_no for order in orders}
        skus = {line.sku for order in orders for line in order.lines}

        def speaks(event: Event) -> bool:
            if event.order_no is not None:
                return event.order_no in own or (event.order_no in theirs and event.kind in LEFT)
            if not since <= event.at < until:
                return False
            return event.customer_id in customers if event.customer_id is not None else event.sku in skus

        return Surroundings(
            customers={key: one for key, one in self._customers.rows.items() if key in customers},
            others=others,
            changes=[change for change in self._orders.change_rows.values() if change.order_no in theirs],
            events=[event for event in self._events.rows.values() if speaks(event)],
            turns={customer_id: self._turns(customer_id, since, until) for customer_id in customers},
        )

    def _turns(self, customer_id: str, since: datetime, until: datetime) -> Sequence[Message]:
        talks = [key for key, one in self._conversations.rows.items() if one.customer_id == customer_id]
        return [
            message
            for talk in talks
            for message in self._messages.rows.get(talk, ())
            if message.author is Author.SHOPPER and message.hearing is not None and since <= message.at < until
        ]
