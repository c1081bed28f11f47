"""What is known of the stock of an order's goods, from the events other systems sent."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from retention.event import Event, latest
from retention.order import Line, Order
from retention.words import CHINA


@dataclass(frozen=True, kw_only=True)
class VariantStock:
    variant: str
    available: bool


@dataclass(frozen=True, kw_only=True)
class Missing:
    """Goods of an order that are sold out. ``back_on`` is the day in China the warehouse named on ``told_on``, if any."""

    line: Line
    told_on: date
    back_on: date | None


@dataclass(frozen=True, kw_only=True)
class Substitute:
    """Goods the shop sends instead if the shopper likes; fen a piece."""

    sku: str
    title: str
    price_fen: int


def variants(events: Sequence[Event], sku: str) -> tuple[VariantStock, ...]:
    """The newest known stock of each variant of some goods, in order of first report."""
    newest: dict[str, VariantStock] = {}
    for event in sorted(events, key=lambda event: event.at):
        if event.kind == "stock.changed" and event.sku == sku and event.text("variant"):
            newest[event.text("variant")] = VariantStock(variant=event.text("variant"), available=_is_available(event))
    return tuple(newest.values())


def sold_out(events: Sequence[Event], order: Order) -> tuple[Missing, ...]:
    """The order's goods whose newest report says that they are gone. Other sizes and colours do not count."""
    found = (_missing(events, order, line) for line in order.lines)
    return tuple(missing for missing in found if missing is not None)


def _missing(events: Sequence[Event], order: Order, line: Line) -> Missing | None:
    bought = order.variant_of(line.sku)
    about = [
        event
        for event in events
        if event.kind == "stock.changed" and event.sku == line.sku and event.text("variant") in ("", bought)
    ]
    newest = max(about, key=lambda event: event.at, default=None)
    if newest is None or _is_available(newest):
        return None
    told_on = newest.at.astimezone(CHINA).date()
    days = newest.number("restock_days", -1.0)
    known = math.isfinite(days) and 0 <= days <= 3660
    return Missing(line=line, told_on=told_on, back_on=told_on + timedelta(days=math.ceil(days)) if known else None)


def substitute_for(events: Sequence[Event], order: Order, line: Line) -> Substitute | None:
    """What the shop named last to send instead, if it is to be had and costs no more than was paid."""
    told = latest(events, "stock.substitute", sku=line.sku)
    if told is None or not _is_available(told) or not told.text("by") or not told.text("title"):
        return None
    price = told.number("price_fen")
    if not 0 < price <= order.paid_piece_fen(line) or order.line(told.text("by")) is not None:
        return None
    return Substitute(sku=told.text("by"), title=told.text("title"), price_fen=int(price))


def _is_available(event: Event) -> bool:
    return event.data.get("available") is not False and event.number("quantity", 1.0) > 0
