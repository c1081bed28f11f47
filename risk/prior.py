"""The score when no model is there: a table of points a supervisor could read, and it says so."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from retention.case import Case
from retention.risk import Score
from risk.explanation import reasons
from risk.features import vector

VERSION = "prior-2"
BASE = -2.6
"""An order about which nothing speaks is lost in 7 of 100 cases."""

POINTS: Mapping[str, tuple[tuple[float, float], ...]] = {
    "asked_to_leave": ((1.0, 4.0),),
    "changed_mind": ((1.0, 1.0),),
    "troubles_raised": ((1.0, 0.4), (2.0, 0.3)),
    "anger": ((0.3, 1.6), (0.7, 0.6)),
    "unease": ((0.3, 0.4), (0.7, 0.3)),
    "asked_returns": ((1.0, 0.5),),
    "person_wanted": ((1.0, 0.5),),
    "service_wait_minutes": ((5.0, 0.3), (15.0, 0.3)),
    "complaints": ((1.0, 0.5),),
    "transfers": ((1.0, 0.3),),
    "unanswered_questions": ((1.0, 0.3),),
    "low_rating": ((1.0, 0.5),),
    "low_review": ((1.0, 0.7),),
    "late_hours": ((1.0, 0.4), (24.0, 0.5), (48.0, 0.7), (96.0, 0.4)),
    "dispatch_late_hours": ((1.0, 0.3), (24.0, 0.5), (48.0, 0.4)),
    "announced_delay_hours": ((12.0, 0.2), (48.0, 0.2)),
    "silent_hours": ((48.0, 0.4),),
    "held_hours": ((24.0, 0.4),),
    "delivery_failures": ((1.0, 0.5),),
    "region_delay_hours": ((24.0, 0.3),),
    "out_of_stock": ((1.0, 0.6),),
    "restock_wait_days": ((7.0, 0.5), (14.0, 0.4)),
    "own_drop": ((0.05, 0.3), (0.15, 0.6), (0.25, 0.5)),
    "competitor_drop": ((0.05, 0.2), (0.15, 0.4)),
    "payment_bounces": ((1.0, 0.5), (2.0, 0.4)),
    "payment_failures": ((1.0, 0.4),),
    "bounced_then_waited": ((1.0, 0.5),),
    "address_changes": ((2.0, 0.5),),
    "returns_pages": ((1.0, 0.3), (3.0, 0.4)),
    "price_comparisons": ((1.0, 0.2), (3.0, 0.2)),
    "cancel_rate": ((0.2, 0.4), (0.4, 0.6)),
    "first_order": ((1.0, 0.2),),
    "customer_value": ((60.0, -0.2), (80.0, -0.3)),
    "days_since_delivery": ((1.0, -0.3), (8.0, -1.0)),
}
"""Feature -> (from this value on, logit points added); steps of one feature add up. From experience, not from data."""


class RulePrior:
    """Serves from the first minute on, without any history."""

    version = VERSION

    def score(self, case: Case) -> Score:
        values = vector(case)
        shares = contributions(values)
        logit = BASE + sum(shares.values())
        return Score(
            probability=1 / (1 + math.exp(-logit)),
            reasons=reasons(values, shares),
            model_version=self.version,
        )

    def score_many(self, cases: Sequence[Case]) -> tuple[Score, ...]:
        return tuple(self.score(case) for case in cases)

    def probabilities(self, cases: Sequence[Case]) -> NDArray[np.float64]:
        """Shape (cases,)."""
        logits = np.array([BASE + sum(contributions(vector(case)).values()) for case in cases], dtype=np.float64)
        return np.asarray(1 / (1 + np.exp(-logits)), dtype=np.float64)


def contributions(values: Mapping[str, float]) -> dict[str, float]:
    """Points by feature, on the logit scale; with ``BASE`` they sum to the logit."""
    return {name: sum(points for least, points in steps if values[name] >= least) for name, steps in POINTS.items()}
