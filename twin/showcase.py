"""An open demo order, described in hours around now, and what becomes of it in the records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from retention.event import Event
from retention.order import UNSHIPPED, Address, Line, Order, Stage


@dataclass(frozen=True, kw_only=True)
class Goods:
    """Prices in fen a piece."""

    title: str
    category: str
    price_fen: int
    cost_fen: int
    qty: int = 1
    variant: str = ""  # where the order has several goods


@dataclass(frozen=True, kw_only=True)
class Fact:
    """An event ``hours_ago`` hours before now. ``of_goods``: it is told of the goods, not of the order; ``place`` says
    which of them, from 1.
    """

    kind: str
    hours_ago: float
    data: Mapping[str, object] = field(default_factory=dict)
    of_goods: bool = False
    place: int = 1


@dataclass(frozen=True, kw_only=True)
class Showcase:
    """Times are hours from now: negative lies in the past. Goods of a showcase share no SKU with any other order."""

    customer_id: str
    stage: Stage
    goods: tuple[Goods, ...]
    placed: float
    promised_ship: float | None = None
    shipped: float | None = None
    promised_delivery: float | None = None
    delivered: float | None = None
    shipping_fen: int = 0
    percent_off: int = 0
    promotion_id: str | None = None
    channel: str = "app"
    attributes: Mapping[str, object] = field(default_factory=dict)
    facts: tuple[Fact, ...] = ()

    def order(self, number: int, address: Address, *, now: datetime) -> Order:
        """``number`` counts the showcases; it makes the order number and the SKUs."""
        listed_fen = sum(each.qty * each.price_fen for each in self.goods)
        return Order(
            order_no=self.order_no(number, now=now),
            customer_id=self.customer_id,
            stage=self.stage,
            placed_at=_at(now, self.placed),
            paid_fen=listed_fen * (100 - self.percent_off) // 100 + self.shipping_fen,
            shipping_fen=self.shipping_fen,
            lines=tuple(
                Line(
                    sku=_sku(number, place),
                    title=each.title,
                    category=each.category,
                    qty=each.qty,
                    unit_price_fen=each.price_fen,
                    unit_cost_fen=each.cost_fen,
                )
                for place, each in enumerate(self.goods, start=1)
            ),
            address=address,
            paid_at=None if self.stage is Stage.PENDING_PAYMENT else _at(now, self.placed + 0.05),
            promised_ship_at=_maybe(now, self.promised_ship),
            promised_delivery_at=_maybe(now, self.promised_delivery),
            shipped_at=_maybe(now, self.shipped),
            delivered_at=_maybe(now, self.delivered),
            promotion_id=self.promotion_id,
            channel=self.channel,
            attributes={"synthetic": True, **self._parcel(number), **self.attributes, **self._variants(number)},
        )

    def order_no(self, number: int, *, now: datetime) -> str:
        """Past orders have a 0 where these have a 9."""
        return f"{_at(now, self.placed):%Y%m%d}9{number:07d}"

    def events(self, number: int, *, now: datetime) -> tuple[Event, ...]:
        """Oldest first."""
        order_no = self.order_no(number, now=now)
        return tuple(
            Event(
                event_id=f"demo-{number:02d}-{place}",
                kind=fact.kind,
                at=_at(now, -fact.hours_ago),
                order_no=None if fact.of_goods else order_no,
                customer_id=None if fact.of_goods else self.customer_id,
                sku=_sku(number, fact.place) if fact.of_goods else None,
                data=fact.data,
            )
            for place, fact in enumerate(sorted(self.facts, key=lambda fact: -fact.hours_ago))
        )

    def _variants(self, number: int) -> dict[str, object]:
        """What was bought of each of several goods, by SKU."""
        bought = {_sku(number, place): each.variant for place, each in enumerate(self.goods, start=1) if each.variant}
        return {"variants": bought} if bought else {}

    def _parcel(self, number: int) -> dict[str, object]:
        return {} if self.stage in UNSHIPPED else {"carrier": "迅风速运", "tracking_no": f"SY9{number:09d}"}


def _sku(number: int, place: int) -> str:
    return f"DEMO{number:02d}-{place}"


def _at(now: datetime, hours: float) -> datetime:
    return now + timedelta(hours=hours)


def _maybe(now: datetime, hours: float | None) -> datetime | None:
    return None if hours is None else _at(now, hours)


def scan(hours_ago: float, place: str) -> Fact:
    return Fact(kind="fulfilment.scanned", hours_ago=hours_ago, data={"place": place})


def price(hours_ago: float, price_fen: int, source: str) -> Fact:
    return Fact(
        kind="price.changed", hours_ago=hours_ago, data={"price_fen": price_fen, "source": source}, of_goods=True
    )


def stock(hours_ago: float, variant: str, quantity: int) -> Fact:
    data = {"variant": variant, "available": quantity > 0, "quantity": quantity}
    return Fact(kind="stock.changed", hours_ago=hours_ago, data=data, of_goods=True)


def gone(hours_ago: float, restock_days: int, **variant: str) -> Fact:
    data = {**variant, "available": False, "quantity": 0, "restock_days": restock_days}
    return Fact(kind="stock.changed", hours_ago=hours_ago, data=data, of_goods=True)


def of_goods(place: int, fact: Fact) -> Fact:
    """The fact told of the goods at that place of the order."""
    return replace(fact, of_goods=True, place=place)


def lane(hours_ago: float, place: str, hours_low: float, hours_high: float, parcels: int) -> Fact:
    data = {"place": place, "hours_low": hours_low, "hours_high": hours_high, "parcels": parcels}
    return Fact(kind="fulfilment.lane", hours_ago=hours_ago, data=data)


def substitute(hours_ago: float, title: str, price_fen: int, sku: str) -> Fact:
    data = {"by": sku, "title": title, "price_fen": price_fen, "available": True}
    return Fact(kind="stock.substitute", hours_ago=hours_ago, data=data, of_goods=True)


def size_chart(hours_ago: float, *rows: tuple[str, tuple[int, int], tuple[int, int]]) -> Fact:
    """Rows of size, height from and to in cm, weight from and to in kg."""
    told = [{"size": size, "height": list(height), "weight": list(weight)} for size, height, weight in rows]
    return Fact(kind="size.chart", hours_ago=hours_ago, data={"rows": told}, of_goods=True)


def size_kept(hours_ago: float, *rows: tuple[str, int, int, int, int, int]) -> Fact:
    """Rows of size, height, weight, and how many such buyers kept it, found it too small, too large."""
    names = ("size", "height", "weight", "kept", "small", "large")
    told = [dict(zip(names, row, strict=True)) for row in rows]
    return Fact(kind="size.kept", hours_ago=hours_ago, data={"rows": told}, of_goods=True)


def one(title: str, category: str, price_fen: int, cost_fen: int) -> tuple[Goods, ...]:
    return (Goods(title=title, category=category, price_fen=price_fen, cost_fen=cost_fen),)


UNPAID = Showcase(customer_id="", stage=Stage.PENDING_PAYMENT, goods=(), placed=-1.2)
WAITING = Showcase(
    customer_id="", stage=Stage.PENDING_SHIPMENT, goods=(), placed=-14, promised_ship=34, promised_delivery=94
)
MOVING = Showcase(
    customer_id="",
    stage=Stage.IN_TRANSIT,
    goods=(),
    placed=-50,
    promised_ship=-3,
    shipped=-36,
    promised_delivery=40,
    attributes={"location": "上海转运中心"},
    facts=(scan(35, "嘉兴仓"), scan(9, "上海转运中心")),
)
HERE = Showcase(
    customer_id="",
    stage=Stage.DELIVERED,
    goods=(),
    placed=-140,
    promised_ship=-92,
    shipped=-122,
    promised_delivery=-50,
    delivered=-72,
)
