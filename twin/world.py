"""The synthetic shop's past. Everything in it is invented and carries ``attributes["synthetic"] = True``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

from retention.customer import Customer
from retention.event import Event
from retention.order import Line, Order, Stage
from twin.dice import Dice
from twin.goods import GOODS, Goods
from twin.life import Life, live
from twin.market import Promotion, Shelf, promotions, shelves
from twin.past_order import PastOrder, past_order
from twin.people import Person, after, people
from twin.plan import Plan

WINDOW = timedelta(days=185)
CHANNELS = ("app", "mini_program", "web", "live")
CHANNEL_WEIGHTS = (52, 26, 10, 12)
BUSY_UTC = (4, 5, 6, 7, 7, 8, 8, 7, 7, 7, 8, 9, 11, 12, 12, 9, 6, 3, 2, 1, 1, 1, 2, 3)
"""How busy each hour is, from 00:00 UTC, that is 8 in the morning in China."""
BUSY = tuple(accumulate(BUSY_UTC))
GROWTH = 1.2
"""How much busier the end of the window is than its start."""


@dataclass(frozen=True, kw_only=True)
class History:
    """``customers`` are as at ``now``; ``orders`` by time placed; ``market_events`` (price, stock) by SKU."""

    seed: int
    now: datetime
    customers: tuple[Customer, ...]
    orders: tuple[PastOrder, ...]
    market_events: Mapping[str, tuple[Event, ...]]
    promotions: tuple[Promotion, ...]


@dataclass(frozen=True, kw_only=True)
class _Assortment:
    """Goods and the running totals of their demand."""

    goods: tuple[Goods, ...]
    demand: tuple[float, ...]

    def pick(self, dice: Dice) -> Goods:
        return self.goods[dice.along(self.demand)]


def _assortment(goods: Iterable[Goods]) -> _Assortment:
    chosen = tuple(goods)
    return _Assortment(goods=chosen, demand=tuple(accumulate(each.demand for each in chosen)))


@dataclass(frozen=True, kw_only=True)
class _Shop:
    people: tuple[Person, ...]
    activity: tuple[float, ...]
    sold: _Assortment
    plain: _Assortment
    shelves: Mapping[str, Shelf]
    promotions: tuple[Promotion, ...]
    start: datetime
    now: datetime


def generate(
    seed: int, *, customers: int = 5000, orders: int = 20_000, now: datetime, goods: Sequence[Goods] = GOODS
) -> History:
    """Draw a shop's last six months. The same arguments give the same history, to the last event.

    ``goods`` is what it sells; ``twin.assortment.WIDE`` has 540 categories.
    """
    shop = _open(seed, customers, goods, now)
    dice = Dice(seed, "orders")
    plans = [_plan(dice, shop, number) for number in range(1, orders + 1)]
    plans.sort(key=lambda plan: (plan.life.moment, plan.order.order_no))
    told = _lived(Dice(seed, "outcomes"), plans, now)
    ends = _by_customer(told)
    return History(
        seed=seed,
        now=now,
        customers=tuple(
            _known(person.customer, ends.get(person.customer.customer_id, []), now) for person in shop.people
        ),
        orders=tuple(sorted(told, key=lambda past: (past.order.placed_at, past.order.order_no))),
        market_events={sku: shelf.events for sku, shelf in shop.shelves.items()},
        promotions=shop.promotions,
    )


def _open(seed: int, customers: int, goods: Sequence[Goods], now: datetime) -> _Shop:
    start = now - WINDOW
    drawn = people(Dice(seed, "people"), customers)
    return _Shop(
        people=drawn,
        activity=tuple(accumulate(person.activity for person in drawn)),
        sold=_assortment(goods),
        plain=_assortment(each for each in goods if not each.variants),
        shelves=shelves(Dice(seed, "market"), goods, start - timedelta(days=30), now),
        promotions=promotions(Dice(seed, "promotions"), start, now),
        start=start,
        now=now,
    )


def _plan(dice: Dice, shop: _Shop, number: int) -> Plan:
    """One order as placed. A life that would not be over by now is drawn again from an earlier day."""
    person = shop.people[dice.along(shop.activity)]
    latest = shop.now - timedelta(days=2)
    while True:
        placed_at = _placed(dice, shop, latest)
        promotion = next((sale for sale in shop.promotions if sale.start <= placed_at < sale.end), None)
        chosen, variant = _basket(dice, shop, promotion)
        held = [outage.end for shelf in chosen if (outage := shelf.outage(placed_at, variant))]
        life = live(dice, placed_at=placed_at, place=person.place, stock_until=max(held, default=None), now=shop.now)
        if life.ends_at < shop.now - timedelta(days=1):
            break
        latest = max(shop.start + timedelta(days=60), latest - timedelta(days=14))
    order = _order(dice, person, number, chosen, variant, promotion, life)
    return Plan(person=person, order=order, shelves=chosen, variant=variant, life=life)


def _placed(dice: Dice, shop: _Shop, latest: datetime) -> datetime:
    """A busier hour is likelier, a later day a little, a sale's day three times."""
    span = (latest - shop.start) / timedelta(days=1)
    while True:
        day = shop.start.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=int(span * dice.unit()))
        at = day + timedelta(hours=dice.along(BUSY) + dice.unit())
        on_sale = any(sale.start <= at < sale.end for sale in shop.promotions)
        grown = 1 + (GROWTH - 1) * ((at - shop.start) / WINDOW)
        if at < latest and dice.chance((3.0 if on_sale else 1.0) * grown / (3.0 * GROWTH)):
            return at


