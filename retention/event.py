"""Something that happened around an order, as other systems report it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Event:
    """A fact in the past tense. ``kind`` is ``family.fact``; the core understands these kinds and ignores the rest.

    ===========================  =====================================================================================
    behaviour.viewed             ``page``: goods, policy, returns, payment
    behaviour.address_changed
    behaviour.asked_returns
    behaviour.payment_bounced    the payment page was left
    behaviour.cart_added
    fulfilment.delayed           ``hours``: how late the order will be, ``cause``
    fulfilment.scanned           ``place``: where the parcel was last seen
    fulfilment.lane              ``place``, ``hours_low``, ``hours_high``: between them eight in ten of the last ``parcels``
                                 came from there to the shopper's city
    service.waited               ``seconds`` until a person answered
    service.complained
    price.changed                ``price_fen`` now, ``source``: own | competitor (``sku`` says which goods)
    stock.changed                ``variant``, ``available`` (bool), ``quantity``, ``restock_days`` (``sku`` says which goods)
    stock.substitute             ``by`` (sku), ``title``, ``price_fen``, ``available``: what the shop sends instead of ``sku``
    size.chart                   ``rows`` of ``size``, ``height`` [cm, cm], ``weight`` [kg, kg] of the goods ``sku``
    size.kept                    ``rows`` of ``size``, ``height``, ``weight`` and how many such buyers ``kept`` it or found it
                                 too ``small`` or too ``large``
    payment.failed
    order.refunded               the goods went back, or the money did
    order.returned
    ===========================  =====================================================================================
    """

    event_id: str
    kind: str
    at: datetime
    order_no: str | None = None
    customer_id: str | None = None
    sku: str | None = None
    data: Mapping[str, object] = field(default_factory=dict)

    def number(self, key: str, default: float = 0.0) -> float:
        """``data[key]`` as a number; ``default`` when it is missing or is none."""
        value = self.data.get(key, default)
        return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else default

    def text(self, key: str, default: str = "") -> str:
        value = self.data.get(key, default)
        return value if isinstance(value, str) else default


def differs(sent: Event, known: Event) -> bool:
    """Whether an event that was sent is another fact than the one known by its id.

    What erasure takes away of an event, its customer and words in ``data``, makes no difference.
    """
    same_customer = known.customer_id is None or sent.customer_id == known.customer_id
    same_data = all(sent.data.get(key) == value for key, value in known.data.items())
    return (sent.kind, sent.at, sent.order_no, sent.sku) != (known.kind, known.at, known.order_no, known.sku) or not (
        same_customer and same_data
    )


def latest(events: Iterable[Event], kind: str, *, sku: str | None = None, **data: object) -> Event | None:
    """The newest event of a kind that carries these data, or None."""
    fitting = (
        event
        for event in events
        if event.kind == kind
        and (sku is None or event.sku == sku)
        and all(event.data.get(key) == value for key, value in data.items())
    )
    return max(fitting, key=lambda event: event.at, default=None)
