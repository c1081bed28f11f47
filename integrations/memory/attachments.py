"""Pictures of shoppers: their records, and the pictures themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from integrations.memory.conversations import MemoryConversations
from integrations.memory.rows import Rows, Undo
from retention.attachment import Attachment
from retention.errors import NotFoundError
from retention.ports import Attachments, Pictures


class MemoryAttachments(Attachments):
    def __init__(self, undo: Undo, conversations: MemoryConversations) -> None:
        self.rows: Rows[str, Attachment] = Rows(undo)
        self._conversations = conversations

    def find(self, attachment_id: str) -> Attachment | None:
        return self.rows.get(attachment_id)

    def add(self, attachment: Attachment) -> None:
        if self._conversations.find(attachment.conversation_id) is None:
            raise NotFoundError("conversation", attachment.conversation_id)
        self.rows[attachment.attachment_id] = attachment

    def give(self, attachment_id: str, message_id: str) -> bool:
        found = self.rows.get(attachment_id)
        if found is None or found.discarded or found.message_id is not None:
            return False
        self.rows[attachment_id] = replace(found, message_id=message_id)
        return True

    def count(self, conversation_id: str) -> int:
        return sum(one.conversation_id == conversation_id and not one.discarded for one in self.rows.values())

    def leftovers(self, unsent_before: datetime, *, limit: int = 100) -> Sequence[str]:
        return sorted(
            one.attachment_id
            for one in self.rows.values()
            if one.discarded or (one.message_id is None and one.at < unsent_before)
        )[:limit]

    def remove(self, attachment_id: str) -> None:
        if attachment_id in self.rows:
            del self.rows[attachment_id]


class MemoryPictures(Pictures):
    def __init__(self) -> None:
        self._data: dict[str, bytes] = {}

    def put(self, attachment_id: str, data: bytes) -> None:
        self._data[attachment_id] = data

    def read(self, attachment_id: str) -> bytes | None:
        return self._data.get(attachment_id)

    def remove(self, attachment_id: str) -> None:
        self._data.pop(attachment_id, None)
