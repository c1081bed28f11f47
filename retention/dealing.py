"""What was done in a time, for reports: conversations as groups see them, and grants by offer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from retention.offer import GrantState
from retention.profile import Outcome


@dataclass(frozen=True, kw_only=True)
class Dealing:
    """One conversation about an order. ``tier``, ``lifetime_orders`` and ``province`` are None when nobody has sent them.

    ``offers`` are the catalog ids proposed in it; ``intents`` and ``reasons`` in order of first appearance.
    """

    conversation_id: str
    started_at: datetime
    channel: str
    intents: tuple[str, ...]
    reasons: tuple[str, ...]
    offers: tuple[str, ...]
    outcome: Outcome
    tier: str | None = None
    lifetime_orders: int | None = None
    province: str | None = None


@dataclass(frozen=True, kw_only=True)
class Given:
    """Grants of one offer in one state. Sums in fen; amounts as in ``retention.offer.Offer``."""

    offer_id: str
    title: str
    state: GrantState
    grants: int
    value_fen: int
    cost_fen: int
    reserve_fen: int
