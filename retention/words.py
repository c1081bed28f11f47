"""Amounts and times as a Chinese shopper reads them."""

from __future__ import annotations

import math
import re
from datetime import date, datetime, timedelta, timezone

from retention.change import ChangeKind
from retention.order import Stage

CHINA = timezone(timedelta(hours=8))
LONG_NUMBER = re.compile(r"\d(?:[\s-]?\d){6,}")
STAGE_WORDS = {
    Stage.PENDING_PAYMENT: "待付款",
    Stage.PENDING_SHIPMENT: "待发货",
    Stage.IN_TRANSIT: "运输中",
    Stage.OUT_FOR_DELIVERY: "派送中",
    Stage.DELIVERED: "已签收",
    Stage.AFTER_SALE: "售后中",
    Stage.CLOSED: "已关闭",
    Stage.CANCELLED: "已取消",
}
CHANGE_WORDS = {
    ChangeKind.AMEND_ADDRESS: "修改地址",
    ChangeKind.AMEND_VARIANT: "修改规格",
    ChangeKind.EXPEDITE: "催办",
    ChangeKind.CANCEL: "取消订单",
    ChangeKind.REFUND: "退货退款",
    ChangeKind.EXCHANGE: "换货",
    ChangeKind.CANCEL_LINE: "取消其中的商品",
    ChangeKind.REFUND_LINE: "退其中的商品",
    ChangeKind.SUBSTITUTE: "换成替代款",
    ChangeKind.MERGE: "合并发货",
    ChangeKind.SPLIT: "分开发货",
    ChangeKind.PICK_UP: "约上门取件",
    ChangeKind.UNDO: "撤回改动",
}


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


def calendar_day(on: date) -> str:
    return f"{on.month} 月 {on.day} 日"


def moment(at: datetime) -> str:
    """Date and minute in China: 11 月 20 日 18:05."""
    return f"{day(at)} {at.astimezone(CHINA):%H:%M}"


def soon(at: datetime, now: datetime) -> str:
    """A moment ahead as people name it: 今天 18:05, 明天 9:00, 11 月 23 日 9:00."""
    local, today = at.astimezone(CHINA), now.astimezone(CHINA).date()
    days = {today: "今天", today + timedelta(days=1): "明天"}
    return f"{days.get(local.date()) or day(at)} {local.hour}:{local.minute:02d}"


def between(start: datetime, end: datetime, now: datetime) -> str:
    """A time ahead from its start to its end: 明天 15:00 到 15:30."""
    until = soon(end, now)
    is_same_day = start.astimezone(CHINA).date() == end.astimezone(CHINA).date()
    return f"{soon(start, now)} 到 {until.split()[-1] if is_same_day else until}"


def wait(seconds: float) -> str:
    """How long somebody will wait, never told too short: 1 分钟左右, 12 分钟左右, 1 小时以上."""
    minutes = max(1, math.ceil(seconds / 60))
    return "1 小时以上" if minutes > 60 else f"{minutes} 分钟左右"


def span(hours: float) -> str:
    """A length of time as people say it, rounded down to whole hours, one at least; from two days on in days.

    >>> span(0.2), span(47.9), span(48), span(62.4)
    ('1 小时', '47 小时', '2 天', '2 天 14 小时')
    """
    whole = max(1, int(hours))
    days, rest = divmod(whole, 24)
    if whole < 48:
        return f"{whole} 小时"
    return f"{days} 天 {rest} 小时" if rest else f"{days} 天"


def percent(share: float) -> str:
    """In whole percent; what is not quite certain does not read as certain.

    >>> percent(0.425), percent(0.9999), percent(1), percent(0.001), percent(0)
    ('42%', '>99%', '100%', '<1%', '0%')
    """
    if 0.99 < share < 1:
        return ">99%"
    return "<1%" if 0 < share < 0.01 else f"{share:.0%}"


def masked_phone(phone: str) -> str:
    """
    >>> masked_phone("13812345678")
    '138****5678'
    """
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 8 else "****"


def masked_contact(contact: str) -> str:
    """
    >>> masked_contact("138 1234 5678"), masked_contact("wx_xiaoman"), masked_contact("abc")
    ('138****5678', 'wx****an', '****')
    """
    plain = re.sub(r"[\s-]", "", contact)
    if plain.lstrip("+").isdigit():
        return masked_phone(plain)
    return f"{plain[:2]}****{plain[-2:]}" if len(plain) >= 8 else "****"


def bare(text: str) -> str:
    """A short message without what does not change its meaning.

    >>> bare(" td。"), bare("别再发了！！")
    ('TD', '别再发了')
    """
    return re.sub(r"[\s。.，,！!～~…]+", "", text).upper()


def without_numbers(text: str) -> str:
    """The text without what may be a phone, card or order number.

    >>> without_numbers("电话 138 1234 5678，退 200 元")
    '电话 ***，退 200 元'
    """
    return LONG_NUMBER.sub("***", text)
