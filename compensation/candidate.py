"""One row of the catalog weighed for one case."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from compensation.catalog import Row
from compensation.offer_type import Misfit
from retention.offer import Offer


class Hurdle(IntEnum):
    """What a candidate must pass, in this order; the one that fell last names the rule of a NoOffer."""

    CASE = 0
    AUTHORITY = 1
    DATES = 2
    STAGE = 3
    AUDIENCE = 4
    RULES = 5
    ONCE = 6
    FACTS = 7
    CAPS = 8
    WORTH = 9
    PASSED = 10


@dataclass(frozen=True, kw_only=True)
class Stop:
    """The hurdle a row did not pass, and why."""

    hurdle: Hurdle
    misfit: Misfit


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """``offer`` and the reason it fits, or None and the rule that rules it out.

    ``deviation_fen`` is how unsure the offer's expected gain is, as a standard deviation.
    """

    offer_id: str
    kind: str
    title: str
    hurdle: Hurdle
    rule: str
    why: str
    offer: Offer | None = None
    standing: bool = False
    deviation_fen: float = 0.0
    learnt_from: str = ""  # prior or data: what says how much the offer changes


def stop(hurdle: Hurdle, rule: str, why: str) -> Stop:
    return Stop(hurdle=hurdle, misfit=Misfit(rule=rule, why=why))


def ruled_out(row: Row, stopped: Stop) -> Candidate:
    return Candidate(
        offer_id=row.offer_id,
        kind=row.remedy.kind,
        title=row.title,
        hurdle=stopped.hurdle,
        rule=stopped.misfit.rule,
        why=stopped.misfit.why,
        standing=row.standing,
    )


def fitting(row: Row, offer: Offer, *, deviation_fen: float, learnt_from: str) -> Candidate:
    return Candidate(
        offer_id=row.offer_id,
        kind=row.remedy.kind,
        title=row.title,
        hurdle=Hurdle.PASSED,
        rule="fits",
        why=offer.why,
        offer=offer,
        standing=row.standing,
        deviation_fen=deviation_fen,
        learnt_from=learnt_from,
    )


def rank(candidate: Candidate) -> tuple[int, bool, int, int, int, str]:
    """Those that fit first: promises, then by what they save; then the nearest miss."""
    offer = candidate.offer
    if offer is None:
        # Why the published promise is not due says more than which coupon came nearest.
        telling = candidate.standing and candidate.hurdle >= Hurdle.ONCE
        return (1 - 2 * Hurdle.PASSED if telling else -2 * candidate.hurdle, True, 0, 0, 0, candidate.offer_id)
    return (
        -2 * candidate.hurdle,
        not candidate.standing,
        -offer.expected_gain_fen,
        offer.cost_fen,
        offer.reserve_fen,
        candidate.offer_id,
    )
