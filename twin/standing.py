"""How an order stands at its moment: everything that bears on its loss, gathered from what was drawn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from retention.customer import Customer
from retention.order import MOVING, UNSHIPPED, Stage
from twin.browsing import Browsing
from twin.categories import SEPARATOR, effect
from twin.handling import Handling
from twin.helpline import Helpline
from twin.life import Life
from twin.market import Outage
from twin.plan import Plan
from twin.process import Circumstances
from twin.sequence import Story
from twin.trail import Trail

REMOTE = ("新疆", "西藏", "青海", "内蒙古", "甘肃", "宁夏", "海南")
FITTED = ("服饰", "鞋")
NIGHT_HOURS = frozenset({15, 16, 17, 18, 19, 20})
"""23:00 to 5:00 in China, in UTC."""
LOW_SCORE = 2


@dataclass(frozen=True, kw_only=True)
class Doings:
    """What was drawn for an order up to its moment."""

    doubt: float
    late_hours: float
    outages: tuple[Outage, ...]
    walked: Trail
    browsed: Browsing
    called: Helpline
    handled: Handling
    story: Story


def late_hours(life: Life) -> float:
    return past(life.moment, life.promised_delivery_at) if life.stage is not Stage.DELIVERED else 0.0


def outages(plan: Plan) -> tuple[Outage, ...]:
    """Of its goods, at the moment; goods on their way need no stock."""
    if plan.life.stage not in UNSHIPPED:
        return ()
    found = (shelf.outage(plan.life.moment, plan.variant) for shelf in plan.shelves)
    return tuple(outage for outage in found if outage)


def circumstances(plan: Plan, customer: Customer, doings: Doings) -> Circumstances:
    life, order = plan.life, plan.order
    walked, browsed, called, handled = doings.walked, doings.browsed, doings.called, doings.handled
    waits = [outage.announced_days - (life.moment - outage.start) / timedelta(days=1) for outage in doings.outages]
    listed_fen = sum(line.qty * line.unit_price_fen for line in order.lines)
    paid_share = (order.paid_fen - order.shipping_fen) / listed_fen
    category = effect(order.lines[0].category)
    return Circumstances(
        late_hours=doings.late_hours if life.stage is not Stage.PENDING_PAYMENT else 0.0,
        dispatch_late_hours=past(life.moment, life.promised_ship_at) if life.stage is Stage.PENDING_SHIPMENT else 0.0,
        announced_hours=_announced_hours(life),
        silent_hours=_silent_hours(life),
        held_hours=handled.held_hours,
        failed_deliveries=handled.failed_deliveries,
        region_hours=handled.region_hours,
        out_of_stock=bool(doings.outages),
        restock_days=max(waits, default=0.0),
        stock_moved=handled.stock_moved,
        own_drop=_largest_drop(plan, "own", paid_share),
        competitor_drop=_largest_drop(plan, "competitor", paid_share),
        bounces=walked.bounces,
        failures=walked.failures,
        method_changed=browsed.method_changed,
        instalment=browsed.instalment,
        wait_minutes=walked.wait_minutes,
        complaints=walked.complaints,
        questions=called.questions + doings.story.questions,
        unanswered=called.unanswered,
        transfers=called.transfers,
        rated_low=called.rated is not None and called.rated <= LOW_SCORE,
        reviewed_low=handled.reviewed is not None and handled.reviewed <= LOW_SCORE,
        returns_pages=walked.returns_pages,
        goods_pages=walked.goods_pages,
        review_pages=browsed.review_pages,
        searches=browsed.searches,
        comparisons=browsed.comparisons,
        cart_adds=walked.cart_adds,
        cart_removals=browsed.cart_removals,
        coupons=browsed.coupons,
        favourites=browsed.favourites,
        asked_returns=walked.asked_returns,
        address_changes=walked.address_changes + doings.story.address_changes,
        promotion=order.promotion_id is not None,
        top_up=order.promotion_id is not None and len(order.lines) >= 3,
        fit_sensitive=any(line.category.partition(SEPARATOR)[0] in FITTED for line in order.lines),
        paid_yuan=order.paid_fen / 100,
        category=category.base,
        price_lean=category.price,
        logistics_lean=category.logistics,
        rfm=customer.rfm,
        first_order=customer.lifetime_orders == 0,
        cancel_rate=customer.cancelled_orders / (customer.lifetime_orders + 2),
        return_rate=customer.returned_orders / (customer.lifetime_orders + 2),
        new_device=browsed.new_device,
        night=order.placed_at.hour in NIGHT_HOURS,
        live_stream=order.channel == "live",
        remote=order.address.province.startswith(REMOTE),
        awaits_payment=life.stage is Stage.PENDING_PAYMENT,
        awaits_dispatch=life.stage is Stage.PENDING_SHIPMENT,
        picked=handled.picked,
        packed=handled.packed,
        delivered_days=past(life.moment, life.delivered_at) / 24 if life.stage is Stage.DELIVERED else None,
        doubt=doings.doubt + 1.5 * (plan.person.temper - 0.2),
        sequence=doings.story.term,
    )


def past(at: datetime, due: datetime) -> float:
    """Hours."""
    return max(0.0, (at - due) / timedelta(hours=1))


def _largest_drop(plan: Plan, source: str, paid_share: float) -> float:
    order = plan.order
    return max(
        shelf.drop(source, paid_fen=line.unit_price_fen * paid_share, since=order.placed_at, at=plan.life.moment)
        for shelf, line in zip(plan.shelves, order.lines, strict=True)
    )


def _announced_hours(life: Life) -> float:
    told = life.announced is not None and life.announced[0] <= life.moment and life.stage in MOVING
    return float(life.announced[1]) if told and life.announced else 0.0


def _silent_hours(life: Life) -> float:
    if life.stage not in MOVING:
        return 0.0
    return past(life.moment, max((scan for scan in life.scans if scan <= life.moment), default=life.shipped_at))
