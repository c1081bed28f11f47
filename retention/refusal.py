"""A remedy the bot did not offer, and what ruled it out: for the shop's eyes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """One turn of a conversation that ended without the remedy it asked the engine for.

    ``overridden_by`` is the associate who gave something for the order all the same.
    """

    refusal_id: str
    at: datetime
    rule: str
    why: str  # Chinese, for an associate
    order_no: str
    customer_id: str
    conversation_id: str
    reasons: tuple[str, ...]
    catalog_version: str
    overridden_by: str | None = None


@dataclass(frozen=True, kw_only=True)
class RefusalCount:
    """``orders`` counts each order once, ``overridden`` refusals."""

    rule: str
    refusals: int
    orders: int
    overridden: int
    last_at: datetime
