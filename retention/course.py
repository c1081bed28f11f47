"""The course of a conversation: what the shopper said, how it was heard, and what the bot did about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from retention.conversation import Decision
from retention.hearing import Hearing


class Act(str, Enum):
    """What the bot did with a message."""

    ANSWERED = "answered"  # told what was asked
    ASKED = "asked"  # wants to know something first: which order, which size, whether to go ahead
    OFFERED = "offered"  # proposed a remedy
    DONE = "done"  # changed, hurried, cancelled or granted something
    REFUSED = "refused"  # could not or may not
    LOST = "lost"  # did not understand
    CHAT = "chat"  # small talk


@dataclass(frozen=True, kw_only=True)
class Step:
    """``act`` is None for the message that is still to be answered."""

    text: str
    hearing: Hearing
    act: Act | None = None


_LOST = frozenset({"two_readings", "not_understood"})
_ACTS = {
    "asked": Act.ASKED,
    "offered": Act.OFFERED,
    "refused": Act.REFUSED,
    "informed": Act.ANSWERED,
    "explained": Act.ANSWERED,
    "already_granted": Act.ANSWERED,
    "soothed": Act.CHAT,
    "handed_off": Act.CHAT,
    "call_back_offered": Act.REFUSED,
    "offer_expired": Act.REFUSED,
    "offer_gone": Act.REFUSED,
    "declined": Act.CHAT,
    "kept": Act.CHAT,
}
"""By outcome; every other outcome changed something."""


def act_of(decision: Decision) -> Act:
    if decision.rule in _LOST:
        return Act.LOST
    if decision.rule.startswith("utter_"):
        return Act.CHAT
    return _ACTS.get(decision.outcome or "", Act.DONE)
