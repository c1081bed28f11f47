"""A case's events as numbers, oldest first: what happened, when, with what value, and whether that value was there before.

Nothing here looks for a pattern. A value of a text kind (a city, a topic, a device) only says how it relates to the values
before it: the same again, back to the one before the last, seen earlier, new. That is enough for a reader of sequences to
tell A, B, A, B from A, B, C, D without knowing a city's name.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from retention.event import Event
from risk.evidence import Evidence, paid_unit_fen
from risk.sequence.kinds import MILESTONES, kind_of

LONGEST = 64
"""The newest so many are read."""
NUMBERS = 11
"""Numbers of a token, see ``_numbers``."""
BACK = 8
"""The number that says a value went back to the one before the last."""
AMOUNTS = ("hours", "seconds", "score", "restock_days", "quantity", "amount")
SAYING = (
    "city",
    "province",
    "topic",
    "page",
    "words",
    "device",
    "place",
    "code",
    "method",
    "variant",
    "source",
    "cause",
)

_FLOOR = 1 / 60
"""Hours; closer than a minute is at once."""
_FARTHEST = 24.0 * 365


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """``kinds`` (length,) are names of ``KINDS``; ``numbers`` (length, NUMBERS) float32; ``times`` (length,)."""

    kinds: tuple[str, ...]
    numbers: NDArray[np.float32]
    times: tuple[datetime, ...]


@dataclass(frozen=True, kw_only=True)
class _Happened:
    at: datetime
    kind: str
    amount: float
    said: str | None


def tokens(evidence: Evidence) -> Tokens:
    """The newest ``LONGEST`` things that happened around a case's order, the order's own milestones among them."""
    happened = sorted(_happened(evidence), key=lambda each: each.at)
    numbers = list(_numbers(happened, evidence))
    newest = happened[-LONGEST:]
    return Tokens(
        kinds=tuple(each.kind for each in newest),
        numbers=np.array(numbers[-LONGEST:], dtype=np.float32).reshape(len(newest), NUMBERS),
        times=tuple(each.at for each in newest),
    )


def _happened(evidence: Evidence) -> Iterator[_Happened]:
    """In an order that does not depend on how the case lists its events."""
    order, now = evidence.case.order, evidence.case.now
    moments = (order.placed_at, order.paid_at, order.shipped_at, order.delivered_at)
    for kind, at in zip(MILESTONES, moments, strict=True):
        if at is not None and at <= now:
            yield _Happened(at=at, kind=kind, amount=0.0, said=None)
    for kind in sorted(evidence.events):
        for event in evidence.events[kind]:
            yield _Happened(at=event.at, kind=kind_of(event), amount=_amount(event, evidence), said=_said(event))


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


def _said(event: Event) -> str | None:
    found = [event.text(key) for key in SAYING if event.text(key)]
    return "|".join(found) or None


def _numbers(happened: Sequence[_Happened], evidence: Evidence) -> Iterator[list[float]]:
    """Per token: gap to the one before and to now, after the order or not, the value's size and sign, how many of its kind
    came before and how long since the last, and of what is said: the same again, back to the one before, seen earlier, how
    many different so far.
    """
    now, placed = evidence.case.now, evidence.case.order.placed_at
    before: datetime | None = None
    seen: dict[str, list[_Happened]] = {}
    for each in happened:
        alike = seen.setdefault(each.kind, [])
        said = [other.said for other in alike if other.said is not None]
        yield [
            _gap((each.at - before).total_seconds() / 3600) if before else 0.0,
            _gap((now - each.at).total_seconds() / 3600),
            float(each.at >= placed),
            _scaled(each.amount),
            float(each.amount > 0),
            math.log1p(len(alike)),
            _gap((each.at - alike[-1].at).total_seconds() / 3600) if alike else 0.0,
            float(each.said is not None and bool(said) and said[-1] == each.said),
            float(each.said is not None and len(said) > 1 and said[-2] == each.said),
            float(each.said is not None and each.said in said),
            math.log1p(len({*said, each.said})) if each.said is not None else 0.0,
        ]
        alike.append(each)
        before = each.at


def _gap(hours: float) -> float:
    """Hours on a log scale, 0 (at once) to about 1.3 (a year)."""
    return math.log(1 + min(max(hours, 0.0), _FARTHEST) / _FLOOR) / 10


def _scaled(amount: float) -> float:
    return math.copysign(math.log1p(min(abs(amount), 1e6)), amount) / 3
