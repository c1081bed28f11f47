"""Calling a person: into the queue and told where one stands, or out of hours told when somebody will be there."""

from __future__ import annotations

from dataclasses import dataclass, replace

from retention.callback import CALL_BACK, offered
from retention.conversation import Memory, Status
from retention.handoff import HandoffState
from retention.moves.person import URGENT, open_handoff
from retention.moves.summary import summary
from retention.place import places
from retention.reply import Say
from retention.visit import Visit, say
from retention.words import soon, wait

CARE_FIRST = {"self_harm": "handoff_care", "bot_down": "handoff_bot_down", "safety": "handoff_safety"}


@dataclass(frozen=True, kw_only=True)
class Called:
    """What calling a person came to."""

    say: Say
    status: Status
    memory: Memory
    outcome: str


def call_person(visit: Visit, rule: str) -> Called:
    """Into the queue, and told where they stand; out of hours told when somebody is there, with a call-back offered."""
    staffing = visit.rules.staffing
    opens_at = staffing.opens_at(visit.now)
    handoff = open_handoff(visit, rule, summary(visit, rule), is_open=opens_at is None)
    if handoff.state is HandoffState.EXPIRED:
        assert opens_at is not None, "it expires at once only while the shop is closed"
        return Called(
            say=Say(key="handoff_closed", values={"opens": soon(opens_at, visit.now)}, buttons=(CALL_BACK,)),
            status=Status.BOT,
            memory=offered(visit.memory),
            outcome="call_back_offered",
        )
    return Called(
        say=_waiting(visit, rule),
        status=Status.WAITING,
        memory=replace(visit.memory, expecting=None, options={}, plan=None),
        outcome="handed_off",
    )


def _waiting(visit: Visit, rule: str) -> Say:
    if rule in URGENT:
        return say(CARE_FIRST[rule])
    staffing = visit.rules.staffing
    place = places(visit.records, staffing, visit.now)[visit.conversation.conversation_id]
    position = str(place.position)
    if rule in CARE_FIRST:
        return say(CARE_FIRST[rule], position=position)
    if place.deserted:
        minutes = round(staffing.wait_expires.total_seconds() / 60)
        return say("handoff_nobody", position=position, minutes=str(minutes))
    if place.expected_wait_s is None:
        return say("handoff_unsure", position=position)
    return say("handoff", position=position, wait=wait(place.expected_wait_s))
