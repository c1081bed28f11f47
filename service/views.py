"""The transcript as JSON for the shopper's screen, in the script the shopper writes."""

from __future__ import annotations

from typing_extensions import NotRequired, TypedDict

from language.normalise import to_traditional
from retention.conversation import Author, Message
from retention.hearing import Hearing
from retention.offer import Grant
from retention.reply import Bubble, Button, OfferCard
from service.glossary import GRANT_STATES


class ButtonView(TypedDict):
    title: str
    text: str


class OfferView(TypedDict):
    grant_id: str
    title: str
    value_fen: int
    expires_at: str
    why: str


class StandingView(TypedDict):
    grant_id: str
    state: str
    words: str


class BubbleView(TypedDict):
    text: str
    buttons: NotRequired[list[ButtonView]]
    offer: NotRequired[OfferView]


class AttachmentView(TypedDict):
    id: str
    width: int
    height: int


class MessageView(BubbleView):
    seq: int
    message_id: str
    author: str
    at: str
    attachment: NotRequired[AttachmentView]


class TurnView(TypedDict):
    intent: str
    reasons: list[str]
    emotion: str
    sentiment: float


def bubble_view(bubble: Bubble, *, traditional: bool) -> BubbleView:
    """The one place where a reply takes the shopper's script. What a button sends stays as the desk knows it."""
    script = to_traditional if traditional else str
    view: BubbleView = {"text": script(bubble.text)}
    if bubble.buttons:
        view["buttons"] = [{"title": script(button.title), "text": button.text} for button in bubble.buttons]
    if bubble.offer:
        view["offer"] = {
            "grant_id": bubble.offer.grant_id,
            "title": script(bubble.offer.title),
            "value_fen": bubble.offer.value_fen,
            "expires_at": bubble.offer.expires_at,
            "why": script(bubble.offer.why),
        }
    return view


def standing_view(grant: Grant) -> StandingView:
    """How the ledger has an offer now."""
    return {"grant_id": grant.grant_id, "state": grant.state.value, "words": GRANT_STATES[grant.state]}


def message_view(message: Message, *, traditional: bool) -> MessageView:
    ours = message.author in (Author.BOT, Author.SYSTEM)
    view = bubble_view(message.bubble or Bubble(text=message.text), traditional=traditional and ours)
    shown: MessageView = {
        **view,  # type: ignore[typeddict-item]  # mypy: an optional key would have to be spelled out
        "seq": message.seq,
        "message_id": message.message_id,
        "author": message.author.value,
        "at": message.at.isoformat(),
    }
    if message.attachment:
        picture = message.attachment
        shown["attachment"] = {"id": picture.attachment_id, "width": picture.width, "height": picture.height}
    return shown


def spoken(message: Message, *, traditional: bool) -> Bubble:
    """A message as a bubble in the shopper's script, for a platform that draws it itself."""
    view = message_view(message, traditional=traditional)
    buttons = tuple(Button(title=row["title"], text=row["text"]) for row in view.get("buttons", ()))
    offer = view.get("offer")
    return Bubble(text=view["text"], buttons=buttons, offer=OfferCard(**offer) if offer else None)


def turn_view(hearing: Hearing) -> TurnView:
    return {
        "intent": hearing.intent,
        "reasons": [reason.value for reason in hearing.reasons],
        "emotion": hearing.emotion.value,
        "sentiment": hearing.sentiment,
    }
