"""A conversation's way to a person and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from retention.errors import IllegalMoveError


class HandoffState(str, Enum):
    WAITING = "waiting"
    CLAIMED = "claimed"
    RESOLVED = "resolved"  # the associate closed the conversation
    RETURNED = "returned"  # given back to the bot
    CANCELLED = "cancelled"  # the shopper left the queue
    EXPIRED = "expired"  # nobody came, or the shop is closed


OPEN = frozenset({HandoffState.WAITING, HandoffState.CLAIMED})
MOVES: Mapping[HandoffState, frozenset[HandoffState]] = {
    HandoffState.WAITING: frozenset({HandoffState.CLAIMED, HandoffState.CANCELLED, HandoffState.EXPIRED}),
    HandoffState.CLAIMED: frozenset(
        {HandoffState.RESOLVED, HandoffState.RETURNED, HandoffState.WAITING, HandoffState.CLAIMED}
    ),
    HandoffState.RESOLVED: frozenset(),
    HandoffState.RETURNED: frozenset(),
    HandoffState.CANCELLED: frozenset(),
    HandoffState.EXPIRED: frozenset(),
}
MOVED_BY = ("state", "associate", "updated_at", "releases", "first_reply_at", "held_for")
"""The fields that tell whether a handoff has moved: of two moves in the same instant each changes one."""
FRONT = 99
"""The priority of who already waited once: before everybody but danger."""


@dataclass(frozen=True, kw_only=True)
class Handoff:
    """``priority`` 0..100, highest first; ``summary`` is Chinese and lets an associate start without scrolling.

    ``updated_at`` is the last move. ``claimed_at`` is when its present associate got it. ``first_reply_at`` is when a
    person first answered: ``first_reply_by``, who had it ``first_reply_since``. ``releases`` counts how often it went back
    to the queue. ``held_for`` is the associate it was given to without their asking, until they answer.
    """

    handoff_id: str
    conversation_id: str
    state: HandoffState
    reason: str  # rule id: asked_for_person, furious, threat, safety, bot_down, ...
    summary: str
    priority: int
    opened_at: datetime
    updated_at: datetime
    associate: str | None = None
    order_no: str | None = None
    customer_id: str | None = None
    skill: str | None = None
    claimed_at: datetime | None = None
    first_reply_at: datetime | None = None
    closed_at: datetime | None = None
    releases: int = 0
    held_for: str | None = None
    first_reply_by: str | None = None
    first_reply_since: datetime | None = None

    def claimed(self, associate: str, *, at: datetime, given: bool = False) -> Handoff:
        """Taken from the queue, or ``given`` to somebody who did not ask."""
        if self.state is not HandoffState.WAITING:
            raise self.refusal(HandoffState.CLAIMED.value)
        return self._held(associate, at, given=given)

    def passed(self, associate: str, *, at: datetime, given: bool) -> Handoff:
        """From the associate who has it to another: given to them, or taken over by them."""
        if self.state is not HandoffState.CLAIMED or associate == self.associate:
            raise self.refusal(HandoffState.CLAIMED.value)
        return self._held(associate, at, given=given)

    def released(self, *, at: datetime) -> Handoff:
        """Back to the queue, in front: this shopper has waited before."""
        if self.state is not HandoffState.CLAIMED:
            raise self.refusal(HandoffState.WAITING.value)
        return replace(
            self,
            state=HandoffState.WAITING,
            updated_at=at,
            associate=None,
            claimed_at=None,
            held_for=None,
            priority=max(self.priority, FRONT),
            releases=self.releases + 1,
        )

    def ended(self, to: HandoffState, *, at: datetime) -> Handoff:
        if to in OPEN or to not in MOVES[self.state]:
            raise self.refusal(to.value)
        return replace(self, state=to, updated_at=at, closed_at=at, held_for=None)

    def answered(self, *, at: datetime) -> Handoff:
        """Its associate said something."""
        if self.first_reply_at is not None:
            return replace(self, held_for=None)
        return replace(
            self,
            first_reply_at=at,
            first_reply_by=self.associate,
            first_reply_since=self.claimed_at,
            held_for=None,
        )

    def refusal(self, move: str) -> IllegalMoveError:
        return IllegalMoveError("handoff", self.handoff_id, self.state.value, move)

    def _held(self, associate: str, at: datetime, *, given: bool) -> Handoff:
        return replace(
            self,
            state=HandoffState.CLAIMED,
            updated_at=at,
            associate=associate,
            claimed_at=at,
            held_for=associate if given else None,
        )
