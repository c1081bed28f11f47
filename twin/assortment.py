"""An assortment as wide as a large shop's: one kind of goods for every leaf of the category tree.

``generate(..., goods=WIDE)`` plays the same shop with it. Few leaves sell much and many hardly at all, as everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping

from twin.categories import LEAVES, SEPARATOR
from twin.dice import Dice
from twin.goods import LETTERS, SHOES, Goods

_YUAN_AND_MARGIN: Mapping[str, tuple[int, int, int]] = {
    "服饰": (59, 899, 45),
    "鞋": (79, 699, 42),
    "手机数码": (49, 4999, 12),
    "家电": (129, 3999, 20),
    "家居": (39, 1999, 38),
    "运动": (49, 1999, 36),
    "食品": (29, 399, 30),
    "美妆": (39, 399, 55),
    "母婴": (39, 1299, 32),
    "图书": (25, 199, 35),
}
"""Least and greatest list price, and the margin in percent."""
_SIZES = {"服饰": LETTERS, "鞋": SHOES}


def _goods(dice: Dice, number: int, category: str) -> Goods:
    top, _, leaf = category.split(SEPARATOR)
    least, most, margin = _YUAN_AND_MARGIN[top]
    yuan = round(least * (most / least) ** dice.unit())
    return Goods(
        sku=f"W{number:04d}",
        title=leaf,
        category=category,
        price_fen=yuan * 100 - 10,
        cost_fen=yuan * (100 - margin - dice.whole(-5, 5)),
        variants=_SIZES.get(top, ()),
        demand=1 / (1 + dice.unit() * 60),
    )


_DICE = Dice(0, "assortment")
WIDE: tuple[Goods, ...] = tuple(_goods(_DICE, number, category) for number, category in enumerate(LEAVES, start=1))
