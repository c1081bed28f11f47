"""What the desk records of an offer and of the offer somebody in the hold-out was not made."""

from __future__ import annotations

from dataclasses import replace

import pytest

from compensation.experiment import Experiment
from compensation.trial import Trial
from retention.exposure import NOTHING, Arm, DecideVaried, Exposure
from retention.hearing import Emotion, Reason
from retention.offer import Chance, GrantState
from retention.order import Stage
from retention.profile import Outcome
from tests.unit.compensation_cases import offer_of
from tests.unit.counter import Counter, order, price

ALL, NOBODY = 1.0, 0.0


def late_parcel(hold_out: float, decide: DecideVaried | None = None) -> Counter:
    return Counter(order(stage=Stage.IN_TRANSIT, late_hours=62), hold_out=hold_out, decide=decide)


def complain(counter: Counter) -> None:
    counter.say("物流太慢了我要退单", "request_refund", Reason.LOGISTICS, emotion=Emotion.ANGRY, intensity=0.5)


def exposures(counter: Counter, order_no: str = "TQ20261120001") -> list[Exposure]:
    with counter.store.transaction() as records:
        return list(records.exposures.of_order(order_no))


def test_an_offer_is_recorded_with_the_arm_the_offer_and_its_probability() -> None:
    counter = late_parcel(0.05)
    complain(counter)
    [exposure] = exposures(counter)
    [grant] = counter.grants()
    assert exposure.arm is Arm.OFFERED
    assert exposure.offer_id == exposure.action == grant.offer.offer_id
    assert exposure.propensity == pytest.approx(0.95)
    assert exposure.chances == pytest.approx({grant.offer.offer_id: 0.95, NOTHING: 0.05})
    assert (exposure.cause, exposure.province, exposure.channel) == ("logistics", "浙江省", "web")
    assert (exposure.probability, exposure.margin_fen) == (0.85, 8000)
    assert (exposure.outcome, exposure.settled_at) == (Outcome.UNDECIDED, None)


def test_the_hold_out_gets_no_money_and_what_it_would_have_got_is_recorded() -> None:
    counter = late_parcel(ALL)
    complain(counter)
    assert counter.grants() == []
    [exposure] = exposures(counter)
    assert exposure.arm is Arm.HELD_OUT
    assert exposure.offer_id == "expedite"
    assert exposure.action == NOTHING


def test_the_hold_out_can_still_have_its_parcel_hurried_or_leave_in_one_message() -> None:
    counter = late_parcel(ALL)
    complain(counter)
    counter.say("直接取消", "cancel_order")
    assert counter.order().stage is not Stage.IN_TRANSIT
    assert len(exposures(counter)) == 1


def test_a_published_promise_is_paid_to_the_hold_out_and_is_no_experiment() -> None:
    counter = Counter(order(), hold_out=ALL).events(price(165))
    counter.say("怎么降价了", "price_drop", Reason.PRICE)
    [grant] = counter.grants()
    assert grant.state is GrantState.PROPOSED
    assert grant.offer.standing
    assert exposures(counter) == []


def test_a_mistake_is_fixed_for_the_hold_out_as_for_everybody() -> None:
    counter = Counter(order(), hold_out=ALL)
    counter.say("码数拍错了,取消吧", "cancel_order", Reason.SIZE, Reason.MISTAKE)
    assert counter.decision().rule == "fix_first"
    assert exposures(counter) == []


def test_the_same_message_delivered_twice_is_one_exposure() -> None:
    counter = late_parcel(ALL)
    for _ in range(2):
        counter.say("物流太慢了我要退单", "request_refund", Reason.LOGISTICS, message_id="m-1")
    assert len(exposures(counter)) == 1


def test_asking_again_in_the_same_conversation_is_one_exposure() -> None:
    counter = late_parcel(ALL)
    counter.say("物流太慢了", "delivery_delay", Reason.LOGISTICS, emotion=Emotion.ANGRY, intensity=0.5)
    complain(counter)
    assert len(exposures(counter)) == 1


def test_an_order_no_pot_could_pay_for_is_in_neither_arm() -> None:
    for hold_out in (ALL, NOBODY):
        counter = late_parcel(hold_out)
        with counter.store.transaction() as records:
            for budget in ("logistics", "coupons", "points"):
                records.ledger.set_budget(budget, 0)
        complain(counter)
        assert exposures(counter) == []


def test_whoever_refuses_automated_decisions_is_in_no_experiment() -> None:
    counter = Counter(order(stage=Stage.IN_TRANSIT, late_hours=62), hold_out=NOBODY, opted_out=True)
    complain(counter)
    assert exposures(counter) == []


def test_the_case_is_kept_for_a_replay_without_the_person() -> None:
    counter = late_parcel(NOBODY).events(
        replace(price(190), customer_id="c-1", data={"price_fen": 19_000, "source": "own", "told": "李明的妈妈"})
    )
    counter.put(replace(counter.order(), attributes={"return_days": 7, "gift_card": "李明收"}))
    complain(counter)
    [exposure] = exposures(counter)
    with counter.store.transaction() as records:
        case = records.exposures.cases([exposure.exposure_id])[exposure.exposure_id]
    assert case.reasons == (Reason.LOGISTICS,)
    assert case.order.address.province == "浙江省"
    assert case.order.attributes == {"return_days": 7}
    assert [event.data for event in case.events] == [{"price_fen": 19_000, "source": "own"}]
    assert [word for word in ("李明", "13800001111", "文三路", "c-1") if word in repr(case)] == []


def test_what_a_dry_pot_could_not_have_paid_counts_as_nothing() -> None:
    chances = tuple(
        Chance(offer_id=name, probability=0.5, budget=budget, reserve_fen=500)
        for name, budget in (("expedite", "logistics"), ("points", "points"))
    )
    offer = replace(offer_of(5, offer_id="expedite"), budget="logistics", chances=chances)
    trial = Trial(Experiment(hold_out=0.1), champion=lambda case, score: offer)
    counter = late_parcel(NOBODY, decide=trial.decide)
    with counter.store.transaction() as records:
        records.ledger.set_budget("logistics", 0)
    complain(counter)
    [exposure] = exposures(counter)
    assert (exposure.offer_id, exposure.action) == ("expedite", NOTHING)
    assert exposure.chances == pytest.approx({"points": 0.45, NOTHING: 0.55})
    assert counter.grants() == []
