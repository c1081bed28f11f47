"""Which exposures may be counted: one a customer, and none so young that only its losses are known yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from retention.exposure import Observation
from retention.profile import Outcome

One = TypeVar("One", bound=Observation)

LOOKED_AT = 100
OPEN_SHARE = 0.05
KNOWN = frozenset({Outcome.RETAINED, Outcome.LOST})


def first_of_each(exposures: Iterable[One]) -> list[One]:
    """The first exposure of each customer, oldest first.

    What comes later depends on the arm: who was held out is asked again, and who got a coupon buys again.
    """
    firsts: dict[str, One] = {}
    for exposure in sorted(exposures, key=lambda one: (one.at, one.exposure_id)):
        firsts.setdefault(exposure.unit, exposure)
    return list(firsts.values())


def mature(exposures: Sequence[One]) -> Sequence[One]:
    """Without the newest, of whom a cancellation is settled sooner than a delivery: oldest first in and out.

    The last hundred of the rest have at most five that are not settled.
    """
    end, opened = len(exposures), 0
    before = [0]
    for exposure in exposures:
        opened += exposure.settled_at is None
        before.append(opened)
    while end and before[end] - before[max(0, end - LOOKED_AT)] > OPEN_SHARE * min(end, LOOKED_AT):
        end -= 1
    return exposures[:end]


def is_known(exposure: Observation) -> bool:
    """Settled, and it can be said how it ended."""
    return exposure.settled_at is not None and exposure.outcome in KNOWN


def net_fen(exposure: Observation) -> int:
    """What the order left the shop: its margin if it was kept, less what was given."""
    return exposure.kept_fen - exposure.spent_fen
