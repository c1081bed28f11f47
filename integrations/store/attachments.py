"""Records of shoppers' pictures. Of two messages that want the same one, the database gives it to the first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, delete, func, or_, select, update

from integrations.store.rows import Shape
from integrations.store.tables import ATTACHMENTS, CONVERSATIONS
from retention.attachment import Attachment
from retention.errors import NotFoundError
from retention.ports import Attachments

ATTACHMENT = Shape(Attachment, ATTACHMENTS)

_A = ATTACHMENTS.c
_CONVERSATION = select(CONVERSATIONS.c.conversation_id).where(
    CONVERSATIONS.c.conversation_id == bindparam("conversation_id")
)
_FIND = ATTACHMENT.select().where(_A.attachment_id == bindparam("attachment_id"))
_ADD = ATTACHMENTS.insert()
_GIVE = (
    update(ATTACHMENTS)
    .where(_A.attachment_id == bindparam("given"), _A.message_id.is_(None), _A.discarded.is_(False))
    .values(message_id=bindparam("to_message"))
)
_COUNT = (
    select(func.count())
    .select_from(ATTACHMENTS)
    .where(_A.conversation_id == bindparam("conversation_id"), _A.discarded.is_(False))
)
_LEFTOVERS = (
    select(_A.attachment_id)
    .where(or_(_A.discarded.is_(True), and_(_A.message_id.is_(None), _A.at < bindparam("unsent_before"))))
    .order_by(_A.attachment_id)
    .limit(bindparam("limit"))
)
_REMOVE = delete(ATTACHMENTS).where(_A.attachment_id == bindparam("removed"))


class SqlAttachments(Attachments):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, attachment_id: str) -> Attachment | None:
        return ATTACHMENT.first(self._connection, _FIND, attachment_id=attachment_id)

    def add(self, attachment: Attachment) -> None:
        if self._connection.execute(_CONVERSATION, {"conversation_id": attachment.conversation_id}).first() is None:
            raise NotFoundError("conversation", attachment.conversation_id)
        self._connection.execute(_ADD, ATTACHMENT.row(attachment))

    def give(self, attachment_id: str, message_id: str) -> bool:
        return self._connection.execute(_GIVE, {"given": attachment_id, "to_message": message_id}).rowcount == 1

    def count(self, conversation_id: str) -> int:
        return int(self._connection.execute(_COUNT, {"conversation_id": conversation_id}).scalar_one())

    def leftovers(self, unsent_before: datetime, *, limit: int = 100) -> Sequence[str]:
        parameters = {"unsent_before": unsent_before, "limit": limit}
        return list(self._connection.scalars(_LEFTOVERS, parameters))

    def remove(self, attachment_id: str) -> None:
        self._connection.execute(_REMOVE, {"removed": attachment_id})
