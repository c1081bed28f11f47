"""Remedies for the way to the shopper: speed, postage, and the way back."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, ClassVar

from compensation.facts import delivery_lateness, is_returnable, lateness
from compensation.offer_type import Draft, Misfit, OfferType, Parameter, whole
from compensation.offers.drafting import PAID, UNDER_WAY, cash, coupon, sure
from compensation.reading import Node
from compensation.words import yuan
from retention.case import Case
from retention.order import Stage


@dataclass(frozen=True, kw_only=True)
class Expedite(OfferType):
    """Urge the parcel on and pay a little for the wait, whether or not its promise is broken yet."""

    kind: ClassVar[str] = "expedite"
    serves: ClassVar[frozenset[Stage]] = UNDER_WAY
    words: ClassVar[frozenset[str]] = frozenset({"situation", "cash"})

    cash_fen: Annotated[int, Parameter("cash_yuan", Node.yuan)]

    def draft(self, case: Case, at_most_fen: int) -> Draft | Misfit:
        return sure(
            self.cash_fen,
            terms={"expedite": True, "cash_fen": self.cash_fen},
            words={"situation": lateness(case).words, "cash": yuan(self.cash_fen)},
        )


@dataclass(frozen=True, kw_only=True)
class ExpressUpgrade(OfferType):
    """As expedite, and the parcel leaves with the express carrier, which costs the shop ``carrier_cost_fen``."""

    kind: ClassVar[str] = "express_upgrade"
    serves: ClassVar[frozenset[Stage]] = frozenset({Stage.PENDING_SHIPMENT})
    words: ClassVar[frozenset[str]] = frozenset({"situation", "cash"})

    cash_fen: Annotated[int, Parameter("cash_yuan", Node.yuan)]
    carrier_cost_fen: Annotated[int, Parameter("carrier_cost_yuan", Node.yuan)]
    late_hours_above: Annotated[int, Parameter("late_hours_above", whole(0, 720))]

    def draft(self, case: Case, at_most_fen: int) -> Draft | Misfit:
        late = lateness(case)
        if late.hours <= self.late_hours_above:
            return _not_late(late.hours, self.late_hours_above)
        cost_fen = self.cash_fen + self.carrier_cost_fen
        return sure(
            cost_fen,
            terms={"expedite": True, "upgrade_carrier": True, "cash_fen": self.cash_fen},
            words={"situation": late.words, "cash": yuan(self.cash_fen)},
        )


@dataclass(frozen=True, kw_only=True)
class NextDayVoucher(OfferType):
    """A voucher for next-day delivery of a coming order when the promised delivery is broken; this parcel is urged."""

    kind: ClassVar[str] = "next_day_voucher"
    serves: ClassVar[frozenset[Stage]] = UNDER_WAY
    words: ClassVar[frozenset[str]] = frozenset({"situation", "face"})

    face_fen: Annotated[int, Parameter("face_yuan", Node.yuan)]
    late_hours_above: Annotated[int, Parameter("late_hours_above", whole(0, 720))]
    redemption: Annotated[Decimal, Parameter("redemption", Node.share)]

    def draft(self, case: Case, at_most_fen: int) -> Draft | Misfit:
        late = delivery_lateness(case)
        if late.hours <= self.late_hours_above:
            return _not_late(late.hours, self.late_hours_above)
        return coupon(
            self.face_fen,
            self.redemption,
            terms={"expedite": True, "coupon_fen": self.face_fen, "coupon_threshold_fen": 0},
            words={"situation": late.words, "face": yuan(self.face_fen)},
        )


@dataclass(frozen=True, kw_only=True)
class ShippingRefund(OfferType):
    """The postage back."""

    kind: ClassVar[str] = "shipping_refund"
    serves: ClassVar[frozenset[Stage]] = PAID
    words: ClassVar[frozenset[str]] = frozenset({"postage"})

    def draft(self, case: Case, at_most_fen: int) -> Draft | Misfit:
        if case.order.shipping_fen <= 0:
            return Misfit(rule="no_postage", why="这单没有收运费，没有运费可退")
        return cash(case.order.shipping_fen, {"postage": yuan(case.order.shipping_fen)})


@dataclass(frozen=True, kw_only=True)
class ShippingInsurance(OfferType):
    """运费险: a return's postage is paid up to ``cover_fen``; the shop pays the premium, whether or not goods come back."""

    kind: ClassVar[str] = "shipping_insurance"
    serves: ClassVar[frozenset[Stage]] = UNDER_WAY
    words: ClassVar[frozenset[str]] = frozenset({"cover"})

    cover_fen: Annotated[int, Parameter("cover_yuan", Node.yuan)]
    premium_fen: Annotated[int, Parameter("premium_yuan", Node.yuan)]

    def draft(self, case: Case, at_most_fen: int) -> Draft | Misfit:
        if case.order.attributes.get("shipping_insurance") is True:
            return Misfit(rule="insured_already", why="这单已经有运费险")
        if not is_returnable(case):
            return Misfit(rule="no_return", why="这单不支持退货，运费险用不上")
        return Draft(
            value_fen=self.cover_fen,
            cost_fen=self.premium_fen,
            reserve_fen=self.premium_fen,
            terms={"insurance_fen": self.cover_fen},
            words={"cover": yuan(self.cover_fen)},
        )


def _not_late(hours: float, above: int) -> Misfit:
    so_far = f"目前晚了 {math.floor(hours)} 小时" if hours >= 1 else "目前没有延误"
    return Misfit(rule="not_late_enough", why=f"{so_far}，延误超过 {above} 小时才适用")
