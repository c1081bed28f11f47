"""What happened here, told to other systems: a notice, who subscribed to it, and its way there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from uuid import UUID, uuid5

NOTICES = UUID("5f0f7f0e-53c1-4f3a-9d2b-6f2f0f3d8c11")


class NoticeKind(str, Enum):
    HANDOFF_OPENED = "handoff.opened"
    HANDOFF_CLAIMED = "handoff.claimed"
    HANDOFF_CLOSED = "handoff.closed"  # data.state says how
    CONVERSATION_RATED = "conversation.rated"
    ORDER_CANCELLED = "order.cancelled"  # on the shopper's word, by us
    GRANT_ISSUED = "grant.issued"
    ORDER_AT_RISK = "order.at_risk"  # once an episode, whatever is done about it
    TEST = "webhook.test"  # sent on request, never subscribed to


@dataclass(frozen=True, kw_only=True)
class Notice:
    """``data`` is plain JSON: ids and words of the shop, nothing a person typed; who the customer is stands apart, so
    that it can be taken out."""

    notice_id: str  # the same fact has the same id, however often and to whomever it is sent
    kind: NoticeKind
    at: datetime
    data: Mapping[str, object]
    customer_id: str | None = None


def notice_id(kind: NoticeKind, subject: str, at: datetime) -> str:
    """Of what happened to ``subject`` (an id) at that moment."""
    return f"msg_{uuid5(NOTICES, f'{kind.value}/{subject}/{at.isoformat()}').hex}"


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """``active`` is False once the address has answered that it is gone for good."""

    subscription_id: str
    url: str
    kinds: tuple[NoticeKind, ...]
    secret: str  # whsec_ and base64; the only place it is kept
    created_at: datetime
    created_by: str  # the API key's name
    active: bool = True


class DispatchState(str, Enum):
    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"  # given up; a person may put it back


@dataclass(frozen=True, kw_only=True)
class Dispatch:
    """One notice on its way to one subscription. ``attempts`` counts those begun; ``problem`` is that of the last."""

    dispatch_id: str
    subscription_id: str
    notice_id: str
    kind: NoticeKind
    at: datetime
    data: Mapping[str, object]
    state: DispatchState
    next_at: datetime
    customer_id: str | None = None
    attempts: int = 0
    problem: str = ""


WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""After the first attempt, the second, ...; the schedule Standard Webhooks proposes, three days in all."""


def dispatch_of(notice: Notice, subscription: Subscription) -> Dispatch:
    return Dispatch(
        dispatch_id=f"{notice.notice_id}:{subscription.subscription_id}",
        subscription_id=subscription.subscription_id,
        notice_id=notice.notice_id,
        kind=notice.kind,
        at=notice.at,
        data=notice.data,
        state=DispatchState.WAITING,
        next_at=notice.at,
        customer_id=notice.customer_id,
    )


def sent(dispatch: Dispatch, *, at: datetime) -> Dispatch:
    return replace(dispatch, state=DispatchState.SENT, next_at=at, problem="")


def failed(dispatch: Dispatch, problem: str, *, at: datetime, asked_s: float = 0.0, gone: bool = False) -> Dispatch:
    """After an attempt that did not get through: later, or never.

    ``asked_s`` is how long the receiver asked to be left alone; ``gone``: it said there is no use in trying again.
    """
    if gone or dispatch.attempts > len(WAITS):
        return replace(dispatch, state=DispatchState.DEAD, next_at=at, problem=problem)
    wait = WAITS[max(0, dispatch.attempts - 1)]
    asked = min(timedelta(seconds=asked_s), WAITS[-1])
    return replace(dispatch, next_at=at + max(wait, asked), problem=problem)


def revived(dispatch: Dispatch, *, at: datetime) -> Dispatch:
    """As new, on a person's word."""
    return replace(dispatch, state=DispatchState.WAITING, next_at=at, attempts=0)


def body_of(dispatch: Dispatch) -> dict[str, object]:
    """The payload as Standard Webhooks recommends it, plain JSON."""
    return {
        "type": dispatch.kind.value,
        "timestamp": dispatch.at.isoformat(),
        "data": {**dispatch.data, "customer_id": dispatch.customer_id},
    }
