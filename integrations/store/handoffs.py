"""The queue of conversations for people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from integrations.store.rows import Shape
from integrations.store.statements import insert_new
from integrations.store.tables import CONVERSATIONS, HANDOFFS
from retention.errors import NotFoundError, StoreBusyError
from retention.handoff import MOVED_BY, OPEN, Handoff, HandoffState
from retention.ports import Handoffs

HANDOFF = Shape(Handoff, HANDOFFS)

_FIND = HANDOFF.select().where(HANDOFFS.c.handoff_id == bindparam("handoff_id"))
_OPEN_OF = HANDOFF.select().where(
    HANDOFFS.c.conversation_id == bindparam("conversation_id"),
    HANDOFFS.c.state.in_(sorted(state.value for state in OPEN)),
)
_CONVERSATION = select(CONVERSATIONS.c.conversation_id).where(
    CONVERSATIONS.c.conversation_id == bindparam("conversation_id")
)
_OPEN = insert_new(HANDOFFS)
_MOVED = [name for name in HANDOFF.names if name not in ("handoff_id", "conversation_id", "opened_at")]
_CHANGE = (
    update(HANDOFFS)
    .where(
        HANDOFFS.c.handoff_id == bindparam("moved"),
        *(
            HANDOFFS.c[name].is_not_distinct_from(bindparam(f"was_{name}", type_=HANDOFFS.c[name].type))
            for name in MOVED_BY
        ),
    )
    .values({name: bindparam(name) for name in _MOVED})
)
_LISTED = (
    HANDOFF.select()
    .where(HANDOFFS.c.state.in_(bindparam("states", expanding=True)))
    .order_by(HANDOFFS.c.priority.desc(), HANDOFFS.c.opened_at, HANDOFFS.c.handoff_id)
    .limit(bindparam("limit"))
)
_OF_CONVERSATION = (
    HANDOFF.select()
    .where(HANDOFFS.c.conversation_id == bindparam("conversation_id"))
    .order_by(HANDOFFS.c.opened_at.desc(), HANDOFFS.c.handoff_id.desc())
)
_HELD_BY = (
    HANDOFF.select()
    .where(HANDOFFS.c.associate == bindparam("associate"), HANDOFFS.c.state == HandoffState.CLAIMED.value)
    .order_by(HANDOFFS.c.claimed_at, HANDOFFS.c.handoff_id)
)
_CLAIMED_SINCE = (
    HANDOFF.select()
    .where(HANDOFFS.c.claimed_at >= bindparam("since"))
    .order_by(HANDOFFS.c.claimed_at.desc(), HANDOFFS.c.handoff_id.desc())
    .limit(bindparam("limit"))
)
_OPENED_BETWEEN = (
    HANDOFF.select()
    .where(HANDOFFS.c.opened_at >= bindparam("since"), HANDOFFS.c.opened_at < bindparam("until"))
    .order_by(HANDOFFS.c.opened_at, HANDOFFS.c.handoff_id)
)


class SqlHandoffs(Handoffs):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, handoff_id: str) -> Handoff | None:
        return HANDOFF.first(self._connection, _FIND, handoff_id=handoff_id)

    def open_of(self, conversation_id: str) -> Handoff | None:
        return HANDOFF.first(self._connection, _OPEN_OF, conversation_id=conversation_id)

    def open(self, handoff: Handoff) -> Handoff:
        """Raises NotFoundError for an unknown conversation."""
        if self._connection.execute(_CONVERSATION, {"conversation_id": handoff.conversation_id}).first() is None:
            raise NotFoundError("conversation", handoff.conversation_id)
        if self._connection.execute(_OPEN, HANDOFF.row(handoff)).rowcount == 1:
            return handoff
        if (earlier := self.open_of(handoff.conversation_id)) is not None:
            return earlier
        raise StoreBusyError  # the one in the way was closed in this very moment

    def change(self, before: Handoff, after: Handoff) -> Handoff:
        was, now = HANDOFF.row(before), HANDOFF.row(after)
        parameters = {"moved": before.handoff_id, **{f"was_{name}": was[name] for name in MOVED_BY}}
        parameters |= {name: now[name] for name in _MOVED}
        if self._connection.execute(_CHANGE, parameters).rowcount == 1:
            return after
        found = self.find(before.handoff_id)
        if found is None:
            raise NotFoundError("handoff", before.handoff_id)
        raise found.refusal(after.state.value)

    def listed(self, states: frozenset[HandoffState], *, limit: int = 200) -> Sequence[Handoff]:
        wanted = sorted(state.value for state in states)
        return HANDOFF.all(self._connection, _LISTED, states=wanted, limit=limit)

    def of_conversation(self, conversation_id: str) -> Sequence[Handoff]:
        return HANDOFF.all(self._connection, _OF_CONVERSATION, conversation_id=conversation_id)

    def held_by(self, associate: str) -> Sequence[Handoff]:
        return HANDOFF.all(self._connection, _HELD_BY, associate=associate)

    def claimed_since(self, since: datetime, *, limit: int = 50) -> Sequence[Handoff]:
        return HANDOFF.all(self._connection, _CLAIMED_SINCE, since=since, limit=limit)

    def opened_between(self, since: datetime, until: datetime) -> Sequence[Handoff]:
        return HANDOFF.all(self._connection, _OPENED_BETWEEN, since=since, until=until)
