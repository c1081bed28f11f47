"""What happens next when a grant is issued, as a shopper reads it: from its terms alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from retention.words import yuan

_OF_AMOUNT: Mapping[str, Callable[[int], str]] = {
    "cash_fen": lambda fen: f"{yuan(fen)}会原路退回",
    "coupon_fen": lambda fen: f"{yuan(fen)}优惠券会放进您的账户",
    "points": lambda points: f"{points} 积分会记到您的账户",
    "insurance_fen": lambda fen: f"这单会加上运费险，退货寄回的运费最多赔 {yuan(fen)}",
    "care_days": lambda days: f"{days} 天关怀权益会记到您的账户",
}
_OF_FLAG: Mapping[str, str] = {
    "expedite": "已为这单提交加急",
    "exchange": "换货已经登记，来回运费由店铺承担",
}
_OF_TEXT: Mapping[str, str] = {
    "gift_name": "{}会随单寄出",
    "payment_url": "点这个链接就能付款：{} ",  # the space keeps what follows out of the link
}


def promise(terms: Mapping[str, object]) -> str:
    said = []
    for name, value in terms.items():
        if name in _OF_FLAG and value is True:
            said.append(_OF_FLAG[name])
        elif name in _OF_AMOUNT and isinstance(value, int) and value > 0:
            said.append(_OF_AMOUNT[name](value))
        elif name in _OF_TEXT and isinstance(value, str):
            said.append(_OF_TEXT[name].format(value))
    return "，".join(said) if said else "已经记到您的订单上"
