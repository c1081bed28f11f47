"""What the shop knew at a past moment, from what it has stored by now, is what scoring it then would have seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.memory.store import MemoryStore
from integrations.rasa import Rasa
from integrations.wiring import Shop, assemble
from retention.change import ChangeKind, OrderChange
from retention.conversation import Author, Conversation, Decision, Message, Status
from retention.customer import Customer
from retention.event import Event
from retention.hearing import Hearing
from retention.order import Order, Stage
from retention.past import Course, PastOrder, order_at
from retention.ports import Store
from retention.surroundings import LEFT
from risk.features import vector
from service.cases import case_of
from service.risk_history import UNTIMED, case_at, moment_of, past_cases, past_orders
from tests.http.world import QUICK, settings_of
from tests.unit.replayed import Lived, Replay, told_of
from tests.unit.risk_cases import CUSTOMER, DATA, KINDS, order
from twin.world import generate

START = datetime(2025, 6, 1, 3, 0, tzinfo=timezone.utc)
NOW = START + timedelta(days=120)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
EVER = (START - 999 * DAY, NOW + 999 * DAY)


@cache
def shop() -> Shop:
    with TemporaryDirectory() as home:
        return assemble(
            settings_of(Path(home)), MemoryStore(), connect_rasa=_no_rasa, clock=lambda: NOW, passwords=QUICK
        )


def _stopped(at: datetime) -> datetime:
    return at


def _no_rasa() -> Rasa:
    raise AssertionError("nobody talks here")


Asked = Mapping[tuple[str, datetime], Mapping[str, float]]


def played(replay: Replay, moments: Sequence[tuple[str, datetime]]) -> tuple[Store, Asked]:
    """The store as it ends, and the features as ``case_of`` saw them at each moment while it was written."""
    store, asked = MemoryStore(), {}
    waiting = sorted(moments, key=lambda one: one[1], reverse=True)

    def ask(until: datetime | None) -> None:
        while waiting and (until is None or waiting[-1][1] < until):
            order_no, at = waiting.pop()
            of_then = replace(shop(), store=store, clock=partial(_stopped, at))
            with store.transaction() as records:
                asked[order_no, at] = vector(case_of(of_then, records, order_no))

    for at, write in replay.writes():
        ask(at)
        with store.transaction() as records:
            write(records)
    ask(None)
    return store, asked


def assert_same(replay: Replay, moments: Sequence[tuple[str, datetime]]) -> int:
    store, asked = played(replay, moments)
    past = {each.order.order_no: each for each in past_orders(store, *EVER)}
    for (order_no, at), online in asked.items():
        offline = vector(case_at(past[order_no], at))
        assert told_of(offline, online) == {}, (order_no, at, past[order_no].order)
    return len(asked)


def test_a_synthetic_shops_past_read_back_equals_what_was_known_then() -> None:
    history = generate(11, customers=60, orders=220, now=NOW)
    fresh = [
        replace(one, lifetime_orders=0, lifetime_spend_fen=0, cancelled_orders=0, returned_orders=0)
        for one in history.customers
    ]
    lives = [
        Lived(
            order=past.order,
            events=past.events,  # goods are on their way back before the money is: the first word counts
            lost_at=min((event.at for event in past.events if event.kind in LEFT), default=None),
        )
        for past in history.orders
    ]
    market = [event for events in history.market_events.values() for event in events]
    moments = [
        (past.order.order_no, at)
        for past in history.orders
        for at in {past.moment, past.order.placed_at + HOUR, past.ended_at - HOUR, past.ended_at + HOUR}
        if past.order.placed_at <= at <= NOW
    ]
    assert assert_same(Replay(customers=fresh, lives=lives, market=market), moments) > 600


@st.composite
def replays(draw: st.DrawFn) -> tuple[Replay, list[tuple[str, datetime]]]:
    """A few orders of two customers with any life, any events and any counts from before."""
    hours = st.floats(min_value=0.1, max_value=200)
    lives, moments = [], []
    for number in range(draw(st.integers(1, 4))):
        life = draw(one_life(number))
        lives.append(life)
        moments += [(life.order.order_no, life.order.placed_at + draw(hours) * HOUR) for _ in range(3)]
        moments += [(life.order.order_no, event.at) for event in life.events[:2] if event.at >= life.order.placed_at]
    customers = [replace(CUSTOMER, customer_id=name, lifetime_orders=draw(st.integers(0, 9))) for name in ("C1", "C2")]
    return Replay(customers=customers, lives=lives, market=draw(st.lists(any_event(None), max_size=4))), moments


@st.composite
def one_life(draw: st.DrawFn, number: int) -> Lived:
    step = st.floats(min_value=0.1, max_value=90)
    placed = START + draw(st.floats(min_value=0, max_value=400)) * HOUR
    steps = [placed]
    for _ in range(4):
        steps.append(steps[-1] + draw(step) * HOUR)
    reached = draw(st.integers(0, 3))  # placed, paid, shipped, delivered
    lost = draw(st.booleans())
    stage = Stage.CLOSED if reached == 3 else Stage.CANCELLED
    if not lost and reached < 3:
        stage = (Stage.PENDING_PAYMENT, Stage.PENDING_SHIPMENT, Stage.OUT_FOR_DELIVERY)[reached]
    end = order(
        order_no=f"T{number}",
        customer_id=draw(st.sampled_from(["C1", "C2"])),
        stage=stage,
        placed_at=placed,
        paid_at=steps[1] if reached > 0 else None,
        promised_ship_at=steps[1] + 24 * HOUR if reached > 0 else None,
        promised_delivery_at=steps[1] + 70 * HOUR if reached > 0 else None,
        shipped_at=steps[2] if reached > 1 else None,
        delivered_at=steps[3] if reached > 2 else None,
        attributes={"variant": "42", "carrier": "X", **({"refunded": True} if lost and reached == 3 else {})},
    )
    events = draw(st.lists(any_event(end.order_no), max_size=8))
    if lost:
        kind = "order.refunded" if reached == 3 else "order.cancelled"
        events.append(Event(event_id=f"{end.order_no}-end", kind=kind, at=steps[4], order_no=end.order_no))
    return Lived(order=end, events=tuple(sorted(events, key=lambda one: one.at)), lost_at=steps[4] if lost else None)


@st.composite
def any_event(draw: st.DrawFn, order_no: str | None) -> Event:
    """About the order; about its customer, or its goods; or about nothing of ours."""
    about = draw(st.sampled_from(["order", "customer", "goods", "another"]))
    return Event(
        event_id=draw(st.uuids()).hex,
        kind=draw(st.sampled_from([kind for kind in KINDS if not kind.startswith("order.")])),
        at=START + draw(st.floats(min_value=-300, max_value=900)) * HOUR,
        order_no={"order": order_no, "another": "ZZ"}.get(about),
        customer_id=draw(st.sampled_from(["C1", "C2", "C9"])) if about == "customer" else None,
        sku=draw(st.sampled_from(["shoe", "tee"])) if about in ("goods", "order") else None,
        data=draw(DATA),
    )


@settings(max_examples=60, deadline=None)
@given(replays())
def test_any_past_read_back_equals_what_was_known_then(drawn: tuple[Replay, list[tuple[str, datetime]]]) -> None:
    assert_same(*drawn)


@settings(max_examples=60, deadline=None)
@given(one_life(0), st.lists(any_event("T0"), max_size=5), st.floats(min_value=0, max_value=300))
def test_what_comes_later_never_changes_an_earlier_case(life: Lived, more: list[Event], hours: float) -> None:
    at = life.order.placed_at + hours * HOUR
    until_then = [state for when, state in life.states() if when <= at][-1]
    told = [event for event in life.events if event.at <= at]
    before = PastOrder(course=_course(until_then, told), customer=CUSTOMER, events=tuple(told))
    all_told = sorted([*life.events, *(event for event in more if event.at > at)], key=lambda one: one.at)
    ended = life.ended_at is not None and life.ended_at > at
    now_known = replace(CUSTOMER, lifetime_orders=CUSTOMER.lifetime_orders + ended)
    after = PastOrder(course=_course(life.order, all_told), customer=now_known, events=tuple(all_told))
    assert told_of(vector(case_at(before, at)), vector(case_at(after, at))) == {}
    assert case_at(after, at).events == case_at(before, at).events


def _course(end: Order, events: Sequence[Event]) -> Course:
    return Course(order=end, events=tuple(event for event in events if event.kind.startswith("order.")))


def stored(end: Order, *events: Event, customer: Customer = CUSTOMER) -> Store:
    store = MemoryStore()
    with store.transaction() as records:
        records.orders.put(end)
        records.customers.put(customer)
        records.events.add(events)
    return store


def of(store: Store) -> PastOrder:
    [past] = past_orders(store, *EVER)
    return past


DELIVERED = order(
    stage=Stage.CLOSED,
    placed_at=START,
    paid_at=START + HOUR,
    promised_ship_at=START + DAY,
    promised_delivery_at=START + 3 * DAY,
    shipped_at=START + DAY,
    delivered_at=START + 2 * DAY,
)
CANCELLED = order(stage=Stage.CANCELLED, placed_at=START, paid_at=START + HOUR, shipped_at=None)


def left(at: datetime, kind: str = "order.cancelled") -> Event:
    return Event(event_id=f"{kind}{at}", kind=kind, at=at, order_no=CANCELLED.order_no)


def test_attributes_that_may_have_come_with_the_end_are_not_known_before() -> None:
    end = replace(
        DELIVERED,
        attributes={"variant": "42", "refunded": True, "after_sale": ["shoe"], "carrier": "X", "remark": "退"},
    )
    assert order_at(Course(order=end), START + 2 * HOUR).attributes == {"variant": "42"}
    assert order_at(Course(order=end), START + 2 * DAY).attributes == {"variant": "42", "carrier": "X"}


def test_an_order_whose_payment_was_never_told_counts_as_paid_when_placed() -> None:
    untold = replace(DELIVERED, paid_at=None)
    assert order_at(Course(order=untold), START + HOUR).stage is Stage.PENDING_SHIPMENT
    assert order_at(Course(order=replace(CANCELLED, paid_at=None)), START + HOUR).stage is Stage.PENDING_PAYMENT


def test_settled_orders_are_cases_with_how_they_ended() -> None:
    for end, events, lost in (
        (DELIVERED, (), False),
        (CANCELLED, (left(START + 30 * DAY),), True),
        (DELIVERED, (left(START + 30 * DAY, "order.refunded"),), True),
    ):
        [(case, found)] = past_cases(stored(end, *events), *EVER, now=NOW)
        assert found is lost
        assert case.now == moment_of(of(stored(end, *events)))
        assert case.now < START + 30 * DAY


def test_a_refund_asked_for_in_a_conversation_ends_the_order() -> None:
    store = stored(replace(DELIVERED, stage=Stage.AFTER_SALE))
    with store.transaction() as records:
        records.orders.record_change(
            OrderChange(
                change_id="x",
                order_no=DELIVERED.order_no,
                kind=ChangeKind.REFUND,
                change={},
                at=START + 40 * DAY,
                actor="bot",
            )
        )
    [(case, lost)] = past_cases(store, *EVER, now=NOW)
    assert lost
    assert case.order.stage is not Stage.AFTER_SALE


def test_an_order_that_was_over_by_the_moment_is_no_case() -> None:
    assert list(past_cases(stored(CANCELLED, left(START + timedelta(minutes=5))), *EVER, now=NOW)) == []


def test_an_order_that_is_not_settled_is_no_case() -> None:
    under_way = replace(DELIVERED, stage=Stage.IN_TRANSIT, delivered_at=None)
    assert list(past_cases(stored(under_way), *EVER, now=START + 30 * DAY)) == []
    assert list(past_cases(stored(DELIVERED), *EVER, now=START + 16 * DAY)) == []


def test_a_cancellation_of_which_nobody_told_when_is_counted_and_left_out() -> None:
    tally: Counter[str] = Counter()
    assert list(past_cases(stored(CANCELLED), *EVER, now=NOW, tally=tally)) == []
    assert tally == {UNTIMED: 1}


def test_an_erased_customers_orders_teach_nothing() -> None:
    store = stored(DELIVERED)
    with store.transaction() as records:
        records.erase_customer("C1", at=NOW)
    assert list(past_cases(store, *EVER, now=NOW)) == []


@settings(max_examples=60, deadline=None)
@given(one_life(0), one_life(0))
def test_the_moment_does_not_depend_on_what_comes_after_it(one: Lived, other: Lived) -> None:
    past = PastOrder(course=_course(one.order, one.events), customer=CUSTOMER, events=tuple(one.events))
    moment = moment_of(past)
    if moment is None:
        return
    later = tuple(event for event in other.events if event.at > moment and not event.kind.startswith("order."))
    longer = replace(past, course=Course(order=replace(one.order, stage=Stage.DELIVERED)))
    longer = replace(longer, events=(*(event for event in past.events if event.at <= moment), *later))
    assert moment_of(longer) == moment


def test_the_moment_is_where_something_happens_if_something_does() -> None:
    quiet = moment_of(of(stored(DELIVERED)))
    assert quiet is not None
    start = START + (quiet - START) / 2
    seen = Event(
        event_id="v", kind="behaviour.viewed", at=start + HOUR / 60, customer_id="C1", data={"page": "returns"}
    )
    assert moment_of(of(stored(DELIVERED, seen))) == seen.at


def talked(store: Store, *said: tuple[str, float], order_no: str = DELIVERED.order_no) -> None:
    """Messages of the customer, so many hours after the order was placed, each decided about the order."""
    with store.transaction() as records:
        records.conversations.put(
            Conversation(
                conversation_id="K1",
                channel="web",
                status=Status.BOT,
                created_at=START,
                updated_at=START,
                customer_id="C1",
            )
        )
        for number, (intent, hours) in enumerate(said):
            records.messages.add(
                Message(
                    conversation_id="K1",
                    message_id=f"M{number}",
                    author=Author.SHOPPER,
                    at=START + hours * HOUR,
                    text="……",
                    hearing=Hearing(intent=intent, confidence=0.9),
                    decision=Decision(intervention="inform", rule="r", why="", order_no=order_no),
                    answered=True,
                )
            )


def test_at_a_shoppers_message_what_was_said_so_far_is_known_and_at_other_moments_nobody_talks() -> None:
    store = stored(DELIVERED)
    talked(store, ("track_order", 1), ("cancel_order", 2), ("thank", 3))
    past = of(store)
    assert [one.intent for one in case_at(past, START + 2 * HOUR).hearings] == ["track_order", "cancel_order"]
    assert case_at(past, START + 2.5 * HOUR).hearings == ()
    assert vector(case_at(past, START + 2 * HOUR))["asked_to_leave"] == 1.0


def test_what_was_said_about_another_order_is_not_said_about_this_one() -> None:
    store = stored(DELIVERED)
    talked(store, ("cancel_order", 2), order_no="another")
    assert case_at(of(store), START + 2 * HOUR).hearings == ()
