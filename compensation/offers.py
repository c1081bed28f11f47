"""The kinds of remedy a catalog row can be. A new kind is one class here; one law suite checks every one of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, ClassVar

from compensation.facts import delivery_lateness, drops, goods_paid_fen, lateness, restocks
from compensation.offer_type import Draft, Misfit, OfferType, Parameter, Part, read_part, whole
from compensation.reading import Node
from compensation.words import china_date, day, fold, yuan
from retention.case import Case
from retention.order import MOVING, UNSHIPPED, Stage

_PAID = MOVING | {Stage.PENDING_SHIPMENT, Stage.DELIVERED, Stage.AFTER_SALE}
_UNDER_WAY = MOVING | {Stage.PENDING_SHIPMENT}
_LIVE = _PAID | UNSHIPPED


@dataclass(frozen=True, kw_only=True)
class PriceProtection(OfferType):
    """The difference back when the goods got cheaper after the order; the part the caps allow when that is less."""

    kind: ClassVar[str] = "price_protection"
    serves: ClassVar[frozenset[Stage]] = _PAID
    words: ClassVar[frozenset[str]] = frozenset({"fact", "share", "amount"})

    min_drop: Annotated[Decimal, Parameter("min_drop", Node.share)]
    part: Annotated[Part, Parameter("part", read_part)]

    def draft(self, case: Case, at_most_fen: int) -> Draft | Misfit:
        cheaper = drops(case)
        enough = [drop for drop in cheaper if drop.paid_fen - drop.now_fen >= self.min_drop * drop.paid_fen]
        if not cheaper:
            return Misfit(rule="no_price_drop", why="下单后没有查到本店或其他商家的降价")
        if not enough:
            most = max((drop.paid_fen - drop.now_fen) * 100 // drop.paid_fen for drop in cheaper)
            return Misfit(rule="small_price_drop", why=f"降幅 {most}%，未到保价要求的 {self.min_drop * 100:.0f}%")
        wanted_fen = sum(drop.difference_fen for drop in enough)
        amount_fen = self.part.of(wanted_fen, at_most_fen)
        fact = f"您这单有 {len(enough)} 种商品现价更低" if len(enough) > 1 else enough[0].words
        share = f"差价 {yuan(wanted_fen)}全部补给您"
        if amount_fen < wanted_fen:
            share = f"差价一共 {yuan(wanted_fen)}，按店铺规则这次能补其中的 {yuan(amount_fen)}"
        return _cash(amount_fen, {"fact": fact, "share": share, "amount": yuan(amount_fen)})


@dataclass(frozen=True, kw_only=True)
class Expedite(OfferType):
    """Urge the parcel on and pay a little for the wait, whether or not its promise is broken yet."""

    kind: ClassVar[str] = "expedite"
    serves: ClassVar[frozenset[Stage]] = _UNDER_WAY
    words: ClassVar[frozenset[str]] = frozenset({"situation", "cash"})

    cash_fen: Annotated[int, Parameter("cash_yuan", Node.yuan)]

    def draft(self, case: Case, at_most_fen: int) -> Draft | Misfit:
        return _sure(
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
        return _sure(
            cost_fen,
            terms={"expedite": True, "upgrade_carrier": True, "cash_fen": self.cash_fen},
            words={"situation": late.words, "cash": yuan(self.cash_fen)},
        )


@dataclass(frozen=True, kw_only=True)
class NextDayVoucher(OfferType):
    """A voucher for next-day delivery of a coming order when the promised delivery is broken; this parcel is urged."""

    kind: ClassVar[str] = "next_day_voucher"
    serves: ClassVar[frozenset[Stage]] = _UNDER_WAY
    words: ClassVar[frozenset[str]] = frozenset({"situation", "face"})

    face_fen: Annotated[int, Parameter("face_yuan", Node.yuan)]
    late_hours_above: Annotated[int, Parameter("late_hours_above", whole(0, 720))]
    redemption: Annotated[Decimal, Parameter("redemption", Node.share)]

    def draft(self, case: Case, at_most_fen: int) -> Draft | Misfit:
        late = delivery_lateness(case)
        if late.hours <= self.late_hours_above:
            return _not_late(late.hours, self.late_hours_above)
        return _coupon(
            self.face_fen,
            self.redemption,
            terms={"expedite": True, "coupon_fen": self.face_fen, "coupon_threshold_fen": 0},
            words={"situation": late.words, "face": yuan(self.face_fen)},
        )


@dataclass(frozen=True, kw_only=True)
class ShippingRefund(OfferType):
    """The postage back."""

    kind: ClassVar[str] = "shipping_refund"
    serves: ClassVar[frozenset[Stage]] = _PAID
    words: ClassVar[frozenset[str]] = frozenset({"postage"})

    def draft(self, case: Case, at_most_fen: int) -> Draft | Misfit:
        if case.order.shipping_fen <= 0:
            return Misfit(rule="no_postage", why="这单没有收运费，没有运费可退")
        return _cash(case.order.shipping_fen, {"postage": yuan(case.order.shipping_fen)})


@dataclass(frozen=True, kw_only=True)
class PartialRefund(OfferType):
    """Keep the goods and get a part of their price back; less when the caps allow only less."""

    kind: ClassVar[str] = "partial_refund"
    serves: ClassVar[frozenset[Stage]] = frozenset({Stage.DELIVERED, Stage.AFTER_SALE})
    words: ClassVar[frozenset[str]] = frozenset({"share", "amount"})

    percent: Annotated[int, Parameter("percent", whole(1, 100))]
    part: Annotated[Part, Parameter("part", read_part)]

    def draft(self, case: Case, at_most_fen: int) -> Draft | Misfit:
        wanted_fen = goods_paid_fen(case) * self.percent // 100
        if wanted_fen <= 0:
            return Misfit(rule="nothing_paid", why="这单没有可退的货款")
        amount_fen = self.part.of(wanted_fen, at_most_fen)
        share = f"退您货款的 {self.percent}%，共 {yuan(amount_fen)}"
        if amount_fen < wanted_fen:
            share = f"货款的 {self.percent}% 是 {yuan(wanted_fen)}，按店铺规则这次能退其中的 {yuan(amount_fen)}"
        return _cash(amount_fen, {"share": share, "amount": yuan(amount_fen)})


@dataclass(frozen=True, kw_only=True)
class Coupon(OfferType):
    """A coupon for a next order of at least ``threshold``; no threshold is zero."""

    kind: ClassVar[str] = "coupon"
    serves: ClassVar[frozenset[Stage]] = _LIVE
    words: ClassVar[frozenset[str]] = frozenset({"face", "threshold"})

    face_fen: Annotated[int, Parameter("face_yuan", Node.yuan)]
    threshold_fen: Annotated[int, Parameter("threshold_yuan", Node.yuan)]
    redemption: Annotated[Decimal, Parameter("redemption", Node.share)]

    def draft(self, case: Case, at_most_fen: int) -> Draft | Misfit:
        return _coupon(
            self.face_fen,
            self.redemption,
            terms={"coupon_fen": self.face_fen, "coupon_threshold_fen": self.threshold_fen},
            words={"face": yuan(self.face_fen), "threshold": yuan(self.threshold_fen)},
        )


@dataclass(frozen=True, kw_only=True)
class DepositDiscount(OfferType):
    """Wait for goods that come back soon: ``deposit_percent`` of the terms comes off what the order's goods cost."""

    kind: ClassVar[str] = "deposit_discount"
    serves: ClassVar[frozenset[Stage]] = UNSHIPPED
    words: ClassVar[frozenset[str]] = frozenset({"fact", "fold", "saved"})

    percent_off: Annotated[int, Parameter("percent_off", whole(1, 99))]
    max_restock_days: Annotated[int, Parameter("max_restock_days", whole(0, 90))]

    def draft(self, case: Case, at_most_fen: int) -> Draft | Misfit:
        awaited, today = restocks(case), china_date(case.now)
        dates = [each.back_on for each in awaited if each.back_on is not None and each.back_on >= today]
        saved_fen = goods_paid_fen(case) * self.percent_off // 100
        if not awaited or saved_fen <= 0:
            return Misfit(rule="nothing_awaited", why="没有查到这单有缺货待到的商品")
        if len(dates) < len(awaited):
            return Misfit(rule="no_restock_date", why="缺货商品还没有确定的到货日期")
        days = (max(dates) - today).days
        if days > self.max_restock_days:
            return Misfit(rule="restock_too_far", why=f"还要 {days} 天到货，超过 {self.max_restock_days} 天")
        goods = f"「{awaited[0].line.title}」" if len(awaited) == 1 else f"您这单等货的 {len(awaited)} 种商品"
        countdown = f"还有 {days} 天" if days else "就是今天"
        fact = f"{goods}预计 {day(max(dates))}到货，{countdown}"
        return _sure(
            saved_fen,
            terms={"deposit_percent": self.percent_off},
            words={"fact": fact, "fold": fold(self.percent_off), "saved": yuan(saved_fen)},
        )


