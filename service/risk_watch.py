"""Watching the live risk model: have the orders it scores moved, and do its probabilities come true?"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from starlette.concurrency import run_in_threadpool

from integrations.wiring import Shop
from retention.order import Order
from retention.past import put_together
from retention.ports import Store
from retention.scoring import Scoring
from risk.drift import SCORE, Calibration, calibration, moved
from service.risk_history import PAGE, TRANSIT, how_it_ended

FRESH = timedelta(minutes=55)
RECENT = timedelta(days=14)
"""Scores that are compared with those the model was measured on."""
SETTLED = timedelta(days=90)
"""How long ago a settled score may have been given to count."""
SCORINGS_KEPT = timedelta(days=180)
MOST_RECENT, MOST_SETTLED = 20_000, 5_000
SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class Watched:
    """``stability`` by feature and of the score, most moved first; empty while there are too few scores, or nothing to
    compare with. ``own`` says whether the settled scores are the live version's own; else all there are.
    """

    at: datetime
    version: str
    scores: int
    score_mean: float | None
    stability: Mapping[str, float]
    settled: int
    own: bool
    calibration: Calibration | None

    @property
    def most_moved(self) -> list[tuple[str, float]]:
        """The features that moved most, and the score."""
        features = [(name, index) for name, index in self.stability.items() if name != SCORE]
        score = [(SCORE, self.stability[SCORE])] if SCORE in self.stability else []
        return features[:SHOWN] + score


class RiskWatch:
    """Counted once for all who ask within the hour: it takes reading thousands of orders."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._lock = asyncio.Lock()
        self._seen: Watched | None = None

    async def look(self) -> Watched:
        """At most ``FRESH`` old, and of the live version. Raises StoreBusyError."""
        async with self._lock:
            now, seen = self._shop.clock(), self._seen
            if seen is None or now - seen.at > FRESH or seen.version != self._shop.risk.version:
                self._seen = await run_in_threadpool(watch, self._shop, now)
            assert self._seen is not None, "just looked"
            return self._seen


def watch(shop: Shop, now: datetime) -> Watched:
    """Raises StoreBusyError."""
    version, window = shop.risk.version, shop.experiment.window
    recent = [one for one in _scorings(shop.store, now - RECENT, now) if one.model_version == version and one.values]
    recent = recent[-MOST_RECENT:]
    probabilities = np.array([one.probability for one in recent], dtype=np.float64)
    given = _first_of_each(_scorings(shop.store, now - SETTLED, now - window - TRANSIT))
    own = [one for one in given if one.model_version == version]
    chosen, settled = True, _settled(shop.store, own, window=window, now=now)
    found = _calibration(settled)
    if found is None and len(own) < len(given):
        chosen, settled = False, _settled(shop.store, given, window=window, now=now)
        found = _calibration(settled)
    return Watched(
        at=now,
        version=version,
        scores=len(recent),
        score_mean=float(probabilities.mean()) if recent else None,
        stability=moved(shop.risk.references, [one.values for one in recent], probabilities),
        settled=len(settled),
        own=chosen,
        calibration=found,
    )


def _scorings(store: Store, since: datetime, until: datetime) -> Iterator[Scoring]:
    after: tuple[datetime, str] | None = None
    while True:
        with store.transaction() as records:
            page = records.scorings.since(since, until=until, after=after)
        if not page:
            return
        yield from page
        after = (page[-1].at, page[-1].order_no)


def _first_of_each(scorings: Iterator[Scoring]) -> Sequence[Scoring]:
    """One of each order, the first: later ones saw what came of it. The newest orders, when there are very many."""
    firsts: dict[str, Scoring] = {}
    for one in scorings:
        firsts.setdefault(one.order_no, one)
    return list(firsts.values())[-MOST_SETTLED:]


def _settled(
    store: Store, scorings: Sequence[Scoring], *, window: timedelta, now: datetime
) -> list[tuple[Scoring, bool]]:
    found: list[tuple[Scoring, bool]] = []
    for start in range(0, len(scorings), PAGE):
        batch = {one.order_no: one for one in scorings[start : start + PAGE]}
        with store.transaction() as records:
            orders = [order for order_no in batch if (order := records.orders.find(order_no)) is not None]
            known = _of_somebody(orders)
            around = records.past.around(known, since=now, until=now)
        for past in put_together(known, around):
            scoring = batch[past.order.order_no]
            over = past.course.left_at
            lost = how_it_ended(past, scoring.at, window=window, now=now)
            if lost is not None and (over is None or scoring.at < over):
                found.append((scoring, lost))
    return found


def _of_somebody(orders: Sequence[Order]) -> Sequence[Order]:
    """Erased people share an empty id: their orders would all be each other's."""
    return [order for order in orders if order.customer_id]


def _calibration(settled: Sequence[tuple[Scoring, bool]]) -> Calibration | None:
    probabilities = np.array([one.probability for one, _ in settled], dtype=np.float64)
    return calibration(probabilities, np.array([lost for _, lost in settled], dtype=np.float64))
