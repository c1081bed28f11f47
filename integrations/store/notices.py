"""Subscriptions of other systems, and what is on its way to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, select, update

from integrations.store.rows import Shape
from integrations.store.statements import insert_new, insert_or_replace
from integrations.store.tables import DISPATCHES, SUBSCRIPTIONS
from retention.notice import Dispatch, DispatchState, Notice, Subscription, dispatch_of
from retention.notice_ports import Dispatches, Subscriptions

SUBSCRIPTION = Shape(Subscription, SUBSCRIPTIONS)
DISPATCH = Shape(Dispatch, DISPATCHES)

_D = DISPATCHES.c
_SUBSCRIPTION = SUBSCRIPTION.select().where(SUBSCRIPTIONS.c.subscription_id == bindparam("subscription_id"))
_PUT = insert_or_replace(SUBSCRIPTIONS)
_LISTED = SUBSCRIPTION.select().order_by(SUBSCRIPTIONS.c.created_at, SUBSCRIPTIONS.c.subscription_id)
_ACTIVE = _LISTED.where(SUBSCRIPTIONS.c.active)
_FORGET = delete(DISPATCHES).where(_D.subscription_id == bindparam("removed"))
_REMOVE = delete(SUBSCRIPTIONS).where(SUBSCRIPTIONS.c.subscription_id == bindparam("removed"))

_QUEUE = insert_new(DISPATCHES)
_FIND = DISPATCH.select().where(_D.dispatch_id == bindparam("dispatch_id"))
_IS_DUE = (_D.state == DispatchState.WAITING.value, _D.next_at <= bindparam("now"))
_OVERDUE_FOR = select(_D.subscription_id).where(*_IS_DUE).distinct().order_by(_D.subscription_id)
_OLDEST_FIRST = DISPATCH.select().order_by(_D.at, _D.dispatch_id).limit(bindparam("limit"))
_DUE = _OLDEST_FIRST.where(_D.subscription_id == bindparam("subscription_id"), *_IS_DUE)
_CLAIM = (
    update(DISPATCHES)
    .where(_D.dispatch_id == bindparam("claimed"), *_IS_DUE)
    .values(next_at=bindparam("until"), attempts=_D.attempts + 1)
)
_SETTLE = (
    update(DISPATCHES)
    .where(_D.dispatch_id == bindparam("settled"))
    .values({name: bindparam(name) for name in ("state", "attempts", "next_at", "problem")})
)
_IN_STATES = _OLDEST_FIRST.where(_D.state.in_(bindparam("states", expanding=True)))
_COUNTS = select(_D.state, func.count()).group_by(_D.state)
_PURGE = delete(DISPATCHES).where(_D.state == DispatchState.SENT.value, _D.next_at < bindparam("before"))


class SqlSubscriptions(Subscriptions):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, subscription_id: str) -> Subscription | None:
        return SUBSCRIPTION.first(self._connection, _SUBSCRIPTION, subscription_id=subscription_id)

    def put(self, subscription: Subscription) -> None:
        self._connection.execute(_PUT, SUBSCRIPTION.row(subscription))

    def listed(self) -> Sequence[Subscription]:
        return SUBSCRIPTION.all(self._connection, _LISTED)

    def remove(self, subscription_id: str) -> bool:
        self._connection.execute(_FORGET, {"removed": subscription_id})
        return self._connection.execute(_REMOVE, {"removed": subscription_id}).rowcount == 1


class SqlDispatches(Dispatches):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def queue(self, notice: Notice) -> int:
        wanting = [one for one in SUBSCRIPTION.all(self._connection, _ACTIVE) if notice.kind in one.kinds]
        rows = [DISPATCH.row(dispatch_of(notice, subscription)) for subscription in wanting]
        return self._connection.execute(_QUEUE, rows).rowcount if rows else 0

    def find(self, dispatch_id: str) -> Dispatch | None:
        return DISPATCH.first(self._connection, _FIND, dispatch_id=dispatch_id)

    def overdue_for(self, now: datetime) -> Sequence[str]:
        return list(self._connection.scalars(_OVERDUE_FOR, {"now": now}))

    def due(self, subscription_id: str, now: datetime, *, limit: int = 20) -> Sequence[Dispatch]:
        return DISPATCH.all(self._connection, _DUE, subscription_id=subscription_id, now=now, limit=limit)

    def claim(self, dispatch: Dispatch, *, now: datetime, until: datetime) -> Dispatch | None:
        parameters = {"claimed": dispatch.dispatch_id, "now": now, "until": until}
        return self.find(dispatch.dispatch_id) if self._connection.execute(_CLAIM, parameters).rowcount == 1 else None

    def put(self, dispatch: Dispatch) -> None:
        row = DISPATCH.row(dispatch)
        settled = {name: row[name] for name in ("state", "attempts", "next_at", "problem")}
        self._connection.execute(_SETTLE, {"settled": dispatch.dispatch_id, **settled})

    def listed(self, states: frozenset[DispatchState], *, limit: int = 200) -> Sequence[Dispatch]:
        wanted = sorted(state.value for state in states)
        return DISPATCH.all(self._connection, _IN_STATES, states=wanted, limit=limit)

    def counts(self) -> Mapping[DispatchState, int]:
        found = {state: int(count) for state, count in self._connection.execute(_COUNTS)}
        return {state: found.get(state.value, 0) for state in DispatchState}

    def purge(self, before: datetime) -> int:
        return self._connection.execute(_PURGE, {"before": before}).rowcount
