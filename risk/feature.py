"""One feature: a number read from a case, the risk node it speaks for, and the Chinese words of its share in a score."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from retention.words import span
from risk.evidence import Evidence

LARGEST = 1e6


class Dimension(str, Enum):
    """The sides of a shopping story a score looks at."""

    BROWSING = "browsing"  # 浏览
    CART = "cart"  # 加购
    CONSULTATION = "consultation"  # 咨询
    CANCELLATION_HISTORY = "cancellation_history"  # 取消与退货历史
    PROMOTION = "promotion"  # 大促
    LOGISTICS = "logistics"  # 物流时效
    STOCK = "stock"  # 库存
    PRICE_MOVES = "price_moves"  # 价格变动
    PAYMENT = "payment"  # 支付
    ADDRESS = "address"  # 地址
    SERVICE_RESPONSE = "service_response"  # 客服响应
    PRODUCT = "product"  # 商品
    CUSTOMER_VALUE = "customer_value"  # 顾客价值
    TIME = "time"  # 时间
    DEVICE = "device"  # 设备与渠道
    STAGE = "stage"  # 订单阶段


class Direction(Enum):
    """Which way more of a feature may move the score. A trained model obeys it."""

    RAISES = 1
    LOWERS = -1
    EITHER = 0


@dataclass(frozen=True, kw_only=True)
class Feature:
    """``says`` is filled with ``{whole}`` (the value), ``{percent}`` (of one) or ``{span}`` (the value as hours);
    ``otherwise`` is said at zero.
    """

    name: str
    node: str
    dimension: Dimension
    direction: Direction
    compute: Callable[[Evidence], float]
    says: str
    otherwise: str

    def value(self, evidence: Evidence) -> float:
        """A count, a share, hours or an amount: finite and never negative. What cannot be read counts as zero."""
        try:
            number = float(self.compute(evidence))
        except ArithmeticError:
            return 0.0
        if 0.0 <= number <= LARGEST:
            return number
        return LARGEST if math.isfinite(number) and number > 0 else 0.0

    def words(self, value: float) -> str:
        """About this case, for a person. Amounts are rounded down, so that nothing is overstated."""
        if value <= 0:
            return self.otherwise
        return self.says.format(whole=_rounded(value), percent=_rounded(value * 100), span=span(value))


def _rounded(amount: float) -> str:
    return str(math.floor(amount + 1e-6)) if amount >= 1 - 1e-6 else "不到 1"


def feature(
    *, node: str, dimension: Dimension, direction: Direction, says: str, otherwise: str
) -> Callable[[Callable[[Evidence], float]], Feature]:
    """Make a function of the evidence a feature, named as the function is."""

    def made(compute: Callable[[Evidence], float]) -> Feature:
        return Feature(
            name=compute.__name__,
            node=node,
            dimension=dimension,
            direction=direction,
            compute=compute,
            says=says,
            otherwise=otherwise,
        )

    return made
