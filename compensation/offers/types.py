"""Every kind of remedy there is, by name."""

from __future__ import annotations

from collections.abc import Mapping

from compensation.offer_type import OfferType
from compensation.offers.delivery import Expedite, ExpressUpgrade, NextDayVoucher, ShippingInsurance, ShippingRefund
from compensation.offers.goods import DepositDiscount, FreeExchange, Gift, PartialRefund
from compensation.offers.payment import PaymentLink
from compensation.offers.price import PriceProtection
from compensation.offers.rewards import CarePlan, Coupon, Points

_ALL: tuple[type[OfferType], ...] = (
    *(PriceProtection, Expedite, ExpressUpgrade, NextDayVoucher, ShippingRefund, ShippingInsurance, PartialRefund),
    *(FreeExchange, DepositDiscount, Gift, Coupon, Points, CarePlan, PaymentLink),
)
TYPES: Mapping[str, type[OfferType]] = {each.kind: each for each in _ALL}
