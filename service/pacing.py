"""What a fen of every campaign is worth now, from what the ledger has promised and spent of it."""

from __future__ import annotations

from compensation.pacing import campaigns
from integrations.wiring import Shop


def keep_pace(shop: Shop) -> None:
    paces = campaigns(shop.engine.rows)
    spent_fen: dict[str, int] = {}
    if paces:
        with shop.store.transaction() as records:
            for budget_id in paces:
                if (budget := records.ledger.budget(budget_id)) is not None:
                    spent_fen[budget_id] = budget.reserved_fen + budget.used_fen
    shop.pacer.observe(paces, spent_fen)
