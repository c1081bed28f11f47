"""``tourniquet outbox``: what is on its way to other systems, and what was given up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone

from integrations.settings import Settings
from retention import help_desk, notice
from retention.errors import NotFoundError
from retention.help_desk import LinkState
from retention.notice import DispatchState
from retention.ports import Records
from service.opened_store import opened_store

STUCK = "help desk"


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """A notice for a subscription, or a handoff for the help desk."""

    parcel_id: str
    what: str
    to: str
    state: str
    attempts: int
    next_at: datetime
    problem: str


def listed(settings: Settings, *, dead_only: bool) -> list[Parcel]:
    """Oldest first; of the help desk's only what has a problem."""
    with opened_store(settings) as store, store.transaction() as records:
        states = {DispatchState.DEAD} if dead_only else {DispatchState.DEAD, DispatchState.WAITING}
        addresses = {one.subscription_id: one.url for one in records.subscriptions.listed()}
        notices = [
            Parcel(
                parcel_id=one.dispatch_id,
                what=one.kind.value,
                to=addresses.get(one.subscription_id, ""),
                state=one.state.value,
                attempts=one.attempts,
                next_at=one.next_at,
                problem=one.problem,
            )
            for one in records.dispatches.listed(frozenset(states))
        ]
        link_states = {LinkState.DEAD} if dead_only else {LinkState.DEAD, LinkState.OPEN}
        links = [
            Parcel(
                parcel_id=one.handoff_id,
                what="handoff",
                to=STUCK,
                state=one.state.value,
                attempts=one.attempts,
                next_at=one.next_at,
                problem=one.problem,
            )
            for one in records.links.listed(frozenset(link_states))
            if one.problem
        ]
    return [*notices, *links]


def retry(settings: Settings, parcel_id: str | None) -> int:
    """Put one back, or all that were given up; returns how many. Raises NotFoundError."""
    now = datetime.now(timezone.utc)
    with opened_store(settings) as store, store.transaction() as records:
        if parcel_id is not None:
            return _retry_one(records, parcel_id, now)
        dead = records.dispatches.listed(frozenset({DispatchState.DEAD}))
        for dispatch in dead:
            records.dispatches.put(notice.revived(dispatch, at=now))
        stuck = records.links.listed(frozenset({LinkState.DEAD}))
        for link in stuck:
            records.links.put(help_desk.revived(link, at=now))
        return len(dead) + len(stuck)


def _retry_one(records: Records, parcel_id: str, now: datetime) -> int:
    dispatch = records.dispatches.find(parcel_id)
    if dispatch is not None and dispatch.state is not DispatchState.SENT:
        records.dispatches.put(notice.revived(dispatch, at=now))
        return 1
    link = records.links.find(parcel_id)
    if link is not None and link.state is not LinkState.OVER:
        records.links.put(help_desk.revived(link, at=now))
        return 1
    raise NotFoundError("parcel", parcel_id)
