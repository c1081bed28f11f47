"""The whole ledger, read so that every figure is of one moment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, bindparam, case, func, select, update

from integrations.store.fulfilments import FULFILMENT
from integrations.store.ledger import BUDGET, GRANT
from integrations.store.money_tables import FULFILMENTS
from integrations.store.tables import BUDGETS, GRANTS
from retention.errors import NotFoundError
from retention.fulfilment import Act, Fulfilment
from retention.money_ports import Balance, Books, Entry
from retention.offer import GIVEN, GrantState

_PROPOSED = case((GRANTS.c.state == GrantState.PROPOSED.value, GRANTS.c.reserve_fen), else_=0)
_IS_GIVEN = case((GRANTS.c.state.in_([state.value for state in GIVEN]), GRANTS.c.reserve_fen), else_=0)
_SUMS = select(
    GRANTS.c.budget_id, func.sum(_PROPOSED).label("proposed_fen"), func.sum(_IS_GIVEN).label("given_fen")
).group_by(GRANTS.c.budget_id)
_TOTALS = _SUMS.subquery()
_BALANCES = (
    BUDGET.select()
    .add_columns(func.coalesce(_TOTALS.c.proposed_fen, 0), func.coalesce(_TOTALS.c.given_fen, 0))
    .select_from(BUDGETS.outerjoin(_TOTALS, BUDGETS.c.budget_id == _TOTALS.c.budget_id))
    .order_by(BUDGETS.c.budget_id)
)
_LOCK = BUDGET.select().where(BUDGETS.c.budget_id == bindparam("budget_id")).with_for_update()
_SUM = _SUMS.where(GRANTS.c.budget_id == bindparam("budget_id"))
_CORRECT = (
    update(BUDGETS)
    .where(BUDGETS.c.budget_id == bindparam("corrected"))
    .values(reserved_fen=bindparam("reserved"), used_fen=bindparam("used"))
)

_GIVE = FULFILMENTS.alias("give")
_BACK = FULFILMENTS.alias("back")


def _joined() -> Select[Any]:
    give = and_(_GIVE.c.grant_id == GRANTS.c.grant_id, _GIVE.c.act == Act.GRANT.value)
    back = and_(_BACK.c.grant_id == GRANTS.c.grant_id, _BACK.c.act == Act.REVERSE.value)
    columns: list[ColumnElement[Any]] = [GRANTS.c[name] for name in GRANT.names]
    columns += [alias.c[name] for alias in (_GIVE, _BACK) for name in FULFILMENT.names]
    return select(*columns).select_from(GRANTS.outerjoin(_GIVE, give).outerjoin(_BACK, back))


_ENTRIES = _joined().where(GRANTS.c.grant_id > bindparam("after")).order_by(GRANTS.c.grant_id).limit(bindparam("limit"))
_LOCK_GRANT = select(GRANTS.c.grant_id).where(GRANTS.c.grant_id == bindparam("grant_id")).with_for_update()
_ENTRY = _joined().where(GRANTS.c.grant_id == bindparam("grant_id"))


class SqlBooks(Books):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def balances(self) -> Sequence[Balance]:
        return tuple(
            Balance(budget=BUDGET.value(columns), proposed_fen=int(proposed), given_fen=int(given))
            for *columns, proposed, given in self._connection.execute(_BALANCES)
        )

    def correct(self, budget_id: str) -> Balance:
        budget = BUDGET.first(self._connection, _LOCK, budget_id=budget_id)
        if budget is None:
            raise NotFoundError("budget", budget_id)
        # a statement of its own, after the lock: what others did to the budget before it is committed and seen
        row = self._connection.execute(_SUM, {"budget_id": budget_id}).first()
        _, proposed, given = row if row is not None else (budget_id, 0, 0)
        before = Balance(budget=budget, proposed_fen=int(proposed), given_fen=int(given))
        corrected = {"corrected": budget_id, "reserved": before.proposed_fen, "used": before.given_fen}
        self._connection.execute(_CORRECT, corrected)
        return before

    def entries(self, *, after: str = "", limit: int = 500) -> Sequence[Entry]:
        return tuple(_entry(row) for row in self._connection.execute(_ENTRIES, {"after": after, "limit": limit}))

    def entry(self, grant_id: str) -> Entry | None:
        row = self._connection.execute(_ENTRY, {"grant_id": grant_id}).first()
        return None if row is None else _entry(row)

    def lock(self, grant_id: str) -> Entry | None:
        self._connection.execute(_LOCK_GRANT, {"grant_id": grant_id})
        return self.entry(grant_id)


def _entry(row: Row[Any]) -> Entry:
    columns, width = tuple(row), len(FULFILMENT.names)
    grant, rest = columns[: len(GRANT.names)], columns[len(GRANT.names) :]
    return Entry(grant=GRANT.value(grant), give=_fulfilment(rest[:width]), back=_fulfilment(rest[width:]))


def _fulfilment(columns: tuple[Any, ...]) -> Fulfilment | None:
    return None if columns[0] is None else FULFILMENT.value(columns)
