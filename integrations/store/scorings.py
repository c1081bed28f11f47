"""Scores as they were given."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, delete, or_

from integrations.store.rows import Shape
from integrations.store.scoring_tables import SCORINGS
from integrations.store.statements import insert_new
from retention.risk_ports import Scorings
from retention.scoring import Scoring

SCORING = Shape(Scoring, SCORINGS)

_ADD = insert_new(SCORINGS)
_LATEST = SCORING.select().where(SCORINGS.c.order_no == bindparam("of_order")).order_by(SCORINGS.c.at.desc()).limit(1)
_SINCE = (
    SCORING.select()
    .where(SCORINGS.c.at >= bindparam("since"))
    .order_by(SCORINGS.c.at, SCORINGS.c.order_no)
    .limit(bindparam("limit"))
)
_BEFORE = SCORINGS.c.at < bindparam("until")
_PAST = or_(
    SCORINGS.c.at > bindparam("last_at"),
    and_(SCORINGS.c.at == bindparam("last_at"), SCORINGS.c.order_no > bindparam("last_order")),
)
_PURGE = delete(SCORINGS).where(SCORINGS.c.at < bindparam("until"))


class SqlScorings(Scorings):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, scoring: Scoring) -> bool:
        return self._connection.execute(_ADD, SCORING.row(scoring)).rowcount == 1

    def latest(self, order_no: str) -> Scoring | None:
        return SCORING.first(self._connection, _LATEST, of_order=order_no)

    def since(
        self,
        at: datetime,
        *,
        until: datetime | None = None,
        after: tuple[datetime, str] | None = None,
        limit: int = 1000,
    ) -> Sequence[Scoring]:
        statement, parameters = _SINCE, {"since": at, "limit": limit}
        if until is not None:
            statement, parameters = statement.where(_BEFORE), parameters | {"until": until}
        if after is not None:
            # the lower bound moves along, so that the index begins at this page and not at the first
            past = {"since": max(at, after[0]), "last_at": after[0], "last_order": after[1]}
            statement, parameters = statement.where(_PAST), parameters | past
        return SCORING.all(self._connection, statement, **parameters)

    def purge(self, before: datetime) -> int:
        return self._connection.execute(_PURGE, {"until": before}).rowcount
