"""What is known of the stock of an order's goods, from the events other systems sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from retention.event import Event
from retention.order import Order


@dataclass(frozen=True, kw_only=True)
class VariantStock:
    variant: str
    available: bool


def variants(events: Sequence[Event], sku: str) -> tuple[VariantStock, ...]:
    """The newest known stock of each variant of some goods, in order of first report."""
    newest: dict[str, VariantStock] = {}
    for event in sorted(events, key=lambda event: event.at):
        if event.kind == "stock.changed" and event.sku == sku and event.text("variant"):
            newest[event.text("variant")] = VariantStock(variant=event.text("variant"), available=_is_available(event))
    return tuple(newest.values())


def sold_out(events: Sequence[Event], order: Order) -> Event | None:
    """The newest report about the bought goods, when it says that they are gone. Other sizes and colours do not count."""
    bought = order.attributes.get("variant")
    skus = {line.sku for line in order.lines}
    about = [
        event
        for event in events
        if event.kind == "stock.changed" and event.sku in skus and event.text("variant") in ("", bought)
    ]
    newest = max(about, key=lambda event: event.at, default=None)
    return newest if newest is not None and not _is_available(newest) else None


def _is_available(event: Event) -> bool:
    return event.data.get("available") is not False and event.number("quantity", 1.0) > 0
