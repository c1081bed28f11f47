"""How an order ended, once its return window is over: deflected is not retained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from retention.change import ChangeKind, OrderChange
from retention.event import Event
from retention.exposure import Exposure, Settlement
from retention.offer import ACTIVE, Grant, GrantState
from retention.order import Order, Stage
from retention.ports import Records
from retention.profile import Outcome

RETURNED = frozenset({"order.refunded", "order.returned"})
AT_HAND = frozenset({Stage.DELIVERED, Stage.AFTER_SALE, Stage.CLOSED})
PATIENCE = timedelta(days=45)
"""How much longer than the return window an order may be on its way before nobody waits for it any more."""


@dataclass(frozen=True, kw_only=True)
class Ending:
    """What became of an order by some moment. ``until`` is when to look again; None when ``outcome`` stands."""

    outcome: Outcome
    until: datetime | None = None


def ending(
    order: Order | None, *, back_for: ChangeKind | None, exposed_at: datetime, window: timedelta, now: datetime
) -> Ending:
    """Kept, lost, or nobody can say; never before ``window`` has passed since the decision and since delivery.

    ``back_for`` is what the goods went back for, if they did: refund or exchange. A longer return window of the order's
    own is waited for as well.
    """
    earliest, last = exposed_at + window, exposed_at + window + PATIENCE
    if now < earliest:
        return Ending(outcome=Outcome.UNDECIDED, until=earliest)
    if order is None:
        return Ending(outcome=Outcome.UNDECIDED)
    if order.stage is Stage.CANCELLED or (back_for is ChangeKind.REFUND and order.stage in AT_HAND):
        return Ending(outcome=Outcome.LOST)
    stands = order.stage in AT_HAND and (order.stage is not Stage.AFTER_SALE or back_for is ChangeKind.EXCHANGE)
    due = last
    if stands and order.delivered_at is not None:
        due = min(last, order.delivered_at + max(window, timedelta(days=_return_days(order))))
    elif order.stage is Stage.CLOSED:
        due = earliest
    if now < due:
        return Ending(outcome=Outcome.UNDECIDED, until=min(due, now + timedelta(days=1)))
    if stands:
        return Ending(outcome=Outcome.RETAINED)
    return Ending(outcome=Outcome.LOST if order.stage is Stage.PENDING_PAYMENT else Outcome.UNDECIDED)


def went_back_for(order: Order, changes: Sequence[OrderChange], events: Sequence[Event]) -> ChangeKind | None:
    """By the shop's word, or by ours: whether the money or another piece was asked for last."""
    if order.attributes.get("refunded") is True:
        return ChangeKind.REFUND
    if any(event.kind in RETURNED and event.order_no == order.order_no for event in events):
        return ChangeKind.REFUND
    asked = [change.kind for change in changes if change.kind in (ChangeKind.REFUND, ChangeKind.EXCHANGE)]
    return asked[-1] if asked else None


def spent_fen(grants: Sequence[Grant]) -> int:
    """Expected cost of what was given for an order and not taken back, whoever gave it."""
    given = ACTIVE - {GrantState.PROPOSED}
    return sum(grant.offer.cost_fen for grant in grants if grant.state in given)


def settle(records: Records, exposure: Exposure, *, window: timedelta, now: datetime) -> Outcome | None:
    """Settle one exposure and the profile of its conversation, or look again later; the outcome if this call settled it."""
    order = records.orders.find(exposure.order_no)
    changes = records.orders.changes(exposure.order_no)
    events = records.events.about(order, since=exposure.at) if order is not None else ()
    back_for = went_back_for(order, changes, events) if order is not None else None
    ended = ending(order, back_for=back_for, exposed_at=exposure.at, window=window, now=now)
    if ended.until is not None:
        records.exposures.postpone(exposure.exposure_id, ended.until)
        return None
    retained = order is not None and ended.outcome is Outcome.RETAINED
    how = Settlement(
        outcome=ended.outcome,
        kept_fen=order.margin_fen if order is not None and retained else 0,
        spent_fen=spent_fen(records.ledger.of_order(exposure.order_no)),
        at=now,
    )
    if not records.exposures.settle(exposure.exposure_id, how):
        return None
    _tell_profile(records, exposure, ended.outcome, now=now)
    return ended.outcome


def _tell_profile(records: Records, exposure: Exposure, outcome: Outcome, *, now: datetime) -> None:
    profile = records.profiles.find(exposure.conversation_id)
    if profile is None or profile.order_no != exposure.order_no or outcome is Outcome.UNDECIDED:
        return
    if profile.outcome is not outcome:
        records.profiles.put(replace(profile, outcome=outcome, updated_at=now))


def _return_days(order: Order) -> int:
    days = order.attributes.get("return_days")
    return days if isinstance(days, int) and not isinstance(days, bool) else 0
