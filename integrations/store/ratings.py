"""What shoppers say of the associates who answered them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from integrations.store.rows import Shape
from integrations.store.statements import insert_or_replace
from integrations.store.tables import HANDOFFS, RATINGS
from retention.console_ports import Ratings
from retention.errors import NotFoundError
from retention.rating import Rating

RATING = Shape(Rating, RATINGS)

_HANDOFF = select(HANDOFFS.c.handoff_id).where(HANDOFFS.c.handoff_id == bindparam("handoff_id"))
_FIND = RATING.select().where(RATINGS.c.handoff_id == bindparam("handoff_id"))
_PUT = insert_or_replace(RATINGS)
_OF_CONVERSATION = (
    RATING.select()
    .where(RATINGS.c.conversation_id == bindparam("conversation_id"))
    .order_by(RATINGS.c.rated_at.desc(), RATINGS.c.handoff_id.desc())
)
_OF_HANDOFFS_OPENED = (
    RATING.select()
    .join(HANDOFFS, HANDOFFS.c.handoff_id == RATINGS.c.handoff_id)
    .where(HANDOFFS.c.opened_at >= bindparam("since"), HANDOFFS.c.opened_at < bindparam("until"))
)


class SqlRatings(Ratings):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, handoff_id: str) -> Rating | None:
        return RATING.first(self._connection, _FIND, handoff_id=handoff_id)

    def put(self, rating: Rating) -> None:
        if self._connection.execute(_HANDOFF, {"handoff_id": rating.handoff_id}).first() is None:
            raise NotFoundError("handoff", rating.handoff_id)
        self._connection.execute(_PUT, RATING.row(rating))

    def of_conversation(self, conversation_id: str) -> Sequence[Rating]:
        return RATING.all(self._connection, _OF_CONVERSATION, conversation_id=conversation_id)

    def of_handoffs_opened(self, since: datetime, until: datetime) -> Mapping[str, Rating]:
        found = RATING.all(self._connection, _OF_HANDOFFS_OPENED, since=since, until=until)
        return {rating.handoff_id: rating for rating in found}
