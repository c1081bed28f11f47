"""An order as a case, for a question that comes from another system and not out of a conversation."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
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
    """The facts about an order now, with those that a decision about money looks at.

    ``conversation_id`` is the one that asks, if any. ``deciding``: money may follow, so what the order shares with those
    of other accounts is remembered. Raises NotFoundError for an unknown order.
    """
    case = cases_of(shop, records, [order_no]).get(order_no)
    if case is None:
        raise NotFoundError("order", order_no)
    now, customer_id = case.now, case.order.customer_id
    if deciding:
        shop.rules.kindred.see_order(records, case.order, at=now)
    since = now - shop.rules.cap_window()
    return replace(
        case,
        grants=tuple(records.ledger.of_order(order_no)),
        # Erased people share an empty id; their grants say nothing about each other.
        customer_grants=tuple(records.ledger.of_customer(customer_id, since=since)) if customer_id else (),
        reasons=tuple(reasons),
        spent={begin: records.ledger.reserved_since(begin) for begin in shop.rules.spent_since(now)},
        kin=shop.rules.kindred.of(records, customer_id, now=now, but=conversation_id),
    )


def cases_of(shop: Shop, records: Records, order_nos: Collection[str]) -> Mapping[str, Case]:
    """What a score and an interception look at, by order number, in as many reads for a thousand orders as for one.

    Orders nobody has sent are left out; a customer nobody has sent is one about whom nothing is known.
    """
    now = shop.clock()
    orders = records.orders.find_all(order_nos)
    customers = records.customers.find_all({order.customer_id for order in orders.values()})
    events = records.events.about_all(orders.values(), since=now - timedelta(days=EVENT_DAYS))
    return {
        order_no: Case(
            now=now,
            order=order,
            customer=customers.get(order.customer_id) or Customer(customer_id=order.customer_id),
            events=tuple(events[order_no]),
        )
        for order_no, order in orders.items()
    }
