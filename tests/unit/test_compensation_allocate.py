"""Whom to give what inside the budgets: laws on random shops, and the best possible on small ones."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from compensation.allocate import NOTHING, Allocation, Ints, allocate


class Shop:
    """Random customers, offers and budgets; nobody may have an offer without gain."""

    def __init__(self, seed: int, customers: int, offers: int, budgets: int) -> None:
        dice = np.random.default_rng(seed)
        self.budget_of = [row % budgets for row in range(offers)]
        self.cost: Ints = dice.integers(0, 3000, (offers, customers))
        self.gain: Ints = np.maximum(0, dice.integers(-2000, 6000, (offers, customers)))
        self.caps: list[int] = dice.integers(0, max(1, customers * 1200 // budgets), budgets).tolist()

    def allocate(self) -> Allocation:
        return allocate(self.gain, self.cost, self.budget_of, self.caps)

    def spent(self, choice: list[int]) -> list[int]:
        spent = [0] * len(self.caps)
        for customer, row in enumerate(choice):
            if row != NOTHING:
                spent[self.budget_of[row]] += int(self.cost[row, customer])
        return spent

    def gained(self, choice: list[int]) -> int:
        return sum(int(self.gain[row, customer]) for customer, row in enumerate(choice) if row != NOTHING)

    def best(self) -> int:
        rows = range(NOTHING, len(self.budget_of))
        choices = (list(each) for each in itertools.product(rows, repeat=self.gain.shape[1]))
        fitting = (each for each in choices if all(s <= c for s, c in zip(self.spent(each), self.caps, strict=True)))
        return max(self.gained(each) for each in fitting)


shops = st.builds(Shop, st.integers(0, 10**6), st.integers(0, 300), st.integers(1, 7), st.integers(1, 4))
small_shops = st.builds(Shop, st.integers(0, 10**6), st.integers(1, 4), st.integers(1, 3), st.integers(1, 2))


@given(shops)
@settings(max_examples=300, deadline=None)
def test_no_budget_is_ever_passed_and_the_books_agree(shop: Shop) -> None:
    found = shop.allocate()
    choice = found.choice.tolist()

    assert found.spent_fen.tolist() == shop.spent(choice)
    assert all(spent <= cap for spent, cap in zip(shop.spent(choice), shop.caps, strict=True))
    assert found.gain_fen == shop.gained(choice) <= found.bound_fen + 1e-6


@given(shops)
@settings(max_examples=100, deadline=None)
def test_nobody_gets_what_they_may_not_have(shop: Shop) -> None:
    choice = shop.allocate().choice

    assert all(shop.gain[row, customer] > 0 for customer, row in enumerate(choice) if row != NOTHING)


@given(small_shops)
@settings(max_examples=200, deadline=None)
def test_the_bound_is_above_the_best_there_is(shop: Shop) -> None:
    assert shop.best() <= shop.allocate().bound_fen + 1e-6


@given(st.integers(0, 10**6))
@settings(max_examples=30, deadline=None)
def test_with_money_for_all_everyone_gets_their_best(seed: int) -> None:
    shop = Shop(seed, 50, 4, 2)
    shop.caps = [10**9, 10**9]

    assert shop.allocate().gain_fen == int(np.maximum(shop.gain.max(axis=0), 0).sum())


@pytest.mark.parametrize("budgets", [1, 3])
def test_it_comes_close_to_what_splitting_offers_would_gain(budgets: int) -> None:
    shop = Shop(5, 3000, 6, budgets)
    shop.caps = [900_000 // budgets] * budgets
    found = shop.allocate()
    offers, customers = shop.gain.shape
    own = np.kron(np.ones((1, offers)), np.eye(customers))
    spend = np.array(
        [
            np.concatenate([shop.cost[row] * float(shop.budget_of[row] == each) for row in range(offers)])
            for each in range(budgets)
        ]
    )
    best = linprog(
        -shop.gain.ravel().astype(float),
        A_ub=_sparse(own, spend),
        b_ub=[*([1.0] * customers), *map(float, shop.caps)],
        method="highs",
    )

    assert found.bound_fen == pytest.approx(-best.fun, rel=1e-6)
    assert found.gain_fen >= -best.fun * 0.999


def test_a_large_shop_is_within_three_thousandths_of_a_percent() -> None:
    shop = Shop(1, 20_000, 6, 1)
    found = shop.allocate()

    assert 1 - found.gain_fen / found.bound_fen <= 3e-5


def test_negative_money_is_refused() -> None:
    with pytest.raises(ValueError, match="expected whole fen from 0 on"):
        allocate(np.ones((1, 1), np.int64), -np.ones((1, 1), np.int64), [0], [5])


def _sparse(own: np.ndarray, spend: np.ndarray) -> object:
    from scipy.sparse import csr_matrix, vstack

    return vstack([csr_matrix(own), csr_matrix(spend)])
