"""What the dashboard tells of the experiment: how it is set up, and what it found."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from compensation.lift_report import By, LiftReport, LiftRow
from compensation.pacing import campaigns
from integrations.codec import encode
from integrations.wiring import Shop
from service.experiment_words import GROUPINGS, caveats, name_of, row_words
from service.findings import Found
from service.glossary import BUDGETS
from service.learning_effects import LEAST_HELD_OUT, LEAST_ORDERS


def findings_view(found: Found, titles: Mapping[str, str]) -> dict[str, Any]:
    """``titles`` names offers. A comparison of catalogs is there once a challenger was tried."""
    shown = [lift for lift in found.lifts if lift.rows or lift.by is not By.VARIANT]
    return {"counted_at": encode(found.at), "lifts": [_lift_view(lift, titles) for lift in shown]}


def setup_view(shop: Shop, now: datetime) -> dict[str, Any]:
    """As it is now. ``prices`` are of dated campaigns: how many fen a fen spent from them is counted as."""
    experiment = shop.experiment
    return {
        "hold_out": experiment.hold_out,
        "settle_days": experiment.settle_days,
        "challenger": encode(experiment.challenger),
        "learnt": shop.effect.is_taught,
        "learns_from": {"orders": LEAST_ORDERS, "held_out": LEAST_HELD_OUT},
        "prices": [
            {"title": BUDGETS.get(budget_id, budget_id), "price": 1 + shop.pacer(budget_id, now)}
            for budget_id in campaigns(shop.engine.rows)
        ],
    }


def _lift_view(lift: LiftReport, titles: Mapping[str, str]) -> dict[str, Any]:
    total = [] if lift.by is By.VARIANT else [{**_row_view(lift.by, lift.total), "name": "全部"}]
    return {
        "by": lift.by.value,
        "words": GROUPINGS[lift.by],
        "customers": lift.customers,
        "waiting": lift.waiting,
        "synthetic": lift.synthetic,
        "until": encode(lift.until),
        "caveats": list(caveats(lift)),
        "rows": total + [{**_row_view(lift.by, row), "name": name_of(lift.by, row.key, titles)} for row in lift.rows],
    }


def _row_view(by: By, row: LiftRow) -> dict[str, Any]:
    """``kept`` is null where no rate is told; ``words`` say why."""
    return {"words": row_words(by, row), "verdict": row.verdict.value, "kept": encode(row.kept)}
