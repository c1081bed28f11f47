"""Remedies in or around the goods: keep them for less, swap them, wait for them, get something beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar

from compensation.facts import goods_paid_fen, is_returnable, restocks
from compensation.offer_type import Draft, Misfit, OfferType, Parameter, Part, read_part, whole
from compensation.offers.drafting import cash, sure
from compensation.reading import Node
from compensation.words import china_date, day, fold, yuan
from retention.case import Case
from retention.order import UNSHIPPED, Stage


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
        return cash(amount_fen, {"share": share, "amount": yuan(amount_fen)})


@dataclass(frozen=True, kw_only=True)
class FreeExchange(OfferType):
    """Send the goods back and get the same again, postage both ways on the shop."""

    kind: ClassVar[str] = "free_exchange"
    serves: ClassVar[frozenset[Stage]] = frozenset({Stage.DELIVERED})
    words: ClassVar[frozenset[str]] = frozenset({"goods"})

    postage_fen: Annotated[int, Parameter("postage_yuan", Node.yuan)]

    def draft(self, case: Case, at_most_fen: int) -> Draft | Misfit:
        if len(case.order.lines) != 1:
            return Misfit(rule="several_goods", why="这单有多种商品，换哪一件要先和顾客确认")
        if not is_returnable(case):
            return Misfit(rule="no_return", why="这单不支持退换，或已过退换期")
        if restocks(case):
            return Misfit(rule="none_to_send", why="同款商品缺货，暂时换不了")
        return sure(
            self.postage_fen,
            terms={"exchange": True, "postage_fen": self.postage_fen},
            words={"goods": f"「{case.order.lines[0].title}」"},
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
        return sure(
            saved_fen,
            terms={"deposit_percent": self.percent_off},
            words={"fact": fact, "fold": fold(self.percent_off), "saved": yuan(saved_fen)},
        )


@dataclass(frozen=True, kw_only=True)
class Gift(OfferType):
    """Something put into the parcel. How many are left is the budget's to count, and the shop's to say with the order."""

    kind: ClassVar[str] = "gift"
    serves: ClassVar[frozenset[Stage]] = frozenset({Stage.PENDING_SHIPMENT})
    words: ClassVar[frozenset[str]] = frozenset({"gift", "worth"})

    sku: Annotated[str, Parameter("sku", Node.text)]
    name: Annotated[str, Parameter("name", Node.text)]
    stock: Annotated[int, Parameter("stock", whole(0, 1_000_000))]
    worth_fen: Annotated[int, Parameter("worth_yuan", Node.yuan)]
    cost_fen: Annotated[int, Parameter("cost_yuan", Node.yuan)]

    @property
    def budget_at_most_fen(self) -> int:
        return self.stock * self.cost_fen

    def draft(self, case: Case, at_most_fen: int) -> Draft | Misfit:
        told = case.order.attributes.get("gift_stock")
        left = told.get(self.sku) if isinstance(told, Mapping) else None
        if isinstance(left, (int, float)) and left <= 0:
            return Misfit(rule="gift_gone", why=f"赠品「{self.name}」已经送完")
        return Draft(
            value_fen=self.worth_fen,
            cost_fen=self.cost_fen,
            reserve_fen=self.cost_fen,
            terms={"gift_sku": self.sku, "gift_name": self.name},
            words={"gift": self.name, "worth": yuan(self.worth_fen)},
        )
