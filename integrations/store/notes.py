"""What associates write down about a conversation: notes and labels."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from integrations.store.rows import Shape
from integrations.store.tables import CONVERSATION_LABELS, CONVERSATIONS, NOTES
from retention.console_ports import ConversationLabels, Notes
from retention.errors import NotFoundError
from retention.note import Note

NOTE = Shape(Note, NOTES)

_LABEL = CONVERSATION_LABELS.c.label
_CONVERSATION = select(CONVERSATIONS.c.conversation_id).where(
    CONVERSATIONS.c.conversation_id == bindparam("conversation_id")
)
_LOCK_CONVERSATION = _CONVERSATION.with_for_update()
_ADD_NOTE = insert(NOTES)
_NOTES = (
    NOTE.select().where(NOTES.c.conversation_id == bindparam("conversation_id")).order_by(NOTES.c.at, NOTES.c.note_id)
)
_LABELS = select(_LABEL).where(CONVERSATION_LABELS.c.conversation_id == bindparam("conversation_id"))
_CLEAR = delete(CONVERSATION_LABELS).where(CONVERSATION_LABELS.c.conversation_id == bindparam("conversation_id"))
_ADD_LABELS = insert(CONVERSATION_LABELS)
_USED = select(_LABEL, func.count().label("uses")).group_by(_LABEL)


class SqlNotes(Notes):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, note: Note) -> None:
        if self._connection.execute(_CONVERSATION, {"conversation_id": note.conversation_id}).first() is None:
            raise NotFoundError("conversation", note.conversation_id)
        self._connection.execute(_ADD_NOTE, NOTE.row(note))

    def of_conversation(self, conversation_id: str) -> Sequence[Note]:
        return NOTE.all(self._connection, _NOTES, conversation_id=conversation_id)


class SqlConversationLabels(ConversationLabels):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_conversation(self, conversation_id: str) -> tuple[str, ...]:
        return tuple(sorted(self._connection.scalars(_LABELS, {"conversation_id": conversation_id})))

    def put(self, conversation_id: str, labels: frozenset[str]) -> None:
        """The conversation is locked: of two who file it at once, the later word stands whole."""
        if self._connection.execute(_LOCK_CONVERSATION, {"conversation_id": conversation_id}).first() is None:
            raise NotFoundError("conversation", conversation_id)
        self._connection.execute(_CLEAR, {"conversation_id": conversation_id})
        if labels:
            rows = [{"conversation_id": conversation_id, "label": label} for label in sorted(labels)]
            self._connection.execute(_ADD_LABELS, rows)

    def used(self, *, limit: int = 200) -> Sequence[tuple[str, int]]:
        found = [(row.label, row.uses) for row in self._connection.execute(_USED)]
        return tuple(sorted(found, key=lambda each: (-each[1], each[0]))[:limit])
