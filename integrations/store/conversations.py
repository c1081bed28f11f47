"""Conversations."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam

from integrations.store.rows import Shape
from integrations.store.statements import insert_or_replace
from integrations.store.tables import CONVERSATIONS
from retention.conversation import Conversation, Status
from retention.ports import Conversations

CONVERSATION = Shape(Conversation, CONVERSATIONS)

_FIND = CONVERSATION.select().where(CONVERSATIONS.c.conversation_id == bindparam("conversation_id"))
_LOCK = _FIND.with_for_update()  # SQLite ignores it: there the transaction already is the only one
_PUT = insert_or_replace(CONVERSATIONS)
_WITH_STATUS = (
    CONVERSATION.select()
    .where(CONVERSATIONS.c.status.in_(bindparam("statuses", expanding=True)))
    .order_by(CONVERSATIONS.c.updated_at.desc(), CONVERSATIONS.c.conversation_id.desc())
    .limit(bindparam("limit"))
)

_OF_CUSTOMER = (
    CONVERSATION.select()
    .where(CONVERSATIONS.c.customer_id == bindparam("customer_id"))
    .order_by(CONVERSATIONS.c.updated_at.desc(), CONVERSATIONS.c.conversation_id.desc())
    .limit(bindparam("limit"))
)


class SqlConversations(Conversations):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, conversation_id: str) -> Conversation | None:
        return CONVERSATION.first(self._connection, _FIND, conversation_id=conversation_id)

    def lock(self, conversation_id: str) -> Conversation | None:
        return CONVERSATION.first(self._connection, _LOCK, conversation_id=conversation_id)

    def put(self, conversation: Conversation) -> None:
        self._connection.execute(_PUT, CONVERSATION.row(conversation))

    def of_customer(self, customer_id: str, *, limit: int = 50) -> Sequence[Conversation]:
        return CONVERSATION.all(self._connection, _OF_CUSTOMER, customer_id=customer_id, limit=limit)

    def with_status(self, statuses: frozenset[Status], *, limit: int = 200) -> Sequence[Conversation]:
        wanted = sorted(status.value for status in statuses)
        return CONVERSATION.all(self._connection, _WITH_STATUS, statuses=wanted, limit=limit)
