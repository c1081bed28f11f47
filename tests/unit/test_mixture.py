"""Mixing and calibrating models."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from risk.mixture import mixture


def test_an_overconfident_model_is_calmed_and_a_shifted_one_moved_back() -> None:
    dice = np.random.default_rng(0)
    truth = dice.normal(0, 1.5, 20_000)
    lost = (dice.random(20_000) < expit(truth)).astype(float)
    mixed = mixture(np.array([2 * truth + 1]), lost)
    assert mixed.shares[0] == pytest.approx(0.5, abs=0.05)
    assert mixed.probabilities(np.array([2 * truth + 1])).mean() == pytest.approx(lost.mean(), abs=0.005)


def test_a_model_that_knows_nothing_gets_next_to_no_share_and_none_gets_a_negative_one() -> None:
    dice = np.random.default_rng(0)
    truth = dice.normal(0, 1.5, 20_000)
    lost = (dice.random(20_000) < expit(truth)).astype(float)
    noisy = mixture(np.array([truth, dice.normal(0, 1, 20_000)]), lost)
    wrong = mixture(np.array([truth, -truth + dice.normal(0, 1, 20_000)]), lost)
    assert noisy.shares[1] < 0.05
    assert wrong.shares[1] == 0
    assert wrong.shares[0] == pytest.approx(1, abs=0.1)


def test_a_handful_of_rows_moves_nothing_far() -> None:
    mixed = mixture(np.array([[2.0, -1, 1], [2.0, -1, 1]]), np.array([0.0, 1, 0]))
    assert mixed.shares == pytest.approx((0.5, 0.5), abs=0.1)
    assert abs(mixed.bias) < 0.1
