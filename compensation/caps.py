"""How much the shop may still give in one case: what is left under every cap, counting what was given before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from compensation.words import yuan
from retention.case import Case
from retention.offer import ACTIVE, Grant


@dataclass(frozen=True, kw_only=True)
class ShopCaps:
    """Caps over all offers. A customer whose RFM is above ``high_value_rfm`` has the high-value cap instead."""

    order_margin_share: Decimal
    customer_cap_fen: int
    high_value_rfm: float
    high_value_cap_fen: int
    window_days: int


@dataclass(frozen=True, kw_only=True)
class RowCaps:
    """Caps of one catalog row."""

    per_order_fen: int
    per_customer_fen: int
    window_days: int


@dataclass(frozen=True, kw_only=True)
class Limit:
    """The most that may still be reserved, and the cap that says so."""

    rule: str
    left_fen: int
    why: str  # Chinese, for an associate


def tightest(shop: ShopCaps, row: RowCaps, offer_id: str, case: Case) -> Limit:
    """The cap that leaves the least; of equals the first of order, customer, row per order, row per customer."""
    limits = (
        _of_order(shop, case),
        _of_customer(shop, case),
        _of_row_order(row, offer_id, case),
        _of_row_customer(row, offer_id, case),
    )
    return min(limits, key=lambda limit: limit.left_fen)


def over_all(shop: ShopCaps, case: Case) -> Limit:
    """What is left for the order and its customer, whichever offer it is."""
    return min((_of_order(shop, case), _of_customer(shop, case)), key=lambda limit: limit.left_fen)


def _of_order(shop: ShopCaps, case: Case) -> Limit:
    if case.order.margin_fen == 0:
        return Limit(rule="no_margin", left_fen=0, why="本单没有可用于补偿的毛利")
    cap_fen = int(case.order.margin_fen * shop.order_margin_share)
    return _limit("cap_order", "本单补偿", cap_fen, _reserved(case.grants))


def _of_customer(shop: ShopCaps, case: Case) -> Limit:
    used_fen = _reserved(_of_window(case, shop.window_days))
    if case.customer.rfm > shop.high_value_rfm:
        return _limit("cap_high_value", "高价值顾客近期补偿", shop.high_value_cap_fen, used_fen)
    return _limit("cap_customer", "该顾客近期补偿", shop.customer_cap_fen, used_fen)


def _of_row_order(row: RowCaps, offer_id: str, case: Case) -> Limit:
    used_fen = _reserved(grant for grant in case.grants if grant.offer.offer_id == offer_id)
    return _limit("cap_offer_order", "该方案每单", row.per_order_fen, used_fen)


def _of_row_customer(row: RowCaps, offer_id: str, case: Case) -> Limit:
    used_fen = _reserved(grant for grant in _of_window(case, row.window_days) if grant.offer.offer_id == offer_id)
    return _limit("cap_offer_customer", "该方案对该顾客近期", row.per_customer_fen, used_fen)


def _limit(rule: str, what: str, cap_fen: int, used_fen: int) -> Limit:
    left_fen = max(0, cap_fen - used_fen)
    return Limit(rule=rule, left_fen=left_fen, why=f"{what}上限 {yuan(cap_fen)}，已占用 {yuan(used_fen)}")


def _of_window(case: Case, days: int) -> Iterable[Grant]:
    """The customer's grants of the last days; the order's own count even where the caller listed them only there."""
    since = case.now - timedelta(days=days)
    known = {grant.grant_id: grant for grant in (*case.customer_grants, *case.grants)}
    return (grant for grant in known.values() if grant.created_at >= since)


def _reserved(grants: Iterable[Grant]) -> int:
    return sum(grant.reserve_fen for grant in grants if grant.state in ACTIVE)
