"""A customer as the shop's CRM knows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Customer:
    """``rfm`` is the shop's value score, 0..100; above 80 is a high-value customer. ``tier`` is free text of the shop."""

    customer_id: str
    name: str = ""
    tier: str = "regular"
    rfm: float = 50.0
    lifetime_orders: int = 0
    lifetime_spend_fen: int = 0
    cancelled_orders: int = 0
    returned_orders: int = 0
    opted_out: bool = False  # refused automated decisions: a person decides
    no_outreach: bool = False  # does not want to be written to unasked
    attributes: Mapping[str, object] = field(default_factory=dict)

    @property
    def cancel_rate(self) -> float:
        """Share of past orders lost, with two orders of prior weight so that one cancellation is no verdict."""
        return (self.cancelled_orders + 0.2) / (self.lifetime_orders + 2.0)
