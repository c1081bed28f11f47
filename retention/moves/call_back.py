"""The call-back in the talk itself, for channels that have no form for it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from retention.callback import Wanted, begins, book, booked, offered
from retention.conversation import Expecting
from retention.hearing import EntityKind
from retention.moves.summary import WANTED
from retention.task import Task
from retention.visit import Answer, Visit, plain, say
from retention.wished_time import wished_at

LOOKED_BACK = 3
"""Messages, this one included, in which the time of the call may have been said."""
CALLING = re.compile("打|电话|回电|联系")


def ask(visit: Visit) -> Answer:
    return Answer(says=(say("call_back_ask"),), memory=offered(visit.memory), decision=plain("asked", "call_back_ask"))


def is_given(visit: Visit, meant: str) -> bool:
    """Whether this says where or when to call: the number that was asked for and no part of a new address, or another
    number or time for a call that is booked.
    """
    expecting, has_number = visit.memory.expecting, visit.hearing.first(EntityKind.PHONE) is not None
    if meant == "change_address":
        return False
    if expecting is Expecting.CONTACT:
        return has_number
    if expecting is not None or _standing(visit) is None:
        return False
    return has_number or (CALLING.search(visit.turn.text) is not None and _named(visit, 1) is not None)


def take(visit: Visit) -> Answer:
    """Promise the call; what is not said anew stays as it was booked."""
    standing = _standing(visit)
    contact = visit.hearing.first(EntityKind.PHONE) or (standing.contact if standing else None)
    assert contact is not None, "the route looks for a number first"
    wish = standing.wish if standing else WANTED.get(visit.memory.goal or "", "") or "请人工回电"
    staffing = visit.rules.staffing
    wanted_at = _named(visit, LOOKED_BACK) or (begins(staffing, standing) if standing else None)
    wanted = Wanted(contact=contact, wish=wish, wanted_at=wanted_at)
    task = book(visit.records, staffing, visit.conversation, wanted, visit.now)
    return Answer(
        says=(booked(staffing, task, visit.now),),
        memory=replace(visit.memory, expecting=None, options={}),
        decision=plain("call_back_booked", "call_back"),
    )


def _named(visit: Visit, last: int) -> datetime | None:
    """The time of the call that the last messages name, the newest first."""
    times = (wished_at(step.text, visit.now) for step in reversed(visit.course[-last:]))
    return next(filter(None, times), None)


def _standing(visit: Visit) -> Task | None:
    return visit.records.tasks.open_of(visit.conversation.conversation_id)
