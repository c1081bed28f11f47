"""The goods and what they cost: promotion, price moves, product, channel, hour."""

from __future__ import annotations

from retention.order import Line
from retention.words import CHINA
from risk.evidence import Evidence, paid_unit_fen
from risk.feature import Dimension, Direction, feature

FITTED = ("服", "鞋", "衣", "裤", "裙", "apparel", "shoes")
TOP_UP_LINES = 3
NIGHT_HOURS = frozenset({23, 0, 1, 2, 3, 4})


@feature(
    node="promotion.impulse_order",
    dimension=Dimension.PROMOTION,
    direction=Direction.EITHER,
    says="大促期间下的单",
    otherwise="不是大促订单",
)
def promotion_order(evidence: Evidence) -> float:
    return float(bool(evidence.case.order.promotion_id))


@feature(
    node="promotion.top_up_order",
    dimension=Dimension.PROMOTION,
    direction=Direction.RAISES,
    says="大促凑单，一单有多种商品",
    otherwise="不是凑单",
)
def top_up_order(evidence: Evidence) -> float:
    order = evidence.case.order
    return float(bool(order.promotion_id) and len(order.lines) >= TOP_UP_LINES)


def _drop(evidence: Evidence, line: Line, source: str) -> float:
    """How far the newest price after the order lies below what was paid, as a share."""
    paid = paid_unit_fen(evidence, line)
    told = [e for e in evidence.since_order("price.changed") if e.sku == line.sku and e.text("source") == source]
    now = told[-1].number("price_fen") if told else 0.0
    return max(0.0, 1 - now / paid) if paid > 0 and now > 0 else 0.0


@feature(
    node="price.own_drop",
    dimension=Dimension.PRICE_MOVES,
    direction=Direction.RAISES,
    says="本店同款下单后降价 {percent}%",
    otherwise="本店下单后没有降价",
)
def own_drop(evidence: Evidence) -> float:
    return max((_drop(evidence, line, "own") for line in evidence.case.order.lines), default=0.0)


@feature(
    node="price.competitor_lower",
    dimension=Dimension.PRICE_MOVES,
    direction=Direction.RAISES,
    says="其他商家同款便宜 {percent}%",
    otherwise="没有发现其他商家更便宜",
)
def competitor_drop(evidence: Evidence) -> float:
    return max((_drop(evidence, line, "competitor") for line in evidence.case.order.lines), default=0.0)


@feature(
    node="product.fit_sensitive",
    dimension=Dimension.PRODUCT,
    direction=Direction.EITHER,
    says="买的是讲究尺码的服饰鞋类",
    otherwise="商品不涉及尺码",
)
def fit_sensitive(evidence: Evidence) -> float:
    return float(any(word in line.category.lower() for line in evidence.case.order.lines for word in FITTED))


@feature(
    node="product.order_value",
    dimension=Dimension.PRODUCT,
    direction=Direction.EITHER,
    says="这一单 {whole} 元",
    otherwise="这一单没有金额",
)
def order_value(evidence: Evidence) -> float:
    """Yuan paid."""
    return max(0, evidence.case.order.paid_fen) / 100


@feature(
    node="channel.live_stream",
    dimension=Dimension.DEVICE,
    direction=Direction.EITHER,
    says="直播间下的单",
    otherwise="不是直播间下单",
)
def live_stream(evidence: Evidence) -> float:
    return float(evidence.case.order.channel == "live")


@feature(
    node="time.night_order",
    dimension=Dimension.TIME,
    direction=Direction.EITHER,
    says="深夜下的单",
    otherwise="不是深夜下单",
)
def night_order(evidence: Evidence) -> float:
    return float(evidence.case.order.placed_at.astimezone(CHINA).hour in NIGHT_HOURS)
