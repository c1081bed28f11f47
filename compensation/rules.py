"""The shop's own rules over all offers, as rows: every one that fits applies, so the strictest wins."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from compensation.audience import AUDIENCE_KEYS, Audience, read_audience
from compensation.reading import Node
from retention.case import Case
from retention.hearing import Reason
from retention.order import Stage

_WHEN_KEYS = (
    *AUDIENCE_KEYS,
    *("categories", "regions", "channels", "order_yuan_above", "promotion", "reasons", "stages"),
)
_THEN_KEYS = ("deny", "only", "cap_yuan", "order_cap_yuan", "cap_margin_share")


PREFIX = "rule_"
"""Begins the name of every refusal of such a rule."""


@dataclass(frozen=True, kw_only=True)
class Condition:
    """When a rule applies. What is empty or None says nothing; ``regions`` are provinces or cities of the address."""

    audience: Audience
    categories: frozenset[str]
    regions: frozenset[str]
    channels: frozenset[str]
    order_above_fen: int | None
    promotion: bool | None
    reasons: frozenset[Reason]
    stages: frozenset[Stage]

    def fits(self, case: Case) -> bool:
        order = case.order
        return (
            self.audience.has(case.customer)
            and (not self.categories or not self.categories.isdisjoint(line.category for line in order.lines))
            and (not self.regions or not self.regions.isdisjoint((order.address.province, order.address.city)))
            and (not self.channels or order.channel in self.channels)
            and (self.order_above_fen is None or order.paid_fen > self.order_above_fen)
            and (self.promotion is None or self.promotion is (order.promotion_id is not None))
            and (not self.reasons or not self.reasons.isdisjoint(case.reasons))
            and (not self.stages or order.stage in self.stages)
        )


@dataclass(frozen=True, kw_only=True)
class Rule:
    """``only`` None lets every offer through. ``cap_fen`` is for the customer within the shop's window, the order included;
    ``order_cap_fen`` and ``cap_margin_share`` are for the order.
    """

    rule_id: str
    why: str
    when: Condition
    deny: bool
    only: frozenset[str] | None
    cap_fen: int | None
    order_cap_fen: int | None
    cap_margin_share: Decimal | None

    @property
    def name(self) -> str:
        """How a refusal calls it."""
        return PREFIX + self.rule_id

    def forbids(self, offer_id: str) -> bool:
        return self.deny or (self.only is not None and offer_id not in self.only)


def applying(rules: tuple[Rule, ...], case: Case) -> tuple[Rule, ...]:
    return tuple(rule for rule in rules if rule.when.fits(case))


def read_rule(node: Node) -> Rule:
    """Raises CatalogError. Whether the offers of ``only`` exist is for the catalog to check."""
    found = node.mapping(("id", "why", "when", "then"))
    then = found["then"].mapping((), optional=_THEN_KEYS)
    if not then:
        raise found["then"].wrong(f"至少一项：{'、'.join(_THEN_KEYS)}")
    if "deny" in then and not then["deny"].flag():
        raise then["deny"].wrong("true", "不想拒绝就删去这一项")
    return Rule(
        rule_id=found["id"].identifier(),
        why=found["why"].text(),
        when=_condition(found["when"]),
        deny="deny" in then,
        only=then["only"].texts("方案编号") if "only" in then else None,
        cap_fen=then["cap_yuan"].yuan() if "cap_yuan" in then else None,
        order_cap_fen=then["order_cap_yuan"].yuan() if "order_cap_yuan" in then else None,
        cap_margin_share=then["cap_margin_share"].share() if "cap_margin_share" in then else None,
    )


def _condition(node: Node) -> Condition:
    found = node.mapping((), optional=_WHEN_KEYS)
    none = frozenset[str]()
    return Condition(
        audience=read_audience(found),
        categories=found["categories"].texts("品类") if "categories" in found else none,
        regions=found["regions"].texts("省份或城市") if "regions" in found else none,
        channels=found["channels"].texts("渠道") if "channels" in found else none,
        order_above_fen=found["order_yuan_above"].yuan() if "order_yuan_above" in found else None,
        promotion=found["promotion"].flag() if "promotion" in found else None,
        reasons=frozenset(found["reasons"].choices(Reason)) if "reasons" in found else frozenset(),
        stages=frozenset(found["stages"].choices(Stage)) if "stages" in found else frozenset(),
    )
