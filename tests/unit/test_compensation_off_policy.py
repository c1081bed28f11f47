"""Judging a choice by the log of another one: the known truth is found, and doubts are said."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation.off_policy import Logged, Value, evaluate

TRUTH = {"none": 0.2, "points": 0.3, "coupon": 0.5}
OLD = {"none": 0.3, "points": 0.5, "coupon": 0.2}
NEW = {"none": 0.1, "points": 0.1, "coupon": 0.8}
VALUE = sum(NEW[action] * TRUTH[action] for action in NEW)


def log(
    seed: int, n: int, *, target: dict[str, float] = NEW, predicted: dict[str, float] | None = None
) -> list[Logged]:
    dice = np.random.default_rng(seed)
    names = list(OLD)
    actions = dice.choice(len(names), size=n, p=list(OLD.values()))
    rewards = dice.random(n) < np.array([TRUTH[names[each]] for each in actions])
    return [
        Logged(
            action=names[action],
            propensity=OLD[names[action]],
            reward=float(reward),
            target=target,
            predicted=predicted or {},
        )
        for action, reward in zip(actions, rewards, strict=True)
    ]


def rules(value: Value) -> set[str]:
    return {each.rule for each in value.warnings}


@pytest.mark.parametrize("estimator", ["ips", "snips", "dr"])
def test_intervals_cover_the_true_value_as_often_as_they_say(estimator: str) -> None:
    covered = 0
    for seed in range(300):
        found = getattr(evaluate(log(seed, 600, predicted={"coupon": 0.45, "points": 0.35})), estimator)
        covered += found.low <= VALUE <= found.high

    assert 0.92 <= covered / 300 <= 0.98


def test_a_good_prediction_narrows_the_doubly_robust_estimate() -> None:
    found = evaluate(log(1, 2000, predicted=TRUTH))

    assert found.dr.high - found.dr.low < 0.8 * (found.ips.high - found.ips.low)


def test_a_wrong_prediction_widens_it_and_does_not_shift_it() -> None:
    misled = [evaluate(log(seed, 2000, predicted={"coupon": 2.0})).dr.value for seed in range(60)]

    assert np.mean(misled) == pytest.approx(VALUE, abs=0.02)


@given(st.lists(st.sampled_from(list(OLD)), min_size=2, max_size=40), st.floats(-50, 50))
def test_the_same_choice_with_the_same_reward_is_worth_that_reward(actions: list[str], reward: float) -> None:
    rows = [Logged(action=each, propensity=1.0, reward=reward, target={each: 1.0}, predicted={}) for each in actions]
    found = evaluate(rows)

    for estimate in (found.ips, found.snips, found.dr):
        assert estimate.value == pytest.approx(reward)
    assert found.effective_n == pytest.approx(len(rows))


def test_a_rich_log_raises_no_doubt() -> None:
    assert not rules(evaluate(log(2, 3000)))


def test_few_rows_are_said() -> None:
    assert "few_rows" in rules(evaluate(log(2, 60)))


def test_an_action_the_log_never_took_is_said() -> None:
    found = evaluate(log(2, 3000, target={"gift": 0.6, "none": 0.4}))

    assert "unseen_action" in rules(found)
    assert "strange_weights" in rules(found)


def test_a_log_that_hardly_ever_did_the_same_is_said() -> None:
    common = [Logged(action="none", propensity=0.999, reward=0.0, target={"coupon": 1.0}, predicted={})] * 999
    rare = [Logged(action="coupon", propensity=0.001, reward=1.0, target={"coupon": 1.0}, predicted={})]
    found = evaluate(common + rare)

    assert found.effective_n == pytest.approx(1.0)
    assert {"thin_overlap", "heavy_weight"} <= rules(found)


def test_no_overlap_at_all_claims_nothing() -> None:
    found = evaluate([Logged(action="none", propensity=1.0, reward=1.0, target={"coupon": 1.0}, predicted={})] * 200)

    assert found.effective_n == 0
    assert found.snips.high == float("inf")
    assert {"thin_overlap", "unseen_action", "strange_weights"} <= rules(found)


def test_wrong_propensities_are_said() -> None:
    wrong = [
        Logged(action=row.action, propensity=0.9, reward=row.reward, target=NEW, predicted={}) for row in log(4, 3000)
    ]

    assert "strange_weights" in rules(evaluate(wrong))


def test_impossible_rows_are_refused_with_their_place() -> None:
    good = Logged(action="none", propensity=0.5, reward=1.0, target={"none": 1.0}, predicted={})
    with pytest.raises(ValueError, match="1 logged decisions"):
        evaluate([good])
    with pytest.raises(ValueError, match="row 1: propensity 0"):
        evaluate([good, Logged(action="none", propensity=0.0, reward=1.0, target={"none": 1.0}, predicted={})])
    with pytest.raises(ValueError, match="row 0: target"):
        evaluate([Logged(action="none", propensity=0.5, reward=1.0, target={"none": 0.6}, predicted={}), good])
