"""The wide assortment: hundreds of categories, each like its parent and yet its own."""

from __future__ import annotations

from collections import Counter
from functools import cache
from math import log

import numpy as np
import pytest

from tests.unit.twin_cases import NOW
from twin.assortment import WIDE
from twin.categories import DURABLE, FAST_MOVING, LEAN, LEAVES, SEPARATOR, STEP, TOPS, effect
from twin.goods import GOODS
from twin.history import cases
from twin.process import Circumstances, Speech, probability
from twin.world import History, generate


@cache
def wide() -> History:
    return generate(2, customers=600, orders=2500, now=NOW, goods=WIDE)


def test_there_are_more_than_five_hundred_leaves_on_three_levels() -> None:
    assert len(set(LEAVES)) == len(LEAVES) > 500
    assert all(len(leaf.split(SEPARATOR)) == 3 for leaf in LEAVES)
    assert {leaf.split(SEPARATOR)[0] for leaf in LEAVES} == set(TOPS) == {goods.category for goods in GOODS}


def test_every_leaf_is_sold_above_cost_under_a_number_of_its_own() -> None:
    assert [goods.category for goods in WIDE] == list(LEAVES)
    assert len({goods.sku for goods in WIDE} | {goods.sku for goods in GOODS}) == len(WIDE) + len(GOODS)
    assert all(0 < goods.cost_fen < goods.price_fen for goods in WIDE)


def test_few_leaves_sell_much_and_many_hardly_at_all() -> None:
    sold = Counter(known.order.lines[0].category for known, _ in cases(wide()))
    assert len(sold) > 350
    assert sum(count for _, count in sold.most_common(54)) > 0.25 * sold.total()
    assert sum(count <= 3 for count in sold.values()) > 100


def test_a_childs_effects_lie_around_its_parents() -> None:
    gaps = [(effect(leaf), effect(leaf.rpartition(SEPARATOR)[0])) for leaf in LEAVES]
    bases = np.array([child.base - parent.base for child, parent in gaps])
    leans = np.array([log(child.logistics / parent.logistics) for child, parent in gaps])
    assert abs(bases.mean()) < 0.05
    assert bases.std() == pytest.approx(STEP, rel=0.15)
    assert leans.std() == pytest.approx(LEAN, rel=0.15)


def test_fast_moving_goods_lean_on_price_and_durables_on_logistics() -> None:
    by_top = {
        kind: [effect(leaf) for leaf in LEAVES if TOPS[leaf.split(SEPARATOR)[0]] is kind]
        for kind in (FAST_MOVING, DURABLE)
    }
    assert np.mean([each.price for each in by_top[FAST_MOVING]]) > 1.5 * np.mean(
        [each.price for each in by_top[DURABLE]]
    )
    assert np.mean([each.logistics for each in by_top[DURABLE]]) > 1.4 * np.mean(
        [each.logistics for each in by_top[FAST_MOVING]]
    )


def test_the_lean_of_a_category_bears_on_its_own_term_alone() -> None:
    late, cheaper = {"late_hours": 40.0}, {"own_drop": 0.2}
    for facts, lean in ((late, "logistics_lean"), (cheaper, "price_lean")):
        plain = probability(Circumstances(**facts), Speech())  # type: ignore[arg-type]
        leaning = probability(Circumstances(**facts, **{lean: 1.5}), Speech())  # type: ignore[arg-type]
        other = "price_lean" if lean == "logistics_lean" else "logistics_lean"
        assert leaning > plain
        assert probability(Circumstances(**facts, **{other: 1.5}), Speech()) == plain  # type: ignore[arg-type]


def test_every_history_has_the_same_truth_about_categories() -> None:
    effect.cache_clear()
    first = [effect(leaf) for leaf in LEAVES]
    effect.cache_clear()
    assert [effect(leaf) for leaf in reversed(LEAVES)] == first[::-1]


def test_a_category_nobody_has_described_is_like_the_average() -> None:
    unknown = effect("宠物")
    assert (unknown.base, unknown.price, unknown.logistics) == (0.0, 1.0, 1.0)


def test_between_five_and_twenty_three_percent_of_the_wide_shops_orders_are_lost() -> None:
    assert 0.05 <= np.mean([past.lost for past in wide().orders]) <= 0.23
