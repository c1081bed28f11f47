"""What the order system has to do, and what the embedded one has done. Every step is one conditional statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, case, func, select, update

from integrations.store.money_tables import FULFILMENTS, REMEDIES
from integrations.store.rows import Shape
from integrations.store.statements import insert_new
from retention.fulfilment import UNSETTLED, WAITING, Fulfilment, FulfilmentState, Remedy, Standing
from retention.money_ports import Fulfilments, RemedyRecords

FULFILMENT = Shape(Fulfilment, FULFILMENTS)
REMEDY = Shape(Remedy, REMEDIES)

_F = FULFILMENTS.c
_IS_WAITING = _F.state.in_([state.value for state in WAITING])
_ADD = insert_new(FULFILMENTS)
_FIND = FULFILMENT.select().where(_F.fulfilment_id == bindparam("fulfilment_id"))
_LONGEST_FIRST = FULFILMENT.select().order_by(_F.next_at, _F.fulfilment_id).limit(bindparam("limit"))
_DUE = _LONGEST_FIRST.where(_IS_WAITING, _F.next_at <= bindparam("now"))
_CHANGE = update(FULFILMENTS).where(_F.fulfilment_id == bindparam("changed"))
_CLAIM = _CHANGE.where(_IS_WAITING, _F.next_at <= bindparam("now")).values(
    state=FulfilmentState.SENT.value, next_at=bindparam("until"), attempts=_F.attempts + 1
)
_SETTLE = _CHANGE.values({name: bindparam(name) for name in ("state", "next_at", "error", "answer")})
_SUCCEED = _SETTLE.where(_F.state.in_([state.value for state in UNSETTLED]))
_FAIL = _SETTLE.where(_F.state == FulfilmentState.SENT.value, _F.attempts == bindparam("attempt"))
_STOP = _CHANGE.where(_F.state.in_([state.value for state in UNSETTLED])).values(
    state=FulfilmentState.VOID.value, next_at=bindparam("at")
)
_REQUEUE = _CHANGE.values(
    state=FulfilmentState.PENDING.value, next_at=bindparam("at"), attempts=case((_F.attempts > 0, 1), else_=0), error=""
)
_IN_STATE = _LONGEST_FIRST.where(_F.state == bindparam("state"))
_COUNTS = select(_F.state, func.count()).group_by(_F.state)

_GIVE = insert_new(REMEDIES)
_TAKE_BACK = (
    update(REMEDIES)
    .where(REMEDIES.c.grant_id == bindparam("taken"), REMEDIES.c.standing == Standing.GIVEN.value)
    .values(standing=Standing.TAKEN_BACK.value, at=bindparam("now"))
)
_REMEDY = REMEDY.select().where(REMEDIES.c.grant_id == bindparam("grant_id"))
_CHANGED_SINCE = (
    REMEDY.select()
    .where(REMEDIES.c.at >= bindparam("since"), REMEDIES.c.grant_id > bindparam("after"))
    .order_by(REMEDIES.c.grant_id)
    .limit(bindparam("limit"))
)


class SqlFulfilments(Fulfilments):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, fulfilment: Fulfilment) -> None:
        self._connection.execute(_ADD, FULFILMENT.row(fulfilment))

    def find(self, fulfilment_id: str) -> Fulfilment | None:
        return FULFILMENT.first(self._connection, _FIND, fulfilment_id=fulfilment_id)

    def due(self, now: datetime, *, limit: int = 50) -> Sequence[Fulfilment]:
        return FULFILMENT.all(self._connection, _DUE, now=now, limit=limit)

    def claim(self, fulfilment_id: str, *, now: datetime, until: datetime) -> Fulfilment | None:
        parameters = {"changed": fulfilment_id, "now": now, "until": until}
        return self.find(fulfilment_id) if self._connection.execute(_CLAIM, parameters).rowcount == 1 else None

    def settle(self, after: Fulfilment) -> bool:
        row = FULFILMENT.row(after)
        parameters = {name: row[name] for name in ("state", "next_at", "error", "answer")}
        parameters["changed"] = after.fulfilment_id
        if after.state is FulfilmentState.DONE:
            return self._connection.execute(_SUCCEED, parameters).rowcount == 1
        return self._connection.execute(_FAIL, parameters | {"attempt": after.attempts}).rowcount == 1

    def stop(self, fulfilment_id: str, *, at: datetime) -> bool:
        self._connection.execute(_STOP, {"changed": fulfilment_id, "at": at})
        stopped = self.find(fulfilment_id)  # after the update, which waits for whoever is claiming it
        return stopped is not None and stopped.attempts > 0

    def requeue(self, fulfilment_id: str, *, at: datetime) -> bool:
        return self._connection.execute(_REQUEUE, {"changed": fulfilment_id, "at": at}).rowcount == 1

    def listed(self, state: FulfilmentState, *, limit: int = 200) -> Sequence[Fulfilment]:
        return FULFILMENT.all(self._connection, _IN_STATE, state=state.value, limit=limit)

    def counts(self) -> Mapping[FulfilmentState, int]:
        found = {state: int(count) for state, count in self._connection.execute(_COUNTS)}
        return {state: found.get(state.value, 0) for state in FulfilmentState}


class SqlRemedyRecords(RemedyRecords):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def give(self, remedy: Remedy) -> Remedy:
        self._connection.execute(_GIVE, REMEDY.row(remedy))
        return self._found(remedy.grant_id)

    def take_back(self, remedy: Remedy) -> Remedy:
        if self._connection.execute(_GIVE, REMEDY.row(remedy)).rowcount == 0:
            self._connection.execute(_TAKE_BACK, {"taken": remedy.grant_id, "now": remedy.at})
        return self._found(remedy.grant_id)

    def find(self, grant_id: str) -> Remedy | None:
        return REMEDY.first(self._connection, _REMEDY, grant_id=grant_id)

    def changed_since(self, since: datetime, *, after: str = "", limit: int = 500) -> Sequence[Remedy]:
        return REMEDY.all(self._connection, _CHANGED_SINCE, since=since, after=after, limit=limit)

    def _found(self, grant_id: str) -> Remedy:
        found = self.find(grant_id)
        assert found is not None, f"the remedy of {grant_id} was there a statement ago"
        return found
