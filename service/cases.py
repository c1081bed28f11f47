"""An order as a case, for a question that comes from another system and not out of a conversation."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from integrations.wiring import Shop
from retention.case import Case
from retention.customer import Customer
from retention.errors import NotFoundError
from retention.hearing import Reason
from retention.ports import Records
from retention.visit import EVENT_DAYS


def case_of(
    shop: Shop,
    records: Records,
    order_no: str,
    *,
    reasons: Iterable[Reason] = (),
    conversation_id: str | None = None,
    deciding: bool = False,
) -> Case:
    """The facts about an order now. A customer nobody has sent is one about whom nothing is known.

    ``conversation_id`` is the one that asks, if any. ``deciding``: money may follow, so what the order shares with those
    of other accounts is remembered. Raises NotFoundError for an unknown order.
    """
    order = records.orders.find(order_no)
    if order is None:
        raise NotFoundError("order", order_no)
    now, customer_id = shop.clock(), order.customer_id
    if deciding:
        shop.rules.kindred.see_order(records, order, at=now)
    since = now - shop.rules.cap_window()
    return Case(
        now=now,
        order=order,
        customer=records.customers.find(customer_id) or Customer(customer_id=customer_id),
        events=tuple(records.events.about(order, since=now - timedelta(days=EVENT_DAYS))),
        grants=tuple(records.ledger.of_order(order_no)),
        # Erased people share an empty id; their grants say nothing about each other.
        customer_grants=tuple(records.ledger.of_customer(customer_id, since=since)) if customer_id else (),
        reasons=tuple(reasons),
        spent={begin: records.ledger.reserved_since(begin) for begin in shop.rules.spent_since(now)},
        kin=shop.rules.kindred.of(records, customer_id, now=now, but=conversation_id),
    )
