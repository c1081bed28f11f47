"""The queue of conversations for people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Text, bindparam, func, or_, select, update

from integrations.store.rows import Shape
from integrations.store.statements import insert_new
from integrations.store.tables import CONVERSATIONS, HANDOFFS
from retention.errors import IllegalMoveError, NotFoundError, StoreBusyError
from retention.handoff import MOVES, OPEN, Handoff, HandoffState
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
_WHO: ColumnElement[str] = bindparam("who", type_=Text)
_MOVE = (
    update(HANDOFFS)
    .where(
        HANDOFFS.c.handoff_id == bindparam("moved"),
        HANDOFFS.c.state.in_(bindparam("sources", expanding=True)),
        or_(HANDOFFS.c.associate.is_(None), func.coalesce(_WHO, HANDOFFS.c.associate) == HANDOFFS.c.associate),
    )
    .values(state=bindparam("to"), updated_at=bindparam("at"), associate=func.coalesce(_WHO, HANDOFFS.c.associate))
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

    def move(self, handoff_id: str, to: HandoffState, *, at: datetime, associate: str | None = None) -> Handoff:
        """A claimed handoff moves for its own associate, or for nobody in particular."""
        sources = [state.value for state, reachable in MOVES.items() if to in reachable]
        parameters = {"moved": handoff_id, "sources": sources, "to": to.value, "at": at, "who": associate}
        moved = self._connection.execute(_MOVE, parameters).rowcount == 1
        handoff = self.find(handoff_id)
        if handoff is None:
            raise NotFoundError("handoff", handoff_id)
        if not moved:
            raise IllegalMoveError("handoff", handoff_id, handoff.state.value, to.value)
        return handoff

    def listed(self, states: frozenset[HandoffState], *, limit: int = 200) -> Sequence[Handoff]:
        wanted = sorted(state.value for state in states)
        return HANDOFF.all(self._connection, _LISTED, states=wanted, limit=limit)

    def of_conversation(self, conversation_id: str) -> Sequence[Handoff]:
        return HANDOFF.all(self._connection, _OF_CONVERSATION, conversation_id=conversation_id)

    def opened_between(self, since: datetime, until: datetime) -> Sequence[Handoff]:
        return HANDOFF.all(self._connection, _OPENED_BETWEEN, since=since, until=until)
