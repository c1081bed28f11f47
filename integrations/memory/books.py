"""The whole ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from integrations.memory.fulfilments import MemoryFulfilments
from integrations.memory.ledger import MemoryLedger
from retention.errors import NotFoundError
from retention.fulfilment import Act, fulfilment_id
from retention.money_ports import Balance, Books, Entry
from retention.offer import GIVEN, Budget, Grant, GrantState


class MemoryBooks(Books):
    def __init__(self, ledger: MemoryLedger, fulfilments: MemoryFulfilments) -> None:
        self._ledger = ledger
        self._fulfilments = fulfilments

    def balances(self) -> Sequence[Balance]:
        budgets = sorted(self._ledger.budget_rows.values(), key=lambda budget: budget.budget_id)
        return tuple(self._balance(budget) for budget in budgets)

    def correct(self, budget_id: str) -> Balance:
        budget = self._ledger.budget(budget_id)
        if budget is None:
            raise NotFoundError("budget", budget_id)
        before = self._balance(budget)
        self._ledger.budget_rows[budget_id] = replace(
            budget, reserved_fen=before.proposed_fen, used_fen=before.given_fen
        )
        return before

    def entries(self, *, after: str = "", limit: int = 500) -> Sequence[Entry]:
        found = sorted(grant_id for grant_id in self._ledger.rows if grant_id > after)[:limit]
        return tuple(self._entry(self._ledger.rows[grant_id]) for grant_id in found)

    def entry(self, grant_id: str) -> Entry | None:
        grant = self._ledger.find(grant_id)
        return None if grant is None else self._entry(grant)

    def lock(self, grant_id: str) -> Entry | None:
        return self.entry(grant_id)

    def _entry(self, grant: Grant) -> Entry:
        give, back = (self._fulfilments.find(fulfilment_id(grant.grant_id, act)) for act in (Act.GRANT, Act.REVERSE))
        return Entry(grant=grant, give=give, back=back)

    def _balance(self, budget: Budget) -> Balance:
        grants = [one for one in self._ledger.rows.values() if one.offer.budget == budget.budget_id]
        return Balance(
            budget=budget,
            proposed_fen=sum(one.reserve_fen for one in grants if one.state is GrantState.PROPOSED),
            given_fen=sum(one.reserve_fen for one in grants if one.state in GIVEN),
        )
