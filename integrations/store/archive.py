"""Conversations by what was said in them and what became of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, Connection, and_, exists, or_

from integrations.store.conversations import CONVERSATION
from integrations.store.messages import MESSAGE
from integrations.store.tables import CONVERSATION_LABELS, CONVERSATIONS, HANDOFFS, MESSAGES
from retention.archive import Wanted
from retention.console_ports import Archive
from retention.conversation import Author, Conversation, Message

_C = CONVERSATIONS.c
_ORDER_NO = _C.memory["order_no"].as_string()


class SqlArchive(Archive):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def search(self, wanted: Wanted, *, limit: int = 50) -> Sequence[Conversation]:
        statement = (
            CONVERSATION.select()
            .where(*_conditions(wanted))
            .order_by(_C.updated_at.desc(), _C.conversation_id.desc())
            .limit(limit)
        )
        return CONVERSATION.all(self._connection, statement)

    def telling(self, conversation_id: str, words: str) -> Message | None:
        newest = (
            MESSAGE.select()
            .where(MESSAGES.c.conversation_id == conversation_id)
            .order_by(MESSAGES.c.seq.desc())
            .limit(1)
        )
        found = MESSAGE.first(self._connection, newest.where(_says(words))) if words else None
        return found or MESSAGE.first(self._connection, newest.where(MESSAGES.c.author == Author.SHOPPER.value))


def _says(words: str) -> ColumnElement[bool]:
    return MESSAGES.c.text.icontains(words, autoescape=True)


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.words:
        yield or_(*_named(wanted))
    if wanted.label is not None:
        yield exists().where(
            CONVERSATION_LABELS.c.conversation_id == _C.conversation_id, CONVERSATION_LABELS.c.label == wanted.label
        )
    if wanted.associate is not None:
        yield exists().where(HANDOFFS.c.conversation_id == _C.conversation_id, HANDOFFS.c.associate == wanted.associate)
    if wanted.status is not None:
        yield _C.status == wanted.status.value
    if wanted.customer_id is not None:
        yield _C.customer_id == wanted.customer_id
    if wanted.since is not None:
        yield _C.updated_at >= wanted.since
    if wanted.until is not None:
        yield _C.updated_at < wanted.until
    if wanted.before is not None:
        at, conversation_id = wanted.before
        yield or_(_C.updated_at < at, and_(_C.updated_at == at, _C.conversation_id < conversation_id))


def _named(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    yield _C.customer_id == wanted.words
    yield exists().where(MESSAGES.c.conversation_id == _C.conversation_id, _says(wanted.words))
    if wanted.order_tail is not None:
        yield _ORDER_NO.endswith(wanted.order_tail, autoescape=True)
        yield exists().where(
            HANDOFFS.c.conversation_id == _C.conversation_id,
            HANDOFFS.c.order_no.endswith(wanted.order_tail, autoescape=True),
        )
