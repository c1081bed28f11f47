"""Exposures for the tests of the experiment: a shop whose offers do exactly what the test says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

from compensation.experiment import Challenger, Experiment
from compensation.trial import Trial
from retention.case import Case, DecideOffer
from retention.customer import Customer
from retention.exposure import CHAMPION, NOTHING, Arm, Assignment, Exposure
from retention.hearing import Reason
from retention.offer import NoOffer, Offer
from retention.profile import Outcome
from tests.unit.compensation_cases import NOW, SURE_LOSS, case, offer_of, order

MARGIN_FEN = 6_000
TIERS = ("regular", "silver", "gold")


def exposure(number: int, *, minutes: int = 0, kept: bool | None = True, **facts: object) -> Exposure:
    """Settled as kept or lost; ``kept`` None leaves it open."""
    at = NOW + timedelta(minutes=minutes or number)
    outcome = Outcome.UNDECIDED if kept is None else Outcome.RETAINED if kept else Outcome.LOST
    plain = Exposure(
        exposure_id=f"k{number}/a{number}/logistics",
        conversation_id=f"k{number}",
        order_no=f"a{number}",
        customer_id=f"c{number}",
        at=at,
        next_at=at,
        arm=Arm.OFFERED,
        variant=CHAMPION,
        offer_id="coupon",
        action="coupon",
        propensity=0.95,
        chances={"coupon": 0.95, NOTHING: 0.05},
        terms={"coupon": {}},
        cause="logistics",
        tier="regular",
        province="浙江省",
        channel="web",
        is_new=False,
        probability=0.9,
        margin_fen=MARGIN_FEN,
        synthetic=False,
        catalog_version="1",
        model_version="m",
        rule_version="r",
        outcome=outcome,
        kept_fen=MARGIN_FEN if kept else 0,
        settled_at=None if kept is None else at + timedelta(days=20),
    )
    return replace(plain, **facts)  # type: ignore[arg-type]


def offering(offer_id: str, cost_yuan: float) -> DecideOffer:
    offer = replace(offer_of(cost_yuan, offer_id=offer_id), terms={"coupon_fen": round(cost_yuan * 100)})
    return lambda case, score: offer


def refusing(case: Case, score: object) -> Offer | NoOffer:
    return NoOffer(rule="not_worth_it", why="。", catalog_version="1")


def lived(
    orders: int,
    *,
    seed: int,
    kept_by: dict[str, float],
    champion: DecideOffer,
    challenger: DecideOffer | None = None,
    hold_out: float = 0.2,
    share: float = 0.3,
) -> list[tuple[Exposure, Case]]:
    """Settled exposures of a shop in which an order is kept with the probability of what was done about it."""
    rows = Challenger(name="spring", file="spring.yml", share=share) if challenger else None
    trial = Trial(
        Experiment(hold_out=hold_out, salt=str(seed), challenger=rows), champion=champion, challenger=challenger
    )
    random, found = Random(seed), []
    for number in range(orders):
        about = case(order(order_no=f"a{number}"), Reason.LOGISTICS)
        about = replace(about, customer=Customer(customer_id=f"c{number}", tier=TIERS[number % 3]))
        _, assigned = trial.decide(about, SURE_LOSS)
        assert assigned is not None
        found.append((_settled(number, assigned, about, random.random() < kept_by[assigned.action]), about))
    return found


def _settled(number: int, assigned: Assignment, about: Case, kept: bool) -> Exposure:
    given = assigned.offer.cost_fen if assigned.offer and assigned.action != NOTHING else 0
    return exposure(
        number,
        kept=kept,
        arm=assigned.arm,
        variant=assigned.variant,
        offer_id=assigned.offer.offer_id if assigned.offer else None,
        action=assigned.action,
        propensity=assigned.propensity,
        chances=assigned.chances,
        terms=assigned.terms,
        tier=about.customer.tier,
        margin_fen=about.order.margin_fen,
        kept_fen=about.order.margin_fen if kept else 0,
        spent_fen=given if kept else 0,
    )
