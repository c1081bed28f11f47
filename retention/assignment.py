"""Whom the next conversation goes to. Pure but for the reading of seats."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from retention.associate import Associate
from retention.errors import NoRoomError
from retention.handoff import Handoff
from retention.ports import Records
from retention.presence import Presence, PresenceState
from retention.staffing import Staffing

SHIFT = timedelta(hours=12)
"""Who has not been seen for this long is off duty and not listed."""


@dataclass(frozen=True, kw_only=True)
class Seat:
    """An associate now: how they are, and how many conversations they hold."""

    associate: Associate
    state: PresenceState
    held: int

    @property
    def has_room(self) -> bool:
        return self.associate.active and self.state is PresenceState.ONLINE and self.held < self.associate.capacity

    def check(self) -> None:
        """Raises NoRoomError."""
        if not self.has_room:
            full = self.state is PresenceState.ONLINE and self.associate.active
            raise NoRoomError(self.associate.name, "full" if full else self.state.value)


def associate_of(records: Records, staffing: Staffing, name: str) -> Associate:
    return records.associates.find(name) or staffing.associate(name)


def seat_of(records: Records, staffing: Staffing, name: str, now: datetime) -> Seat:
    """Locked, so that two who give this associate a conversation at once count one after the other."""
    return _seat(records, staffing, name, records.presences.lock(name), now)


def seats(records: Records, staffing: Staffing, now: datetime) -> tuple[Seat, ...]:
    """Everybody seen within a shift."""
    seen = records.presences.seen_since(now - SHIFT)
    return tuple(_seat(records, staffing, presence.associate, presence, now) for presence in seen)


def assign(
    waiting: Iterable[Handoff], seats: Sequence[Seat], lost: Mapping[str, frozenset[str]]
) -> list[tuple[Handoff, str]]:
    """Who gets which of those that wait, the most urgent first.

    A wanted skill comes first; when nobody online has it, anybody will do. Then whoever is least loaded. ``lost`` names
    for a handoff those from whom it went back to the queue: nobody is given the same conversation twice.
    """
    at_desk = {seat.associate.name: seat for seat in seats}
    given = []
    for handoff in waiting:
        skilled = [seat for seat in at_desk.values() if handoff.skill in seat.associate.skills]
        able = skilled if any(seat.state is PresenceState.ONLINE for seat in skilled) else list(at_desk.values())
        passed_over = lost.get(handoff.handoff_id, frozenset())
        free = [seat for seat in able if seat.has_room and seat.associate.name not in passed_over]
        if not free:
            continue
        chosen = min(free, key=lambda seat: (seat.held / seat.associate.capacity, seat.held, seat.associate.name))
        at_desk[chosen.associate.name] = replace(chosen, held=chosen.held + 1)
        given.append((handoff, chosen.associate.name))
    return given


def _seat(records: Records, staffing: Staffing, name: str, presence: Presence | None, now: datetime) -> Seat:
    return Seat(
        associate=associate_of(records, staffing, name),
        state=staffing.state_of(presence, now),
        held=len(records.handoffs.held_by(name)),
    )
