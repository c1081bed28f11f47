"""A change made to an order on the shopper's word, as the order system must carry it out."""

from __future__ import annotations

from collections.abc import Mapping
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
