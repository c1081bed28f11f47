"""A change made to an order on the shopper's word, as the order system must carry it out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class ChangeKind(str, Enum):
    """What the desk may ask of the order system."""

    AMEND_ADDRESS = "amend_address"  # change: province, city, district, detail, receiver, phone (those that change)
    AMEND_VARIANT = "amend_variant"  # change: sku, and variant (size, colour) or qty
    EXPEDITE = "expedite"  # change: upgrade_carrier yes | no
    CANCEL = "cancel"
    REFUND = "refund"  # return and refund, after dispatch
    EXCHANGE = "exchange"  # change: sku, and variant or product wished for
    CANCEL_LINE = (
        "cancel_line"  # change: sku, and left: the pieces that stay; without it all go. The rest of the order stands
    )
    REFUND_LINE = "refund_line"  # change: sku; these goods alone go back
    SUBSTITUTE = "substitute"  # change: sku, and by (sku), title, price_fen a piece: other goods are sent, no dearer
    MERGE = "merge"  # change: into, the order in whose parcel this one travels
    SPLIT = "split"  # change: later, comma-separated skus: they wait, the rest is sent now
    PICK_UP = "pick_up"  # change: from, until (ISO 8601), and the parts of an address other than the order's
    UNDO = (
        "undo"  # change: change_id, kind: that change is taken back, because a later step of the same plan was refused
    )


@dataclass(frozen=True, kw_only=True)
class OrderChange:
    """``change_id`` is unique: the same turn asking twice changes the order once."""

    change_id: str
    order_no: str
    kind: ChangeKind
    change: Mapping[str, str]
    at: datetime
    actor: str  # bot, or an associate
    conversation_id: str | None = None


def standing(changes: Sequence[OrderChange]) -> tuple[OrderChange, ...]:
    """The changes that were not taken back, oldest first."""
    undone = {change.change["change_id"] for change in changes if change.kind is ChangeKind.UNDO}
    return tuple(change for change in changes if change.kind is not ChangeKind.UNDO and change.change_id not in undone)
