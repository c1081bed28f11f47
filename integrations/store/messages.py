"""Transcripts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection, bindparam, update

from integrations.store.deliveries import queue
from integrations.store.rows import Shape
from integrations.store.statements import insert_new
from integrations.store.tables import CONVERSATIONS, MESSAGES
from retention.conversation import Author, Message
from retention.errors import NotFoundError
from retention.ports import Messages

MESSAGE = Shape(Message, MESSAGES)

_IN_CONVERSATION = MESSAGES.c.conversation_id == bindparam("conversation_id")
_FIND = MESSAGE.select().where(_IN_CONVERSATION, MESSAGES.c.message_id == bindparam("message_id"))
_COUNT = (
    update(CONVERSATIONS)
    .where(CONVERSATIONS.c.conversation_id == bindparam("conversation"))
    .values(last_seq=CONVERSATIONS.c.last_seq + bindparam("step"))
    .returning(CONVERSATIONS.c.last_seq)
)
_ADD = insert_new(MESSAGES)
_UPDATE = (
    update(MESSAGES)
    .where(MESSAGES.c.conversation_id == bindparam("in_conversation"), MESSAGES.c.message_id == bindparam("of_message"))
    .values({name: bindparam(name) for name in MESSAGE.names if name not in ("conversation_id", "message_id", "seq")})
)
_AFTER = (
    MESSAGE.select()
    .where(_IN_CONVERSATION, MESSAGES.c.seq > bindparam("seq"))
    .order_by(MESSAGES.c.seq)
    .limit(bindparam("limit"))
)
_TURNS = (
    MESSAGE.select()
    .where(_IN_CONVERSATION, MESSAGES.c.author == Author.SHOPPER.value, MESSAGES.c.hearing.is_not(None))
    .order_by(MESSAGES.c.seq.desc())
    .limit(bindparam("last"))
)
_LAST_BY = (
    MESSAGE.select()
    .where(_IN_CONVERSATION, MESSAGES.c.author == bindparam("by"))
    .order_by(MESSAGES.c.seq.desc())
    .limit(1)
)


class SqlMessages(Messages):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, conversation_id: str, message_id: str) -> Message | None:
        return MESSAGE.first(self._connection, _FIND, conversation_id=conversation_id, message_id=message_id)

    def add(self, message: Message) -> Message | None:
        """Raises NotFoundError for an unknown conversation.

        Counting comes first because it locks the conversation's row: from there on nobody else can take this ``seq``.
        """
        numbered = replace(message, seq=self._count(message.conversation_id, 1))
        if self._connection.execute(_ADD, MESSAGE.row(numbered)).rowcount == 1:
            if message.author is not Author.SHOPPER:
                queue(self._connection, message.conversation_id, numbered.seq, message.at)
            return numbered
        self._count(message.conversation_id, -1)
        return None

    def update(self, message: Message) -> None:
        row = MESSAGE.row(message)
        key = {"in_conversation": row.pop("conversation_id"), "of_message": row.pop("message_id")}
        del row["seq"]
        if self._connection.execute(_UPDATE, row | key).rowcount != 1:
            raise NotFoundError("message", message.message_id)

    def after(self, conversation_id: str, seq: int, *, limit: int = 500) -> Sequence[Message]:
        return MESSAGE.all(self._connection, _AFTER, conversation_id=conversation_id, seq=seq, limit=limit)

    def turns(self, conversation_id: str, *, last: int) -> Sequence[Message]:
        return MESSAGE.all(self._connection, _TURNS, conversation_id=conversation_id, last=last)[::-1]

    def last_by(self, conversation_id: str, author: Author) -> Message | None:
        return MESSAGE.first(self._connection, _LAST_BY, conversation_id=conversation_id, by=author.value)

    def _count(self, conversation_id: str, step: int) -> int:
        seq = self._connection.execute(_COUNT, {"conversation": conversation_id, "step": step}).scalar()
        if seq is None:
            raise NotFoundError("conversation", conversation_id)
        return int(seq)
