"""A remedy, from what the catalog proposes to what the ledger grants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

AFTER_SAVE = "kept"
"""Cause of what a shop gives by itself because an order was kept; it answers no wish of the shopper."""


@dataclass(frozen=True, kw_only=True)
class Chance:
    """An offer in a draw, and the probability with which the draw falls on it."""

    offer_id: str
    probability: float
    budget: str
    reserve_fen: int
    terms: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A remedy the engine found worth its cost for one case. An offer is words; only a grant is money.

    Amounts are fen: ``value_fen`` is what the shopper gains, ``cost_fen`` what it is expected to cost the shop,
    ``reserve_fen`` the most it can cost: caps and budgets count this one. ``terms`` is what the order system must do:
    ``expedite`` (bool), ``upgrade_carrier`` (bool), ``cash_fen``, ``coupon_fen`` with ``coupon_threshold_fen``,
    ``points``, ``deposit_percent``, ``insurance_fen`` (what a return's postage is insured for), ``gift_sku`` with
    ``gift_name``, ``exchange`` (bool) with ``postage_fen``, ``payment_url``, ``care_days`` with ``points_times``,
    ``points_at_most`` and ``early_access`` (bool).
    """

    offer_id: str
    kind: str
    title: str
    cause: str
    value_fen: int
    cost_fen: int
    reserve_fen: int
    pitch: str  # Chinese sentence to the shopper
    why: str  # the true reason, Chinese, in plain words
    budget: str
    catalog_version: str
    terms: Mapping[str, object] = field(default_factory=dict)
    expires_hours: int = 24
    expected_gain_fen: int = 0  # expected incremental margin, after cost
    chances: tuple[Chance, ...] = ()  # what it was drawn among, itself too; empty when it was certain


@dataclass(frozen=True, kw_only=True)
class NoOffer:
    """No remedy fits; ordinary business, so a value and not an error. ``rule`` names what ruled the last candidate out."""

    rule: str
    why: str
    catalog_version: str
    chances: tuple[Chance, ...] = ()  # what might have been drawn instead


class GrantState(str, Enum):
    PROPOSED = "proposed"  # offered; its budget is reserved
    ISSUED = "issued"  # accepted; the order system must fulfil it
    DECLINED = "declined"
    EXPIRED = "expired"
    REVERSED = "reversed"  # taken back after it was issued


ACTIVE = frozenset({GrantState.PROPOSED, GrantState.ISSUED})
MOVES: Mapping[GrantState, frozenset[GrantState]] = {
    GrantState.PROPOSED: frozenset({GrantState.ISSUED, GrantState.DECLINED, GrantState.EXPIRED}),
    GrantState.ISSUED: frozenset({GrantState.REVERSED}),
    GrantState.DECLINED: frozenset(),
    GrantState.EXPIRED: frozenset(),
    GrantState.REVERSED: frozenset(),
}


@dataclass(frozen=True, kw_only=True)
class Grant:
    """One row of the ledger. ``key`` is unique over the ledger: an order is remedied once for a cause."""

    grant_id: str
    key: str
    order_no: str
    customer_id: str
    conversation_id: str | None
    state: GrantState
    offer: Offer
    created_at: datetime
    updated_at: datetime
    expires_at: datetime
    actor: str = "bot"  # bot, or the associate who granted it
    model_version: str = ""
    rule_version: str = ""

    @property
    def reserve_fen(self) -> int:
        return self.offer.reserve_fen


def grant_key(order_no: str, cause: str) -> str:
    """The ledger's unique key: one remedy per order and cause, whoever asks and however often."""
    return f"{order_no}:{cause}"


@dataclass(frozen=True, kw_only=True)
class Budget:
    """A pot of money. ``reserved_fen`` is promised in open proposals, ``used_fen`` in issued grants."""

    budget_id: str
    cap_fen: int
    reserved_fen: int = 0
    used_fen: int = 0

    @property
    def left_fen(self) -> int:
        return self.cap_fen - self.reserved_fen - self.used_fen