def _basket(dice: Dice, shop: _Shop, promotion: Promotion | None) -> tuple[tuple[Shelf, ...], str | None]:
    """The first goods may have variants; what is added to them has none, as an order names one variant."""
    first = shop.sold.pick(dice)
    more = dice.weighted((0, 1, 2), (70, 18, 12) if promotion else (84, 11, 5))
    basket = {goods.sku: goods for goods in (first, *(shop.plain.pick(dice) for _ in range(more)))}
    return tuple(shop.shelves[goods.sku] for goods in basket.values()), dice.pick(
        first.variants
    ) if first.variants else None


def _order(
    dice: Dice,
    person: Person,
    number: int,
    chosen: tuple[Shelf, ...],
    variant: str | None,
    promotion: Promotion | None,
    life: Life,
) -> Order:
    lines = tuple(
        Line(
            sku=shelf.goods.sku,
            title=shelf.goods.title,
            category=shelf.goods.category,
            qty=2 if dice.chance(0.08) else 1,
            unit_price_fen=shelf.price_fen(life.placed_at),
            unit_cost_fen=shelf.goods.cost_fen,
        )
        for shelf in chosen
    )
    goods_fen = sum(line.qty * line.unit_price_fen for line in lines)
    shipping_fen = 0 if goods_fen >= 9_900 else 800
    discount_fen = goods_fen * (promotion.percent_off if promotion else 0) // 100
    order_no = f"{life.placed_at:%Y%m%d}{number:08d}"
    attributes = {
        "synthetic": True,
        "warehouse": person.place.warehouse,
        "carrier": life.carrier,
        "tracking_no": f"SY{number:010d}",
        **({"variant": variant} if variant else {}),
    }
    return Order(
        order_no=order_no,
        customer_id=person.customer.customer_id,
        stage=Stage.DELIVERED,
        placed_at=life.placed_at,
        paid_fen=goods_fen - discount_fen + shipping_fen,
        shipping_fen=shipping_fen,
        lines=lines,
        address=person.address,
        paid_at=life.paid_at,
        promised_ship_at=life.promised_ship_at,
        promised_delivery_at=life.promised_delivery_at,
        shipped_at=life.shipped_at,
        delivered_at=life.delivered_at,
        promotion_id=promotion.promotion_id if promotion else None,
        channel=dice.weighted(CHANNELS, CHANNEL_WEIGHTS),
        attributes=attributes,
    )


def _lived(dice: Dice, plans: list[Plan], now: datetime) -> list[PastOrder]:
    """Play the orders in the order of their moments, so that each knows only outcomes that lay before it."""
    told: list[PastOrder] = []
    ends: dict[str, list[PastOrder]] = {}
    for plan in plans:
        base = plan.person.customer
        earlier = ends.setdefault(base.customer_id, [])
        past = past_order(dice, plan, _known(base, earlier, plan.life.moment), now=now)
        earlier.append(past)
        told.append(past)
    return told


def _known(base: Customer, orders: list[PastOrder], at: datetime) -> Customer:
    """The customer as the shop knew them at ``at``: only orders that had ended by then count."""
    ended = [past for past in orders if past.ended_at <= at]
    returned = [past for past in ended if past.lost and past.then.delivered_at is not None]
    return after(
        base,
        orders=len(ended),
        spend_fen=sum(past.order.paid_fen for past in ended if not past.lost),
        cancelled=sum(past.lost for past in ended) - len(returned),
        returned=len(returned),
    )


def _by_customer(told: list[PastOrder]) -> dict[str, list[PastOrder]]:
    found: dict[str, list[PastOrder]] = {}
    for past in told:
        found.setdefault(past.order.customer_id, []).append(past)
    return found
