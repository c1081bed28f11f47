"""The embedded order system: for a shop that connects no order system of its own, the records are the orders."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from integrations.oms_lines import cancel_line, refund_line, split, substitute, without
from retention.change import ChangeKind, OrderChange, standing
from retention.errors import ChangeRefusedError, NotFoundError
from retention.order import UNSHIPPED, Order, Stage
from retention.ports import OrderSystem, Records

RETURN_DAYS = 7  # the statutory right to return without a reason; ``attributes["return_days"]`` says otherwise
GOING_BACK = frozenset({ChangeKind.REFUND, ChangeKind.REFUND_LINE, ChangeKind.EXCHANGE})

STAGES: Mapping[ChangeKind, frozenset[Stage]] = {
    ChangeKind.AMEND_ADDRESS: UNSHIPPED | {Stage.IN_TRANSIT},
    ChangeKind.AMEND_VARIANT: UNSHIPPED,
    ChangeKind.EXPEDITE: frozenset({Stage.PENDING_SHIPMENT, Stage.IN_TRANSIT, Stage.OUT_FOR_DELIVERY}),
    ChangeKind.CANCEL: UNSHIPPED,
    ChangeKind.REFUND: frozenset({Stage.IN_TRANSIT, Stage.OUT_FOR_DELIVERY, Stage.DELIVERED}),
    ChangeKind.EXCHANGE: frozenset({Stage.DELIVERED}),
    ChangeKind.CANCEL_LINE: UNSHIPPED,
    ChangeKind.REFUND_LINE: frozenset({Stage.DELIVERED}),
    ChangeKind.SUBSTITUTE: frozenset({Stage.PENDING_SHIPMENT}),
    ChangeKind.MERGE: frozenset({Stage.PENDING_SHIPMENT}),
    ChangeKind.SPLIT: frozenset({Stage.PENDING_SHIPMENT}),
    ChangeKind.PICK_UP: frozenset({Stage.DELIVERED, Stage.AFTER_SALE}),
    ChangeKind.UNDO: frozenset(),
}


class EmbeddedOrderSystem(OrderSystem):
    def allows(self, order: Order, kind: ChangeKind, *, now: datetime) -> bool:
        """By the order's stage; a new address also by the carrier, a return also by its window."""
        if order.stage not in STAGES[kind]:
            return False
        if kind is ChangeKind.AMEND_ADDRESS:
            editable = order.attributes.get("address_editable")
            return editable is True or (editable is not False and order.stage in UNSHIPPED)
        if kind in GOING_BACK and (order.attributes.get("final_sale") is True or not _is_in_window(order, now)):
            return False
        if kind is ChangeKind.CANCEL_LINE:
            return sum(line.qty for line in order.lines) > 1
        if kind in (ChangeKind.REFUND_LINE, ChangeKind.SPLIT):
            return len(order.lines) > 1
        return kind is not ChangeKind.PICK_UP or isinstance(order.attributes.get("pick_up"), Mapping)

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
        if change.kind is ChangeKind.MERGE and not _travels_with(
            order, records.orders.find(change.change.get("into", ""))
        ):
            raise _refusal(order, change)
        changed = APPLY[change.kind](order, change)
        if changed is None:
            raise _refusal(order, change)
        if not records.orders.record_change(change):  # another process was first, a moment ago
            return order
        records.orders.put(changed)
        return changed

    def undo(self, records: Records, done: OrderChange, before: Order, *, at: datetime) -> Order:
        order = records.orders.find(done.order_no)
        if order is None:
            raise NotFoundError("order", done.order_no)
        back = replace(
            done,
            change_id=f"{done.change_id}:undo",
            kind=ChangeKind.UNDO,
            change={"change_id": done.change_id, "kind": done.kind.value},
            at=at,
        )
        if not records.orders.record_change(back):
            return order
        records.orders.put(before)
        return before


def _is_in_window(order: Order, now: datetime) -> bool:
    """A parcel without a known day of receipt is in its window: a missing fact must not cost the shopper a right."""
    if order.stage is not Stage.DELIVERED or order.delivered_at is None:
        return True
    days = order.attributes.get("return_days")
    window_days = days if isinstance(days, int) and not isinstance(days, bool) else RETURN_DAYS
    return now - order.delivered_at <= timedelta(days=window_days)


