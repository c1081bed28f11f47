"""Grants and budgets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from integrations.memory.fulfilments import MemoryFulfilments
from integrations.memory.rows import Rows, Undo
from retention.errors import BudgetExhaustedError, IllegalMoveError, NotFoundError
from retention.offer import ACTIVE, MOVES, Budget, Grant, GrantState
from retention.ports import Ledger

# What a move does to (reserved, used), in units of the grant's reserve.
SETTLE: Mapping[GrantState, tuple[int, int]] = {
    GrantState.ISSUED: (-1, +1),
    GrantState.FULFILLED: (0, 0),
    GrantState.DECLINED: (-1, 0),
    GrantState.EXPIRED: (-1, 0),
    GrantState.REVERSED: (0, -1),
}


class MemoryLedger(Ledger):
    def __init__(self, undo: Undo, fulfilments: MemoryFulfilments) -> None:
        self.rows: Rows[str, Grant] = Rows(undo)
        self.budget_rows: Rows[str, Budget] = Rows(undo)
        self._fulfilments = fulfilments

    def lock(self, customer_id: str) -> None:
        """There is one transaction at a time."""

    def find(self, grant_id: str) -> Grant | None:
        return self.rows.get(grant_id)

    def by_key(self, key: str) -> Grant | None:
        return next((grant for grant in self.rows.values() if grant.key == key), None)

    def of_order(self, order_no: str) -> Sequence[Grant]:
        return _oldest_first([grant for grant in self.rows.values() if grant.order_no == order_no])

    def of_customer(self, customer_id: str, *, since: datetime) -> Sequence[Grant]:
        found = [grant for grant in self.rows.values() if grant.customer_id == customer_id]
        return _oldest_first([grant for grant in found if grant.created_at >= since])

    def propose(self, grant: Grant) -> Grant:
        if (earlier := self.by_key(grant.key)) is not None:
            return earlier
        budget = self.budget(grant.offer.budget)
        if budget is None:
            raise NotFoundError("budget", grant.offer.budget)
        if grant.reserve_fen > budget.left_fen:
            raise BudgetExhaustedError(budget.budget_id, grant.reserve_fen, budget.left_fen)
        assert grant.grant_id not in self.rows, f"grant_id {grant.grant_id} is taken by another key"
        self._settle(grant, (+1, 0))
        self.rows[grant.grant_id] = replace(grant, state=GrantState.PROPOSED)
        return self.rows[grant.grant_id]

    def move(self, grant_id: str, to: GrantState, *, at: datetime) -> tuple[Grant, bool]:
        grant = self.find(grant_id)
        if grant is None:
            raise NotFoundError("grant", grant_id)
        if grant.state is to:
            return grant, False
        if to not in MOVES[grant.state]:
            raise IllegalMoveError("grant", grant_id, grant.state.value, to.value)
        self._settle(grant, SETTLE[to])
        self.rows[grant_id] = replace(grant, state=to, updated_at=at)
        self._fulfilments.follow(self.rows[grant_id], at=at)
        return self.rows[grant_id], True

    def overdue(self, now: datetime, *, limit: int = 500) -> Sequence[Grant]:
        found = [
            grant for grant in self.rows.values() if grant.state is GrantState.PROPOSED and grant.expires_at <= now
        ]
        return tuple(sorted(found, key=lambda grant: (grant.expires_at, grant.grant_id))[:limit])

    def reserved_since(self, since: datetime) -> Mapping[str, int]:
        held: Counter[str] = Counter()
        for grant in self.rows.values():
            if grant.state in ACTIVE and grant.created_at >= since:
                held[grant.offer.offer_id] += grant.reserve_fen
        return held

    def budget(self, budget_id: str) -> Budget | None:
        return self.budget_rows.get(budget_id)

    def set_budget(self, budget_id: str, cap_fen: int) -> None:
        self.budget_rows[budget_id] = replace(
            self.budget(budget_id) or Budget(budget_id=budget_id, cap_fen=0), cap_fen=cap_fen
        )

    def _settle(self, grant: Grant, change: tuple[int, int]) -> None:
        budget = self.budget_rows[grant.offer.budget]
        self.budget_rows[grant.offer.budget] = replace(
            budget,
            reserved_fen=budget.reserved_fen + change[0] * grant.reserve_fen,
            used_fen=budget.used_fen + change[1] * grant.reserve_fen,
        )


def _oldest_first(grants: Sequence[Grant]) -> Sequence[Grant]:
    return tuple(sorted(grants, key=lambda grant: (grant.created_at, grant.grant_id)))
