"""Subscriptions of other systems, and what is on its way to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from integrations.memory.rows import Rows, Undo
from retention.notice import Dispatch, DispatchState, Notice, Subscription, dispatch_of
from retention.notice_ports import Dispatches, Subscriptions


class MemorySubscriptions(Subscriptions):
    def __init__(self, dispatches: MemoryDispatches) -> None:
        self.rows = dispatches.subscription_rows
        self._dispatches = dispatches

    def find(self, subscription_id: str) -> Subscription | None:
        return self.rows.get(subscription_id)

    def put(self, subscription: Subscription) -> None:
        self.rows[subscription.subscription_id] = subscription

    def listed(self) -> Sequence[Subscription]:
        return tuple(sorted(self.rows.values(), key=lambda one: (one.created_at, one.subscription_id)))

    def remove(self, subscription_id: str) -> bool:
        if subscription_id not in self.rows:
            return False
        for key in [key for key, one in self._dispatches.rows.items() if one.subscription_id == subscription_id]:
            del self._dispatches.rows[key]
        del self.rows[subscription_id]
        return True


class MemoryDispatches(Dispatches):
    def __init__(self, undo: Undo) -> None:
        self.rows: Rows[str, Dispatch] = Rows(undo)
        self.subscription_rows: Rows[str, Subscription] = Rows(undo)

    def queue(self, notice: Notice) -> int:
        before = len(self.rows)
        for subscription in self.subscription_rows.values():
            dispatch = dispatch_of(notice, subscription)
            if subscription.active and notice.kind in subscription.kinds and dispatch.dispatch_id not in self.rows:
                self.rows[dispatch.dispatch_id] = dispatch
        return len(self.rows) - before

    def find(self, dispatch_id: str) -> Dispatch | None:
        return self.rows.get(dispatch_id)

    def overdue_for(self, now: datetime) -> Sequence[str]:
        return sorted({one.subscription_id for one in self.rows.values() if _is_due(one, now)})

    def due(self, subscription_id: str, now: datetime, *, limit: int = 20) -> Sequence[Dispatch]:
        found = [one for one in self.rows.values() if one.subscription_id == subscription_id and _is_due(one, now)]
        return tuple(sorted(found, key=_age)[:limit])

    def claim(self, dispatch: Dispatch, *, now: datetime, until: datetime) -> Dispatch | None:
        found = self.find(dispatch.dispatch_id)
        if found is None or not _is_due(found, now):
            return None
        self.rows[dispatch.dispatch_id] = replace(found, next_at=until, attempts=found.attempts + 1)
        return self.rows[dispatch.dispatch_id]

    def put(self, dispatch: Dispatch) -> None:
        found = self.find(dispatch.dispatch_id)
        if found is not None:
            self.rows[dispatch.dispatch_id] = replace(
                found,
                state=dispatch.state,
                attempts=dispatch.attempts,
                next_at=dispatch.next_at,
                problem=dispatch.problem,
            )

    def listed(self, states: frozenset[DispatchState], *, limit: int = 200) -> Sequence[Dispatch]:
        return tuple(sorted([one for one in self.rows.values() if one.state in states], key=_age)[:limit])

    def counts(self) -> Mapping[DispatchState, int]:
        return {state: sum(one.state is state for one in self.rows.values()) for state in DispatchState}

    def purge(self, before: datetime) -> int:
        gone = [key for key, one in self.rows.items() if one.state is DispatchState.SENT and one.next_at < before]
        for key in gone:
            del self.rows[key]
        return len(gone)


def _is_due(dispatch: Dispatch, now: datetime) -> bool:
    return dispatch.state is DispatchState.WAITING and dispatch.next_at <= now


def _age(dispatch: Dispatch) -> tuple[datetime, str]:
    return dispatch.at, dispatch.dispatch_id
