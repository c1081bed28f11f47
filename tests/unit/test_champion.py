"""A challenger goes live only when it is surely better on orders that neither model has learnt from."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risk.champion import FEWEST_LOST, FEWEST_ORDERS, Floats, judge

RNG = np.random.default_rng(3)
TRUTH = RNG.beta(1, 5, 3000)
LOST = (RNG.random(3000) < TRUTH).astype(np.float64)
VAGUE = np.full(3000, LOST.mean())
EXTREME = np.array([0.0, 1.0] * 1500)


def test_a_model_that_knows_more_wins_and_is_told_with_its_figures() -> None:
    verdict = judge(LOST, VAGUE, TRUTH)
    assert verdict.better
    assert verdict.low > 0
    assert verdict.low < verdict.gain < verdict.high
    assert verdict.challenger is not None
    assert f"{verdict.challenger.log_loss:.4f}" in verdict.why
    assert "更好" in verdict.why


def test_one_that_knows_less_does_not() -> None:
    verdict = judge(LOST, TRUTH, VAGUE)
    assert not verdict.better
    assert verdict.high < 0
    assert "没有明确更好" in verdict.why


def test_the_same_model_again_does_not_win() -> None:
    assert not judge(LOST, TRUTH, TRUTH).better


def test_a_gain_that_chance_could_have_made_does_not_win() -> None:
    nearly = np.clip(TRUTH + RNG.normal(0, 0.01, 3000), 0.001, 0.999)
    wins = [judge(LOST, one, other).better for one, other in ((TRUTH, nearly), (nearly, TRUTH))]
    assert wins.count(True) <= 1
    few = slice(0, 320)
    assert not judge(LOST[few], np.clip(TRUTH[few] + 0.002, 0, 1), TRUTH[few]).better


def test_a_lower_log_loss_with_a_worse_brier_score_does_not_win() -> None:
    sure_and_wrong = np.where(np.arange(3000) % 100 == 0, np.where(LOST > 0, 1e-6, 1 - 1e-6), TRUTH)
    flat = np.clip(TRUTH + 0.12, 0, 1)
    verdict = judge(LOST, sure_and_wrong, flat)
    assert verdict.gain > 0
    assert verdict.champion is not None
    assert verdict.challenger is not None
    assert verdict.challenger.brier > verdict.champion.brier
    assert not verdict.better
    assert "Brier" in verdict.why


@pytest.mark.parametrize(("orders", "gone"), [(FEWEST_ORDERS - 1, 100), (1000, FEWEST_LOST - 1), (1000, 1000), (0, 0)])
def test_with_too_few_to_judge_by_the_champion_stays_and_it_is_said(orders: int, gone: int) -> None:
    lost = np.array([1.0] * gone + [0.0] * (orders - gone))
    verdict = judge(lost, np.full(orders, 0.5), np.clip(lost, 0.01, 0.99))
    assert not verdict.better
    assert "不够" in verdict.why


def test_sure_mistakes_stay_finite() -> None:
    assert np.isfinite(judge(LOST, EXTREME, 1 - EXTREME).gain)


SHARES = st.floats(0, 1)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.booleans(), SHARES, SHARES), min_size=400, max_size=600), st.integers(0, 9))
def test_never_do_both_win_over_each_other_and_the_answer_is_always_the_same(
    rows: list[tuple[bool, float, float]], seed: int
) -> None:
    table: Floats = np.array(rows, dtype=np.float64)
    one, other = judge(*table.T, seed=seed), judge(table[:, 0], table[:, 2], table[:, 1], seed=seed)
    assert not (one.better and other.better)
    assert one == judge(*table.T, seed=seed)
    assert one.gain == pytest.approx(-other.gain)
