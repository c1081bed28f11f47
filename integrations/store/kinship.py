"""What accounts share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, delete

from integrations.store.kinship_tables import TIES
from integrations.store.rows import Shape
from integrations.store.statements import insert_or_replace
from retention.kin import Tie
from retention.kinship_ports import Kinship

TIE = Shape(Tie, TIES)

_SEE = insert_or_replace(TIES)
_OWN = TIES.alias("own")
_AROUND = (
    TIE.select()
    .join(_OWN, and_(_OWN.c.kind == TIES.c.kind, _OWN.c.digest == TIES.c.digest))  # one of them is the own tie itself
    .where(
        _OWN.c.customer_id == bindparam("customer_id"),
        _OWN.c.seen_at >= bindparam("since"),
        TIES.c.seen_at >= bindparam("since"),
    )
    .order_by(TIES.c.seen_at.desc(), TIES.c.customer_id, TIES.c.kind, TIES.c.digest)
    .limit(bindparam("limit"))
)
_PURGE = delete(TIES).where(TIES.c.seen_at < bindparam("before"))


class SqlKinship(Kinship):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def see(self, ties: Sequence[Tie]) -> None:
        for tie in ties:
            self._connection.execute(_SEE, TIE.row(tie))

    def around(self, customer_id: str, *, since: datetime, limit: int = 1000) -> Sequence[Tie]:
        return TIE.all(self._connection, _AROUND, customer_id=customer_id, since=since, limit=limit)

    def purge(self, before: datetime) -> int:
        return self._connection.execute(_PURGE, {"before": before}).rowcount
