"""The embedded order system: for a shop that connects no order system of its own, the records are the orders."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from retention.change import ChangeKind, OrderChange
from retention.errors import ChangeRefusedError, NotFoundError
from retention.order import UNSHIPPED, Order, Stage
from retention.ports import OrderSystem, Records

RETURN_DAYS = 7  # the statutory right to return without a reason; ``attributes["return_days"]`` says otherwise

STAGES: Mapping[ChangeKind, frozenset[Stage]] = {
    ChangeKind.AMEND_ADDRESS: UNSHIPPED | {Stage.IN_TRANSIT},
    ChangeKind.AMEND_VARIANT: UNSHIPPED,
    ChangeKind.EXPEDITE: frozenset({Stage.PENDING_SHIPMENT, Stage.IN_TRANSIT, Stage.OUT_FOR_DELIVERY}),
    ChangeKind.CANCEL: UNSHIPPED,
    ChangeKind.REFUND: frozenset({Stage.IN_TRANSIT, Stage.OUT_FOR_DELIVERY, Stage.DELIVERED}),
    ChangeKind.EXCHANGE: frozenset({Stage.DELIVERED}),
}


class EmbeddedOrderSystem(OrderSystem):
    def allows(self, order: Order, kind: ChangeKind, *, now: datetime) -> bool:
        """By the order's stage; a new address also by the carrier, a return also by its window."""
        if order.stage not in STAGES[kind]:
            return False
        if kind is ChangeKind.AMEND_ADDRESS:
            editable = order.attributes.get("address_editable")
            return editable is True or (editable is not False and order.stage in UNSHIPPED)
        if kind in (ChangeKind.REFUND, ChangeKind.EXCHANGE):
            return order.attributes.get("final_sale") is not True and _is_in_window(order, now)
        return True

    def perform(self, records: Records, change: OrderChange) -> Order:
        """A change that was already carried out returns the order unchanged, whatever it would allow now.

        Goods that are not in the order and a ``qty`` that is no positive whole number are refused as well.
        """
        order = records.orders.find(change.order_no)
        if order is None:
            raise NotFoundError("order", change.order_no)
        if any(done.change_id == change.change_id for done in records.orders.changes(order.order_no)):
            return order
        if not self.allows(order, change.kind, now=change.at):
            raise _refusal(order, change)
        changed = APPLY[change.kind](order, change)
        if not records.orders.record_change(change):  # another process was first, a moment ago
            return order
        records.orders.put(changed)
        return changed


def _is_in_window(order: Order, now: datetime) -> bool:
    """A parcel without a known day of receipt is in its window: a missing fact must not cost the shopper a right."""
    if order.stage is not Stage.DELIVERED or order.delivered_at is None:
        return True
    days = order.attributes.get("return_days")
    window_days = days if isinstance(days, int) and not isinstance(days, bool) else RETURN_DAYS
    return now - order.delivered_at <= timedelta(days=window_days)


def _amend_address(order: Order, change: OrderChange) -> Order:
    return replace(order, address=replace(order.address, **change.change))


def _amend_variant(order: Order, change: OrderChange) -> Order:
    sku = change.change.get("sku", order.lines[0].sku if len(order.lines) == 1 else "")
    if sku not in {line.sku for line in order.lines}:
        raise _refusal(order, change)
    if "variant" in change.change:
        order = _with(order, variant=change.change["variant"])
    if "qty" not in change.change:
        return order
    qty = change.change["qty"]
    if not qty.isdecimal() or int(qty) < 1:
        raise _refusal(order, change)
    lines = tuple(replace(line, qty=int(qty)) if line.sku == sku else line for line in order.lines)
    return replace(order, lines=lines)


def _expedite(order: Order, change: OrderChange) -> Order:
    order = _with(order, expedited=True)
    # asked for, not done: which carrier comes is the warehouse's answer
    return _with(order, carrier_upgrade_requested=True) if change.change.get("upgrade_carrier") == "yes" else order


def _cancel(order: Order, change: OrderChange) -> Order:
    return replace(order, stage=Stage.CANCELLED)


def _take_back(order: Order, change: OrderChange) -> Order:
    return replace(order, stage=Stage.AFTER_SALE)


APPLY: Mapping[ChangeKind, Callable[[Order, OrderChange], Order]] = {
    ChangeKind.AMEND_ADDRESS: _amend_address,
    ChangeKind.AMEND_VARIANT: _amend_variant,
    ChangeKind.EXPEDITE: _expedite,
    ChangeKind.CANCEL: _cancel,
    ChangeKind.REFUND: _take_back,
    ChangeKind.EXCHANGE: _take_back,
}


def _with(order: Order, **attributes: object) -> Order:
    return replace(order, attributes={**order.attributes, **attributes})


def _refusal(order: Order, change: OrderChange) -> ChangeRefusedError:
    return ChangeRefusedError(order.order_no, change.kind.value, order.stage.value)


def as_promised(sent: Order, changes: Sequence[OrderChange]) -> Order:
    """An order the shop sent, with what its shopper was told meanwhile and the shop may not know yet.

    A cancellation stands until the shop reports the parcel as sent; a hurried order stays hurried. An address or variant
    is taken as sent: only the shop knows whether it already carries the change.
    """
    kinds = {change.kind for change in changes}
    if ChangeKind.EXPEDITE in kinds:
        sent = _with(sent, expedited=True)
    if ChangeKind.CANCEL in kinds and sent.stage in UNSHIPPED:
        sent = replace(sent, stage=Stage.CANCELLED)
    return sent
