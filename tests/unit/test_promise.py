"""What a shopper is told happens next, from the terms of what was granted."""

from __future__ import annotations

import pytest

from retention.promise import promise


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({"expedite": True, "cash_fen": 500}, "已为这单提交加急，5 元会原路退回"),
        ({"coupon_fen": 10000, "coupon_threshold_fen": 50000}, "100 元优惠券会放进您的账户"),
        ({"points": 500}, "500 积分会记到您的账户"),
        ({"insurance_fen": 1200}, "这单会加上运费险，退货寄回的运费最多赔 12 元"),
        ({"gift_sku": "GIFT-TOWEL", "gift_name": "运动毛巾"}, "运动毛巾会随单寄出"),
        ({"exchange": True, "postage_fen": 2000}, "换货已经登记，来回运费由店铺承担"),
        ({"payment_url": "https://pay.example.cn/A1"}, "点这个链接就能付款：https://pay.example.cn/A1 "),
        ({"care_days": 30, "points_times": 2, "points_at_most": 1000}, "30 天关怀权益会记到您的账户"),
        ({"deposit_percent": 10}, "已经记到您的订单上"),
        ({"expedite": False, "cash_fen": 0}, "已经记到您的订单上"),
    ],
)
def test_a_grant_is_said_by_what_happens_next(terms: dict[str, object], said: str) -> None:
    assert promise(terms) == said
