"""Which orders a scenario is about, and what two scenarios have in common."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, fields
from typing import TypeVar

from policies.days import Days
from policies.regions import Region, region_of
from retention.case import Case
from retention.order import Order, Stage
from retention.words import CHINA

Path = tuple[str, ...]
ANY = "any"
ANY_PROMOTION = frozenset({ANY})
ENDLESS_FEN = 10**15
"""Where amounts without an upper bound end: more than any order."""
_STEP = re.compile(r"\s*[/>＞／]\s*")


def category_path(text: str) -> Path:
    """服饰/女装 and 服饰 > 女装 are one."""
    return tuple(part for part in _STEP.split(text.strip()) if part)


def category_of(order: Order) -> Path:
    """That of the goods that most of the order's money is for, so that an order has one; none without goods."""
    dearest = max(order.lines, key=lambda line: line.qty * line.unit_price_fen, default=None)
    return category_path(dearest.category) if dearest else ()


@dataclass(frozen=True, kw_only=True)
class Condition:
    """All of it must hold; None says nothing.

    ``promotions`` ANY_PROMOTION is any promotion at all. ``categories`` and ``regions`` fit what lies below them, too.
    ``paid_fen`` is from its start up to but not including its end. ``days`` and ``hours`` are those of now in China.
    """

    promotions: frozenset[str] | None = None
    categories: frozenset[Path] | None = None
    regions: frozenset[Region] | None = None
    paid_fen: range | None = None
    days: Days | None = None
    hours: frozenset[int] | None = None
    tiers: frozenset[str] | None = None
    channels: frozenset[str] | None = None
    stages: frozenset[Stage] | None = None

    def fits(self, case: Case) -> bool:
        order, now = case.order, case.now.astimezone(CHINA)
        return (
            (self.promotions is None or _is_promoted(order, self.promotions))
            and (self.stages is None or order.stage in self.stages)
            and (self.tiers is None or case.customer.tier in self.tiers)
            and (self.channels is None or order.channel in self.channels)
            and (self.paid_fen is None or order.paid_fen in self.paid_fen)
            and (self.hours is None or now.hour in self.hours)
            and (self.days is None or self.days.include(now.date()))
            and (self.regions is None or _is_under(region_of(order.address), self.regions))
            and (self.categories is None or _is_under(category_of(order), self.categories))
        )

    def common(self, other: Condition) -> Condition | None:
        """What orders of both fit, or None when no order can. No part of an order decides another, so each is compared
        by itself."""
        both = Condition(
            promotions=_both(self.promotions, other.promotions, _promotions),
            categories=_both(self.categories, other.categories, _deeper),
            regions=_both(self.regions, other.regions, _deeper),
            paid_fen=_both(self.paid_fen, other.paid_fen, _range),
            days=_both(self.days, other.days, Days.common),
            hours=_both(self.hours, other.hours, frozenset.intersection),
            tiers=_both(self.tiers, other.tiers, frozenset.intersection),
            channels=_both(self.channels, other.channels, frozenset.intersection),
            stages=_both(self.stages, other.stages, frozenset.intersection),
        )
        return both if both._is_possible() else None

    def _is_possible(self) -> bool:
        parts = (getattr(self, field.name) for field in fields(self))
        return all(part is None or bool(part) for part in parts)


_Part = TypeVar("_Part")


def _both(one: _Part | None, other: _Part | None, common: Callable[[_Part, _Part], _Part]) -> _Part | None:
    if one is None or other is None:
        return other if one is None else one
    return common(one, other)


def _is_promoted(order: Order, promotions: frozenset[str]) -> bool:
    return bool(order.promotion_id) and (promotions == ANY_PROMOTION or order.promotion_id in promotions)


def _promotions(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    if ANY_PROMOTION in (one, other):
        return other if one == ANY_PROMOTION else one
    return one & other


def _is_under(path: Path, places: Collection[Path]) -> bool:
    return any(path[: len(place)] == place for place in places)


def _deeper(one: frozenset[Path], other: frozenset[Path]) -> frozenset[Path]:
    """The places that lie in both, each as narrow as the narrower says."""
    return frozenset(
        [path for path in one if _is_under(path, other)] + [path for path in other if _is_under(path, one)]
    )


def _range(one: range, other: range) -> range:
    return range(max(one.start, other.start), min(one.stop, other.stop))
