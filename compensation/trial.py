"""Who gets which catalog, and who gets nothing: drawn by the customer's id, so that nobody is ever in two arms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from compensation.experiment import Experiment
from compensation.words import GENERAL
from retention.case import Case, DecideOffer
from retention.draw import draw
from retention.exposure import CHAMPION, NOTHING, Arm, Assignment, Decided
from retention.offer import Chance, NoOffer, Offer
from retention.risk import Score

Option = tuple[Chance, bool]
"""An offer that may be made, and whether a hold-out is refused it."""
Named = Mapping[str, Option]
"""By action."""

HOLD_OUT = "hold_out"
NEVER = 1e-9
"""A probability that is only rounding."""
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

    def decide(self, case: Case, score: Score) -> Decided:
        """What the customer's variant decides, less what the hold-out withholds; and what there is to record of it.

        Nothing is recorded when no variant would spend money to keep this order.
        """
        decided = {name: decide(case, score) for name, decide in self._variants.items()}
        mine = decided[self.variant(case)]
        answer = mine
        if isinstance(mine, Offer) and is_money(mine) and self.arm(case) is Arm.HELD_OUT:
            answer = NoOffer(rule=HOLD_OUT, why=WITHHELD, catalog_version=mine.catalog_version)
        return answer, self._assigned(case, decided)

    def _assigned(self, case: Case, decided: Mapping[str, Offer | NoOffer]) -> Assignment | None:
        options = _named({name: _options(each) for name, each in decided.items()})
        if not any(withheld for named in options.values() for _, withheld in named.values()):
            return None
        arm, variant = self.arm(case), self.variant(case)
        mine = decided[variant]
        offer = mine if isinstance(mine, Offer) else None
        given = offer is not None and not (arm is Arm.HELD_OUT and is_money(offer))
        return Assignment(
            arm=arm,
            variant=variant,
            cause=_cause(case, [mine, *decided.values()]),
            offer=offer,
            action=_action(options[variant], offer) if offer is not None and given else NOTHING,
            chances=self._chances(options),
            terms={action: each.terms for named in options.values() for action, (each, _) in named.items()},
            on_trial={
                action: each for named in options.values() for action, (each, withheld) in named.items() if withheld
            },
            catalog_version=mine.catalog_version,
        )

    def arm(self, case: Case) -> Arm:
        drawn = draw(f"{self._experiment.salt}/{HOLD_OUT}/{case.customer.customer_id}")
        return Arm.HELD_OUT if drawn < self._experiment.hold_out else Arm.OFFERED

    def variant(self, case: Case) -> str:
        drawn = draw(f"{self._experiment.salt}/variant/{case.customer.customer_id}")
        return CHAMPION if drawn < self._shares[CHAMPION] else next(name for name in self._shares if name != CHAMPION)

    def _chances(self, options: Mapping[str, Named]) -> Mapping[str, float]:
        """Over all customers in this case: arms, variants, and the draw inside a decision that was one."""
        chances: dict[str, float] = defaultdict(float)
        for variant, share in self._shares.items():
            for action, (each, withheld) in options[variant].items():
                chances[action] += share * each.probability * (1.0 - self._experiment.hold_out if withheld else 1.0)
        nothing = max(0.0, 1.0 - sum(chances.values()))
        if nothing > NEVER:
            chances[NOTHING] = nothing
        return {action: min(1.0, chance) for action, chance in chances.items() if chance > 0}


def is_money(offer: Offer) -> bool:
    """Money that is meant to keep an order, and no promise that is owed anyway."""
    return offer.reserve_fen > 0 and not offer.standing


def _options(decided: Offer | NoOffer) -> list[Option]:
    """What a variant may do in a case, and whether a hold-out is refused it."""
    if decided.chances:
        return [(each, each.reserve_fen > 0) for each in decided.chances]
    if isinstance(decided, NoOffer):
        return []
    certain = Chance(
        offer_id=decided.offer_id,
        probability=1.0,
        budget=decided.budget,
        reserve_fen=decided.reserve_fen,
        terms=decided.terms,
    )
    return [(certain, is_money(decided))]


def _named(options: Mapping[str, list[Option]]) -> Mapping[str, Named]:
    """By action: a challenger's offer that the champion makes with other terms has a name of its own."""
    own = {each.offer_id: dict(each.terms) for each, _ in options[CHAMPION]}
    return {
        variant: {
            each.offer_id
            if own.get(each.offer_id, dict(each.terms)) == dict(each.terms)
            else f"{each.offer_id}@{variant}": (each, withheld)
            for each, withheld in found
        }
        for variant, found in options.items()
    }


def _action(named: Named, offer: Offer) -> str:
    return next(action for action, (each, _) in named.items() if each.offer_id == offer.offer_id)


def _cause(case: Case, decided: Sequence[Offer | NoOffer]) -> str:
    causes = [each.cause for each in decided if isinstance(each, Offer)]
    return next(iter((*causes, *(reason.value for reason in case.reasons))), GENERAL)
