"""Which order a conversation is about."""

from __future__ import annotations

from retention.conversation import Conversation
from retention.order import Order
from retention.ports import Records


def order_talked_about(records: Records, conversation: Conversation) -> Order | None:
    """The shopper's own order that was named, or the only one they have open; None when it is not certain."""
    customer_id = conversation.customer_id
    if not customer_id:
        return None
    if conversation.memory.order_no:
        named = records.orders.find(conversation.memory.order_no)
        return named if named is not None and named.customer_id == customer_id else None
    opened = [order for order in records.orders.of_customer(customer_id) if order.is_open]
    return opened[0] if len(opened) == 1 else None
