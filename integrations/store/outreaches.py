"""Risk episodes and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, or_, update

from integrations.store.outreach_tables import OUTREACHES
from integrations.store.rows import Shape
from integrations.store.statements import insert_new, insert_or_replace
from retention.outreach import Outreach, OutreachState
from retention.outreach_ports import Outreaches

OUTREACH = Shape(Outreach, OUTREACHES)

_O = OUTREACHES.c
_OPEN = insert_new(OUTREACHES)
_PUT = insert_or_replace(OUTREACHES)
_FIND = OUTREACH.select().where(_O.outreach_id == bindparam("of_id"))
_LOCK = _FIND.with_for_update()
_ANSWER = (
    update(OUTREACHES)
    .where(_O.outreach_id == bindparam("of_id"), _O.state == OutreachState.SENT.value)
    .values(state=OutreachState.ANSWERED.value, answered_at=bindparam("then"))
)
_OF_ORDER = OUTREACH.select().where(_O.order_no == bindparam("of_order")).order_by(_O.episode)
_IN_ORDER = OUTREACH.select().order_by(_O.opened_at, _O.outreach_id)
_OF_CUSTOMER = _IN_ORDER.where(_O.customer_id == bindparam("of_customer"), _O.opened_at >= bindparam("since"))
_DUE = (
    OUTREACH.select()
    .where(_O.state == OutreachState.WAITING.value, _O.next_at <= bindparam("now"))
    .order_by(_O.next_at, _O.outreach_id)
    .limit(bindparam("limit"))
)
_SINCE = _IN_ORDER.where(_O.opened_at >= bindparam("since")).limit(bindparam("limit"))
_AFTER = _SINCE.where(
    or_(
        _O.opened_at > bindparam("last_at"),
        and_(_O.opened_at == bindparam("last_at"), _O.outreach_id > bindparam("last_id")),
    )
)


class SqlOutreaches(Outreaches):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def open(self, outreach: Outreach) -> bool:
        return self._connection.execute(_OPEN, OUTREACH.row(outreach)).rowcount == 1

    def find(self, outreach_id: str) -> Outreach | None:
        return OUTREACH.first(self._connection, _FIND, of_id=outreach_id)

    def lock(self, outreach_id: str) -> Outreach | None:
        return OUTREACH.first(self._connection, _LOCK, of_id=outreach_id)

    def put(self, outreach: Outreach) -> None:
        self._connection.execute(_PUT, OUTREACH.row(outreach))

    def answer(self, outreach_id: str, *, at: datetime) -> bool:
        return self._connection.execute(_ANSWER, {"of_id": outreach_id, "then": at}).rowcount == 1

    def of_order(self, order_no: str) -> Sequence[Outreach]:
        return OUTREACH.all(self._connection, _OF_ORDER, of_order=order_no)

    def of_customer(self, customer_id: str, *, since: datetime) -> Sequence[Outreach]:
        return OUTREACH.all(self._connection, _OF_CUSTOMER, of_customer=customer_id, since=since)

    def due(self, now: datetime, *, limit: int = 50) -> Sequence[Outreach]:
        return OUTREACH.all(self._connection, _DUE, now=now, limit=limit)

    def since(
        self, at: datetime, *, after: tuple[datetime, str] | None = None, limit: int = 1000
    ) -> Sequence[Outreach]:
        if after is None:
            return OUTREACH.all(self._connection, _SINCE, since=at, limit=limit)
        past = {"since": max(at, after[0]), "last_at": after[0], "last_id": after[1]}
        return OUTREACH.all(self._connection, _AFTER, limit=limit, **past)
