"""Shoppers whose answer to every offer is known: cases to decide, and the true probability that each order is kept.

Nobody in the history was offered anything, so what an offer changes is planted here, and not as the learner supposes: the
effect saturates in the offer's worth against the order's, sinks for those nearly gone, and is a product of offer, reason
and tier; the risk score is a little off. **It says whether a program finds what was planted, and nothing about a real shop.**
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from retention.case import Case
from retention.customer import Customer
from retention.event import Event
from retention.hearing import Reason
from retention.offer import Offer
from retention.order import Address, Line, Order, Stage
from retention.risk import Score
from twin.dice import Dice

NOON = datetime(2025, 11, 20, 4, tzinfo=timezone.utc)
ADDRESS = Address(
    province="浙江省", city="杭州市", district="西湖区", detail="虚构路 1 号", receiver="某某", phone="100"
)
TIERS = {"new": 0.3, "regular": 0.4, "silver": 0.2, "gold": 0.1}
REASONS = {
    Reason.LOGISTICS: 0.3,
    Reason.PRICE: 0.2,
    Reason.CHANGED_MIND: 0.2,
    Reason.QUALITY: 0.1,
    Reason.STOCK: 0.1,
    Reason.SERVICE: 0.1,
}
KEPT = {
    "expedite": 0.3,
    "express_upgrade": 0.7,
    "next_day_voucher": 0.55,
    "shipping_refund": 0.35,
    "partial_refund": 0.4,
    "coupon_500_100": 0.3,
    "coupon_500_100_high_value": 0.35,
    "deposit_discount": 0.45,
    "points": 0.2,
    "gift": 0.15,
    "shipping_insurance": 0.08,
}
"""Of the orders that would be lost, the share that a generous offer keeps of an ordinary shopper; 0.3 for any other offer."""
BY_TIER = {"new": 1.2, "regular": 1.0, "silver": 0.9, "gold": 0.7}
BY_REASON = {
    ("points", Reason.SERVICE): 1.5,
    ("points", Reason.CHANGED_MIND): 0.6,
    ("shipping_refund", Reason.LOGISTICS): 0.6,
    ("shipping_refund", Reason.SERVICE): 1.3,
    ("coupon_500_100", Reason.CHANGED_MIND): 0.7,
}


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A case, its ``score`` as a risk model would give it, and the true probability that it is ``lost`` without an offer."""

    case: Case
    score: Score
    lost: float

    def kept(self, offer: Offer | None) -> float:
        """The true probability that the order is kept."""
        if offer is None:
            return 1 - self.lost
        order, reason = self.case.order, self.case.reasons[0]
        generous = 1 - math.exp(-offer.value_fen / (0.04 * order.paid_fen))
        share = (
            KEPT.get(offer.offer_id, 0.3)
            * BY_TIER[self.case.customer.tier]
            * BY_REASON.get((offer.offer_id, reason), 1.0)
            * (0.6 + 0.4 * generous)
            * (1.2 - 0.4 * self.lost)
        )
        return 1 - self.lost * (1 - min(share, 0.95))

    def gain_fen(self, offer: Offer | None) -> float:
        """True expected margin of the offer, above that of none, less what it costs."""
        if offer is None:
            return 0.0
        return (self.kept(offer) - self.kept(None)) * self.case.order.margin_fen - offer.cost_fen


def scenes(seed: int, count: int) -> Iterator[Scene]:
    """Shoppers about to leave; the same seed gives the same ones."""
    dice = Dice(seed, "response")
    for number in range(count):
        yield _scene(dice, f"R{seed}-{number}")


def _scene(dice: Dice, order_no: str) -> Scene:
    reason = dice.weighted(list(REASONS), list(REASONS.values()))
    tier = dice.weighted(list(TIERS), list(TIERS.values()))
    late_hours = dice.wait(40) if reason is Reason.LOGISTICS else 0.0
    now = NOON + timedelta(minutes=dice.whole(0, 30 * 24 * 60))
    order = _order(dice, order_no, _stage(dice, reason), now - timedelta(hours=late_hours), late_hours > 0)
    rfm = {"new": 30.0, "regular": 50.0, "silver": 70.0, "gold": 90.0}[tier] + dice.normal(0, 5)
    logit = 0.6 + dice.normal(0, 1.2) + late_hours / 60 - (rfm - 50) / 60
    case = Case(
        now=now,
        order=order,
        customer=Customer(customer_id=f"c{order_no}", tier=tier, rfm=min(max(rfm, 0.0), 100.0)),
        events=_restock(dice, order, now) if reason is Reason.STOCK else (),
        reasons=(reason,),
    )
    scored = _logistic(0.1 + 0.9 * logit)
    return Scene(case=case, score=Score(probability=scored, model_version="synthetic"), lost=_logistic(logit))


def _stage(dice: Dice, reason: Reason) -> Stage:
    if reason is Reason.QUALITY:
        return Stage.DELIVERED
    if reason is Reason.STOCK:
        return Stage.PENDING_SHIPMENT
    return dice.pick((Stage.PENDING_SHIPMENT, Stage.IN_TRANSIT))


def _order(dice: Dice, order_no: str, stage: Stage, promised: datetime, late: bool) -> Order:
    price_fen = int(math.exp(dice.normal(9.9, 0.7)))
    shipping_fen = dice.pick((0, 800, 1200))
    line = Line(
        sku="goods",
        title="商品",
        category="服装",
        qty=1,
        unit_price_fen=price_fen,
        unit_cost_fen=int(price_fen * dice.between(0.5, 0.8)),
    )
    return Order(
        order_no=order_no,
        customer_id=f"c{order_no}",
        stage=stage,
        placed_at=promised - timedelta(days=4),
        paid_fen=price_fen + shipping_fen,
        shipping_fen=shipping_fen,
        lines=(line,),
        address=ADDRESS,
        promised_delivery_at=promised if late else promised + timedelta(days=2),
        attributes={"synthetic": True},
    )


def _restock(dice: Dice, order: Order, now: datetime) -> tuple[Event, ...]:
    data = {"available": False, "restock_days": dice.whole(1, 10)}
    return (
        Event(event_id=f"s{order.order_no}", kind="stock.changed", at=now - timedelta(hours=1), sku="goods", data=data),
    )


def _logistic(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))
