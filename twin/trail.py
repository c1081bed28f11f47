"""What shoppers do around an order before anybody talks: pages, cart, payment page, address, waiting for service."""

from __future__ import annotations

import math
from dataclasses import dataclass

from retention.event import Event
from retention.order import Stage
from twin.places import Place
from twin.record import Record
from twin.sequence import elsewhere, lived


@dataclass(frozen=True, kw_only=True)
class Trail:
    """How often each thing happened by the moment; ``events`` tell the same, one by one."""

    bounces: int
    failures: int
    wait_minutes: float
    complaints: int
    returns_pages: int
    goods_pages: int
    cart_adds: int
    asked_returns: bool
    address_changes: int
    events: tuple[Event, ...]


def trail(record: Record, home: Place, *, doubt: float, late_hours: float) -> Trail:
    """``doubt`` opens pages; a late order brings complaints; an unpaid one was mostly left on the payment page."""
    dice, life = record.dice, record.life
    unpaid = life.stage is Stage.PENDING_PAYMENT
    bounces = dice.count(0.9) if unpaid else (1 + dice.count(0.3) if dice.chance(0.12) else 0)
    failures = int(dice.chance(0.02 + 0.15 * (bounces > 0)))
    wait_minutes = round(dice.wait(4.5), 2) if dice.chance(0.22) else 0.0
    complaints = dice.count(0.03 + 0.2 * (late_hours > 24))
    returns_pages = dice.count(math.exp(-1.3 + 0.6 * doubt))
    goods_pages = dice.count(math.exp(-0.8 + 0.4 * doubt))
    cart_adds = dice.count(math.exp(-1.6 + 0.5 * doubt))
    asked_returns = dice.chance(0.03 + 0.06 * (doubt > 1))
    address_changes = 1 + dice.count(0.5) if dice.chance(0.06) else 0
    moved_to = lived(elsewhere(record, home)) if address_changes else {}
    paying_until = life.moment if unpaid else life.paid_at
    return Trail(
        bounces=bounces,
        failures=failures,
        wait_minutes=wait_minutes,
        complaints=complaints,
        returns_pages=returns_pages,
        goods_pages=goods_pages,
        cart_adds=cart_adds,
        asked_returns=asked_returns,
        address_changes=address_changes,
        events=(
            *record.many(bounces, "behaviour.payment_bounced", until=paying_until),
            *record.many(failures, "payment.failed", until=paying_until),
            *record.many(int(wait_minutes > 0), "service.waited", {"seconds": round(wait_minutes * 60)}),
            *record.many(complaints, "service.complained"),
            *record.many(returns_pages, "behaviour.viewed", {"page": dice.pick(("returns", "policy"))}),
            *record.many(goods_pages, "behaviour.viewed", {"page": "goods"}),
            *record.many(cart_adds, "behaviour.cart_added"),
            *record.many(int(asked_returns), "behaviour.asked_returns"),
            *record.many(address_changes, "behaviour.address_changed", moved_to),
        ),
    )
