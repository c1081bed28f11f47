"""A changed catalog is judged by the log of the present one, as far as the log can know."""

from __future__ import annotations

from dataclasses import replace

from compensation.lift_report import Verdict
from compensation.replay import Decision, Evaluation, Refusal, replay
from retention.case import Case
from retention.exposure import Exposure
from retention.offer import NoOffer, Offer
from retention.risk import Score
from tests.unit.experiment_cases import lived, offering, refusing

COUPON, POINTS = offering("coupon", 10), offering("points", 2)
KEPT_BY = {"coupon": 0.5, "points": 0.6, "none": 0.3}
MARGIN_FEN = 6_000


def decisions(lives: list[tuple[Exposure, Case]]) -> list[Decision]:
    return [Decision(exposure=exposure, case=case) for exposure, case in lives]


def judged(found: Evaluation | Refusal) -> Evaluation:
    assert isinstance(found, Evaluation), found
    return found


def refused(found: Evaluation | Refusal) -> str:
    assert isinstance(found, Refusal), found
    return found.rule


def tried(orders: int = 4000, seed: int = 1) -> list[Decision]:
    """Coupons, with points for three in ten."""
    return decisions(lived(orders, seed=seed, kept_by=KEPT_BY, champion=COUPON, challenger=POINTS))


def test_a_catalog_that_was_tried_is_worth_what_the_shop_really_earns_with_it() -> None:
    found = judged(replay(tried(), new=POINTS, now=COUPON))
    truth = 0.6 * (MARGIN_FEN - 200)
    for estimate in (found.new.ips, found.new.snips, found.new.dr):
        assert estimate.low < truth < estimate.high
    assert found.now.dr.low < 0.5 * (MARGIN_FEN - 1000) < found.now.dr.high
    assert found.nothing.dr.low < 0.3 * MARGIN_FEN < found.nothing.dr.high
    assert found.against_now.verdict is Verdict.MORE
    assert found.against_nothing.verdict is Verdict.MORE
    assert (found.changed, found.unseen) == (1.0, 0.0)


def test_offering_nothing_is_judged_by_the_hold_out() -> None:
    found = judged(replay(tried(), new=refusing, now=COUPON))
    assert found.against_nothing.difference.value == 0
    assert found.against_now.verdict is Verdict.LESS


def test_the_same_catalog_differs_from_itself_by_nothing() -> None:
    found = judged(replay(tried(), new=COUPON, now=COUPON))
    assert (found.changed, found.against_now.difference.value) == (0.0, 0.0)
    assert found.against_now.verdict is Verdict.UNCLEAR


def test_the_truth_lies_in_the_interval_about_as_often_as_it_says() -> None:
    truth = 0.6 * (MARGIN_FEN - 200) - 0.5 * (MARGIN_FEN - 1000)
    differences = [
        judged(replay(tried(500, seed), new=POINTS, now=COUPON)).against_now.difference for seed in range(25)
    ]
    assert sum(each.low <= truth <= each.high for each in differences) >= 21


def test_too_few_settled_decisions_say_nothing() -> None:
    assert refused(replay(tried(99), new=POINTS, now=COUPON)) == "too_few"
    assert refused(replay([], new=POINTS, now=COUPON)) == "too_few"


def test_without_a_hold_out_nothing_is_said() -> None:
    lives = lived(1000, seed=1, kept_by=KEPT_BY, champion=COUPON, challenger=POINTS, hold_out=0.0)
    assert refused(replay(decisions(lives), new=POINTS, now=COUPON)) == "too_few"


def test_an_offer_that_was_never_made_cannot_be_judged() -> None:
    assert refused(replay(tried(), new=offering("gift", 5), now=COUPON)) == "unseen"


def test_the_same_offer_with_other_terms_was_never_made() -> None:
    assert refused(replay(tried(), new=offering("coupon", 50), now=COUPON)) == "unseen"


def test_a_catalog_that_was_hardly_ever_tried_cannot_be_judged() -> None:
    lives = lived(1500, seed=1, kept_by=KEPT_BY, champion=COUPON, challenger=POINTS, share=0.01)
    assert refused(replay(decisions(lives), new=POINTS, now=COUPON)) == "overlap"


def test_the_engine_is_asked_with_the_case_and_the_score_of_the_time() -> None:
    asked: list[tuple[Case, float]] = []

    def watching(case: Case, score: Score) -> Offer | NoOffer:
        asked.append((case, score.probability))
        return COUPON(case, score)

    past = [replace(each, exposure=replace(each.exposure, probability=0.77)) for each in tried(200)]
    replay(past, new=watching, now=COUPON)
    assert asked == [(each.case, 0.77) for each in past]


def test_poor_overlap_is_warned_of() -> None:
    lives = lived(3000, seed=1, kept_by=KEPT_BY, champion=COUPON, challenger=POINTS, share=0.05)
    found = judged(replay(decisions(lives), new=POINTS, now=COUPON))
    assert "thin_overlap" in {caution.rule for caution in found.new.warnings}


def test_synthetic_decisions_are_counted() -> None:
    past = [replace(each, exposure=replace(each.exposure, synthetic=True)) for each in tried(300)]
    assert judged(replay(past, new=COUPON, now=COUPON)).synthetic == 300
