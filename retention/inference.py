"""Why an order is likely in danger when the shopper does not say: read from the facts alone."""

from __future__ import annotations

from retention.case import Case
from retention.event import latest
from retention.hearing import Reason
from retention.shelf import sold_out

PRICE_DROP = 0.15
LATE_HOURS = 12.0


def inferred_reasons(case: Case) -> tuple[Reason, ...]:
    """What the facts say when the shopper does not: late, cheaper elsewhere, out of stock."""
    found = []
    delayed = latest(case.events, "fulfilment.delayed")
    if case.order.late_hours(case.now) >= LATE_HOURS or (delayed is not None and delayed.number("hours") >= LATE_HOURS):
        found.append(Reason.LOGISTICS)
    for line in case.order.lines:
        price = latest(case.events, "price.changed", sku=line.sku)
        if price is not None and price.number("price_fen", line.unit_price_fen) <= line.unit_price_fen * (
            1 - PRICE_DROP
        ):
            found.append(Reason.PRICE)
            break
    if sold_out(case.events, case.order):
        found.append(Reason.STOCK)
    return tuple(found[:1])
