"""Conversations by what was said in them and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from integrations.memory.conversations import MemoryConversations, MemoryMessages
from integrations.memory.handoffs import MemoryHandoffs
from integrations.memory.notes import MemoryConversationLabels
from retention.archive import Wanted
from retention.console_ports import Archive
from retention.conversation import Author, Conversation, Message


class MemoryArchive(Archive):
    def __init__(
        self,
        conversations: MemoryConversations,
        messages: MemoryMessages,
        handoffs: MemoryHandoffs,
        labels: MemoryConversationLabels,
    ) -> None:
        self._conversations = conversations
        self._messages = messages
        self._handoffs = handoffs
        self._labels = labels

    def search(self, wanted: Wanted, *, limit: int = 50) -> Sequence[Conversation]:
        found = [one for one in self._conversations.rows.values() if self._fits(one, wanted)]
        return tuple(sorted(found, key=_place, reverse=True)[:limit])

    def telling(self, conversation_id: str, words: str) -> Message | None:
        newest_first = self._messages.rows.get(conversation_id, ())[::-1]
        telling = (one for one in newest_first if words and _says(one, words))
        by_shopper = (one for one in newest_first if one.author is Author.SHOPPER)
        return next(telling, None) or next(by_shopper, None)

    def _fits(self, one: Conversation, wanted: Wanted) -> bool:
        handlers = {handoff.associate for handoff in self._handoffs.of_conversation(one.conversation_id)}
        return (
            (not wanted.words or self._is_named(one, wanted))
            and (wanted.label is None or wanted.label in self._labels.of_conversation(one.conversation_id))
            and (wanted.associate is None or wanted.associate in handlers)
            and wanted.status in (None, one.status)
            and wanted.customer_id in (None, one.customer_id)
            and (wanted.since is None or one.updated_at >= wanted.since)
            and (wanted.until is None or one.updated_at < wanted.until)
            and (wanted.before is None or _place(one) < wanted.before)
        )

    def _is_named(self, one: Conversation, wanted: Wanted) -> bool:
        handoffs = self._handoffs.of_conversation(one.conversation_id)
        order_nos = [one.memory.order_no, *(handoff.order_no for handoff in handoffs)]
        tail = wanted.order_tail
        return (
            one.customer_id == wanted.words
            or any(_says(message, wanted.words) for message in self._messages.rows.get(one.conversation_id, ()))
            or (tail is not None and any(order_no.endswith(tail) for order_no in order_nos if order_no))
        )


def _says(message: Message, words: str) -> bool:
    return words.lower() in message.text.lower()


def _place(conversation: Conversation) -> tuple[datetime, str]:
    return conversation.updated_at, conversation.conversation_id
