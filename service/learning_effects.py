"""What offers change, learnt anew from the orders that are settled by now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from compensation.cohort import first_of_each, is_known, mature
from compensation.uplift import Seen
from integrations.wiring import Shop
from retention.exposure import CHAMPION, NOTHING, Arm, Exposure
from retention.profile import Outcome
from service.experiments import exposures_of

LEAST_ORDERS = 200
"""Settled orders before which the catalog's priors decide alone, and nothing is left to a draw."""
LEAST_HELD_OUT = 30


def learn(shop: Shop) -> int:
    """Teach the effect from the settled orders; how many it was taught, 0 while there are too few."""
    known = [one for one in mature(first_of_each(exposures_of(shop.store, None))) if is_known(one)]
    seen = list(_seen(known))
    if len(seen) < LEAST_ORDERS or sum(one.offer_id is None for one in seen) < LEAST_HELD_OUT:
        return 0
    shop.effect.learn(seen, shop.engine.rows)
    return len(seen)


def _seen(exposures: Sequence[Exposure]) -> Iterator[Seen]:
    """Offers of the shop's own catalog, and what happens without any; a challenger's terms are another offer's."""
    for one in exposures:
        if one.action == NOTHING or (one.arm is Arm.OFFERED and one.variant == CHAMPION):
            yield Seen(
                offer_id=None if one.action == NOTHING else one.action,
                reason=one.cause,
                tier=one.tier,
                probability=one.probability,
                margin_fen=one.margin_fen,
                kept=one.outcome is Outcome.RETAINED,
            )
