"""Who gets which catalog, and who gets nothing: drawn by the customer's id, so that nobody is ever in two arms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from hashlib import sha256

from compensation.experiment import Experiment
from compensation.words import GENERAL
from retention.case import Case, DecideOffer
from retention.exposure import CHAMPION, NOTHING, Arm, Assignment
from retention.offer import NoOffer, Offer
from retention.risk import Score

HOLD_OUT = "hold_out"
WITHHELD = "留白组：这位顾客这次不主动给补偿，用来对照补偿有没有用"


class Trial:
    """Pure: the same customer and case always fare alike.

    A hold-out refuses only what costs money to keep an order: the shop's published promises are owed to everybody, and
    what is free is given to everybody.
    """

    def __init__(self, experiment: Experiment, *, champion: DecideOffer, challenger: DecideOffer | None = None) -> None:
        """``challenger`` decides for the share that the experiment names; none of either is an experiment without one."""
        self._experiment = experiment
        self._shares: Mapping[str, float] = {CHAMPION: 1.0}
        self._variants: Mapping[str, DecideOffer] = {CHAMPION: champion}
        if experiment.challenger is not None and challenger is not None:
            name, share = experiment.challenger.name, experiment.challenger.share
            self._shares = {CHAMPION: 1.0 - share, name: share}
            self._variants = {CHAMPION: champion, name: challenger}

    def decide(self, case: Case, score: Score) -> Offer | NoOffer:
        """What the customer's variant decides, less what the hold-out withholds."""
        decided = self._variants[self.variant(case)](case, score)
        if on_trial(decided) and self.arm(case) is Arm.HELD_OUT:
            return NoOffer(rule=HOLD_OUT, why=WITHHELD, catalog_version=decided.catalog_version)
        return decided

    def assign(self, case: Case, score: Score) -> Assignment | None:
        """What there is to record of a decision: None when no variant would spend money to keep this order."""
        decided = {name: decide(case, score) for name, decide in self._variants.items()}
        trying = tuple(each for each in decided.values() if isinstance(each, Offer) and on_trial(each))
        if not trying:
            return None
        arm, variant = self.arm(case), self.variant(case)
        mine, actions = decided[variant], _actions(decided)
        offer = mine if isinstance(mine, Offer) else None
        withheld = arm is Arm.HELD_OUT and on_trial(mine)
        return Assignment(
            arm=arm,
            variant=variant,
            cause=(offer or trying[0]).cause or GENERAL,
            offer=offer,
            action=NOTHING if offer is None or withheld else actions[variant],
            chances=self._chances(decided, actions),
            terms={actions[name]: each.terms for name, each in decided.items() if isinstance(each, Offer)},
            on_trial=trying,
        )

    def arm(self, case: Case) -> Arm:
        drawn = draw(f"{self._experiment.salt}/{HOLD_OUT}/{case.customer.customer_id}")
        return Arm.HELD_OUT if drawn < self._experiment.hold_out else Arm.OFFERED

    def variant(self, case: Case) -> str:
        drawn = draw(f"{self._experiment.salt}/variant/{case.customer.customer_id}")
        return CHAMPION if drawn < self._shares[CHAMPION] else next(name for name in self._shares if name != CHAMPION)

    def _chances(self, decided: Mapping[str, Offer | NoOffer], actions: Mapping[str, str]) -> Mapping[str, float]:
        """Over all customers in this case: arms, variants, and the draw inside a decision that was one."""
        chances: dict[str, float] = defaultdict(float)
        for variant, share in self._shares.items():
            each = decided[variant]
            if isinstance(each, NoOffer):
                chances[NOTHING] += share
                continue
            given = share * (1.0 - self._experiment.hold_out) if on_trial(each) else share
            drawn = each.chances or {each.offer_id: 1.0}
            for offer_id, chance in drawn.items():
                chances[actions[variant] if offer_id == each.offer_id else offer_id] += given * chance
            chances[NOTHING] += share - given * sum(drawn.values())
        return {action: min(1.0, chance) for action, chance in chances.items() if chance > 0}


def _actions(decided: Mapping[str, Offer | NoOffer]) -> Mapping[str, str]:
    """What each variant's decision is called in this case."""
    own = decided[CHAMPION]
    return {
        variant: f"{each.offer_id}@{variant}"
        if isinstance(own, Offer) and own.offer_id == each.offer_id and dict(own.terms) != dict(each.terms)
        else each.offer_id
        for variant, each in decided.items()
        if isinstance(each, Offer)
    }


def on_trial(decided: Offer | NoOffer) -> bool:
    """Money that is meant to keep an order."""
    return isinstance(decided, Offer) and decided.reserve_fen > 0 and not decided.standing


def draw(text: str) -> float:
    """A number in [0, 1), evenly spread over texts and always the same for one.

    >>> 0 <= draw("1/hold_out/c1") < 1
    True
    """
    return int.from_bytes(sha256(text.encode()).digest()[:8], "big") / 2**64
