"""Offers are learnt from settled orders: too few teach nothing, enough do, and from then on offers are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from integrations.memory.store import MemoryStore
from integrations.rasa import Rasa
from integrations.wiring import Shop, assemble
from retention.customer import Customer
from retention.exposure import NOTHING, Arm, Exposure
from retention.hearing import Reason
from retention.kin import Kin, Relative, TieKind
from retention.offer import NoOffer, Offer
from retention.order import Stage
from retention.risk import Score
from service.learning_effects import LEAST_HELD_OUT, LEAST_ORDERS, learn
from tests.http.world import QUICK, settings_of
from tests.unit.compensation_cases import NOW, SURE_LOSS, case, line, order
from tests.unit.experiment_cases import exposure

LATE = case(order(line(400), stage=Stage.IN_TRANSIT, shipping_yuan=10), Reason.LOGISTICS, goal="request_refund")
LIKELY = Score(probability=0.5)
MANY_ACCOUNTS = Kin(relatives=tuple(Relative(ties=frozenset({TieKind.DEVICE})) for _ in range(5)))


def shop(home: Path) -> Shop:
    return assemble(
        replace(settings_of(home), hold_out=0.2),
        MemoryStore(),
        connect_rasa=_no_rasa,
        clock=lambda: NOW,
        passwords=QUICK,
    )


def _no_rasa() -> Rasa:
    raise AssertionError("nobody talks here")


def lived(orders: int, held_out: int, **facts: object) -> Sequence[Exposure]:
    """The first ``held_out`` got nothing and were lost, the rest were hurried and kept."""
    offered = {"offer_id": "expedite", "action": "expedite", **facts}
    nothing = {"offer_id": "expedite", "action": NOTHING, "arm": Arm.HELD_OUT}
    return [
        exposure(number, kept=number >= held_out, **(nothing if number < held_out else offered))
        for number in range(orders)
    ]


def remember(of: Shop, exposures: Sequence[Exposure]) -> None:
    with of.store.transaction() as records:
        for each in exposures:
            records.exposures.add(each, LATE)


def taught(home: Path) -> Shop:
    made = shop(home)
    remember(made, lived(LEAST_ORDERS, LEAST_HELD_OUT))
    assert learn(made) == LEAST_ORDERS
    return made


def test_too_few_settled_orders_teach_nothing(tmp_path: Path) -> None:
    made = shop(tmp_path)
    remember(made, lived(LEAST_ORDERS - 1, LEAST_HELD_OUT))
    assert learn(made) == 0
    assert not made.effect.is_taught


def test_without_enough_orders_that_got_nothing_there_is_no_zero_to_learn_from(tmp_path: Path) -> None:
    made = shop(tmp_path)
    remember(made, lived(LEAST_ORDERS, LEAST_HELD_OUT - 1))
    assert learn(made) == 0


def test_offers_of_another_catalog_teach_nothing_about_the_shops_own(tmp_path: Path) -> None:
    made = shop(tmp_path)
    remember(made, lived(LEAST_ORDERS, LEAST_HELD_OUT, variant="spring"))
    assert learn(made) == 0


def test_what_kept_orders_is_expected_to_keep_more_of_them(tmp_path: Path) -> None:
    made = taught(tmp_path)
    row = next(row for row in made.engine.rows if row.offer_id == "expedite")
    estimate = made.effect(row, LATE, SURE_LOSS)
    assert estimate.source == "data"
    assert estimate.mean > SURE_LOSS.probability * row.kept


def test_from_then_on_offers_are_drawn_with_chances_and_the_guard_and_the_hold_out_still_hold(tmp_path: Path) -> None:
    made = taught(tmp_path)
    arms, drawn = set(), set()
    for number in range(150):
        of = replace(
            LATE, order=replace(LATE.order, order_no=f"A{number}"), customer=Customer(customer_id=f"c{number}")
        )
        answer, assigned = made.catalog.decide(of, LIKELY)
        assert assigned is not None
        if assigned.arm is Arm.HELD_OUT:
            assert isinstance(answer, NoOffer) or answer.reserve_fen == 0
        elif isinstance(answer, Offer):
            assert sum(chance.probability for chance in answer.chances) < 1
            drawn.add(answer.offer_id)
        arms.add(assigned.arm)
        guarded, _ = made.catalog.decide(replace(of, kin=MANY_ACCOUNTS), LIKELY)
        assert isinstance(guarded, NoOffer) or guarded.reserve_fen == 0
    assert arms == {Arm.OFFERED, Arm.HELD_OUT}
    assert drawn
