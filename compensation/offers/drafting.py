"""What several kinds of remedy share: the stages they serve and how money becomes a draft."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal

from compensation.offer_type import Draft
from retention.order import MOVING, UNSHIPPED, Stage

UNDER_WAY = MOVING | {Stage.PENDING_SHIPMENT}
PAID = UNDER_WAY | {Stage.DELIVERED, Stage.AFTER_SALE}
LIVE = PAID | UNSHIPPED


def sure(amount_fen: int, *, terms: Mapping[str, bool | int | str], words: Mapping[str, str]) -> Draft:
    """Costs the shop all of it, for certain."""
    return Draft(value_fen=amount_fen, cost_fen=amount_fen, reserve_fen=amount_fen, terms=terms, words=words)


def cash(amount_fen: int, words: Mapping[str, str]) -> Draft:
    return sure(amount_fen, terms={"cash_fen": amount_fen}, words=words)


def coupon(
    face_fen: int, redemption: Decimal, *, terms: Mapping[str, bool | int | str], words: Mapping[str, str]
) -> Draft:
    """Costs the shop its face at most, and as often as coupons are used."""
    cost_fen = math.ceil(face_fen * redemption)
    return Draft(value_fen=face_fen, cost_fen=cost_fen, reserve_fen=face_fen, terms=terms, words=words)
