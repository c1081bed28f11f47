"""Proactive care (主动关怀): one order in danger, and what became of stepping in before its shopper asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from retention.errors import IllegalMoveError


class OutreachState(str, Enum):
    WAITING = "waiting"  # to be acted on at ``next_at``: at once, in the morning, or when a talk has ended
    SENT = "sent"  # a message went to the shopper
    ANSWERED = "answered"  # and the shopper wrote something afterwards
    TASKED = "tasked"  # a person was asked to, for there was no way to write
    HELD_OUT = "held_out"  # left alone, so that the others can be compared with it
    SKIPPED = "skipped"  # ``why`` says what stood against it


class OutreachArm(str, Enum):
    """Drawn for everybody who may be written to, before it is known how the night, a talk or a channel will stand."""

    REACHED = "reached"
    HELD_OUT = "held_out"


class Cause(str, Enum):
    """What a message is about."""

    STOCK = "stock"
    LATE = "late"
    ADDRESS = "address"
    PRICE = "price"
    GENERAL = "general"  # nothing to mend is known, but an offer is worth it


@dataclass(frozen=True, kw_only=True)
class Outreach:
    """One risk episode of one order. ``(order_no, episode)`` is unique, whoever finds the order in danger first.

    ``arm`` and ``propensity``, the probability of that arm, are None where it was clear beforehand that nobody would
    write. ``why`` names the rule an outreach waits or was skipped for.
    """

    outreach_id: str
    order_no: str
    episode: int  # counts from 1
    customer_id: str  # empty once erased
    state: OutreachState
    opened_at: datetime
    next_at: datetime
    probability: float
    threshold: float
    rule: str
    model_version: str
    rules_version: str
    outreach_version: str
    arm: OutreachArm | None = None
    propensity: float | None = None
    why: str = ""
    synthetic: bool = False
    cause: Cause | None = None
    conversation_id: str | None = None
    grant_id: str | None = None
    task_id: str | None = None
    acted_at: datetime | None = None
    answered_at: datetime | None = None

    def waits(self, why: str, *, until: datetime) -> Outreach:
        return replace(self._open(OutreachState.WAITING), why=why, next_at=until)

    def skipped(self, why: str, *, at: datetime) -> Outreach:
        return replace(self._open(OutreachState.SKIPPED), state=OutreachState.SKIPPED, why=why, acted_at=at)

    def sent(self, cause: Cause, conversation_id: str, grant_id: str | None, *, at: datetime) -> Outreach:
        return replace(
            self._open(OutreachState.SENT),
            state=OutreachState.SENT,
            why="",
            cause=cause,
            conversation_id=conversation_id,
            grant_id=grant_id,
            acted_at=at,
        )

    def tasked(self, task_id: str, *, at: datetime) -> Outreach:
        return replace(
            self._open(OutreachState.TASKED), state=OutreachState.TASKED, why="", task_id=task_id, acted_at=at
        )

    def _open(self, to: OutreachState) -> Outreach:
        if self.state is not OutreachState.WAITING:
            raise IllegalMoveError("outreach", self.outreach_id, self.state.value, to.value)
        return self


REACHED_BY = frozenset({OutreachState.SENT, OutreachState.ANSWERED, OutreachState.TASKED})
"""Somebody wrote or will call: these count against the caps. So does what still waits."""
COUNTED = REACHED_BY | {OutreachState.WAITING}


def outreach_id(order_no: str, episode: int) -> str:
    """
    >>> outreach_id("A1", 2)
    'A1/2'
    """
    return f"{order_no}/{episode}"
