"""What shoppers look at and try around an order: pages, searches, prices elsewhere, the cart, coupons, devices, payment."""

from __future__ import annotations

import math
from dataclasses import dataclass

from retention.event import Event
from retention.order import Stage
from twin.plan import Plan
from twin.record import Record
from twin.trail import Trail

WORDS = ("同款", "平替", "优惠", "怎么退", "尺码表")
DEVICES = ("手机", "平板", "电脑")
DEAR_YUAN = 800


@dataclass(frozen=True, kw_only=True)
class Browsing:
    """How often each thing happened by the moment; ``events`` tell the same, one by one."""

    searches: int
    comparisons: int
    cart_removals: int
    favourites: int
    coupons: int
    review_pages: int
    new_device: bool
    method_changed: bool
    instalment: bool
    events: tuple[Event, ...]


def browse(record: Record, plan: Plan, walked: Trail, *, doubt: float, late_hours: float) -> Browsing:
    """``doubt`` searches and compares; a late parcel is looked up; a payment that failed is tried another way."""
    dice, life = record.dice, record.life
    unpaid = life.stage is Stage.PENDING_PAYMENT
    paying_until = life.moment if unpaid else life.paid_at
    searches = dice.count(math.exp(-1.4 + 0.4 * doubt))
    comparisons = dice.count(math.exp(-2.0 + 0.5 * doubt))
    removals = min(walked.cart_adds, dice.count(0.5)) if walked.cart_adds else 0
    favourites = dice.count(0.15)
    coupons = dice.count(0.3 if plan.order.promotion_id else 0.1)
    reviews = dice.count(math.exp(-2.0 + 0.4 * doubt))
    trouble = walked.failures + walked.bounces > 0
    changed = dice.chance(0.3 if trouble else 0.01)
    instalment = not unpaid and plan.order.paid_fen > DEAR_YUAN * 100 and dice.chance(0.25)
    return Browsing(
        searches=searches,
        comparisons=comparisons,
        cart_removals=removals,
        favourites=favourites,
        coupons=coupons,
        review_pages=reviews,
        new_device=(new_device := dice.chance(0.05)),
        method_changed=changed,
        instalment=instalment,
        events=(
            *_looked(record, "order", dice.count(0.4)),
            *_looked(record, "logistics", dice.count(0.2 + 0.8 * (late_hours > 0))),
            *_looked(record, "reviews", reviews),
            *record.many(int(trouble), "behaviour.viewed", {"page": "payment"}, until=paying_until),
            *record.many(searches, "behaviour.searched", {"words": dice.pick(WORDS)}),
            *record.many(comparisons, "behaviour.price_compared", {"source": "competitor"}),
            *_taken_out(record, walked, removals),
            *record.many(favourites, "behaviour.favourited"),
            *record.many(coupons, "behaviour.coupon_claimed"),
            *_logins(record, new_device),
            *record.many(int(changed), "payment.method_changed", until=paying_until),
            *([record.at(life.paid_at, "payment.instalment", 0, {"months": dice.pick((3, 6, 12))})] * instalment),
        ),
    )


def _looked(record: Record, page: str, count: int) -> list[Event]:
    return record.many(count, "behaviour.viewed", {"page": page})


def _taken_out(record: Record, walked: Trail, count: int) -> list[Event]:
    """Each some time after it was put into the cart."""
    added = [event.at for event in walked.events if event.kind == "behaviour.cart_added"]
    return [
        record.at(at + (record.life.moment - at) * record.dice.unit(), "behaviour.cart_removed", number)
        for number, at in enumerate(added[:count])
    ]


def _logins(record: Record, new_device: bool) -> list[Event]:
    """One in three is seen to sign in; a second device is seen beside the first."""
    if not new_device and not record.dice.chance(0.3):
        return []
    usual, other = DEVICES[0], record.dice.pick(DEVICES[1:])
    seen = (usual, other) if new_device else (usual,)
    life = record.life
    return [
        record.at(
            life.placed_at + (life.moment - life.placed_at) * record.dice.unit(),
            "behaviour.logged_in",
            number,
            {"device": device},
        )
        for number, device in enumerate(seen)
    ]
