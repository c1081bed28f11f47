"""What the order system has to do about a grant: give it, take it back; each queued once and asked for until it is answered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from retention.offer import Grant


class Act(str, Enum):
    GRANT = "grant"
    REVERSE = "reverse"


class FulfilmentState(str, Enum):
    PENDING = "pending"  # nobody is asking now; due at ``next_at``
    SENT = "sent"  # being asked, or the process that asked has died; due again at ``next_at``
    DONE = "done"  # the order system said so
    DEAD = "dead"  # refused, or given up; a person decides
    VOID = "void"  # not to be sent: taken back meanwhile, or issued before there was this queue


WAITING = frozenset({FulfilmentState.PENDING, FulfilmentState.SENT})
UNSETTLED = WAITING | {FulfilmentState.DEAD}


@dataclass(frozen=True, kw_only=True)
class Fulfilment:
    """``attempts`` counts those begun: none means that the order system cannot have heard of it. ``error`` is that of the
    last attempt, ``answer`` the order system's own reference."""

    fulfilment_id: str
    grant_id: str
    act: Act
    state: FulfilmentState
    next_at: datetime
    attempts: int = 0
    error: str = ""
    answer: str = ""


class Standing(str, Enum):
    GIVEN = "given"
    TAKEN_BACK = "taken_back"  # also one that was taken back before it arrived: it is never given afterwards


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """A grant as the order system knows it. ``reference`` is its own name for it, ``at`` when it last changed."""

    grant_id: str
    standing: Standing
    reference: str
    at: datetime


FIRST_WAIT = timedelta(seconds=0.5)
LONGEST_WAIT = timedelta(hours=1)
MOST_ATTEMPTS = 20
"""About eight hours in all: a night in which nobody repairs the order system."""


def fulfilment_id(grant_id: str, act: Act) -> str:
    return f"{grant_id}:{act.value}"


def fulfilment_of(grant: Grant, act: Act, *, at: datetime) -> Fulfilment:
    return Fulfilment(
        fulfilment_id=fulfilment_id(grant.grant_id, act),
        grant_id=grant.grant_id,
        act=act,
        state=FulfilmentState.PENDING,
        next_at=at,
    )


def is_owed(grant: Grant) -> bool:
    """Whether there is anything for the order system to do: a term that is neither off nor nothing."""
    return any(grant.offer.terms.values())


def done(begun: Fulfilment, answer: str, *, at: datetime) -> Fulfilment:
    return replace(begun, state=FulfilmentState.DONE, next_at=at, error="", answer=answer)


def refused(begun: Fulfilment, problem: str, *, at: datetime) -> Fulfilment:
    return replace(begun, state=FulfilmentState.DEAD, next_at=at, error=problem)


def missed(begun: Fulfilment, problem: str, *, at: datetime, chance: float) -> Fulfilment:
    """After an attempt without a clear answer: later, or given up. ``chance`` (0..1) keeps those that failed together apart."""
    if begun.attempts >= MOST_ATTEMPTS:
        return refused(begun, problem, at=at)
    wait = min(FIRST_WAIT * 2 ** (begun.attempts - 1), LONGEST_WAIT) * (0.5 + chance)
    return replace(begun, state=FulfilmentState.PENDING, next_at=at + wait, error=problem)


def revived(stopped: Fulfilment, *, at: datetime) -> Fulfilment:
    """On a person's word, as new; but one that may have got through stays known as such."""
    return replace(stopped, state=FulfilmentState.PENDING, next_at=at, attempts=min(stopped.attempts, 1), error="")
