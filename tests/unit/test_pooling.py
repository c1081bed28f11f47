"""Effects of categories: own where there is enough to know, the parent's where there is not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from risk.fit_pooling import fit_pooling
from risk.pooling import Floats, Pooling, levels

PRICE = ((0,),)


def drawn(
    seed: int, sizes: dict[str, int], level: dict[str, float], lean: dict[str, float]
) -> tuple[Floats, list[str], Floats, Floats]:
    """Shares of one curve, categories, outcomes and offsets of a shop where level and lean of each category are known."""
    rng = np.random.default_rng(seed)
    categories = [category for category, size in sizes.items() for _ in range(size)]
    shares = rng.exponential(0.8, size=(len(categories), 1))
    own_level = np.array([level.get(each, 0.0) for each in categories])
    own_lean = np.array([lean.get(each, 0.0) for each in categories])
    offset = -1.5 + shares[:, 0]
    lost = (rng.random(len(categories)) < expit(offset + own_level + own_lean * shares[:, 0])).astype(float)
    return shares, categories, lost, offset


def fitted(seed: int, sizes: dict[str, int], level: dict[str, float], lean: dict[str, float]) -> Pooling:
    shares, categories, lost, offset = drawn(seed, sizes, level, lean)
    return fit_pooling(shares, categories, lost, offset=offset, drivers=PRICE)


def test_the_parts_of_a_path_are_its_levels() -> None:
    assert list(levels("a/b/c")) == ["a", "a/b", "a/b/c"]
    assert list(levels(" a / b ")) == ["a", "a/b"]
    assert list(levels("")) == []
    assert list(levels("//")) == []


def test_levels_and_leans_of_large_categories_are_found() -> None:
    pooling = fitted(1, {"快消": 6000, "耐用": 6000}, {"快消": 0.6, "耐用": -0.6}, {"快消": 0.8, "耐用": -0.8})
    (fast, durable) = pooling.of(["快消", "耐用"])
    assert fast == pytest.approx([0.6, 0.8], abs=0.25)
    assert durable == pytest.approx([-0.6, -0.8], abs=0.25)


def test_a_category_with_little_history_stays_near_its_parent() -> None:
    siblings = {f"家电/{number}": 800 for number in range(12)}
    pooling = fitted(2, {**siblings, "家电/小": 8}, {**dict.fromkeys(siblings, 1.0), "家电/小": -3.0}, {})
    large, small, parent = pooling.of(["家电/3", "家电/小", "家电"])[:, 0]
    assert parent == pytest.approx(1.0, abs=0.25)
    assert large == pytest.approx(1.0, abs=0.25)
    assert abs(small - parent) < 0.3


def test_where_categories_do_not_matter_they_are_given_next_to_no_effect() -> None:
    pooling = fitted(3, {f"类{number}": 60 for number in range(200)}, {}, {})
    assert np.abs(pooling.effects).max() < 0.3


def test_a_cold_category_has_the_effects_of_the_nearest_part_of_its_path() -> None:
    pooling = fitted(4, {"a/b": 400, "a/c": 400}, {"a/b": 1.0}, {})
    cold, deeper, parent, known = pooling.of(["a/new", "a/b/new", "a", "a/b"])
    assert (cold == parent).all()
    assert (deeper == known).all()
    assert (pooling.of(["never heard of", ""]) == 0).all()


def test_a_lean_never_turns_a_curve_round() -> None:
    pooling = fitted(5, {"反": 8000, "常": 8000}, {}, {"反": -2.0})
    shares = np.array([[1.0], [2.0]])
    leaning = pooling.scaled(shares, pooling.of(["反", "反"]))
    assert 0 <= leaning[0, 0] <= leaning[1, 0]


def test_orders_without_any_category_are_no_trouble() -> None:
    pooling = fitted(6, {"": 50}, {}, {})
    assert pooling.of(["", "a"]).tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_older_orders_may_count_less() -> None:
    shares, categories, lost, offset = drawn(7, {"变": 4000}, {"变": 1.5}, {})
    turned = np.where(np.arange(4000) < 2000, 1 - lost, lost)
    recent = fit_pooling(
        shares, categories, turned, offset=offset, drivers=PRICE, weights=np.where(np.arange(4000) < 2000, 0.0, 1.0)
    )
    assert recent.of(["变"])[0, 0] > 0.7
