"""Remembering scores as they were given, so that drift and calibration can be counted later."""

from __future__ import annotations

from datetime import timedelta

from retention.case import Case
from retention.ports import Records
from retention.risk import Choice, Score
from retention.scoring import Scoring
from risk.features import vector

AT_MOST_EVERY = timedelta(minutes=10)
"""A talkative shopper is one observation, not twenty."""
DIGITS = 6


def note_score(records: Records, case: Case, score: Score, choice: Choice) -> None:
    """Write the score down, unless the order has one of the last minutes. Features that are zero are left out: most are."""
    last = records.scorings.latest(case.order.order_no)
    if last is not None and case.now - last.at < AT_MOST_EVERY:
        return
    records.scorings.add(
        Scoring(
            order_no=case.order.order_no,
            at=case.now,
            probability=score.probability,
            model_version=score.model_version,
            rules_version=choice.version,
            rule=choice.rule,
            intercept=choice.intercept,
            values={name: round(value, DIGITS) for name, value in vector(case).items() if value},
        )
    )
