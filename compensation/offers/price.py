"""Remedies for what the order cost."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, ClassVar

from compensation.facts import drops
from compensation.offer_type import Draft, Misfit, OfferType, Parameter, Part, read_part
from compensation.offers.drafting import PAID, cash
from compensation.reading import Node
from compensation.words import yuan
from retention.case import Case
from retention.order import Stage


@dataclass(frozen=True, kw_only=True)
class PriceProtection(OfferType):
    """The difference back when the goods got cheaper after the order; the part the caps allow when that is less."""

    kind: ClassVar[str] = "price_protection"
    serves: ClassVar[frozenset[Stage]] = PAID
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
        return cash(amount_fen, {"fact": fact, "share": share, "amount": yuan(amount_fen)})
