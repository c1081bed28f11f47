"""Changes of some goods of an order; the rest of it stands. ``None`` means that the change makes no sense for the order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from retention.change import OrderChange
from retention.order import Line, Order, Stage


def cancel_line(order: Order, change: OrderChange) -> Order | None:
    """Goods leave the order, or fewer pieces of them stay; what was paid falls by their share."""
    line = order.line(change.change.get("sku", ""))
    left = _left(change)
    if line is None or left is None or left >= line.qty or (left == 0 and len(order.lines) == 1):
        return None
    back_fen = (line.qty - left) * order.paid_piece_fen(line)
    kept = tuple(replace(each, qty=left) if each is line else each for each in order.lines if each is not line or left)
    return replace(order, lines=kept, paid_fen=max(order.shipping_fen, order.paid_fen - back_fen))


def refund_line(order: Order, change: OrderChange) -> Order | None:
    """Goods go back; the order is in after-sale as a whole once all of them do."""
    sku = change.change.get("sku", "")
    back = going_back(order)
    if order.line(sku) is None or sku in back:
        return None
    stage = Stage.AFTER_SALE if {*back, sku} >= {line.sku for line in order.lines} else order.stage
    return replace(order, stage=stage, attributes={**order.attributes, "after_sale": [*back, sku]})


def going_back(order: Order) -> Sequence[str]:
    back = order.attributes.get("after_sale")
    return [sku for sku in back if isinstance(sku, str)] if isinstance(back, (list, tuple)) else []


def split(order: Order, change: OrderChange) -> Order | None:
    """Some goods wait and the others do not: both must be there."""
    later = [sku for sku in change.change.get("later", "").split(",") if sku]
    skus = {line.sku for line in order.lines}
    if not later or not set(later) < skus:
        return None
    return replace(order, attributes={**order.attributes, "ships_later": later})


def substitute(order: Order, change: OrderChange) -> Order | None:
    """Other goods in place of these, never dearer than what was paid; a cheaper price is paid back."""
    line = order.line(change.change.get("sku", ""))
    by, title, price = (change.change.get(name, "") for name in ("by", "title", "price_fen"))
    if line is None or not by or not title or not price.isdecimal() or order.line(by) is not None:
        return None
    paid_fen = order.paid_piece_fen(line)
    if not 0 < int(price) <= paid_fen:
        return None
    # What the other goods cost the shop is not told: the margin is read as if they cost the same.
    sent = Line(
        sku=by,
        title=title,
        category=line.category,
        qty=line.qty,
        unit_price_fen=int(price),
        unit_cost_fen=line.unit_cost_fen,
    )
    lines = tuple(sent if each is line else each for each in order.lines)
    return replace(order, lines=lines, paid_fen=order.paid_fen - line.qty * (paid_fen - int(price)))


def without(sent: Order, cancelled: Sequence[OrderChange]) -> Order:
    """An order the shop sent, less what was cancelled of it: where the shop already left it out, nothing changes."""
    for change in cancelled:
        sent = cancel_line(sent, change) or sent
    return sent


def _left(change: OrderChange) -> int | None:
    """The pieces that stay; None when that is no whole number."""
    left = change.change.get("left", "0")
    return int(left) if left.isdecimal() else None
