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
    colour bought), ``variants`` (sku -> str: the same of an order with several goods), ``can_ship_today`` (bool),
    ``carrier`` (str), ``tracking_no`` (str), ``location`` (str: the parcel's last known place), ``final_sale`` (bool: sold
    without the right to return), ``return_days`` (int), ``payment_url`` (str: the shop's short way to pay for it),
    ``shipping_insurance`` (bool: a return's postage is insured), ``gift_stock`` (sku -> pieces left), ``pick_up``
    (``hours``: list of "9-12", ``days``: int; the carrier fetches what goes back at the door, in these hours of China).
    The order system writes ``after_sale`` (skus going back one by one), ``ships_later`` (skus that wait while the rest is
    sent), ``ship_with`` (the order in whose parcel this one travels) and ``pick_up_at`` (ISO 8601 interval).
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

    def line(self, sku: str) -> Line | None:
        return next((line for line in self.lines if line.sku == sku), None)

    def variant_of(self, sku: str) -> str | None:
        """The size or colour bought of some goods, as the shop writes it; None when the shop did not say."""
        each = self.attributes.get("variants")
        bought = each.get(sku) if isinstance(each, Mapping) else None
        bought = bought or self.attributes.get("variant")
        return bought if isinstance(bought, str) and bought else None

    def paid_piece_fen(self, line: Line) -> int:
        """What a piece really cost the shopper: an order's discount is spread over its goods by price."""
        listed_fen = sum(each.qty * each.unit_price_fen for each in self.lines)
        goods_fen = max(0, self.paid_fen - self.shipping_fen)
        return line.unit_price_fen if listed_fen <= goods_fen else line.unit_price_fen * goods_fen // listed_fen

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
