"""What stays of a record when the person in it has to go. Both stores erase with these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from retention.attachment import Attachment
from retention.change import OrderChange
from retention.conversation import Conversation, Memory, Message
from retention.event import Event
from retention.exposure import Exposure
from retention.handoff import Handoff
from retention.notice import Dispatch
from retention.offer import Grant
from retention.order import Address, Order
from retention.outreach import Outreach
from retention.profile import Profile
from retention.rating import Rating
from retention.refusal import Refusal
from retention.reply import Bubble
from retention.scoring import Scoring
from retention.task import Task

ERASED_TEXT = "[已删除]"
ERASED_ANSWER = "{}"  # of a request whose body named the person
NOWHERE = Address(province="", city="", district="", detail="", receiver="", phone="")

# Lists of what stays, not of what goes: a key the shop adds tomorrow may hold anything.
KEPT_EVENT_DATA = frozenset(
    {"page", "hours", "cause", "seconds", "price_fen", "source", "variant", "available", "quantity", "restock_days"}
)
KEPT_ARGUMENTS = frozenset({"sku", "variant", "qty", "upgrade_carrier"})


def erased_order(order: Order) -> Order:
    return replace(order, customer_id="", address=NOWHERE, attributes={})


def erased_change(change: OrderChange) -> OrderChange:
    """Says still which parts of the address were changed, not to what."""
    return replace(change, change={key: _kept(key, value) for key, value in change.change.items()})


def erased_event(event: Event) -> Event:
    return replace(event, customer_id=None, data=_only(event.data, KEPT_EVENT_DATA))


def erased_conversation(conversation: Conversation) -> Conversation:
    return replace(conversation, customer_id=None, memory=Memory())


def erased_message(message: Message) -> Message:
    return replace(
        message,
        text=ERASED_TEXT,
        bubble=message.bubble and Bubble(text=ERASED_TEXT),
        hearing=message.hearing and replace(message.hearing, entities=()),
        attachment=None,
    )


def erased_attachment(attachment: Attachment) -> Attachment:
    return replace(attachment, message_id=None, discarded=True)


def erased_profile(profile: Profile, at: datetime) -> Profile:
    """Updated ``at``, so that whoever follows the profiles learns of it."""
    return replace(profile, customer_id=None, updated_at=at)


def erased_handoff(handoff: Handoff) -> Handoff:
    return replace(handoff, customer_id=None, summary=ERASED_TEXT)


def erased_task(task: Task) -> Task:
    return replace(task, customer_id=None, contact="", wish="", note="")


def erased_rating(rating: Rating) -> Rating:
    return replace(rating, comment=ERASED_TEXT if rating.comment else "")


def erased_grant(grant: Grant) -> Grant:
    return replace(grant, customer_id="")


def erased_exposure(exposure: Exposure) -> Exposure:
    """Still counts, as somebody's. What it was decided by is removed."""
    return replace(exposure, customer_id="", province="")


def erased_outreach(outreach: Outreach) -> Outreach:
    """Still counts, as somebody's."""
    return replace(outreach, customer_id="")


def erased_refusal(refusal: Refusal) -> Refusal:
    return replace(refusal, customer_id="")


def erased_scoring(scoring: Scoring) -> Scoring:
    """Still counts. What the shopper did and said, in numbers, is removed."""
    return replace(scoring, values={})


def erased_dispatch(dispatch: Dispatch) -> Dispatch:
    """Its data names nobody."""
    return replace(dispatch, customer_id=None)


def _kept(key: str, value: str) -> str:
    return value if key in KEPT_ARGUMENTS else ""


def _only(data: Mapping[str, object], keys: frozenset[str]) -> Mapping[str, object]:
    return {key: value for key, value in data.items() if key in keys}
