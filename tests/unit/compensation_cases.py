"""Cases for the tests of compensation: one ordinary order to vary, and Hypothesis strategies of any order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

import compensation
from compensation.engine import Engine
from retention.case import Case
from retention.customer import Customer
from retention.event import Event
from retention.hearing import Reason
from retention.offer import Grant, GrantState, NoOffer, Offer
from retention.order import Address, Line, Order, Stage
from retention.risk import Score

CATALOG = Path(compensation.__file__).parent / "catalog.yml"
ENGINE = Engine.from_file(CATALOG)
NOW = datetime(2025, 11, 22, 6, 0, tzinfo=timezone.utc)  # 14:00 in China
SURE_LOSS = Score(probability=0.9)
HOUR = timedelta(hours=1)
ADDRESS = Address(province="浙江省", city="杭州市", district="西湖区", detail="文三路 1 号", receiver="李明", phone="1")


def line(
    price_yuan: float = 200, margin: float = 0.3, *, qty: int = 1, sku: str = "tee", title: str = "纯棉T恤"
) -> Line:
    price_fen = round(price_yuan * 100)
    cost_fen = price_fen - round(price_fen * margin)
    return Line(sku=sku, title=title, category="服装", qty=qty, unit_price_fen=price_fen, unit_cost_fen=cost_fen)


def order(*lines: Line, stage: Stage = Stage.IN_TRANSIT, shipping_yuan: float = 0, **facts: object) -> Order:
    lines = lines or (line(),)
    shipping_fen = round(shipping_yuan * 100)
    goods_fen = sum(each.qty * each.unit_price_fen for each in lines)
    plain = Order(
        order_no="A1",
        customer_id="c1",
        stage=stage,
        placed_at=NOW - timedelta(days=5),
        paid_fen=goods_fen + shipping_fen,
        shipping_fen=shipping_fen,
        lines=lines,
        address=ADDRESS,
    )
    return replace(plain, **facts)  # type: ignore[arg-type]


def case(of: Order | None = None, *reasons: Reason, rfm: float = 50, **facts: object) -> Case:
    plain = Case(
        now=NOW, order=of or order(), customer=Customer(customer_id="c1", name="李明", rfm=rfm), reasons=reasons
    )
    return replace(plain, **facts)  # type: ignore[arg-type]


def price_event(
    yuan: float, *, source: str = "own", sku: str = "tee", hours_ago: float = 2, event_id: str = "p"
) -> Event:
    data = {"price_fen": round(yuan * 100), "source": source}
    return Event(event_id=event_id, kind="price.changed", at=NOW - hours_ago * HOUR, sku=sku, data=data)


def delay_event(hours: object, *, order_no: str = "A1", hours_ago: float = 2) -> Event:
    at = NOW - hours_ago * HOUR
    return Event(event_id="d", kind="fulfilment.delayed", at=at, order_no=order_no, data={"hours": hours})


def stock_event(days: object, *, hours_ago: float = 1, sku: str = "tee", **data: object) -> Event:
    found = {"available": False, "restock_days": days, **data}
    return Event(event_id="s", kind="stock.changed", at=NOW - hours_ago * HOUR, sku=sku, data=found)


def grant_of(offer: Offer, *, to: Case, state: GrantState = GrantState.ISSUED, grant_id: str = "g1") -> Grant:
    return Grant(
        grant_id=grant_id,
        key=f"{to.order.order_no}:{offer.cause}",
        order_no=to.order.order_no,
        customer_id=to.customer.customer_id,
        conversation_id=None,
        state=state,
        offer=offer,
        created_at=to.now,
        updated_at=to.now,
        expires_at=to.now + offer.expires_hours * HOUR,
    )


def offer_of(reserve_yuan: float, *, offer_id: str = "elsewhere", cause: str = "elsewhere") -> Offer:
    fen = round(reserve_yuan * 100)
    return Offer(
        offer_id=offer_id,
        kind="coupon",
        title="券",
        cause=cause,
        value_fen=fen,
        cost_fen=fen,
        reserve_fen=fen,
        pitch="。",
        why="。",
        budget="coupons",
        catalog_version="1",
    )


def elsewhere(of: Case, yuan: float, *, days_ago: float = 1, offer_id: str = "elsewhere") -> Case:
    """The customer was given this on another order."""
    grant = grant_of(offer_of(yuan, offer_id=offer_id), to=of)
    return replace(of, customer_grants=(replace(grant, order_no="B7", created_at=NOW - timedelta(days=days_ago)),))


def offered(of: Case, score: Score = SURE_LOSS) -> Offer:
    answer = ENGINE.decide(of, score)
    assert isinstance(answer, Offer), answer
    return answer


def refused(of: Case, score: Score = SURE_LOSS) -> NoOffer:
    answer = ENGINE.decide(of, score)
    assert isinstance(answer, NoOffer), answer
    return answer


def ruled_out(of: Case, offer_id: str) -> str:
    return {each.offer_id: each.rule for each in ENGINE.quote(of, SURE_LOSS)}[offer_id]


# --- strategies ---------------------------------------------------------------------------------------------------

UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A busy machine is no failure."""

