"""What the records say about one case: how late the parcel is, what got cheaper, when goods come back."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from compensation.words import china_date, day, yuan
from retention.case import Case
from retention.event import Event
from retention.order import Line, Stage
from retention.words import span

_UNDER_WAY = {
    Stage.PENDING_PAYMENT: "还没有付款",
    Stage.PENDING_SHIPMENT: "还没有发货",
    Stage.IN_TRANSIT: "还在运输中",
    Stage.OUT_FOR_DELIVERY: "正在派送",
}


@dataclass(frozen=True, kw_only=True)
class Lateness:
    """``words`` is the true Chinese sentence about this order, with its subject and without a full stop."""

    hours: float
    words: str


def delivery_lateness(case: Case) -> Lateness:
    """How late the promised delivery is, or was announced to be, whichever is more; zero when it is not late."""
    return _worst(case, _broken_delivery(case), _announced(case))


def lateness(case: Case) -> Lateness:
    """As ``delivery_lateness``, and a broken dispatch promise counts too."""
    return _worst(case, _broken_delivery(case), _announced(case), _broken_dispatch(case))


def _worst(case: Case, *known: Lateness | None) -> Lateness:
    late = [each for each in known if each is not None]
    return max(late, key=lambda each: each.hours) if late else _on_time(case)


def _broken_delivery(case: Case) -> Lateness | None:
    return _broken(case, case.order.promised_delivery_at, case.order.delivered_at, "送达")


def _broken_dispatch(case: Case) -> Lateness | None:
    return _broken(case, case.order.promised_ship_at, case.order.shipped_at or case.order.delivered_at, "发货")


def _broken(case: Case, promised: datetime | None, done: datetime | None, verb: str) -> Lateness | None:
    if promised is None or done is not None or promised >= case.now:
        return None
    hours = (case.now - promised) / timedelta(hours=1)
    so_far = f"已超过 {span(hours)}" if hours >= 1 else "刚刚超过"
    return Lateness(hours=hours, words=f"您这单承诺 {day(china_date(promised))}{verb}，{so_far}")


def _announced(case: Case) -> Lateness | None:
    told = _newest(e for e in _known(case, "fulfilment.delayed") if e.order_no == case.order.order_no)
    hours = _finite(told, "hours") if told else None
    if hours is None or hours <= 0 or case.order.delivered_at is not None:
        return None
    how_late = f"预计晚到 {span(hours)}" if hours >= 1 else "预计会稍晚一点"
    return Lateness(hours=hours, words=f"您这单物流通知{how_late}")


def _on_time(case: Case) -> Lateness:
    promised = case.order.promised_delivery_at
    under_way = _UNDER_WAY.get(case.order.stage, "在处理中")
    if promised is None or promised < case.now:
        return Lateness(hours=0.0, words=f"您这单{under_way}")
    return Lateness(hours=0.0, words=f"您这单承诺 {day(china_date(promised))}送达，{under_way}")


@dataclass(frozen=True, kw_only=True)
class Drop:
    """Goods of the order that cost less now. Fen a piece; ``paid_fen`` is after the order's discounts."""

    line: Line
    paid_fen: int
    now_fen: int
    source: str  # own | competitor

    @property
    def difference_fen(self) -> int:
        return (self.paid_fen - self.now_fen) * self.line.qty

    @property
    def words(self) -> str:
        seller = "本店" if self.source == "own" else "其他商家"
        each = "每件" if self.line.qty > 1 else ""
        return f"「{self.line.title}」{seller}{each}现价 {yuan(self.now_fen)}，您付的是 {yuan(self.paid_fen)}"


def drops(case: Case) -> tuple[Drop, ...]:
    """Lines whose newest price after the order was placed, at the shop or a competitor, is below what was paid."""
    found = (_drop(case, line) for line in case.order.lines)
    return tuple(drop for drop in found if drop is not None)


def _drop(case: Case, line: Line) -> Drop | None:
    paid_fen = paid_unit_fen(case, line)
    best: Drop | None = None
    for source in ("own", "competitor"):
        told = _newest(
            e
            for e in _known(case, "price.changed")
            if e.sku == line.sku and e.text("source") == source and e.at >= case.order.placed_at
        )
        price = _finite(told, "price_fen") if told else None
        if price is None or price <= 0:  # nothing is sold for nothing: a broken report
            continue
        now_fen = math.ceil(price)
        if now_fen < (best.now_fen if best is not None else paid_fen):
            best = Drop(line=line, paid_fen=paid_fen, now_fen=now_fen, source=source)
    return best


def goods_paid_fen(case: Case) -> int:
    """What was paid for the goods, without postage."""
    return max(0, case.order.paid_fen - case.order.shipping_fen)


def paid_unit_fen(case: Case, line: Line) -> int:
    """What a piece of a line really cost the shopper: an order's discount is spread over its goods by price."""
    return case.order.paid_piece_fen(line)


RETURN_DAYS = 7
"""The statutory right to return without a reason; ``return_days`` of the order says otherwise."""


def is_returnable(case: Case) -> bool:
    """Whether the goods may come back: not sold as final, and while their window lasts once they have arrived."""
    order = case.order
    if order.attributes.get("final_sale") is True:
        return False
    days = order.attributes.get("return_days")
    window_days = days if isinstance(days, int) and not isinstance(days, bool) else RETURN_DAYS
    return order.delivered_at is None or case.now - order.delivered_at <= timedelta(days=max(0, min(window_days, 3660)))


@dataclass(frozen=True, kw_only=True)
class Restock:
    """Goods of the order that are out of stock; ``back_on`` is the day in China they are expected, if that is known."""

    line: Line
    back_on: date | None


def restocks(case: Case) -> tuple[Restock, ...]:
    """The order's lines whose newest stock report says they are missing."""
    return tuple(restock for line in case.order.lines if (restock := _restock(case, line)) is not None)


def _restock(case: Case, line: Line) -> Restock | None:
    told = _newest(e for e in _known(case, "stock.changed") if e.sku == line.sku and _same_variant(case, line, e))
    if told is None or told.data.get("available") is True:
        return None
    days = _finite(told, "restock_days")
    if days is None:
        return Restock(line=line, back_on=None) if told.data.get("available") is False else None
    if not 0 <= days <= 3660:
        return Restock(line=line, back_on=None)
    return Restock(line=line, back_on=china_date(told.at) + timedelta(days=math.ceil(days)))


def _same_variant(case: Case, line: Line, event: Event) -> bool:
    bought, reported = case.order.variant_of(line.sku), event.text("variant")
    return not reported or bought is None or bought == reported


def _known(case: Case, kind: str) -> Iterator[Event]:
    return (event for event in case.events if event.kind == kind and event.at <= case.now)


def _newest(events: Iterator[Event]) -> Event | None:
    return max(events, key=lambda event: (event.at, event.event_id), default=None)


def _finite(event: Event, key: str) -> float | None:
    """A number of an event, or None when it is missing or is none."""
    number = event.number(key, math.nan)
    return number if math.isfinite(number) else None
