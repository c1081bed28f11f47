"""A case's events as numbers, oldest first: what happened, when, with what value, and whether that value was there before.

Nothing here looks for a pattern. A value of a text kind (a city, a topic, a device) only says how it relates to the values
before it: the same again, back to the one before the last, seen earlier, new. That is enough for a reader of sequences to
tell A, B, A, B from A, B, C, D without knowing a city's name.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from retention.event import Event
from risk.evidence import Evidence, paid_unit_fen
from risk.sequence.kinds import MILESTONES, kind_of

LONGEST = 64
"""The newest so many are read."""
NUMBERS = 12
"""Numbers of a token, see ``_numbers``."""
BACK = 8
"""The number that says a value went back to the one before the last."""
GAPS, AMOUNT, COUNTS = (0, 1, 6), 3, (5, 10)
AMOUNTS = ("hours", "seconds", "score", "restock_days", "quantity", "amount")
MARKET = frozenset(
    {"price.changed", "stock.changed", "stock.transferred", "stock.substitute", "size.chart", "size.kept"}
)
"""News about goods. What came before the order was known when it was placed, and there is much of it."""

_AT_ONCE, _FARTHEST = 60.0, 365 * 86_400.0  # seconds


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """``kinds`` (length,) are names of ``KINDS``; ``numbers`` (length, NUMBERS) float32; ``times`` (length,)."""

    kinds: tuple[str, ...]
    numbers: NDArray[np.float32]
    times: tuple[datetime, ...]


class _Happened(NamedTuple):
    at: datetime
    kind: str
    amount: float
    said: str | None
    at_home: bool  # it names the city the order goes to


@dataclass(kw_only=True)
class _Before:
    """What came before of one kind."""

    count: int = 0
    at: datetime | None = None
    said: list[str] = field(default_factory=list)


def tokens(evidence: Evidence) -> Tokens:
    """The newest ``LONGEST`` things that happened around a case's order, the order's own milestones among them."""
    happened = sorted(_happened(evidence), key=lambda each: each.at)
    numbers = list(_numbers(happened, evidence))
    newest = happened[-LONGEST:]
    return Tokens(
        kinds=tuple(each.kind for each in newest),
        numbers=_scaled(np.array(numbers[-LONGEST:], dtype=np.float64).reshape(len(newest), NUMBERS)),
        times=tuple(each.at for each in newest),
    )


def _happened(evidence: Evidence) -> Iterator[_Happened]:
    """In an order that does not depend on how the case lists its events."""
    order, now = evidence.case.order, evidence.case.now
    home = order.address.city
    moments = (order.placed_at, order.paid_at, order.shipped_at, order.delivered_at)
    for kind, at in zip(MILESTONES, moments, strict=True):
        if at is not None and at <= now:
            yield _Happened(at, kind, 0.0, None, False)
    for kind in sorted(evidence.events):
        news = evidence.since_order(kind) if kind in MARKET else evidence.events[kind]
        for event in news:
            data = event.data
            amount = _amount(event, evidence) if data else 0.0
            at_home = bool(home) and data.get("city") == home
            yield _Happened(event.at, kind_of(event), amount, _said(data) if data else None, at_home)


def _amount(event: Event, evidence: Evidence) -> float:
    """Finite; 0 when there is none, or none that a float could hold."""
    try:
        amount = _told(event, evidence)
    except ArithmeticError:
        return 0.0
    return amount if math.isfinite(amount) else 0.0


def _told(event: Event, evidence: Evidence) -> float:
    """A price against what was paid, anything else as it is."""
    if event.kind == "price.changed":
        line = evidence.case.order.line(event.sku or "")
        paid = paid_unit_fen(evidence, line) if line else 0.0
        price = event.number("price_fen")
        return 10 * (1 - price / paid) if paid > 0 and price > 0 else 0.0
    for key in AMOUNTS:
        if key in event.data:
            return event.number(key)
    return 0.0


def _said(data: Mapping[str, object]) -> str | None:
    """All words of an event: two say the same when all of theirs are the same."""
    return "|".join([f"{key}={data[key]}" for key in sorted(data) if isinstance(data[key], str)]) or None


def _numbers(happened: Sequence[_Happened], evidence: Evidence) -> Iterator[list[float]]:
    """Per token: gap to the one before and to now, after the order or not, the value's size and sign, how many of its kind
    came before and how long since the last, and of what is said: the same again, back to the one before, seen earlier, how
    many different so far, the order's own city.
    """
    now, placed = evidence.case.now, evidence.case.order.placed_at
    last = happened[0].at if happened else now
    seen: dict[str, _Before] = {}
    for at, kind, amount, said, at_home in happened:
        before = seen.setdefault(kind, _Before())
        yield [
            (at - last).total_seconds(),
            (now - at).total_seconds(),
            at >= placed,
            amount,
            amount > 0,
            before.count,
            (at - before.at).total_seconds() if before.at else 0.0,
            said is not None and before.said[-1:] == [said],
            said is not None and before.said[-2:-1] == [said],
            said in before.said,
            len({*before.said, said}) if said is not None else 0,
            at_home,
        ]
        before.count, before.at, last = before.count + 1, at, at
        if said is not None:
            before.said.append(said)


def _scaled(numbers: NDArray[np.float64]) -> NDArray[np.float32]:
    """Times from 0 (at once: within a minute) to about 1.3 (a year), amounts and counts, all on a log scale."""
    numbers[:, GAPS] = np.log1p(np.clip(numbers[:, GAPS], 0.0, _FARTHEST) / _AT_ONCE) / 10
    numbers[:, AMOUNT] = np.copysign(np.log1p(np.minimum(np.abs(numbers[:, AMOUNT]), 1e6)), numbers[:, AMOUNT]) / 3
    numbers[:, COUNTS] = np.log1p(numbers[:, COUNTS])
    return numbers.astype(np.float32)
