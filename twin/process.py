"""Why a synthetic order is lost: the equations of ``twin/README.md``, term by term."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

BASE = -4.7
SLOW_ANSWER_MINUTES = 5.0
NAMEABLE = ("logistics", "stock", "price", "payment", "service", "product")
USUAL_PRESSURE = 1.2
"""What the terms of an ordinary order sum to; conversations answer to the pressure above it."""


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """What bears on an order at its moment. ``doubt`` is standard normal and leaves no trace but the pages it opens.

    ``category`` and the leans are the effects of what was bought; ``sequence`` is the term of a planted story.
    """

    late_hours: float = 0.0
    dispatch_late_hours: float = 0.0
    announced_hours: float = 0.0
    silent_hours: float = 0.0
    held_hours: float = 0.0
    failed_deliveries: int = 0
    region_hours: float = 0.0
    out_of_stock: bool = False
    restock_days: float = 0.0
    stock_moved: bool = False
    own_drop: float = 0.0
    competitor_drop: float = 0.0
    bounces: int = 0
    failures: int = 0
    method_changed: bool = False
    instalment: bool = False
    wait_minutes: float = 0.0
    complaints: int = 0
    questions: int = 0
    unanswered: int = 0
    transfers: int = 0
    rated_low: bool = False
    reviewed_low: bool = False
    returns_pages: int = 0
    goods_pages: int = 0
    review_pages: int = 0
    searches: int = 0
    comparisons: int = 0
    cart_adds: int = 0
    cart_removals: int = 0
    coupons: int = 0
    favourites: int = 0
    asked_returns: bool = False
    address_changes: int = 0
    promotion: bool = False
    top_up: bool = False
    fit_sensitive: bool = False
    paid_yuan: float = 100.0
    category: float = 0.0
    price_lean: float = 1.0
    logistics_lean: float = 1.0
    rfm: float = 50.0
    first_order: bool = False
    cancel_rate: float = 0.0
    return_rate: float = 0.0
    new_device: bool = False
    night: bool = False
    live_stream: bool = False
    remote: bool = False
    awaits_payment: bool = False
    awaits_dispatch: bool = False
    picked: bool = False
    packed: bool = False
    delivered_days: float | None = None
    doubt: float = 0.0
    sequence: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Speech:
    """What the shopper said by the moment. ``troubles`` counts the reasons named, a change of mind apart."""

    asked_to_leave: bool = False
    troubles: int = 0
    changed_mind: bool = False
    anger: float = 0.0
    unease: float = 0.0
    person_wanted: bool = False


def terms(facts: Circumstances) -> Mapping[str, float]:
    """Each circumstance's share of the logit, by the reason a shopper would give for it."""
    return {
        "logistics": facts.logistics_lean
        * (
            3.0 * (1 - math.exp(-facts.late_hours / 40))
            + 1.6 * (1 - math.exp(-facts.dispatch_late_hours / 36))
            + 0.4 * min(facts.announced_hours, 72) / 72
            + 0.6 * min(max(facts.silent_hours - 24, 0) / 48, 1)
            + 0.6 * min(facts.held_hours, 48) / 48
            + 0.6 * min(facts.failed_deliveries, 2)
            + 0.4 * min(facts.region_hours, 72) / 72
        ),
        "stock": _missing(facts) if facts.out_of_stock else 0.0,
        "price": facts.price_lean * (7 * min(facts.own_drop, 0.4) + 4 * min(facts.competitor_drop, 0.4)),
        "payment": 0.5 * min(facts.bounces, 3)
        + 0.5 * min(facts.failures, 2)
        + 1.0 * _stuck_while_paying(facts)
        + 0.25 * facts.method_changed
        - 0.3 * facts.instalment,
        "service": 0.05 * min(facts.wait_minutes, 20)
        + 0.6 * min(facts.complaints, 2)
        + 0.12 * min(facts.questions, 5)
        + 0.35 * min(facts.unanswered, 2)
        + 0.4 * min(facts.transfers, 2)
        + 0.7 * facts.rated_low,
        "interest": (
            0.3 * min(facts.returns_pages, 4)
            + 0.12 * min(facts.goods_pages, 4)
            + 0.1 * min(facts.review_pages, 3)
            + 0.08 * min(facts.searches, 4)
            + 0.25 * min(facts.comparisons, 3)
            + 0.22 * min(facts.cart_adds, 3)
            + 0.2 * min(facts.cart_removals, 3)
            + 0.2 * min(facts.coupons, 2)
            - 0.15 * min(facts.favourites, 2)
            + 0.7 * facts.asked_returns
            + 0.35 * facts.doubt
        ),
        "address": 0.3 * min(facts.address_changes, 3) + 0.2 * facts.remote,
        "product": 0.2 * facts.promotion
        + 0.4 * facts.top_up
        + 0.25 * facts.fit_sensitive
        + 0.12 * (math.log1p(facts.paid_yuan) - 5)
        + facts.category
        + 0.9 * facts.reviewed_low,
        "shopper": -0.02 * (facts.rfm - 50)
        + 0.2 * facts.first_order
        + 2.6 * facts.cancel_rate
        + 1.0 * facts.return_rate
        + 0.3 * facts.new_device,
        "setting": 0.25 * facts.night + 0.45 * facts.live_stream,
        "stage": 0.6 * facts.awaits_payment
        + 0.35 * facts.awaits_dispatch
        - 0.15 * facts.picked
        - 0.15 * facts.packed
        + _after_delivery(facts.delivered_days),
        "sequence": facts.sequence,
    }


def _missing(facts: Circumstances) -> float:
    """Long waits weigh more; stock that another warehouse has sent comforts."""
    return 0.5 + 1.1 * min(max(facts.restock_days, 0), 20) / 20 - 0.3 * facts.stock_moved


def _stuck_while_paying(facts: Circumstances) -> bool:
    """The planted joint cause: leaving the payment page costs far more when nobody answers within five minutes."""
    return facts.bounces > 0 and facts.wait_minutes > SLOW_ANSWER_MINUTES


def _after_delivery(days: float | None) -> float:
    """Goods that were received are kept, the surer the further the week of free returns lies back."""
    return 0.0 if days is None else -0.2 - 0.05 * min(days, 7) - 0.3 * min(max(days - 7, 0), 8)


def speech_terms(speech: Speech) -> Mapping[str, float]:
    return {
        "asked_to_leave": 6.6 * speech.asked_to_leave,
        "troubles": 0.4 * min(speech.troubles, 3),
        "changed_mind": 1.0 * speech.changed_mind,
        "anger": (2.2 + 1.0 * speech.anger) if speech.anger else 0.0,
        "unease": 0.8 * speech.unease,
        "person_wanted": 0.4 * speech.person_wanted,
    }


def pressure(facts: Circumstances) -> float:
    """What pushes the shopper to speak up: the circumstances without the stage and what is told by order alone."""
    return sum(share for name, share in terms(facts).items() if name not in ("stage", "sequence")) - USUAL_PRESSURE


def cause(facts: Circumstances) -> str | None:
    """The reason that weighs most, when one weighs anything to speak of."""
    shares = terms(facts)
    name, share = max(((name, shares[name]) for name in NAMEABLE), key=lambda pair: pair[1])
    return name if share > 0.35 else None


def probability(facts: Circumstances, speech: Speech) -> float:
    """That the order is lost after the moment, given all of the above."""
    return sigmoid(BASE + sum(terms(facts).values()) + sum(speech_terms(speech).values()))


def sigmoid(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))
