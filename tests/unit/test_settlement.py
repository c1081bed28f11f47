"""Deflected is not retained: a save counts when the goods can no longer come back, and once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from retention.change import ChangeKind
from retention.event import Event
from retention.exposure import Exposure
from retention.hearing import Reason
from retention.order import Order, Stage
from retention.profile import Outcome
from retention.settlement import PATIENCE, ending
from service.settling import settle_due
from tests.unit.counter import NOW, Counter, order

DAY = timedelta(days=1)
WINDOW = 15 * DAY


def kept_today() -> Counter:
    """A shopper who took the offer for a late order."""
    counter = Counter(order(stage=Stage.IN_TRANSIT, late_hours=62))
    counter.say("物流太慢了我要退单", "request_refund", Reason.LOGISTICS)
    counter.say("接受方案", "accept_offer")
    return counter


def put(counter: Counter, **changes: object) -> None:
    changed = replace(counter.order(), **changes)  # type: ignore[arg-type]
    with counter.store.transaction() as records:
        records.orders.put(changed)


def after(counter: Counter, days: float) -> Exposure:
    """The exposure, once the job has run so many days later, and every day before that."""
    for day in range(int(days) + 1):
        settle_due(counter.store, NOW + min(day + 1, days) * DAY, window=WINDOW)
    order_no = counter.order().order_no
    with counter.store.transaction() as records:
        [exposure] = records.exposures.of_order(order_no)
    return exposure


def outcome_of_the_talk(counter: Counter) -> Outcome:
    with counter.store.transaction() as records:
        profile = records.profiles.find("conv-1")
    assert profile is not None
    return profile.outcome


def test_kept_today_is_not_retained_before_the_return_window_has_closed() -> None:
    counter = kept_today()
    put(counter, stage=Stage.DELIVERED, delivered_at=NOW + 3 * DAY)
    assert after(counter, 17.9).settled_at is None
    assert outcome_of_the_talk(counter) is Outcome.DEFLECTED
    settled = after(counter, 18)
    assert settled.outcome is Outcome.RETAINED
    assert (settled.kept_fen, settled.spent_fen) == (8000, 800)  # the remedy, and the thank-you of a kept order
    assert outcome_of_the_talk(counter) is Outcome.RETAINED


def test_an_order_that_comes_back_in_its_window_is_lost_and_keeps_no_margin() -> None:
    counter = kept_today()
    put(counter, stage=Stage.DELIVERED, delivered_at=NOW + DAY)
    after(counter, 9)
    put(counter, stage=Stage.AFTER_SALE, attributes={"refunded": True})
    settled = after(counter, 20)
    assert (settled.outcome, settled.kept_fen) == (Outcome.LOST, 0)
    assert outcome_of_the_talk(counter) is Outcome.LOST


def test_a_refund_the_shop_reports_as_an_event_is_a_loss() -> None:
    counter = kept_today()
    put(counter, stage=Stage.CLOSED, delivered_at=NOW + DAY)
    number = counter.order().order_no
    counter.events(Event(event_id="r", kind="order.refunded", at=NOW + 5 * DAY, order_no=number))
    assert after(counter, 20).outcome is Outcome.LOST


def test_a_cancelled_order_that_the_shop_ships_after_all_is_judged_by_its_delivery() -> None:
    counter = kept_today()
    put(counter, stage=Stage.CANCELLED)
    assert after(counter, 10).settled_at is None
    put(counter, stage=Stage.DELIVERED, delivered_at=NOW + 12 * DAY)
    assert after(counter, 26).settled_at is None
    assert after(counter, 27).outcome is Outcome.RETAINED


def test_an_exchange_keeps_the_order() -> None:
    stands = order(stage=Stage.AFTER_SALE, delivered_at=NOW)
    assert _ending(stands, back_for=ChangeKind.EXCHANGE, days=16) is Outcome.RETAINED
    assert _ending(stands, back_for=ChangeKind.REFUND, days=16) is Outcome.LOST
    assert _ending(stands, back_for=None, days=16) is None


def test_nobody_waits_for_ever_and_what_nobody_knows_is_undecided() -> None:
    last = (WINDOW + PATIENCE) / DAY
    assert _ending(order(stage=Stage.IN_TRANSIT), days=last - 1) is None
    assert _ending(order(stage=Stage.IN_TRANSIT), days=last) is Outcome.UNDECIDED
    assert _ending(order(stage=Stage.PENDING_PAYMENT), days=last) is Outcome.LOST
    assert _ending(order(stage=Stage.AFTER_SALE), days=last) is Outcome.UNDECIDED
    assert _ending(None, days=20) is Outcome.UNDECIDED


def test_a_longer_return_window_of_the_order_is_waited_for() -> None:
    generous = order(stage=Stage.DELIVERED, delivered_at=NOW, attributes={"return_days": 30})
    assert _ending(generous, days=29) is None
    assert _ending(generous, days=30) is Outcome.RETAINED


def test_an_exposure_is_settled_once_and_a_later_return_changes_nothing() -> None:
    counter = kept_today()
    put(counter, stage=Stage.CLOSED, delivered_at=NOW)
    first = after(counter, 16)
    put(counter, stage=Stage.AFTER_SALE, attributes={"refunded": True})
    assert after(counter, 30) == first


def test_money_that_was_taken_back_was_not_spent() -> None:
    counter = kept_today()
    counter.say("还是退了吧", "request_refund")
    counter.say("确认退款", "affirm")
    settled = after(counter, 16)
    assert (settled.outcome, settled.kept_fen, settled.spent_fen) == (Outcome.LOST, 0, 0)


@given(
    stage=st.sampled_from(Stage),
    delivered=st.none() | st.integers(-30, 90),
    back_for=st.sampled_from([None, ChangeKind.REFUND, ChangeKind.EXCHANGE]),
    days=st.integers(0, 200),
)
def test_every_order_is_settled_in_bounded_time_never_too_early_and_looked_at_again_until_then(
    stage: Stage, delivered: int | None, back_for: ChangeKind | None, days: int
) -> None:
    delivered_at = None if delivered is None else NOW + delivered * DAY
    now = NOW + days * DAY
    found = ending(
        order(stage=stage, delivered_at=delivered_at), back_for=back_for, exposed_at=NOW, window=WINDOW, now=now
    )
    if now < NOW + WINDOW:
        assert found.until is not None
    if now >= NOW + WINDOW + PATIENCE:
        assert found.until is None
    if found.until is not None:
        assert now < found.until <= NOW + WINDOW + PATIENCE
    if found.outcome is Outcome.RETAINED and delivered_at is not None:
        assert now >= min(delivered_at + WINDOW, NOW + WINDOW + PATIENCE)


def _ending(of: Order | None, *, back_for: ChangeKind | None = None, days: float) -> Outcome | None:
    now: datetime = NOW + days * DAY
    found = ending(of, back_for=back_for, exposed_at=NOW, window=WINDOW, now=now)
    return found.outcome if found.until is None else None
