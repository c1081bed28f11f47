"""Which customers something is meant for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from compensation.reading import Node
from retention.customer import Customer

AUDIENCE_KEYS = ("rfm_above", "rfm_max", "tiers")


@dataclass(frozen=True, kw_only=True)
class Audience:
    """RFM above one bound and up to another; ``tiers`` empty means every tier."""

    rfm_above: float
    rfm_max: float
    tiers: frozenset[str]

    def has(self, customer: Customer) -> bool:
        in_range = self.rfm_above < customer.rfm <= self.rfm_max
        return in_range and (not self.tiers or customer.tier in self.tiers)


def read_audience(found: Mapping[str, Node]) -> Audience:
    """Of the AUDIENCE_KEYS among ``found``; none of them is everybody. Raises CatalogError."""
    above = float(found["rfm_above"].decimal(0, 100)) if "rfm_above" in found else -math.inf
    most = float(found["rfm_max"].decimal(0, 100)) if "rfm_max" in found else math.inf
    if above >= most:
        raise found["rfm_above" if "rfm_above" in found else "rfm_max"].wrong("小于 rfm_max 的 rfm_above")
    tiers = found["tiers"].texts("会员等级") if "tiers" in found else frozenset[str]()
    return Audience(rfm_above=above, rfm_max=most, tiers=tiers)
