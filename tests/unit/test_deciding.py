"""How a shop decides: its priors until orders have taught better, then draws; the guard and the hold-out hold in both."""

from __future__ import annotations

from dataclasses import replace

import pytest

from compensation.deciding import Deciding, Draws
from compensation.engine import Engine, catalog_of
from compensation.experiment import Challenger, Experiment
from compensation.guard import PREFIX
from retention.case import Case
from retention.customer import Customer
from retention.exposure import CHAMPION, NOTHING, Arm
from retention.hearing import Reason
from retention.kin import Kin, Relative, TieKind
from retention.offer import NoOffer, Offer
from retention.order import Stage
from retention.risk import Score
from tests.unit.compensation_cases import CATALOG, ENGINE, SURE_LOSS, case, line, order, price_event
from tests.unit.counter import GUARD

LATE = case(order(line(400), stage=Stage.IN_TRANSIT, shipping_yuan=10), Reason.LOGISTICS, goal="request_refund")
LIKELY = Score(probability=0.5)
MANY_ACCOUNTS = Kin(relatives=tuple(Relative(ties=frozenset({TieKind.DEVICE})) for _ in range(5)))
EVERYBODY, NOBODY = 1.0, 0.0


def deciding(*, hold_out: float = NOBODY, drawn: bool = True, **more: object) -> Deciding:
    draws = Draws(due=lambda: drawn, salt="s")
    return Deciding(ENGINE, guard=lambda: GUARD, experiment=Experiment(hold_out=hold_out), draws=draws, **more)  # type: ignore[arg-type]


def numbered(number: int) -> Case:
    return replace(LATE, order=replace(LATE.order, order_no=f"A{number}"))


def test_before_anything_is_learnt_the_best_offer_is_certain() -> None:
    best, shop = ENGINE.decide(LATE, LIKELY), deciding(drawn=False)
    assert all(shop.decide(numbered(number), LIKELY)[0] == best for number in range(20))


def test_once_due_offers_are_drawn_and_what_is_recorded_is_what_was_drawn_among() -> None:
    shop, offered = deciding(hold_out=0.2), set[str]()
    for number in range(300):
        of = replace(numbered(number), customer=Customer(customer_id=f"c{number}"))
        answer, assigned = shop.decide(of, LIKELY)
        assert assigned is not None
        assert assigned.action == (answer.offer_id if isinstance(answer, Offer) else NOTHING)
        assert sum(assigned.chances.values()) == pytest.approx(1)
        assert 0 < assigned.propensity < 1
        offered |= {assigned.action} - {NOTHING}
    assert len(offered) > 1


def test_who_is_held_out_gets_no_money_by_any_draw() -> None:
    shop = deciding(hold_out=EVERYBODY)
    for number in range(100):
        answer, assigned = shop.decide(numbered(number), LIKELY)
        assert isinstance(answer, NoOffer) or answer.reserve_fen == 0
        assert assigned is not None
        assert assigned.arm is Arm.HELD_OUT


def test_whom_the_guard_gives_no_money_gets_none_by_any_draw() -> None:
    shop = deciding()
    for number in range(100):
        answer, _ = shop.decide(replace(numbered(number), kin=MANY_ACCOUNTS), LIKELY)
        assert isinstance(answer, NoOffer) or answer.reserve_fen == 0


def test_the_guard_says_so_when_it_is_what_keeps_the_money_back() -> None:
    answer, assigned = deciding().decide(replace(LATE, kin=MANY_ACCOUNTS), SURE_LOSS)
    assert isinstance(answer, NoOffer)
    assert answer.rule.startswith(PREFIX)
    assert assigned is None, "where nobody gets money there is nothing to compare"


def test_a_published_promise_is_never_left_to_a_draw_or_a_hold_out() -> None:
    dropped = case(order(line(200), stage=Stage.PENDING_SHIPMENT), Reason.PRICE, events=(price_event(170),))
    for number in range(50):
        of = replace(dropped, order=replace(dropped.order, order_no=f"A{number}"))
        answer, assigned = deciding(hold_out=EVERYBODY).decide(of, SURE_LOSS)
        assert isinstance(answer, Offer)
        assert answer.standing
        assert assigned is None


def test_a_kept_order_is_thanked_for_but_not_with_money_in_the_hold_out() -> None:
    assert [offer.kind for offer in deciding().after_save(LATE)] == ["care_plan"]
    assert deciding(hold_out=EVERYBODY).after_save(LATE) == ()


def test_one_customer_has_one_catalog_for_offers_and_for_thanks() -> None:
    spring = catalog_of(CATALOG)
    without = Engine(replace(spring, version="spring", rows=tuple(row for row in spring.rows if row.reasons)))
    rows = Challenger(name="spring", file="spring.yml", share=0.5)
    shop = Deciding(
        ENGINE, guard=lambda: GUARD, experiment=Experiment(hold_out=NOBODY, challenger=rows), challenger=without
    )
    assert shop.versions == (ENGINE.version, "spring")
    seen = set()
    for number in range(60):
        of = replace(LATE, customer=Customer(customer_id=f"c{number}"))
        _, assigned = shop.decide(of, SURE_LOSS)
        assert assigned is not None
        thanked = [offer.catalog_version for offer in shop.after_save(of)]
        assert thanked == ([ENGINE.version] if assigned.variant == CHAMPION else [])
        seen.add(assigned.variant)
    assert seen == {CHAMPION, "spring"}
