"""A remedy for a payment that does not go through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from compensation.offer_type import Draft, Misfit, OfferType
from compensation.offers.drafting import sure
from retention.case import Case
from retention.order import Stage


@dataclass(frozen=True, kw_only=True)
class PaymentLink(OfferType):
    """一步支付: the shop's own short way to pay for this order, ``payment_url`` among what it sent of it. Costs nothing."""

    kind: ClassVar[str] = "payment_link"
    serves: ClassVar[frozenset[Stage]] = frozenset({Stage.PENDING_PAYMENT})
    words: ClassVar[frozenset[str]] = frozenset()
    free: ClassVar[bool] = True

    def draft(self, case: Case, at_most_fen: int) -> Draft | Misfit:
        url = case.order.attributes.get("payment_url")
        if not isinstance(url, str) or not url.startswith("https://"):
            return Misfit(rule="no_payment_link", why="店铺没有为这单发来一步支付链接")
        return sure(0, terms={"payment_url": url}, words={})
