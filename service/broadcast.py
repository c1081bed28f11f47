"""Which event goes to which screen, written as JSON once however many are watching."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from retention.conversation import Author, Conversation, Message, Status
from retention.offer import Grant
from retention.place import Place
from service.console_views import console_message_view
from service.live import CONSOLE, Live, conversation_topic
from service.views import message_view, standing_view

WITH_A_PERSON = frozenset({Status.WAITING, Status.HUMAN})


class Broadcast:
    """``intent_title`` names an intent in Chinese. ``changed`` is set when something in the queue is no longer as it was."""

    def __init__(self, live: Live, intent_title: Callable[[str], str]) -> None:
        self.live = live
        self._intent_title = intent_title
        self.changed = asyncio.Event()

    def message(self, conversation: Conversation, message: Message) -> None:
        """Something was said."""
        topic = conversation_topic(conversation.conversation_id)
        if self.live.is_watched(topic):
            view = message_view(message, traditional=conversation.traditional)
            self._send(topic, {"type": "message", "message": view})
        if conversation.status in WITH_A_PERSON:
            self._to_console(message)

    def heard(self, conversation: Conversation, message: Message) -> None:
        """What a shopper's message means is known now; only associates see it."""
        if conversation.status in WITH_A_PERSON:
            self._to_console(message)

    def turn(self, before: Conversation, after: Conversation, message: Message, replies: Iterable[Message]) -> None:
        """A turn is complete."""
        for reply in replies:
            self.message(after, reply)
        if after.status is not before.status:
            self.heard(after, message)
            self.status(after)

    def status(self, conversation: Conversation) -> None:
        """Somebody else owns the conversation now."""
        event = {"type": "status", "status": conversation.status.value}
        self._send(conversation_topic(conversation.conversation_id), event)
        self._send(CONSOLE, {**event, "conversation_id": conversation.conversation_id})
        self.queue()

    def typing(self, conversation_id: str, author: Author) -> None:
        """Shown for a few seconds on the other side's screen."""
        event = {"type": "typing", "author": author.value}
        if author is Author.SHOPPER:
            self._send(CONSOLE, {**event, "conversation_id": conversation_id})
        else:
            self._send(conversation_topic(conversation_id), event)

    def queue(self) -> None:
        """Something an associate's queue shows has changed."""
        self.changed.set()
        self._send(CONSOLE, {"type": "queue"})

    def place(self, conversation_id: str, place: Place) -> None:
        """A waiting shopper stands somewhere else now."""
        event = {"type": "queue", "position": place.position, "expected_wait_s": place.expected_wait_s}
        self._send(conversation_topic(conversation_id), event)

    def offer(self, conversation_id: str, grant: Grant) -> None:
        """The ledger has an offer otherwise than its card says."""
        self._send(conversation_topic(conversation_id), {"type": "offer", "offer": standing_view(grant)})

    def staff(self) -> None:
        """Somebody came to the desk, left it or is busy."""
        self.changed.set()
        self._send(CONSOLE, {"type": "staff"})

    def tasks(self) -> None:
        """A call-back was booked, taken or done."""
        self._send(CONSOLE, {"type": "tasks"})

    def _to_console(self, message: Message) -> None:
        if self.live.is_watched(CONSOLE):
            view = console_message_view(message, self._intent_title)
            self._send(CONSOLE, {"type": "message", "conversation_id": message.conversation_id, "message": view})

    def _send(self, topic: str, event: Mapping[str, Any]) -> None:
        if self.live.is_watched(topic):
            self.live.publish(topic, json.dumps(event, ensure_ascii=False))
