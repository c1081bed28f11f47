"""An order as the shop's order system knows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum


class Stage(str, Enum):
    """Where an order stands. The values are also the wire values."""

    PENDING_PAYMENT = "pending_payment"  # 待付款
    PENDING_SHIPMENT = "pending_shipment"  # 待发货
    IN_TRANSIT = "in_transit"  # 运输中
    OUT_FOR_DELIVERY = "out_for_delivery"  # 派送中
    DELIVERED = "delivered"  # 已签收
    AFTER_SALE = "after_sale"  # 售后中
    CLOSED = "closed"  # 已关闭
    CANCELLED = "cancelled"  # 已取消


UNSHIPPED = frozenset({Stage.PENDING_PAYMENT, Stage.PENDING_SHIPMENT})
MOVING = frozenset({Stage.IN_TRANSIT, Stage.OUT_FOR_DELIVERY})
ENDED = frozenset({Stage.CLOSED, Stage.CANCELLED})


@dataclass(frozen=True, kw_only=True)
class Line:
    """One kind of goods in an order. Prices are fen a piece."""

    sku: str
    title: str
    category: str
    qty: int
    unit_price_fen: int
    unit_cost_fen: int


@dataclass(frozen=True, kw_only=True)
class Address:
    province: str
    city: str
    district: str
    detail: str
    receiver: str
    phone: str


@dataclass(frozen=True, kw_only=True)
class Order:
    """What the shop sent last about an order.

    ``attributes`` carries what the shop adds of its own. The core reads these keys when present:
    ``address_editable`` (bool: the carrier still accepts a new address after dispatch), ``variant`` (str: the size or
    colour bought), ``can_ship_today`` (bool), ``carrier`` (str), ``tracking_no`` (str), ``location`` (str: the parcel's
    last known place), ``final_sale`` (bool: sold without the right to return), ``return_days`` (int), ``payment_url`` (str:
    the shop's short way to pay for it), ``shipping_insurance`` (bool: a return's postage is insured), ``gift_stock``
    (sku -> pieces left).
    """

    order_no: str
    customer_id: str
    stage: Stage
    placed_at: datetime
    paid_fen: int
    shipping_fen: int
    lines: tuple[Line, ...]
    address: Address
    paid_at: datetime | None = None
    promised_ship_at: datetime | None = None
    promised_delivery_at: datetime | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    promotion_id: str | None = None
    channel: str | None = None
    attributes: Mapping[str, object] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        return self.stage not in ENDED

    @property
    def cost_fen(self) -> int:
        return sum(line.qty * line.unit_cost_fen for line in self.lines)

    @property
    def margin_fen(self) -> int:
        """Gross margin of the goods: what was paid without postage, less their cost. Never below zero."""
        return max(0, self.paid_fen - self.shipping_fen - self.cost_fen)

    @property
    def title(self) -> str:
        """How a person would name the order: its first goods."""
        first = self.lines[0].title if self.lines else "订单"
        return first if len(self.lines) < 2 else f"{first}等{len(self.lines)}件"

    def lateness(self, now: datetime) -> timedelta:
        """How long past its promise the order is: delivery if that is promised, dispatch otherwise. Zero when on time."""
        if self.stage in ENDED or self.stage is Stage.AFTER_SALE or self.delivered_at is not None:
            return timedelta(0)
        late = timedelta(0)
        if self.promised_delivery_at is not None:
            late = max(late, now - self.promised_delivery_at)
        if self.promised_ship_at is not None and self.shipped_at is None:
            late = max(late, now - self.promised_ship_at)
        return late

    def late_hours(self, now: datetime) -> float:
        return self.lateness(now) / timedelta(hours=1)
