"""What the events of one kind did to a score, and how to say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from retention.words import span
from risk.sequence.kinds import KINDS, MILESTONES
from risk.sequence.tokens import BACK, Tokens

PREFIX = "sequence:"
"""Before a kind's name, where it stands among features."""


@dataclass(frozen=True, kw_only=True)
class Trace:
    """``hours`` since the first of ``count`` events; ``to_and_fro``: one went back to what was before the last."""

    kind: str
    share: float
    count: int
    hours: float
    to_and_fro: bool

    @property
    def node(self) -> str:
        return KINDS[self.kind].node

    def words(self) -> str:
        kind = KINDS[self.kind]
        if self.kind in MILESTONES:
            return f"{kind.words}已 {span(self.hours)}"
        what = kind.to_and_fro if self.to_and_fro and kind.to_and_fro else kind.words
        return f"最近 {span(self.hours)}内{what} {self.count} 次"


def traces(tokens: Tokens, shares: NDArray[np.float64], now: datetime) -> Mapping[str, Trace]:
    """``shares`` (length,) of the tokens, gathered by kind; the keys carry ``PREFIX``."""
    found: dict[str, list[int]] = {}
    for place, kind in enumerate(tokens.kinds):
        found.setdefault(kind, []).append(place)
    return {
        PREFIX + kind: Trace(
            kind=kind,
            share=float(shares[places].sum()),
            count=len(places),
            hours=(now - tokens.times[places[0]]) / timedelta(hours=1),
            to_and_fro=bool(tokens.numbers[places, BACK].any()),
        )
        for kind, places in found.items()
    }
