"""Cases for the tests of risk: one punctual order to vary, what shoppers say, and Hypothesis strategies of any case."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta, timezone

from hypothesis import strategies as st

from retention.case import Case
from retention.customer import Customer
from retention.event import Event
from retention.hearing import Emotion, Hearing, Reason
from retention.order import Address, Line, Order, Stage

NOW = datetime(2025, 11, 20, 6, 0, tzinfo=timezone.utc)  # 14:00 in China
SHOES = Line(sku="shoe", title="跑鞋", category="鞋", qty=1, unit_price_fen=39_900, unit_cost_fen=22_000)


def ago(hours: float) -> datetime:
    return NOW - timedelta(hours=hours)


def order(**facts: object) -> Order:
    """In transit and on time, unless ``facts`` say otherwise."""
    usual = Order(
        order_no="2025111700000001",
        customer_id="C1",
        stage=Stage.IN_TRANSIT,
        placed_at=ago(60),
        paid_fen=39_900,
        shipping_fen=0,
        lines=(SHOES,),
        address=Address(province="浙江省", city="杭州市", district="西湖区", detail="1 号", receiver="李明", phone="1"),
        paid_at=ago(60),
        promised_ship_at=ago(12),
        shipped_at=ago(40),
        promised_delivery_at=ago(-20),
    )
    return replace(usual, **facts)  # type: ignore[arg-type]


CUSTOMER = Customer(customer_id="C1", name="李明", rfm=55.0, lifetime_orders=6)
PUNCTUAL = Case(now=NOW, order=order(), customer=CUSTOMER)
LATE = replace(
    PUNCTUAL,
    order=order(
        placed_at=ago(150),
        paid_at=ago(150),
        promised_ship_at=ago(120),
        shipped_at=ago(130),
        promised_delivery_at=ago(60),
    ),
)
UNSHIPPED = replace(
    PUNCTUAL,
    order=order(
        stage=Stage.PENDING_SHIPMENT, placed_at=ago(10), paid_at=ago(10), promised_ship_at=ago(-30), shipped_at=None
    ),
)
BARE = Case(
    now=NOW,
    order=order(
        stage=Stage.PENDING_SHIPMENT,
        lines=(),
        paid_fen=0,
        paid_at=None,
        promised_ship_at=None,
        shipped_at=None,
        promised_delivery_at=None,
        address=Address(province="", city="", district="", detail="", receiver="", phone=""),
    ),
    customer=Customer(customer_id="nobody knows"),
)


def saying(
    case: Case,
    intent: str,
    *reasons: Reason,
    emotion: Emotion = Emotion.NEUTRAL,
    intensity: float = 0.0,
    sentiment: float = 0.0,
) -> Case:
    """The case after one more message, which is also what the shopper came for."""
    heard = Hearing(
        intent=intent, confidence=0.9, reasons=reasons, emotion=emotion, intensity=intensity, sentiment=sentiment
    )
    return replace(case, hearings=(*case.hearings, heard), goal=intent, reasons=reasons)


def event(kind: str, hours_ago: float = 1.0, *, sku: str | None = None, **data: object) -> Event:
    """About the order, or about goods when ``sku`` is given."""
    order_no = None if sku else "2025111700000001"
    return Event(
        event_id=f"{kind}-{hours_ago}-{sku}-{sorted(data.items())}",
        kind=kind,
        at=ago(hours_ago),
        order_no=order_no,
        sku=sku,
        data=data,
    )


def after(case: Case, *events: Event) -> Case:
    return replace(case, events=(*case.events, *events))


KINDS = (*sorted(re.findall(r"^    ([a-z]+\.[a-z_]+)", Event.__doc__ or "", re.MULTILINE)), "unheard.of")
HOURS = st.floats(min_value=-500, max_value=2000)
TIMES = st.none() | HOURS.map(ago)
JUNK = (
    st.none()
    | st.booleans()
    | st.floats(allow_nan=True, allow_infinity=True)
    | st.integers()
    | st.just(10**400)
    | st.text(max_size=4)
)
DATA = st.dictionaries(
    st.sampled_from(
        [
            *("page", "hours", "seconds", "price_fen", "source", "variant", "available", "quantity", "restock_days"),
            *("score", "topic", "device", "city", "province", "words", "months", "cause", "to"),
        ]
    ),
    JUNK
    | st.sampled_from(
        ["own", "competitor", "goods", "returns", "policy", "logistics", "杭州市", "上海市", False, 0, 3, 30_000]
    ),
)
EVENTS = st.builds(
    Event,
    event_id=st.uuids().map(str),
    kind=st.sampled_from(KINDS),
    at=HOURS.map(ago),
    order_no=st.sampled_from([None, "2025111700000001", "another"]),
    sku=st.sampled_from([None, "shoe", "tee"]),
    data=DATA,
)


def _telling(event_id: str, told: tuple[str, dict[str, object]], hours: float) -> Event:
    sku = "shoe" if told[0] in ("price.changed", "stock.changed") else None
    return Event(event_id=event_id, kind=told[0], at=ago(hours), sku=sku, data=told[1])


MEANT = st.builds(
    _telling,
    event_id=st.uuids().map(str),
    told=st.one_of(
        st.tuples(
            st.just("price.changed"),
            st.fixed_dictionaries(
                {"price_fen": st.integers(1_000, 50_000), "source": st.sampled_from(["own", "competitor"])}
            ),
        ),
        st.tuples(
            st.just("stock.changed"),
            st.fixed_dictionaries({"available": st.booleans(), "restock_days": st.integers(0, 40)}),
        ),
        st.tuples(st.just("fulfilment.delayed"), st.fixed_dictionaries({"hours": st.integers(0, 200)})),
        st.tuples(st.just("fulfilment.scanned"), st.just({"place": "上海"})),
        st.tuples(
            st.sampled_from(["service.waited", "service.answered"]),
            st.fixed_dictionaries({"seconds": st.integers(0, 3_000)}),
        ),
        st.tuples(
            st.sampled_from(["service.rated", "review.posted"]), st.fixed_dictionaries({"score": st.integers(1, 5)})
        ),
        st.tuples(
            st.sampled_from(["fulfilment.held", "fulfilment.region_delayed"]),
            st.fixed_dictionaries({"hours": st.integers(0, 200)}),
        ),
    ),
    hours=st.floats(0, 50),
)
HEARINGS = st.builds(
    Hearing,
    intent=st.sampled_from(
        ["cancel_order", "request_refund", "track_order", "delivery_delay", "keep_order", "request_human", "?"]
    ),
    confidence=st.floats(0, 1),
    reasons=st.lists(st.sampled_from(Reason), max_size=3, unique=True).map(tuple),
    emotion=st.sampled_from(Emotion),
    intensity=st.floats(0, 1),
    sentiment=st.floats(-1, 1),
)
LINES = st.builds(
    Line,
    sku=st.sampled_from(["shoe", "tee"]),
    title=st.text(max_size=5),
    category=st.sampled_from(["鞋", "服饰", "家电", ""]),
    qty=st.integers(0, 5),
    unit_price_fen=st.integers(0, 10**7),
    unit_cost_fen=st.integers(0, 10**7),
)
ORDERS = st.builds(
    order,
    stage=st.sampled_from(Stage),
    placed_at=HOURS.map(ago),
    paid_fen=st.integers(0, 10**9),
    shipping_fen=st.integers(0, 10**4),
    lines=st.lists(LINES, max_size=3).map(tuple),
    paid_at=TIMES,
    promised_ship_at=TIMES,
    promised_delivery_at=TIMES,
    shipped_at=TIMES,
    delivered_at=TIMES,
    promotion_id=st.sampled_from([None, "sale"]),
    channel=st.sampled_from([None, "app", "live"]),
    attributes=st.dictionaries(st.just("variant"), st.sampled_from(["黑色 42", 42, None])),
)
CUSTOMERS = st.builds(
    Customer,
    customer_id=st.just("C1"),
    rfm=st.floats(allow_nan=True, allow_infinity=True),
    lifetime_orders=st.integers(-3, 10**6),
    cancelled_orders=st.integers(0, 10**6),
    returned_orders=st.integers(0, 10**6),
)
CASES = st.builds(
    Case,
    now=st.just(NOW),
    order=ORDERS,
    customer=CUSTOMERS,
    events=st.lists(EVENTS | MEANT, max_size=12).map(tuple),
    hearings=st.lists(HEARINGS, max_size=4).map(tuple),
    goal=st.sampled_from([None, "cancel_order", "request_refund", "track_order"]),
)
