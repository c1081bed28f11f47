"""Something that happened around an order, as other systems report it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Event:
    """A fact in the past tense. ``kind`` is ``family.fact``; we understand these kinds and ignore the rest.

    All data are optional.

    ===========================  =====================================================================================
    behaviour.viewed             ``page``: goods, policy, returns, payment, order, logistics, reviews
    behaviour.searched           ``words``
    behaviour.price_compared     ``source``: own | competitor
    behaviour.cart_added
    behaviour.cart_removed
    behaviour.favourited
    behaviour.coupon_claimed
    behaviour.logged_in          ``device``: the shop's name for it, the same every time
    behaviour.address_changed    ``province``, ``city`` it changed to
    behaviour.asked_returns
    behaviour.payment_bounced    the payment page was left
    payment.failed               ``code``
    payment.method_changed
    payment.instalment           ``months``: the order is paid in parts
    service.consulted            ``topic``: order, logistics, product, price, stock, invoice, policy
    service.answered             ``seconds`` from the question to its answer, by a person or not
    service.waited               ``seconds`` until a person answered
    service.transferred          passed from one person to another
    service.rated                ``score``: 1 to 5
    service.complained
    service.asked_cancel         asked to cancel where we do not hear, as by phone
    fulfilment.picked            taken from the shelf
    fulfilment.packed
    fulfilment.held              ``hours``: kept back in the warehouse, as for a check
    fulfilment.scanned           ``place``: where the parcel was last seen
    fulfilment.delayed           ``hours``: how late the order will be, ``cause``
    fulfilment.region_delayed    ``province``, ``hours``: what its whole region waits
    fulfilment.delivery_failed   ``cause``: tried at the door in vain
    fulfilment.lane              ``place``, ``hours_low``, ``hours_high``: between them eight in ten of the last ``parcels``
                                 came from there to the shopper's city
    price.changed                ``price_fen`` now, ``source``: own | competitor (``sku`` says which goods)
    stock.changed                ``variant``, ``available`` (bool), ``quantity``, ``restock_days`` (``sku`` says which goods)
    stock.transferred            ``to``: another warehouse has sent what was missing
    stock.substitute             ``by`` (sku), ``title``, ``price_fen``, ``available``: what the shop sends instead of ``sku``
    size.chart                   ``rows`` of ``size``, ``height`` [cm, cm], ``weight`` [kg, kg] of the goods ``sku``
    size.kept                    ``rows`` of ``size``, ``height``, ``weight`` and how many such buyers ``kept`` it or found it
                                 too ``small`` or too ``large``
    order.cancelled              ``cause``
    order.refunded               the goods went back, or the money did
    order.returned
    review.posted                ``score``: 1 to 5
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
