"""What associates write down about a conversation: notes and labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from integrations.memory.conversations import MemoryConversations
from integrations.memory.rows import Rows, Undo
from retention.console_ports import ConversationLabels, Notes
from retention.errors import NotFoundError
from retention.note import Note


class MemoryNotes(Notes):
    def __init__(self, undo: Undo, conversations: MemoryConversations) -> None:
        self.rows: Rows[str, Note] = Rows(undo)
        self._conversations = conversations

    def add(self, note: Note) -> None:
        if self._conversations.find(note.conversation_id) is None:
            raise NotFoundError("conversation", note.conversation_id)
        self.rows[note.note_id] = note

    def of_conversation(self, conversation_id: str) -> Sequence[Note]:
        found = [one for one in self.rows.values() if one.conversation_id == conversation_id]
        return tuple(sorted(found, key=lambda one: (one.at, one.note_id)))


class MemoryConversationLabels(ConversationLabels):
    def __init__(self, undo: Undo, conversations: MemoryConversations) -> None:
        self.rows: Rows[tuple[str, str], str] = Rows(undo)  # by (conversation, label): the conversation
        self._conversations = conversations

    def of_conversation(self, conversation_id: str) -> tuple[str, ...]:
        return tuple(sorted(label for conversation, label in self.rows if conversation == conversation_id))

    def put(self, conversation_id: str, labels: frozenset[str]) -> None:
        if self._conversations.find(conversation_id) is None:
            raise NotFoundError("conversation", conversation_id)
        for label in self.of_conversation(conversation_id):
            del self.rows[conversation_id, label]
        for label in labels:
            self.rows[conversation_id, label] = conversation_id

    def used(self, *, limit: int = 200) -> Sequence[tuple[str, int]]:
        counts = Counter(label for _, label in self.rows)
        return tuple(sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:limit])
