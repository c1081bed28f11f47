"""What has to happen in the queue although nobody asks: release, expire, assign."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from retention.assignment import assign, seats
from retention.attendance import unattended
from retention.errors import IllegalMoveError, NoRoomError
from retention.handoff import Handoff, HandoffState
from retention.handoff_move import Moved
from retention.place import EVERYBODY
from retention.ports import Clock, Records, Store
from retention.queue import Queue
from retention.staffing import Assignment, Staffing

RELEASED = "handoff_released"


class Dispatcher:
    """Any number of processes may sweep at once: each move is decided anew inside its own transaction."""

    def __init__(self, *, store: Store, queue: Queue, staffing: Staffing, clock: Clock) -> None:
        self._store = store
        self._queue = queue
        self._staffing = staffing
        self._clock = clock

    def sweep(self) -> list[Moved]:
        """Conversations nobody attends go back to the queue, overdue ones to the bot, the rest to who has room."""
        moved = [self._queue.release_unattended(one.handoff_id) for one in self._unattended()]
        moved += [self._queue.expire(one.handoff_id) for one in self._overdue()]
        if self._staffing.assignment is Assignment.AUTOMATIC:
            moved += [self._assigned(one, associate) for one, associate in self._plan()]
        return [one for one in moved if one is not None]

    def _unattended(self) -> list[Handoff]:
        now = self._clock()
        with self._store.transaction() as records:
            claimed = records.handoffs.listed(frozenset({HandoffState.CLAIMED}), limit=EVERYBODY)
        return [one for one in claimed if self._is_unattended(one, now)]

    def _is_unattended(self, handoff: Handoff, now: datetime) -> bool:
        # Each in a transaction of its own: where there is one writer, what people say must not wait for hundreds.
        with self._store.transaction() as records:
            return unattended(records, self._staffing, handoff, now) is not None

    def _overdue(self) -> list[Handoff]:
        now = self._clock()
        with self._store.transaction() as records:
            waiting = records.handoffs.listed(frozenset({HandoffState.WAITING}), limit=EVERYBODY)
        return [one for one in waiting if self._queue.is_overdue(one, now)]

    def _plan(self) -> list[tuple[Handoff, str]]:
        with self._store.transaction() as records:
            waiting = records.handoffs.listed(frozenset({HandoffState.WAITING}), limit=EVERYBODY)
            if not waiting:
                return []
            return assign(waiting, seats(records, self._staffing, self._clock()), _lost(records, waiting))

    def _assigned(self, handoff: Handoff, associate: str) -> Moved | None:
        try:
            return self._queue.assign(handoff.handoff_id, associate)
        except (IllegalMoveError, NoRoomError):  # taken, left or filled in this very moment
            return None


def _lost(records: Records, waiting: Sequence[Handoff]) -> Mapping[str, frozenset[str]]:
    """From whom each of them went back to the queue, as the audit log has it."""
    return {
        one.handoff_id: frozenset(
            str(entry.data.get("from"))
            for entry in records.audit.about(f"conversation:{one.conversation_id}", limit=EVERYBODY)
            if entry.act == RELEASED and entry.at >= one.opened_at
        )
        for one in waiting
        if one.releases
    }
