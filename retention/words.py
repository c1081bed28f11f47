"""Amounts and times as a Chinese shopper reads them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8))


def yuan(fen: int) -> str:
    """
    >>> yuan(500), yuan(1250), yuan(1999)
    ('5 元', '12.5 元', '19.99 元')
    """
    whole, cents = divmod(fen, 100)
    return f"{whole} 元" if cents == 0 else f"{whole}.{cents:02d}".rstrip("0") + " 元"


def day(at: datetime) -> str:
    """The date in China: 11 月 20 日."""
    local = at.astimezone(CHINA)
    return f"{local.month} 月 {local.day} 日"


def moment(at: datetime) -> str:
    """Date and minute in China: 11 月 20 日 18:05."""
    return f"{day(at)} {at.astimezone(CHINA):%H:%M}"


def span(hours: float) -> str:
    """A length of time as people say it, rounded down: 5 小时, 3 天."""
    return f"{int(hours // 24)} 天" if hours >= 48 else f"{max(1, int(hours))} 小时"


def masked_phone(phone: str) -> str:
    """
    >>> masked_phone("13812345678")
    '138****5678'
    """
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 8 else "****"