@dataclass(frozen=True, kw_only=True)
class Points(OfferType):
    """Loyalty points, worth ``fen_per_point`` each when they are used."""

    kind: ClassVar[str] = "points"
    serves: ClassVar[frozenset[Stage]] = _LIVE
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


TYPES: Mapping[str, type[OfferType]] = {each.kind: each for each in OfferType.__subclasses__()}


def _sure(amount_fen: int, *, terms: Mapping[str, bool | int], words: Mapping[str, str]) -> Draft:
    """Costs the shop all of it, for certain."""
    return Draft(value_fen=amount_fen, cost_fen=amount_fen, reserve_fen=amount_fen, terms=terms, words=words)


def _cash(amount_fen: int, words: Mapping[str, str]) -> Draft:
    return _sure(amount_fen, terms={"cash_fen": amount_fen}, words=words)


def _coupon(face_fen: int, redemption: Decimal, *, terms: Mapping[str, bool | int], words: Mapping[str, str]) -> Draft:
    """Costs the shop its face at most, and as often as coupons are used."""
    cost_fen = math.ceil(face_fen * redemption)
    return Draft(value_fen=face_fen, cost_fen=cost_fen, reserve_fen=face_fen, terms=terms, words=words)


def _not_late(hours: float, above: int) -> Misfit:
    so_far = f"目前晚了 {math.floor(hours)} 小时" if hours >= 1 else "目前没有延误"
    return Misfit(rule="not_late_enough", why=f"{so_far}，延误超过 {above} 小时才适用")
