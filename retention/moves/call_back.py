"""The call-back in the talk itself, for channels that have no form for it."""

from __future__ import annotations

from dataclasses import replace

from retention.callback import Wanted, book, booked, offered
from retention.conversation import Expecting
from retention.hearing import EntityKind
from retention.moves.summary import WANTED
from retention.visit import Answer, Visit, plain, say


def ask(visit: Visit) -> Answer:
    return Answer(says=(say("call_back_ask"),), memory=offered(visit.memory), decision=plain("asked", "call_back_ask"))


def is_given(visit: Visit, meant: str) -> bool:
    """Whether this is the number that was asked for, and not part of a new address."""
    asked = visit.memory.expecting is Expecting.CONTACT and meant != "change_address"
    return asked and visit.hearing.first(EntityKind.PHONE) is not None


def take(visit: Visit) -> Answer:
    """The number is there: promise the call."""
    contact = visit.hearing.first(EntityKind.PHONE)
    assert contact is not None, "the route looks for a number first"
    wish = WANTED.get(visit.memory.goal or "", "") or "请人工回电"
    wanted = Wanted(contact=contact, wish=wish)
    task = book(visit.records, visit.rules.staffing, visit.conversation, wanted, visit.now)
    return Answer(
        says=(booked(task, visit.now),),
        memory=replace(visit.memory, expecting=None, options={}),
        decision=plain("call_back_booked", "call_back"),
    )