def _travels_with(order: Order, into: Order | None) -> bool:
    """One parcel goes to one door of one customer."""
    return (
        into is not None
        and into.order_no != order.order_no
        and into.customer_id == order.customer_id
        and into.stage is Stage.PENDING_SHIPMENT
        and into.address == order.address
    )


def _amend_address(order: Order, change: OrderChange) -> Order:
    return replace(order, address=replace(order.address, **change.change))


def _amend_variant(order: Order, change: OrderChange) -> Order | None:
    sku = change.change.get("sku", order.lines[0].sku if len(order.lines) == 1 else "")
    if order.line(sku) is None:
        return None
    if "variant" in change.change:
        order = _with_variant(order, sku, change.change["variant"])
    if "qty" not in change.change:
        return order
    qty = change.change["qty"]
    if not qty.isdecimal() or int(qty) < 1:
        return None
    lines = tuple(replace(line, qty=int(qty)) if line.sku == sku else line for line in order.lines)
    return replace(order, lines=lines)


def _with_variant(order: Order, sku: str, variant: str) -> Order:
    if len(order.lines) == 1:
        return _with(order, variant=variant)
    known = order.attributes.get("variants")
    return _with(order, variants={**(known if isinstance(known, Mapping) else {}), sku: variant})


def _expedite(order: Order, change: OrderChange) -> Order:
    order = _with(order, expedited=True)
    # asked for, not done: which carrier comes is the warehouse's answer
    return _with(order, carrier_upgrade_requested=True) if change.change.get("upgrade_carrier") == "yes" else order


def _cancel(order: Order, change: OrderChange) -> Order:
    return replace(order, stage=Stage.CANCELLED)


def _take_back(order: Order, change: OrderChange) -> Order:
    return replace(order, stage=Stage.AFTER_SALE)


def _exchange(order: Order, change: OrderChange) -> Order | None:
    """Of several goods one is exchanged alone; the order itself goes into after-sale with its last goods."""
    return refund_line(order, change) if len(order.lines) > 1 and "sku" in change.change else _take_back(order, change)


def _merge(order: Order, change: OrderChange) -> Order:
    return _with(order, ship_with=change.change["into"])


def _pick_up(order: Order, change: OrderChange) -> Order | None:
    begin, end = change.change.get("from", ""), change.change.get("until", "")
    if not begin or not end or datetime.fromisoformat(begin) <= change.at:
        return None
    return _with(order, pick_up_at=f"{begin}/{end}")


APPLY: Mapping[ChangeKind, Callable[[Order, OrderChange], Order | None]] = {
    ChangeKind.AMEND_ADDRESS: _amend_address,
    ChangeKind.AMEND_VARIANT: _amend_variant,
    ChangeKind.EXPEDITE: _expedite,
    ChangeKind.CANCEL: _cancel,
    ChangeKind.REFUND: _take_back,
    ChangeKind.EXCHANGE: _exchange,
    ChangeKind.CANCEL_LINE: cancel_line,
    ChangeKind.REFUND_LINE: refund_line,
    ChangeKind.SUBSTITUTE: substitute,
    ChangeKind.MERGE: _merge,
    ChangeKind.SPLIT: split,
    ChangeKind.PICK_UP: _pick_up,
}
"""None: the change makes no sense for this order."""


def _with(order: Order, **attributes: object) -> Order:
    return replace(order, attributes={**order.attributes, **attributes})


def _refusal(order: Order, change: OrderChange) -> ChangeRefusedError:
    return ChangeRefusedError(order.order_no, change.kind.value, order.stage.value)


def as_promised(sent: Order, changes: Sequence[OrderChange]) -> Order:
    """An order the shop sent, with what its shopper was told meanwhile and the shop may not know yet.

    A cancellation, of the order or of goods in it, stands until the shop reports the parcel as sent; a hurried order stays
    hurried. An address or variant is taken as sent: only the shop knows whether it already carries the change.
    """
    told = standing(changes)
    kinds = {change.kind for change in told}
    if ChangeKind.EXPEDITE in kinds:
        sent = _with(sent, expedited=True)
    if sent.stage in UNSHIPPED:
        sent = without(sent, [change for change in told if change.kind is ChangeKind.CANCEL_LINE])
        if ChangeKind.CANCEL in kinds:
            sent = replace(sent, stage=Stage.CANCELLED)
    return sent