MOMENTS = st.integers(-200, 200).map(lambda hours: NOW + hours * HOUR)
ANY_DATA = st.one_of(
    st.integers(-100, 100_000), st.floats(), st.booleans(), st.text(max_size=3), st.none(), st.just("own")
)
SKUS = st.sampled_from(["tee", "tee", "cap"])
LINES = st.builds(
    Line,
    sku=SKUS,
    title=st.sampled_from(["纯棉T恤", "帽子", "{怪}名"]),
    category=st.just("服装"),
    qty=st.integers(1, 3),
    unit_price_fen=st.integers(0, 400_000),
    unit_cost_fen=st.integers(0, 200_000),
)
ORDERS = st.builds(
    Order,
    order_no=st.sampled_from(["A1", "A2", "A3"]),
    customer_id=st.just("c1"),
    stage=st.sampled_from(Stage),
    placed_at=st.just(NOW - timedelta(days=10)),
    paid_fen=st.integers(0, 1_000_000),
    shipping_fen=st.sampled_from([0, 800, 1200]),
    lines=st.lists(LINES, max_size=3).map(tuple),
    address=st.just(ADDRESS),
    promised_ship_at=st.none() | MOMENTS,
    promised_delivery_at=st.none() | MOMENTS,
    shipped_at=st.none() | MOMENTS,
    delivered_at=st.none() | MOMENTS,
)
RECENT = st.sampled_from([-60, -30, -3, -3, -2, 1]).map(lambda hours: NOW + hours * HOUR)  # ties are wanted


def _events(kind: str, data: st.SearchStrategy[Mapping[str, object]]) -> st.SearchStrategy[Event]:
    return st.builds(
        Event,
        event_id=st.uuids().map(str),
        kind=st.just(kind),
        at=RECENT,
        order_no=st.sampled_from(["A1", "A1", "A2", None]),
        sku=SKUS,
        data=data,
    )


PRICES = st.fixed_dictionaries({"price_fen": st.integers(1, 400_000), "source": st.sampled_from(["own", "competitor"])})
STOCKS = st.fixed_dictionaries({"available": st.booleans(), "restock_days": st.integers(0, 12)})
NONSENSE = st.dictionaries(st.sampled_from(["price_fen", "source", "hours", "restock_days", "variant"]), ANY_DATA)
EVENTS = st.one_of(
    _events("price.changed", PRICES | NONSENSE),
    _events("stock.changed", STOCKS | NONSENSE),
    _events("fulfilment.delayed", st.fixed_dictionaries({"hours": st.integers(-10, 100)}) | NONSENSE),
    _events("behaviour.viewed", NONSENSE),
)
CUSTOMERS = st.builds(
    Customer,
    customer_id=st.just("c1"),
    rfm=st.one_of(st.floats(0, 100), st.just(80.0), st.just(90.0)),
    tier=st.sampled_from(["regular", "gold"]),
    opted_out=st.sampled_from([False, False, False, True]),
)
CASES = st.builds(
    Case,
    now=st.just(NOW),
    order=ORDERS,
    customer=CUSTOMERS,
    events=st.lists(EVENTS, max_size=5).map(tuple),
    reasons=st.lists(st.sampled_from(Reason), unique=True, max_size=3).map(tuple),
)
SCORES = st.builds(Score, probability=st.floats(0, 1))
