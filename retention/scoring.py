"""One score of one order, as it was given: what drift and calibration are counted from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Scoring:
    """``probability`` is 0..1; ``rule`` is the interception rule that spoke, ``intercept`` whether it would step in.

    ``values`` are the features the score was made of; empty once the order's customer is erased, and where a scoring is
    remembered for its probability alone.
    """

    order_no: str
    at: datetime
    probability: float
    model_version: str
    rules_version: str
    rule: str
    intercept: bool
    values: Mapping[str, float] = field(default_factory=dict)
