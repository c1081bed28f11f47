"""Conversations, their messages and their profiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from integrations.memory.deliveries import MemoryOutbox
from integrations.memory.rows import Rows, Undo
from retention.conversation import Author, Conversation, Message, Status
from retention.errors import NotFoundError
from retention.ports import Conversations, Messages, Profiles
from retention.profile import Profile


class MemoryConversations(Conversations):
    def __init__(self, undo: Undo) -> None:
        self.rows: Rows[str, Conversation] = Rows(undo)

    def find(self, conversation_id: str) -> Conversation | None:
        return self.rows.get(conversation_id)

    def lock(self, conversation_id: str) -> Conversation | None:
        """The transaction already is the only one."""
        return self.find(conversation_id)

    def put(self, conversation: Conversation) -> None:
        self.rows[conversation.conversation_id] = conversation

    def of_customer(self, customer_id: str, *, limit: int = 50) -> Sequence[Conversation]:
        found = [conversation for conversation in self.rows.values() if conversation.customer_id == customer_id]
        return tuple(sorted(found, key=lambda one: (one.updated_at, one.conversation_id), reverse=True)[:limit])

    def with_status(self, statuses: frozenset[Status], *, limit: int = 200) -> Sequence[Conversation]:
        found = [conversation for conversation in self.rows.values() if conversation.status in statuses]
        return tuple(sorted(found, key=lambda one: (one.updated_at, one.conversation_id), reverse=True)[:limit])


class MemoryMessages(Messages):
    def __init__(self, undo: Undo, conversations: MemoryConversations, outbox: MemoryOutbox) -> None:
        self.rows: Rows[str, tuple[Message, ...]] = Rows(undo)
        self._conversations = conversations
        self._outbox = outbox

    def find(self, conversation_id: str, message_id: str) -> Message | None:
        return next((one for one in self._all(conversation_id) if one.message_id == message_id), None)

    def add(self, message: Message) -> Message | None:
        if self._conversations.find(message.conversation_id) is None:
            raise NotFoundError("conversation", message.conversation_id)
        if self.find(message.conversation_id, message.message_id) is not None:
            return None
        earlier = self._all(message.conversation_id)
        numbered = replace(message, seq=len(earlier) + 1)
        self.rows[message.conversation_id] = (*earlier, numbered)
        if message.author is not Author.SHOPPER:
            self._outbox.queue(message.conversation_id, numbered.seq, message.at)
        return numbered

    def update(self, message: Message) -> None:
        before = self.find(message.conversation_id, message.message_id)
        if before is None:
            raise NotFoundError("message", message.message_id)
        after = replace(message, seq=before.seq)
        self.rows[message.conversation_id] = tuple(
            after if one is before else one for one in self._all(message.conversation_id)
        )

    def after(self, conversation_id: str, seq: int, *, limit: int = 500) -> Sequence[Message]:
        return tuple(one for one in self._all(conversation_id) if one.seq > seq)[:limit]

    def turns(self, conversation_id: str, *, last: int) -> Sequence[Message]:
        heard = [one for one in self._all(conversation_id) if one.author is Author.SHOPPER and one.hearing is not None]
        return tuple(heard[max(0, len(heard) - last) :])

    def last_by(self, conversation_id: str, author: Author) -> Message | None:
        return next((one for one in reversed(self._all(conversation_id)) if one.author is author), None)

    def _all(self, conversation_id: str) -> tuple[Message, ...]:
        return self.rows.get(conversation_id, ())


class MemoryProfiles(Profiles):
    def __init__(self, undo: Undo) -> None:
        self.rows: Rows[str, Profile] = Rows(undo)

    def put(self, profile: Profile) -> None:
        self.rows[profile.conversation_id] = profile

    def find(self, conversation_id: str) -> Profile | None:
        return self.rows.get(conversation_id)

    def of_customer(self, customer_id: str, *, limit: int = 50) -> Sequence[Profile]:
        found = [profile for profile in self.rows.values() if profile.customer_id == customer_id]
        return tuple(sorted(found, key=_place, reverse=True)[:limit])

    def updated_after(self, after: datetime, *, cursor: str | None = None, limit: int = 100) -> Sequence[Profile]:
        def is_next(profile: Profile) -> bool:
            return profile.updated_at > after if cursor is None else _place(profile) > (after, cursor)

        return tuple(sorted(filter(is_next, self.rows.values()), key=_place)[:limit])


def _place(profile: Profile) -> tuple[datetime, str]:
    return profile.updated_at, profile.conversation_id
