"""Replies that are kept ready, with places that a conversation fills."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

PLACES: Mapping[str, str] = {
    "customer": "顾客称呼",
    "order_tail": "订单尾号",
    "order_title": "商品名称",
    "stage": "订单状态",
    "late_hours": "已超时的小时数",
    "promised_at": "承诺送达时间",
    "associate": "客服名称",
}
"""What may stand between ``{{`` and ``}}``, in words."""
_PLACE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")


@dataclass(frozen=True, kw_only=True)
class CannedReply:
    """``owner`` is the login name of its only user; None: everybody's. A shortcut is unique for its owner."""

    canned_id: str
    shortcut: str  # /kd
    title: str
    text: str
    owner: str | None
    updated_at: datetime


def unknown_places(text: str) -> tuple[str, ...]:
    """Places that no conversation can fill.

    >>> unknown_places("{{customer}}您好，{{weather}}")
    ('weather',)
    """
    return tuple(dict.fromkeys(name for name in _PLACE.findall(text) if name not in PLACES))


def filled(text: str, values: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """The text with its places filled, and the names of those that stay because nothing is known.

    >>> filled("{{customer}}您好，尾号 {{order_tail}}", {"customer": "李先生/女士"})
    ('李先生/女士您好，尾号 {{order_tail}}', ('order_tail',))
    """
    missing = tuple(dict.fromkeys(name for name in _PLACE.findall(text) if name not in values))
    return _PLACE.sub(lambda place: values.get(place[1], place[0]), text), missing
