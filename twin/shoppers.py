"""The demo shop's shoppers: invented people, each with a story to try."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from retention.customer import Customer


@dataclass(frozen=True, kw_only=True)
class DemoShopper:
    """``story`` is one Chinese line for the demo page."""

    customer_id: str
    name: str
    story: str


SHOPPERS: tuple[DemoShopper, ...] = (
    DemoShopper(customer_id="demo-late", name="林夏", story="跑鞋在路上，承诺送达已经超了 2 天 14 小时"),
    DemoShopper(customer_id="demo-price", name="周予安", story="床垫刚下单，本店就降价 20%"),
    DemoShopper(customer_id="demo-rival", name="陈可", story="耳机在路上，别家同款便宜 18%"),
    DemoShopper(customer_id="demo-size", name="许诺", story="牛仔裤还没发货，尺码拍错了"),
    DemoShopper(customer_id="demo-address", name="沈一宁", story="四件套还没发货，地址填成了旧家"),
    DemoShopper(customer_id="demo-moving", name="何以宁", story="两个包裹都在路上想改地址，一个能改一个不能"),
    DemoShopper(customer_id="demo-restock", name="顾晓", story="羽绒服缺货，5 天后到货"),
    DemoShopper(customer_id="demo-restock-long", name="罗晨", story="餐桌缺货，要等 20 天"),
    DemoShopper(customer_id="demo-payment", name="方圆", story="订单还没付款，付款页退出两次、失败一次"),
    DemoShopper(customer_id="demo-quality", name="唐果", story="炒锅签收 3 天，担心涂层质量"),
    DemoShopper(customer_id="demo-old", name="秦川", story="键盘签收 20 天了，想退"),
    DemoShopper(customer_id="demo-vip", name="江明远", story="价值分 92 的老顾客，电视晚到 2 天 2 小时，还有 3 个订单"),
    DemoShopper(customer_id="demo-thin", name="白露", story="手机订单毛利只有 4%，能给的补偿很少"),
    DemoShopper(customer_id="demo-sale", name="袁圆", story="大促凑单买了三样，还有一单拍重了"),
    DemoShopper(customer_id="demo-dispatch", name="苏叶", story="说好的发货时间过了 30 小时还没发"),
    DemoShopper(customer_id="demo-many", name="叶知秋", story="同时有 6 个订单，从待付款到已签收都有"),
    DemoShopper(customer_id="demo-serial", name="马可", story="22 单取消过 14 单，反复改地址"),
    DemoShopper(customer_id="demo-two", name="简宁", story="一单两样一样缺货，另有一单可合并、一单已签收可上门取件"),
    DemoShopper(customer_id="demo-optout", name="宋词", story="拒绝自动决策，只接受人工处理"),
)

_USUAL: Mapping[str, object] = {"tier": "regular", "rfm": 52.0, "lifetime_orders": 6, "lifetime_spend_fen": 128_000}
_PROFILES: Mapping[str, Mapping[str, object]] = {
    "demo-late": {"rfm": 58.0, "lifetime_orders": 9, "lifetime_spend_fen": 246_000},
    "demo-price": {"tier": "silver", "rfm": 66.0, "lifetime_orders": 11, "lifetime_spend_fen": 512_000},
    "demo-payment": {"tier": "new", "rfm": 30.0, "lifetime_orders": 0, "lifetime_spend_fen": 0},
    "demo-vip": {
        "tier": "gold",
        "rfm": 92.0,
        "lifetime_orders": 48,
        "lifetime_spend_fen": 3_860_000,
        "cancelled_orders": 1,
        "returned_orders": 1,
    },
    "demo-many": {"tier": "silver", "rfm": 71.0, "lifetime_orders": 21, "lifetime_spend_fen": 690_000},
    "demo-serial": {"rfm": 34.0, "lifetime_orders": 22, "cancelled_orders": 14, "returned_orders": 3},
    "demo-optout": {"opted_out": True},
}


def customer(shopper: DemoShopper) -> Customer:
    profile = {**_USUAL, **_PROFILES.get(shopper.customer_id, {})}
    return Customer(
        customer_id=shopper.customer_id,
        name=shopper.name,
        attributes={"synthetic": True, "demo": True},
        **profile,  # type: ignore[arg-type]
    )
