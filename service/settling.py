"""Settling what offers were worth, once return windows are over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from retention.ports import Store
from retention.profile import Outcome
from retention.settlement import settle

AT_ONCE = 200


def settle_due(store: Store, now: datetime, *, window: timedelta) -> Mapping[Outcome, int]:
    """Settle every exposure whose time has come, each in a transaction of its own; how many of which outcome."""
    outcomes: Counter[Outcome] = Counter()
    while True:
        with store.transaction() as records:
            due = records.exposures.due(now, limit=AT_ONCE)
        for exposure in due:
            with store.transaction() as records:
                outcome = settle(records, exposure, window=window, now=now)
            if outcome is not None:
                outcomes[outcome] += 1
        if len(due) < AT_ONCE:
            return outcomes
