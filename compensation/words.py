"""How amounts, days and causes are said to a shopper."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal

from retention.hearing import Reason
from retention.offer import AFTER_SAVE

CHINA = timezone(timedelta(hours=8))
GENERAL = "general"
"""The cause of a remedy that answers no stated reason."""

# True whether the shopper said it, the desk inferred it or another system asked: no phrase claims "you said".
CONCERNS: Mapping[str, str] = {
    GENERAL: "这单我们想为您留住",
    Reason.PRICE.value: "针对这单价格上的顾虑",
    Reason.LOGISTICS.value: "针对这单配送上的问题",
    Reason.STOCK.value: "针对这单缺货的情况",
    Reason.QUALITY.value: "针对这单商品质量方面的反馈",
    Reason.SERVICE.value: "针对这单服务上的问题",
    Reason.CHANGED_MIND.value: "考虑到您对这单的想法有变",
    Reason.OTHER.value: "针对这单遇到的问题",
    Reason.PAYMENT.value: "针对这单付款上的问题",
    AFTER_SAVE: "您把这单留了下来",
}


def yuan(fen: int) -> str:
    """
    >>> yuan(500), yuan(1250), yuan(9)
    ('5 元', '12.5 元', '0.09 元')
    """
    return f"{_plain(Decimal(fen) / 100)} 元"


def fold(percent_off: int) -> str:
    """What is left after a discount, as shops write it.

    >>> fold(10), fold(15)
    ('9 折', '8.5 折')
    """
    return f"{_plain(Decimal(100 - percent_off) / 10)} 折"


def china_date(at: datetime) -> date:
    return at.astimezone(CHINA).date()


def midnight(at: date) -> datetime:
    """The moment a day begins in China, in UTC."""
    return datetime.combine(at, time(), tzinfo=CHINA).astimezone(timezone.utc)


def day(at: date) -> str:
    """
    >>> day(date(2025, 11, 20))
    '11 月 20 日'
    """
    return f"{at.month} 月 {at.day} 日"


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
