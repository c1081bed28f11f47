"""From contributions to the reasons a person reads."""

from __future__ import annotations

from collections.abc import Mapping

from retention.risk import Contribution
from risk.features import FEATURES

MOST_REASONS = 6
LEAST_LOGIT = 0.1
"""A smaller share moves a probability by at most 2.5 points: not worth a reader's time."""
LEAST_ABSENT = 0.3
"""What did not happen is worth saying only when it weighs."""


def reasons(values: Mapping[str, float], contributions: Mapping[str, float]) -> tuple[Contribution, ...]:
    """The strongest shares for and against, on the logit scale, with words about this case."""
    strong = [
        (name, share)
        for name, share in contributions.items()
        if abs(share) >= (LEAST_LOGIT if values[name] > 0 else LEAST_ABSENT)
    ]
    strong.sort(key=lambda pair: (-abs(pair[1]), pair[0]))
    return tuple(
        Contribution(
            feature=name,
            node=FEATURES[name].node,
            contribution=share,
            words=FEATURES[name].words(values[name]),
        )
        for name, share in strong[:MOST_REASONS]
    )
