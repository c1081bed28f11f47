"""What is stored around some orders, read many at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from retention.change import OrderChange
from retention.conversation import Message
from retention.customer import Customer
from retention.event import Event
from retention.order import Order

LEFT = frozenset({"order.cancelled", "order.refunded", "order.returned"})
"""Events that say an order was lost."""


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What is stored around some orders, unsorted: ``others`` are all orders of their customers, they themselves included;
    ``events`` speak of one of the orders, of a customer of theirs, of their goods, or end one of ``others``.
    ``turns`` are the customers' heard messages by customer.
    """

    customers: Mapping[str, Customer]
    others: Sequence[Order]
    changes: Sequence[OrderChange]
    events: Sequence[Event]
    turns: Mapping[str, Sequence[Message]]
