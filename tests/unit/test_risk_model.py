"""The trained model: right often enough, honest about why, and never less worried about a later parcel."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from statistics import median

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retention.case import Case
from retention.hearing import Emotion, Reason
from retention.order import Stage
from retention.risk import Score
from risk.explanation import CATEGORY
from risk.feature import Direction
from risk.features import FEATURES, names, vector
from risk.measure import accuracy
from risk.model import RiskModel
from risk.model_file import FILE
from risk.prior import BASE, POINTS, RulePrior, contributions
from risk.sequence.kinds import KINDS
from risk.sequence.traces import PREFIX
from risk.train import train
from risk.unusable import LibraryMissingError, ModelUnusableError
from tests.unit.risk_cases import BARE, CASES, CUSTOMER, LATE, NOW, PUNCTUAL, UNSHIPPED, after, event, order, saying
from tests.unit.twin_cases import card, history, model, model_folder
from twin.history import case as history_case
from twin.history import cases, settled

slow_data = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def model_score(case: Case) -> Score:
    return model().score(case)


both = pytest.mark.parametrize("score", [model_score, RulePrior().score], ids=["model", "prior"])
ScoreOf = Callable[[Case], Score]

ANGRY_ABOUT_DELAY = saying(
    LATE, "delivery_delay", Reason.LOGISTICS, emotion=Emotion.ANGRY, intensity=0.5, sentiment=-0.6
)


@slow_data
@given(case=CASES)
def test_the_contributions_and_the_bias_sum_to_the_logit(case: Case) -> None:
    bias, shares = model().contributions(case)
    probability = model().score(case).probability
    assert {*names, CATEGORY} <= set(shares) <= {*names, CATEGORY, *(PREFIX + kind for kind in KINDS)}
    assert math.log(probability / (1 - probability)) == pytest.approx(bias + sum(shares.values()), abs=1e-6)


def test_on_newer_orders_the_model_ranks_nearly_as_well_as_the_truth_does() -> None:
    past = sorted(settled(history()), key=lambda each: (each.moment, each.order.order_no))
    newest = past[round(len(past) * 0.8) :]
    lost = np.array([float(each.lost) for each in newest])
    true = np.array([each.true_probability for each in newest])
    scored = np.array([model().score(history_case(history(), each)).probability for each in newest])
    best, got = accuracy(lost, true)["auc"], accuracy(lost, scored)["auc"]
    assert best is not None
    assert got is not None
    assert got == card()["auc"]
    assert got >= best - 0.02
    assert card()["ece"] <= 0.03
    plain = np.array([each.plot is None for each in newest])  # stories told by order alone are not in its features
    assert np.abs(scored - true)[plain].mean() <= 0.035


def test_the_card_says_what_was_measured_on_what() -> None:
    assert card()["test_orders"] == pytest.approx(card()["orders"] * 0.2, abs=1)
    assert card()["from"] < card()["to"]
    assert card()["features"] == len(names)
    assert card()["prior"]["auc"] > 0.5
    assert model().card == card()


@both
def test_who_asks_to_cancel_is_mostly_lost(score: ScoreOf) -> None:
    asked = [
        score(saying(case, intent)).probability
        for case in (UNSHIPPED, PUNCTUAL, LATE)
        for intent in ("cancel_order", "request_refund")
    ]
    assert median(asked) > 0.7
    assert min(asked) > 0.6


@both
def test_anger_about_a_parcel_sixty_hours_late_is_critical(score: ScoreOf) -> None:
    assert score(ANGRY_ABOUT_DELAY).probability > 0.7


@both
def test_a_calm_question_about_a_punctual_parcel_is_not(score: ScoreOf) -> None:
    assert score(saying(PUNCTUAL, "track_order")).probability < 0.3


@both
@pytest.mark.parametrize("case", [PUNCTUAL, LATE, UNSHIPPED, BARE], ids=["punctual", "late", "unshipped", "bare"])
def test_anger_raises_every_score(score: ScoreOf, case: Case) -> None:
    calm = saying(case, "delivery_delay")
    angry = saying(case, "delivery_delay", emotion=Emotion.ANGRY, intensity=0.7, sentiment=-0.6)
    assert score(angry).probability > score(calm).probability


@both
@slow_data
@given(case=CASES, hours=st.floats(0, 500), more=st.floats(0, 500))
def test_more_lateness_never_lowers_the_score(score: ScoreOf, case: Case, hours: float, more: float) -> None:
    def promised(late: float) -> float:
        due = NOW - timedelta(hours=late)
        moved = replace(case.order, promised_delivery_at=due, promised_ship_at=due)
        return score(replace(case, order=moved)).probability

    assert promised(hours) <= promised(hours + more) + 1e-12


def test_every_curve_goes_the_way_its_feature_says() -> None:
    for member in model().context.members:
        for index, weight in zip(model().context.ramps.feature, member.weights, strict=True):
            direction = FEATURES[names[index]].direction
            assert direction is Direction.EITHER or weight * direction.value >= 0, names[index]


def test_the_planted_joint_cause_is_learnt() -> None:
    stuck = replace(UNSHIPPED, order=replace(UNSHIPPED.order, stage=Stage.PENDING_PAYMENT, paid_at=None))
    waited = event("service.waited", 1, seconds=900)
    bounced = event("behaviour.payment_bounced", 2)
    _, both_happened = model().contributions(after(stuck, waited, bounced))
    _, one_happened = model().contributions(after(stuck, waited))
    assert both_happened["bounced_then_waited"] - one_happened["bounced_then_waited"] > 0.3


@both
@slow_data
@given(case=CASES)
def test_there_are_at_most_six_reasons_the_strongest_first_and_none_trivial(score: ScoreOf, case: Case) -> None:
    shares = [abs(reason.contribution) for reason in score(case).reasons]
    assert len(shares) <= 6
    assert shares == sorted(shares, reverse=True)
    assert all(share >= 0.1 for share in shares)


@both
def test_the_reasons_speak_of_this_case(score: ScoreOf) -> None:
    cheaper = after(ANGRY_ABOUT_DELAY, event("price.changed", 3, sku="shoe", price_fen=31_920, source="own"))
    said = {reason.words: reason for reason in score(cheaper).reasons}
    assert said["承诺送达已超过 2 天 12 小时"].node == "fulfilment.late_promise"
    assert said["本店同款下单后降价 20%"].contribution > 0
    assert "顾客正在生气(强度 50%)" in said


@slow_data
@given(case=CASES)
def test_three_past_orders_are_named_the_most_alike_first(case: Case) -> None:
    similar = model().score(case).similar
    assert len({each.order_no for each in similar}) == 3
    likeness = [each.similarity for each in similar]
    assert likeness == sorted(likeness, reverse=True)
    assert all(0 <= each <= 1 for each in likeness)


def test_an_order_is_not_compared_with_itself() -> None:
    itself = next(each for each in settled(history()) if each.order.order_no in set(model().past.order_nos))
    similar = model().score(history_case(history(), itself)).similar
    assert itself.order.order_no not in {each.order_no for each in similar}


def test_past_orders_that_look_alike_ended_as_they_truly_did() -> None:
    ends = {past.order.order_no: past.lost for past in history().orders}
    for case in (PUNCTUAL, ANGRY_ABOUT_DELAY, saying(UNSHIPPED, "cancel_order")):
        assert all(ends[each.order_no] is each.cancelled for each in model().score(case).similar)


def test_training_twice_writes_the_same_file(tmp_path: Path) -> None:
    some = list(cases(history()))[:400]
    first = train(some, tmp_path / "a", seed=3)
    second = train(reversed(some), tmp_path / "b", seed=3)
    assert first == second
    assert (tmp_path / "a" / FILE).read_bytes() == (tmp_path / "b" / FILE).read_bytes()


def test_a_training_that_fails_leaves_the_old_model_in_place(tmp_path: Path) -> None:
    train(list(cases(history()))[:400], tmp_path)
    before = (tmp_path / FILE).read_bytes()
    with pytest.raises(ValueError, match=r"at least 200 past orders.*got 40 "):
        train(list(cases(history()))[:40], tmp_path)
    kept = [(case, False) for case, _ in cases(history())][:400]
    with pytest.raises(ValueError, match="some lost and some kept"):
        train(kept, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
    assert (tmp_path / FILE).read_bytes() == before


def test_training_says_how_far_it_is(tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []
    train(list(cases(history()))[:2500], tmp_path, progress=lambda words, share: told.append((words, share)))
    assert told[0][0] == "已读取 2000 个历史订单"
    assert told[-1] == ("风险模型已就绪", 1.0)
    assert [share for _, share in told] == sorted(share for _, share in told)


def test_no_model_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        RiskModel.load(tmp_path)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[:100],
        lambda text: "[]",
        lambda text: text.replace('"late_hours"', '"of_another_program"'),
        lambda text: text.replace('"format": 2', '"format": 99'),
        lambda text: json.dumps({**json.loads(text), "sequence": "AAAA"}),
        lambda text: json.dumps({key: value for key, value in json.loads(text).items() if key != "members"}),
    ],
    ids=["cut short", "no model", "unknown feature", "other format", "broken sequence", "part missing"],
)
def test_a_file_that_cannot_serve_is_refused_with_its_name(tmp_path: Path, spoil: Callable[[str], str]) -> None:
    text = (model_folder() / FILE).read_text(encoding="utf-8")
    (tmp_path / FILE).write_text(spoil(text), encoding="utf-8")
    with pytest.raises(ModelUnusableError, match=FILE):
        RiskModel.load(tmp_path)


def test_the_version_names_the_data_it_was_trained_on() -> None:
    assert model().score(PUNCTUAL).model_version == model().version == f"risk-{card()['data_hash'][:8]}"


@slow_data
@given(case=CASES)
def test_the_prior_serves_any_case_and_says_that_it_is_the_prior(case: Case) -> None:
    score = RulePrior().score(case)
    assert 0 < score.probability < 1
    assert score.model_version == "prior-2"
    assert score.similar == ()


def test_the_points_of_the_prior_sum_to_its_logit() -> None:
    probability = RulePrior().score(ANGRY_ABOUT_DELAY).probability
    logit = BASE + sum(contributions(vector(ANGRY_ABOUT_DELAY)).values())
    assert math.log(probability / (1 - probability)) == pytest.approx(logit, abs=1e-9)


def test_the_points_of_the_prior_go_the_way_the_features_say() -> None:
    for name, steps in POINTS.items():
        for _, points in steps:
            assert FEATURES[name].direction is Direction.EITHER or points * FEATURES[name].direction.value > 0, name


def test_a_better_customer_is_never_scored_higher() -> None:
    scores = [
        model().score(replace(PUNCTUAL, customer=replace(CUSTOMER, rfm=rfm))).probability for rfm in (10, 40, 70, 95)
    ]
    assert scores == sorted(scores, reverse=True)


def test_accuracy_of_orders_that_all_ended_alike_has_no_auc() -> None:
    assert accuracy(np.zeros(20), np.full(20, 0.2)) == {"auc": None, "brier": 0.04, "ece": 0.2}


def test_goods_received_long_ago_are_safe() -> None:
    old = order(delivered_at=NOW - timedelta(days=20), stage=Stage.DELIVERED)
    assert model().score(replace(PUNCTUAL, order=old)).probability < 0.05


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=25)
@given(some=st.lists(CASES, max_size=5))
def test_many_orders_are_scored_as_each_alone(some: list[Case]) -> None:
    together = model().score_many(some)
    alone = [model().score(case) for case in some]
    assert [each.probability for each in together] == pytest.approx([each.probability for each in alone], abs=1e-6)
    assert [each.interval for each in together] == [pytest.approx(each.interval, abs=1e-6) for each in alone]
    assert [[reason.feature for reason in each.reasons] for each in together] == [
        [reason.feature for reason in each.reasons] for each in alone
    ]
    assert model().probabilities(some) == pytest.approx([each.probability for each in alone], abs=1e-6)
    assert RulePrior().probabilities(some) == pytest.approx([RulePrior().score(each).probability for each in some])


@slow_data
@given(case=CASES)
def test_a_probability_lies_in_its_interval(case: Case) -> None:
    score = model().score(case)
    assert score.interval is not None
    low, high = score.interval
    assert 0 <= low <= score.probability <= high <= 1
    assert RulePrior().score(case).interval is None


@slow_data
@given(case=CASES, hours=st.floats(0.01, 500), kind=st.sampled_from(sorted(KINDS)))
def test_what_happens_later_never_matters(case: Case, hours: float, kind: str) -> None:
    later = after(case, event(kind.split("/")[0], -hours, page="returns", city="上海市"))
    assert model().score(later).probability == model().score(case).probability


def test_a_category_nobody_has_met_is_scored_as_the_part_of_its_path_that_is_known() -> None:
    def scored(category: str) -> float:
        line = replace(PUNCTUAL.order.lines[0], category=category)
        return model().score(replace(PUNCTUAL, order=order(lines=(line,)))).probability

    known = next(path for path in model().context.members[0].pooling.paths if "/" not in path)
    # the feature that looks for clothes and shoes reads the name as well, so nothing of theirs may be in the new part
    assert scored(f"{known}/从未有过/的类目") == scored(known)


def test_without_the_system_library_the_model_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = model_folder()
    monkeypatch.setitem(sys.modules, "lightgbm", None)
    with pytest.raises(LibraryMissingError, match="libgomp1"):
        RiskModel.load(folder)
    with pytest.raises(LibraryMissingError, match="libgomp1"):
        train(list(cases(history()))[:400], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_taking_the_address_changes_away_lowers_the_score_of_who_cannot_decide() -> None:
    """The planted story: away, home, away, home. Told in its order, it is among the reasons."""
    home = {"city": UNSHIPPED.order.address.city, "province": "浙江省"}
    away = {"city": "上海市", "province": "上海市"}
    moves = [
        event("behaviour.address_changed", hours, **to) for hours, to in ((4, away), (2, home), (1, away), (0.5, home))
    ]
    restless = model().score(after(UNSHIPPED, *moves))
    (told,) = (reason for reason in restless.reasons if reason.feature == "sequence:behaviour.address_changed")
    assert told.contribution > 0.3
    assert told.node == "address.changed_repeatedly"
    assert told.words == "最近 4 小时内来回改地址 4 次"
    assert restless.probability > model().score(UNSHIPPED).probability + 0.05


def test_the_card_names_where_the_sequence_was_learnt_and_what_each_part_can_do_alone() -> None:
    assert card()["sequence"]["learnt_from"]["source"] == "synthetic"
    assert card()["version"] == model().version
    for part in ("lightgbm", "context", "sequence", "prior"):
        assert 0.4 < card()[part]["auc"] < 1


def test_a_model_of_a_history_without_conversations_hears_a_wish_to_cancel_as_the_points_do(tmp_path: Path) -> None:
    unheard = [
        (
            replace(
                case, hearings=(), goal=None, reasons=(), events=tuple(e for e in case.events if "asked" not in e.kind)
            ),
            lost,
        )
        for case, lost in list(cases(history()))[:1500]
    ]
    assert {"asked_to_leave", "anger"} <= set(train(unheard, tmp_path)["from_prior"])
    deaf = RiskModel.load(tmp_path)
    for case in (PUNCTUAL, LATE, UNSHIPPED):
        leaving = saying(case, "cancel_order")
        (bias, quiet), (_, heard) = deaf.contributions(case), deaf.contributions(leaving)
        assert heard["asked_to_leave"] - quiet["asked_to_leave"] == pytest.approx(POINTS["asked_to_leave"][0][1])
        assert deaf.score(leaving).probability > deaf.score(case).probability
        logit = bias + sum(heard.values())
        assert deaf.probabilities([leaving])[0] == pytest.approx(1 / (1 + math.exp(-logit)), abs=1e-6)
        assert "顾客已经提出取消或退款" in [reason.words for reason in deaf.score(leaving).reasons]
