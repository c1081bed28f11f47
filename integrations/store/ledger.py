"""Grants and budgets. Every move is one conditional UPDATE, so of two who try, the database lets one through.

Locks are always taken in the same order: customer, grant, budget, fulfilment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Update, bindparam, func, select, update

from integrations.store.fulfilments import SqlFulfilments
from integrations.store.rows import Shape
from integrations.store.statements import insert_new, insert_or_replace
from integrations.store.tables import BUDGETS, GRANTS
from retention.errors import BudgetExhaustedError, IllegalMoveError, NotFoundError
from retention.offer import ACTIVE, MOVES, Budget, Grant, GrantState
from retention.ports import Ledger

GRANT = Shape(Grant, GRANTS)
BUDGET = Shape(Budget, BUDGETS)
LOCKS = 7_208_962  # tells these locks from other advisory locks of this database

_AMOUNT: ColumnElement[int] = bindparam("amount_fen", type_=BUDGETS.c.cap_fen.type)


def _change_budget(**columns: ColumnElement[int]) -> Update:
    return update(BUDGETS).where(BUDGETS.c.budget_id == bindparam("budget")).values(columns)


_RESERVE = _change_budget(reserved_fen=BUDGETS.c.reserved_fen + _AMOUNT).where(
    BUDGETS.c.reserved_fen + BUDGETS.c.used_fen + _AMOUNT <= BUDGETS.c.cap_fen
)
_FREE = _change_budget(reserved_fen=BUDGETS.c.reserved_fen - _AMOUNT)
_USE = _change_budget(reserved_fen=BUDGETS.c.reserved_fen - _AMOUNT, used_fen=BUDGETS.c.used_fen + _AMOUNT)
_TAKE_BACK = _change_budget(used_fen=BUDGETS.c.used_fen - _AMOUNT)
_SETTLE: Mapping[GrantState, Update] = {
    GrantState.ISSUED: _USE,
    GrantState.DECLINED: _FREE,
    GrantState.EXPIRED: _FREE,
    GrantState.REVERSED: _TAKE_BACK,
}

_LOCK = select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("customer_id"), LOCKS)))
_FIND = GRANT.select().where(GRANTS.c.grant_id == bindparam("grant_id"))
_BY_KEY = GRANT.select().where(GRANTS.c.key == bindparam("key"))
_OLDEST_FIRST = GRANT.select().order_by(GRANTS.c.created_at, GRANTS.c.grant_id)
_OF_ORDER = _OLDEST_FIRST.where(GRANTS.c.order_no == bindparam("order_no"))
_OF_CUSTOMER = _OLDEST_FIRST.where(
    GRANTS.c.customer_id == bindparam("customer_id"), GRANTS.c.created_at >= bindparam("since")
)
_OVERDUE = (
    GRANT.select()
    .where(GRANTS.c.state == GrantState.PROPOSED.value, GRANTS.c.expires_at <= bindparam("now"))
    .order_by(GRANTS.c.expires_at, GRANTS.c.grant_id)
    .limit(bindparam("limit"))
)
_OFFER_ID = GRANTS.c.offer["offer_id"].as_string()
_HELD = (
    select(_OFFER_ID, func.sum(GRANTS.c.reserve_fen))
    .where(
        GRANTS.c.state.in_([state.value for state in ACTIVE]),
        GRANTS.c.created_at >= bindparam("since"),
        GRANTS.c.expires_at >= bindparam("since"),  # follows from the line above, and is what the index is made for
    )
    .group_by(_OFFER_ID)
)
_ADD = insert_new(GRANTS)
_MOVE = (
    update(GRANTS)
    .where(GRANTS.c.grant_id == bindparam("moved"), GRANTS.c.state.in_(bindparam("sources", expanding=True)))
    .values(state=bindparam("to"), updated_at=bindparam("at"))
)
_BUDGET = BUDGET.select().where(BUDGETS.c.budget_id == bindparam("budget_id"))
_SET_BUDGET = insert_or_replace(BUDGETS)


class SqlLedger(Ledger):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._fulfilments = SqlFulfilments(connection)

    def lock(self, customer_id: str) -> None:
        """SQLite has one transaction at a time anyway. PostgreSQL locks a number: there may be no row of the customer."""
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(_LOCK, {"customer_id": customer_id})

    def find(self, grant_id: str) -> Grant | None:
        return GRANT.first(self._connection, _FIND, grant_id=grant_id)

    def by_key(self, key: str) -> Grant | None:
        return GRANT.first(self._connection, _BY_KEY, key=key)

    def of_order(self, order_no: str) -> Sequence[Grant]:
        return GRANT.all(self._connection, _OF_ORDER, order_no=order_no)

    def of_customer(self, customer_id: str, *, since: datetime) -> Sequence[Grant]:
        return GRANT.all(self._connection, _OF_CUSTOMER, customer_id=customer_id, since=since)

    def propose(self, grant: Grant) -> Grant:
        """The key is looked up again after every step that may have waited for another's transaction."""
        grant = replace(grant, state=GrantState.PROPOSED)
        if (earlier := self.by_key(grant.key)) is not None:
            return earlier
        if not self._settle(_RESERVE, grant):
            if (earlier := self.by_key(grant.key)) is not None:
                return earlier
            raise self._refusal(grant)
        if self._connection.execute(_ADD, _row(grant)).rowcount == 1:
            return grant
        self._settle(_FREE, grant)
        earlier = self.by_key(grant.key)
        assert earlier is not None, f"grant_id {grant.grant_id} is taken by another key"
        return earlier

    def move(self, grant_id: str, to: GrantState, *, at: datetime) -> tuple[Grant, bool]:
        sources = [state.value for state, reachable in MOVES.items() if to in reachable]
        parameters = {"moved": grant_id, "sources": sources, "to": to.value, "at": at}
        moved = self._connection.execute(_MOVE, parameters).rowcount == 1
        grant = self.find(grant_id)
        if grant is None:
            raise NotFoundError("grant", grant_id)
        if moved:
            if to in _SETTLE:
                self._settle(_SETTLE[to], grant)
            self._fulfilments.follow(grant, at=at)
        elif grant.state is not to:
            raise IllegalMoveError("grant", grant_id, grant.state.value, to.value)
        return grant, moved

    def overdue(self, now: datetime, *, limit: int = 500) -> Sequence[Grant]:
        return GRANT.all(self._connection, _OVERDUE, now=now, limit=limit)

    def reserved_since(self, since: datetime) -> Mapping[str, int]:
        return {str(offer_id): int(held) for offer_id, held in self._connection.execute(_HELD, {"since": since})}

    def budget(self, budget_id: str) -> Budget | None:
        return BUDGET.first(self._connection, _BUDGET, budget_id=budget_id)

    def set_budget(self, budget_id: str, cap_fen: int) -> None:
        self._connection.execute(_SET_BUDGET, {"budget_id": budget_id, "cap_fen": cap_fen})

    def _settle(self, change: Update, grant: Grant) -> bool:
        parameters = {"budget": grant.offer.budget, "amount_fen": grant.reserve_fen}
        return self._connection.execute(change, parameters).rowcount == 1

    def _refusal(self, grant: Grant) -> BudgetExhaustedError | NotFoundError:
        budget = self.budget(grant.offer.budget)
        if budget is None:
            return NotFoundError("budget", grant.offer.budget)
        return BudgetExhaustedError(budget.budget_id, grant.reserve_fen, budget.left_fen)


def _row(grant: Grant) -> dict[str, Any]:
    return GRANT.row(grant) | {"budget_id": grant.offer.budget, "reserve_fen": grant.reserve_fen}
