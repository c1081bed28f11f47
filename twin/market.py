"""What moves around the orders: promotions, prices and stock of the synthetic shop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from retention.event import Event
from twin.dice import Dice
from twin.goods import Goods


@dataclass(frozen=True, kw_only=True)
class Promotion:
    promotion_id: str
    start: datetime
    end: datetime
    percent_off: int


@dataclass(frozen=True, kw_only=True)
class Outage:
    """Goods, or one variant of them, that cannot be shipped for a while. ``announced_days`` is what the shop says."""

    start: datetime
    end: datetime
    variant: str | None
    announced_days: int

    def holds(self, at: datetime, variant: str | None) -> bool:
        return self.start <= at < self.end and self.variant in (None, variant)


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """One kind of goods over time: the shop's own price steps (oldest first), outages, and the events telling them."""

    goods: Goods
    own: tuple[tuple[datetime, int], ...]
    competitor: tuple[tuple[datetime, int], ...]
    outages: tuple[Outage, ...]
    events: tuple[Event, ...]

    def price_fen(self, at: datetime) -> int:
        return next((price for since, price in reversed(self.own) if since <= at), self.goods.price_fen)

    def outage(self, at: datetime, variant: str | None) -> Outage | None:
        return next((outage for outage in self.outages if outage.holds(at, variant)), None)

    def drop(self, source: str, *, paid_fen: float, since: datetime, at: datetime) -> float:
        """How far the newest price told between ``since`` and ``at`` lies below what was paid, as a share."""
        steps = self.own if source == "own" else self.competitor
        told = [price for moved, price in steps if since <= moved <= at]
        return max(0.0, 1 - told[-1] / paid_fen) if told and paid_fen > 0 else 0.0


def promotions(dice: Dice, start: datetime, end: datetime) -> tuple[Promotion, ...]:
    """Four sales of three days, spread over the window."""
    step = (end - start) / 4
    found = []
    for number in range(4):
        opens = start + step * number + step * dice.between(0.2, 0.7)
        found.append(
            Promotion(
                promotion_id=f"sale-{number + 1}",
                start=opens,
                end=opens + timedelta(days=3),
                percent_off=dice.pick((8, 10, 12, 15)),
            )
        )
    return tuple(found)


def shelves(dice: Dice, sold: Sequence[Goods], start: datetime, end: datetime) -> Mapping[str, Shelf]:
    """Every kind of goods by SKU."""
    return {goods.sku: _shelf(dice, goods, start, end) for goods in sold}


def _shelf(dice: Dice, goods: Goods, start: datetime, end: datetime) -> Shelf:
    own = _sales(dice, goods, start, end)
    competitor = _rivals(dice, goods, start, end)
    outages = _outages(dice, goods, start, end)
    events = [
        _price_event(goods, number, at, price, source)
        for source, steps in (("own", own), ("competitor", competitor))
        for number, (at, price) in enumerate(steps)
    ]
    for number, outage in enumerate(outages):
        events.extend(_stock_events(goods, number, outage, end))
    ordered = tuple(sorted(events, key=lambda event: (event.at, event.event_id)))
    return Shelf(goods=goods, own=own, competitor=competitor, outages=outages, events=ordered)


def _sales(dice: Dice, goods: Goods, start: datetime, end: datetime) -> tuple[tuple[datetime, int], ...]:
    """Price cuts of 5 to 30 % that last days and are taken back."""
    steps: list[tuple[datetime, int]] = []
    at = start + timedelta(days=dice.wait(20))
    while at < end:
        steps.append((at, round(goods.price_fen * (1 - dice.between(0.05, 0.3)))))
        back = at + timedelta(days=dice.between(4, 14))
        if back < end:
            steps.append((back, goods.price_fen))
        at = back + timedelta(days=3 + dice.wait(18))
    return tuple(steps)


def _rivals(dice: Dice, goods: Goods, start: datetime, end: datetime) -> tuple[tuple[datetime, int], ...]:
    steps: list[tuple[datetime, int]] = []
    at = start + timedelta(days=dice.wait(18))
    while at < end:
        steps.append((at, round(goods.price_fen * dice.between(0.72, 1.06))))
        at += timedelta(days=2 + dice.wait(16))
    return tuple(steps)


def _outages(dice: Dice, goods: Goods, start: datetime, end: datetime) -> tuple[Outage, ...]:
    found: list[Outage] = []
    at = start + timedelta(days=dice.wait(60))
    while at < end:
        days = dice.between(2, 24)
        variant = dice.pick(goods.variants) if goods.variants and dice.chance(0.5) else None
        back = at + timedelta(days=days)
        announced = max(1, round(days * dice.between(0.7, 1.1)))
        found.append(Outage(start=at, end=back, variant=variant, announced_days=announced))
        at = back + timedelta(days=10 + dice.wait(60))
    return tuple(found)


def _price_event(goods: Goods, number: int, at: datetime, price_fen: int, source: str) -> Event:
    return Event(
        event_id=f"price-{goods.sku}-{source}-{number}",
        kind="price.changed",
        at=at,
        sku=goods.sku,
        data={"price_fen": price_fen, "source": source},
    )


def _stock_events(goods: Goods, number: int, outage: Outage, end: datetime) -> list[Event]:
    variant = {"variant": outage.variant} if outage.variant else {}
    gone = {**variant, "available": False, "quantity": 0, "restock_days": outage.announced_days}
    told = [(outage.start, "gone", gone)]
    if outage.end < end:
        told.append((outage.end, "back", {**variant, "available": True, "quantity": 60}))
    return [
        Event(event_id=f"stock-{goods.sku}-{number}-{word}", kind="stock.changed", at=at, sku=goods.sku, data=data)
        for at, word, data in told
    ]
