"""How much the shop may still give in one case: what is left under every cap, counting what was given before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from compensation.reading import Node
from compensation.rules import Rule
from compensation.words import china_date, midnight, yuan
from retention.case import Case
from retention.offer import ACTIVE, Grant


@dataclass(frozen=True, kw_only=True)
class ShopCaps:
    """Caps over all offers. A day is one in China; None is no cap."""

    order_margin_share: Decimal
    customer_cap_fen: int
    window_days: int
    per_day_fen: int | None = None


@dataclass(frozen=True, kw_only=True)
class RowCaps:
    """Caps of one catalog row. ``per_campaign_fen`` counts from ``campaign_from`` on."""

    per_order_fen: int
    per_customer_fen: int
    window_days: int
    per_day_fen: int | None = None
    per_campaign_fen: int | None = None
    campaign_from: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Limit:
    """The most that may still be reserved, and the cap that says so."""

    rule: str
    left_fen: int
    why: str  # Chinese, for an associate


def tightest(shop: ShopCaps, rules: Iterable[Rule], row: RowCaps, offer_id: str, case: Case) -> Limit:
    """The cap that leaves the least; of equals the first of those over all offers, then of the row's own."""
    return min((*_over_all(shop, rules, case), *_of_row(row, offer_id, case)), key=lambda limit: limit.left_fen)


def over_all(shop: ShopCaps, rules: Iterable[Rule], case: Case) -> Limit:
    """What is left for the order and its customer, whichever offer it is."""
    return min(_over_all(shop, rules, case), key=lambda limit: limit.left_fen)


def _over_all(shop: ShopCaps, rules: Iterable[Rule], case: Case) -> Iterator[Limit]:
    of_order_fen = _reserved(case.grants)
    of_customer_fen = _reserved(_of_window(case, shop.window_days))
    if case.order.margin_fen == 0:
        yield Limit(rule="no_margin", left_fen=0, why="本单没有可用于补偿的毛利")
    order_cap_fen = int(case.order.margin_fen * shop.order_margin_share)
    yield _limit("cap_order", "本单补偿上限", order_cap_fen, of_order_fen)
    for rule in rules:  # before the cap of everybody: of equals the one that was meant for the case says so
        yield from _of_rule(rule, case, of_order_fen, of_customer_fen)
    yield _limit("cap_customer", "该顾客近期补偿上限", shop.customer_cap_fen, of_customer_fen)
    if shop.per_day_fen is not None:
        used_fen = sum(case.spent.get(midnight(china_date(case.now)), {}).values())
        yield _limit("cap_day", "店铺今天补偿上限", shop.per_day_fen, used_fen)


def _of_rule(rule: Rule, case: Case, of_order_fen: int, of_customer_fen: int) -> Iterator[Limit]:
    if rule.deny:
        yield Limit(rule=rule.name, left_fen=0, why=rule.why)
    if rule.cap_fen is not None:
        yield _limit(rule.name, f"{rule.why}：上限", rule.cap_fen, of_customer_fen)
    if rule.order_cap_fen is not None:
        yield _limit(rule.name, f"{rule.why}：本单上限", rule.order_cap_fen, of_order_fen)
    if rule.cap_margin_share is not None:
        share_fen = int(case.order.margin_fen * rule.cap_margin_share)
        yield _limit(rule.name, f"{rule.why}：本单上限", share_fen, of_order_fen)


def _of_row(row: RowCaps, offer_id: str, case: Case) -> Iterator[Limit]:
    own = [grant for grant in case.grants if grant.offer.offer_id == offer_id]
    yield _limit("cap_offer_order", "该方案每单上限", row.per_order_fen, _reserved(own))
    lately = [grant for grant in _of_window(case, row.window_days) if grant.offer.offer_id == offer_id]
    yield _limit("cap_offer_customer", "该方案对该顾客近期上限", row.per_customer_fen, _reserved(lately))
    if row.per_day_fen is not None:
        used_fen = case.spent.get(midnight(china_date(case.now)), {}).get(offer_id, 0)
        yield _limit("cap_offer_day", "该方案今天上限", row.per_day_fen, used_fen)
    if row.per_campaign_fen is not None and row.campaign_from is not None:
        used_fen = case.spent.get(row.campaign_from, {}).get(offer_id, 0)
        yield _limit("cap_campaign", "该方案本次活动上限", row.per_campaign_fen, used_fen)


def windows(shop: ShopCaps, rows: Iterable[RowCaps], now: datetime) -> frozenset[datetime]:
    """The moments since which ``Case.spent`` must be counted for every cap to hold."""
    rows = tuple(rows)
    begins = {row.campaign_from for row in rows if row.per_campaign_fen is not None and row.campaign_from is not None}
    if shop.per_day_fen is not None or any(row.per_day_fen is not None for row in rows):
        begins.add(midnight(china_date(now)))
    return frozenset(begins)


def read_shop_caps(node: Node) -> ShopCaps:
    found = node.mapping(("order_margin_share", "customer", "window_days"), optional=("per_day_yuan",))
    return ShopCaps(
        order_margin_share=found["order_margin_share"].share(),
        customer_cap_fen=found["customer"].mapping(("cap_yuan",))["cap_yuan"].yuan(),
        window_days=found["window_days"].whole(1, 366),
        per_day_fen=found["per_day_yuan"].yuan() if "per_day_yuan" in found else None,
    )


def read_row_caps(node: Node, *, begins: date | None) -> RowCaps:
    """``begins`` is the first day of the row's campaign, if it has one."""
    found = node.mapping(
        ("per_order_yuan", "per_customer_yuan", "window_days"), optional=("per_day_yuan", "per_campaign_yuan")
    )
    if "per_campaign_yuan" in found and begins is None:
        raise found["per_campaign_yuan"].wrong("有 dates.from 的方案才写的上限", "写上 dates.from，从那天起算")
    return RowCaps(
        per_order_fen=found["per_order_yuan"].yuan(),
        per_customer_fen=found["per_customer_yuan"].yuan(),
        window_days=found["window_days"].whole(1, 366),
        per_day_fen=found["per_day_yuan"].yuan() if "per_day_yuan" in found else None,
        per_campaign_fen=found["per_campaign_yuan"].yuan() if "per_campaign_yuan" in found else None,
        campaign_from=midnight(begins) if begins is not None else None,
    )


def _limit(rule: str, what: str, cap_fen: int, used_fen: int) -> Limit:
    left_fen = max(0, cap_fen - used_fen)
    return Limit(rule=rule, left_fen=left_fen, why=f"{what} {yuan(cap_fen)}，已占用 {yuan(used_fen)}")


def _of_window(case: Case, days: int) -> Iterable[Grant]:
    """The customer's grants of the last days; the order's own count even where the caller listed them only there."""
    since = case.now - timedelta(days=days)
    known = {grant.grant_id: grant for grant in (*case.customer_grants, *case.grants)}
    return (grant for grant in known.values() if grant.created_at >= since)


def _reserved(grants: Iterable[Grant]) -> int:
    return sum(grant.reserve_fen for grant in grants if grant.state in ACTIVE)
