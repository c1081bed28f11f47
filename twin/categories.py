"""The synthetic shop's categories: a tree of three levels, and what each changes about why an order is lost.

A path is written 家居/厨具/轻便厨具. Its effects are drawn around its parent's, so what is known of a parent says much of a
child nobody has bought yet. They are drawn from the path alone: every history, whatever its seed, has the same truth.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from twin.dice import Dice

SEPARATOR = "/"
STEP = 0.3
"""How far a child's share of the logit lies from its parent's, as a standard deviation."""
LEAN = 0.25
"""The same for the logarithm of how much price and logistics count."""


@dataclass(frozen=True, kw_only=True)
class Effect:
    """``base`` is added to the logit; ``price`` and ``logistics`` multiply what price moves and delays weigh."""

    base: float
    price: float
    logistics: float


FAST_MOVING = Effect(base=0.0, price=1.5, logistics=0.7)
DURABLE = Effect(base=0.0, price=0.7, logistics=1.35)
WORN = Effect(base=0.1, price=1.0, logistics=1.0)
TOPS: Mapping[str, Effect] = {
    "服饰": WORN,
    "鞋": WORN,
    "手机数码": DURABLE,
    "家电": DURABLE,
    "家居": DURABLE,
    "运动": DURABLE,
    "食品": FAST_MOVING,
    "美妆": FAST_MOVING,
    "母婴": FAST_MOVING,
    "图书": FAST_MOVING,
}

_MIDDLES: Mapping[str, str] = {
    "服饰": "外套 衬衫 毛衣 长裤 半裙 内衣",
    "鞋": "跑鞋 皮鞋 靴子 凉鞋 帆布鞋 拖鞋",
    "手机数码": "手机 耳机 平板 手表 键鼠 存储",
    "家电": "空调 冰箱 厨电 清洁电器 电视 饮水电器",
    "家居": "床品 厨具 收纳 灯具 桌椅 窗帘",
    "运动": "球类 健身 骑行 露营 游泳 瑜伽",
    "食品": "坚果 肉类 粮油 咖啡 乳品 糕点",
    "美妆": "面膜 口红 洁面 精华 防晒 护手霜",
    "母婴": "纸尿片 奶瓶 推车 座椅 积木 辅食",
    "图书": "小说 童书 教辅 历史 菜谱 编程",
}
_KINDS = ("经典", "轻便", "儿童", "大号", "礼盒", "进口", "国货", "旅行", "家庭")

LEAVES: tuple[str, ...] = tuple(
    SEPARATOR.join((top, middle, kind + middle))
    for top, middles in _MIDDLES.items()
    for middle in middles.split()
    for kind in _KINDS
)
"""540 of them."""


@lru_cache(maxsize=1024)
def effect(category: str) -> Effect:
    """Of a path of any depth. A top nobody has described is like the average."""
    parent, _, _ = category.rpartition(SEPARATOR)
    if not parent:
        return TOPS.get(category, Effect(base=0.0, price=1.0, logistics=1.0))
    around, dice = effect(parent), Dice(0, category)
    return Effect(
        base=dice.normal(around.base, STEP),
        price=around.price * math.exp(dice.normal(0, LEAN)),
        logistics=around.logistics * math.exp(dice.normal(0, LEAN)),
    )
