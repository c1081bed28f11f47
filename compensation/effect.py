"""What an offer is expected to change, and what a fen of a budget is worth beyond itself."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from compensation.catalog import Row
from retention.case import Case
from retention.risk import Score

PRIOR_ORDERS = 20
"""How many orders a catalog's ``kept`` is taken to weigh as much as, until there are data."""


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """Of P(kept | offer) - P(kept | nothing), with its standard deviation; ``source`` is ``prior`` or ``data``."""

    mean: float
    deviation: float
    source: str


EstimateEffect = Callable[[Row, Case, Score], Estimate]
ShadowPrice = Callable[[str, datetime], float]
"""Budget id, now -> lambda >= 0: what a fen of that budget is worth beyond itself."""


def prior_effect(row: Row, case: Case, score: Score) -> Estimate:
    """Of the orders that would be lost, the share the catalog supposes the offer keeps; as unsure as a Beta of that mean."""
    spread = math.sqrt(row.kept * (1 - row.kept) / (PRIOR_ORDERS + 1))
    return Estimate(mean=score.probability * row.kept, deviation=score.probability * spread, source="prior")


def free(budget_id: str, now: datetime) -> float:
    """A budget without pacing: its fen are worth a fen."""
    return 0.0
