"""The turn inside an action call, and the desk's bubbles as Rasa's responses."""

from __future__ import annotations

from collections.abc import Iterable

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from integrations.channels.parse import hearing_of
from integrations.codec import encode
from retention.conversation import Turn
from retention.reply import Bubble


def turn_of(tracker: Tracker) -> Turn:
    """The message that is to be answered, as the bot's hearer heard it."""
    message = tracker.latest_message
    return Turn(
        conversation_id=tracker.sender_id,
        message_id=message["message_id"],
        text=message["text"],
        hearing=hearing_of(message),
    )


def say_all(dispatcher: CollectingDispatcher, bubbles: Iterable[Bubble]) -> None:
    """One response per bubble, so that its buttons and its offer arrive with its text."""
    for bubble in bubbles:
        dispatcher.utter_message(
            text=bubble.text,
            buttons=[{"title": button.title, "payload": button.text} for button in bubble.buttons],
            json_message={"offer": encode(bubble.offer)} if bubble.offer else None,
        )
