"""What the offers changed: kept with an offer against kept without one, in settled orders alone, with intervals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from compensation.cohort import first_of_each, is_known, mature, net_fen
from compensation.lift import Amounts, Lift, MarginLift, Stratified
from compensation.off_policy import Estimated
from retention.exposure import CHAMPION, Arm, Observation
from retention.profile import Outcome

FEWEST = 30
"""Settled orders in each arm, below which no difference is shown."""
FEWEST_OF_TIER = 10


class By(str, Enum):
    OFFER = "offer"
    REASON = "reason"
    TIER = "tier"
    VARIANT = "variant"  # a challenger against the shop's own catalog, not against the hold-out


class Verdict(str, Enum):
    """What an interval says; without a control nothing is said."""

    MORE = "more"
    LESS = "less"
    UNCLEAR = "unclear"
    TOO_FEW = "too_few"
    NO_CONTROL = "no_control"


@dataclass(frozen=True, kw_only=True)
class LiftRow:
    """One group. ``kept`` is None (in share), ``margin`` is None (in fen an order) while the arms are too small.

    ``control`` are the held out, or the champion's customers where variants are compared.
    """

    key: str
    treated_n: int
    treated_kept: int
    control_n: int
    control_kept: int
    verdict: Verdict
    kept: Estimated | None = None
    margin: Estimated | None = None
    margin_verdict: Verdict = Verdict.TOO_FEW


@dataclass(frozen=True, kw_only=True)
class LiftReport:
    """``until`` is the moment of the newest decision that counts; ``waiting`` are not settled, ``undecided`` never will be.

    ``synthetic`` of the ``customers`` counted come from a made-up shop.
    """

    by: By
    since: datetime | None
    until: datetime | None
    customers: int
    waiting: int
    undecided: int
    synthetic: int
    total: LiftRow
    rows: tuple[LiftRow, ...]


_KEYS: Mapping[By, Callable[[Observation], str]] = {
    By.OFFER: lambda one: one.offer_id or "",
    By.REASON: lambda one: one.cause,
    By.TIER: lambda one: one.tier,
}


def report(exposures: Iterable[Observation], *, by: By, since: datetime | None = None) -> LiftReport:
    """Of exposures in any order; each customer counts once, by their first decision."""
    firsts = first_of_each(exposures)
    grown = mature(firsts)
    known = [one for one in grown if is_known(one)]
    offered = [one for one in known if one.offer_id is not None]
    rows = _variants(known) if by is By.VARIANT else _groups(offered, _KEYS[by])
    return LiftReport(
        by=by,
        since=since,
        until=grown[-1].at if grown else None,
        customers=len(known),
        waiting=sum(one.settled_at is None for one in firsts),
        undecided=sum(one.settled_at is not None for one in grown) - len(known),
        synthetic=sum(one.synthetic for one in known),
        total=_row("all", *_arms(offered)),
        rows=rows,
    )


def _groups(offered: Sequence[Observation], key: Callable[[Observation], str]) -> tuple[LiftRow, ...]:
    groups: dict[str, list[Observation]] = defaultdict(list)
    for exposure in offered:
        groups[key(exposure)].append(exposure)
    rows = [_row(name, *_arms(group)) for name, group in groups.items()]
    return tuple(sorted(rows, key=lambda row: (-row.treated_n - row.control_n, row.key)))


def _variants(known: Sequence[Observation]) -> tuple[LiftRow, ...]:
    """Also those to whom their variant offers nothing: that is part of what it does."""
    groups: dict[str, list[Observation]] = {CHAMPION: []}
    for exposure in known:
        if exposure.arm is Arm.OFFERED:
            groups.setdefault(exposure.variant, []).append(exposure)
    champion = groups.pop(CHAMPION)
    return tuple(_row(name, group, champion) for name, group in sorted(groups.items()))


def _arms(exposures: Sequence[Observation]) -> tuple[list[Observation], list[Observation]]:
    return (
        [one for one in exposures if one.arm is Arm.OFFERED],
        [one for one in exposures if one.arm is Arm.HELD_OUT],
    )


def _row(key: str, treated: Sequence[Observation], control: Sequence[Observation]) -> LiftRow:
    row = LiftRow(
        key=key,
        treated_n=len(treated),
        treated_kept=_kept(treated),
        control_n=len(control),
        control_kept=_kept(control),
        verdict=Verdict.TOO_FEW if control else Verdict.NO_CONTROL,
    )
    if min(len(treated), len(control)) < FEWEST:
        return row
    kept, margin = _lift(treated, control), _margin(treated, control)
    return replace(row, verdict=verdict(kept), kept=kept, margin=margin, margin_verdict=verdict(margin))


def verdict(found: Estimated) -> Verdict:
    if found.low > 0:
        return Verdict.MORE
    return Verdict.LESS if found.high < 0 else Verdict.UNCLEAR


def _lift(treated: Sequence[Observation], control: Sequence[Observation]) -> Estimated:
    """Over the tiers that are large enough in both arms and all the others together; plain where that cannot be."""
    tiers: dict[str, tuple[list[Observation], list[Observation]]] = defaultdict(lambda: ([], []))
    for arm, exposures in enumerate((treated, control)):
        for exposure in exposures:
            tiers[exposure.tier][arm].append(exposure)
    large = [arms for arms in tiers.values() if min(map(len, arms)) >= FEWEST_OF_TIER]
    small = [arms for arms in tiers.values() if min(map(len, arms)) < FEWEST_OF_TIER]
    rest = ([one for arms in small for one in arms[0]], [one for arms in small for one in arms[1]])
    strata = [*large, rest] if small else large
    if any(min(map(len, arms)) == 0 for arms in strata):
        strata = [(list(treated), list(control))]
    found = Stratified(strata=[_counted(*arms) for arms in strata])
    low, high = found.interval()
    return Estimated(value=found.estimate, low=low, high=high)


def _counted(treated: Sequence[Observation], control: Sequence[Observation]) -> Lift:
    return Lift(treated_n=len(treated), treated_kept=_kept(treated), held_n=len(control), held_kept=_kept(control))


def _margin(treated: Sequence[Observation], control: Sequence[Observation]) -> Estimated:
    found = MarginLift(
        treated=Amounts.of([net_fen(one) for one in treated]), held=Amounts.of([net_fen(one) for one in control])
    )
    low, high = found.interval()
    return Estimated(value=found.estimate, low=low, high=high)


def _kept(exposures: Sequence[Observation]) -> int:
    return sum(one.outcome is Outcome.RETAINED for one in exposures)
