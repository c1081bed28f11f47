"""Whether somebody really is with a shopper: an associate who is gone or silent must not hold them."""

from __future__ import annotations

from datetime import datetime

from retention.conversation import Author
from retention.handoff import Handoff, HandoffState
from retention.ports import Records
from retention.staffing import Staffing


def unattended(records: Records, staffing: Staffing, handoff: Handoff, now: datetime) -> str | None:
    """``gone`` or ``idle``; None while its associate is there, or nobody waits for them.

    Who never said they are here, as the associates of another agent desk, is never found gone.
    """
    if handoff.state is not HandoffState.CLAIMED or handoff.associate is None or handoff.claimed_at is None:
        return None
    presence = records.presences.find(handoff.associate)
    if presence is None:
        return None
    if now - max(presence.seen_at, handoff.claimed_at) >= staffing.release_after:
        return "gone"
    if now - handoff.claimed_at < staffing.idle_release:  # nobody has waited longer: spare the transcript
        return None
    since = waits_since(records, handoff)
    return "idle" if since is not None and now - since >= staffing.idle_release else None


def waits_since(records: Records, handoff: Handoff) -> datetime | None:
    """Since when the shopper waits for an answer of the associate who has the handoff now; None while they do not."""
    assert handoff.claimed_at is not None, "a claimed handoff was claimed at some time"
    said = records.messages.last_by(handoff.conversation_id, Author.ASSOCIATE)
    if said is None or said.at < handoff.claimed_at or said.associate != handoff.associate:
        return handoff.claimed_at
    later = records.messages.after(handoff.conversation_id, said.seq)
    return next((message.at for message in later if message.author is Author.SHOPPER), None)
