"""Remedies for later: what the shopper may use on a next order."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, ClassVar

from compensation.offer_type import Draft, Misfit, OfferType, Parameter, whole
from compensation.offers.drafting import LIVE, coupon
from compensation.reading import Node
from compensation.words import yuan
from retention.case import Case
from retention.order import Stage


@dataclass(frozen=True, kw_only=True)
class Coupon(OfferType):
    """A coupon for a next order of at least ``threshold``; no threshold is zero."""

    kind: ClassVar[str] = "coupon"
    serves: ClassVar[frozenset[Stage]] = LIVE
    words: ClassVar[frozenset[str]] = frozenset({"face", "threshold"})

    face_fen: Annotated[int, Parameter("face_yuan", Node.yuan)]
    threshold_fen: Annotated[int, Parameter("threshold_yuan", Node.yuan)]
    redemption: Annotated[Decimal, Parameter("redemption", Node.share)]

    def draft(self, case: Case, at_most_fen: int) -> Draft | Misfit:
        return coupon(
            self.face_fen,
            self.redemption,
            terms={"coupon_fen": self.face_fen, "coupon_threshold_fen": self.threshold_fen},
            words={"face": yuan(self.face_fen), "threshold": yuan(self.threshold_fen)},
        )


@dataclass(frozen=True, kw_only=True)
class Points(OfferType):
    """Loyalty points, worth ``fen_per_point`` each when they are used."""

    kind: ClassVar[str] = "points"
    serves: ClassVar[frozenset[Stage]] = LIVE
    words: ClassVar[frozenset[str]] = frozenset({"points", "worth"})

    points: Annotated[int, Parameter("points", whole(1, 1_000_000))]
    fen_per_point: Annotated[Decimal, Parameter("fen_per_point", lambda node: node.decimal(0, 100))]
    redemption: Annotated[Decimal, Parameter("redemption", Node.share)]

    def draft(self, case: Case, at_most_fen: int) -> Draft | Misfit:
        worth = self.points * self.fen_per_point
        return Draft(
            value_fen=math.floor(worth),
            cost_fen=math.ceil(worth * self.redemption),
            reserve_fen=math.ceil(worth),
            terms={"points": self.points},
            words={"points": str(self.points), "worth": yuan(math.floor(worth))},
        )


@dataclass(frozen=True, kw_only=True)
class CarePlan(OfferType):
    """Some weeks of extra care after an order was kept: points count ``points_times``, up to ``points_at_most`` extra."""

    kind: ClassVar[str] = "care_plan"
    serves: ClassVar[frozenset[Stage]] = LIVE
    words: ClassVar[frozenset[str]] = frozenset({"days", "perks"})

    days: Annotated[int, Parameter("days", whole(1, 366))]
    points_times: Annotated[int, Parameter("points_times", whole(2, 10))]
    points_at_most: Annotated[int, Parameter("points_at_most", whole(1, 1_000_000))]
    early_access: Annotated[bool, Parameter("early_access", Node.flag)]
    fen_per_point: Annotated[Decimal, Parameter("fen_per_point", lambda node: node.decimal(0, 100))]
    used: Annotated[Decimal, Parameter("used", Node.share)]

    def draft(self, case: Case, at_most_fen: int) -> Draft | Misfit:
        most = self.points_at_most * self.fen_per_point
        perks = f"下单积分按 {self.points_times} 倍算（最多多送 {self.points_at_most} 分）"
        if self.early_access:
            perks += "，上新也能提前选购"
        return Draft(
            value_fen=math.floor(most),
            cost_fen=math.ceil(most * self.used),
            reserve_fen=math.ceil(most),
            terms={
                "care_days": self.days,
                "points_times": self.points_times,
                "points_at_most": self.points_at_most,
                "early_access": self.early_access,
            },
            words={"days": str(self.days), "perks": perks},
        )
