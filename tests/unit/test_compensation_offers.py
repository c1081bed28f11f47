"""Laws every kind of remedy obeys: each class the registry finds is checked through every shipped row of its kind."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compensation.catalog import NO_MONEY, Row, read_catalog
from compensation.offer_type import Draft, Misfit, OfferType, Part
from compensation.offers.types import TYPES
from retention.case import Case
from retention.order import ENDED, Stage
from tests.unit.compensation_cases import CASES, CATALOG, UNTIMED

ROWS = read_catalog(CATALOG.read_bytes(), file="catalog.yml").rows
TERMS = {  # what retention.offer promises the order system
    **dict.fromkeys(("expedite", "upgrade_carrier", "exchange", "early_access"), bool),
    **dict.fromkeys(("cash_fen", "coupon_fen", "coupon_threshold_fen", "points", "deposit_percent"), int),
    **dict.fromkeys(("insurance_fen", "postage_fen", "care_days", "points_times", "points_at_most"), int),
    **dict.fromkeys(("gift_sku", "gift_name", "payment_url"), str),
}
CENTS = st.integers(0, 100_000)
few = settings(UNTIMED, max_examples=40)  # for each of the rows
every_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.offer_id)


def test_every_kind_has_a_shipped_row_and_its_own_name() -> None:
    assert {row.remedy.kind for row in ROWS} == set(TYPES)
    assert len(TYPES) == len(OfferType.__subclasses__())


@pytest.mark.parametrize("kind", sorted(TYPES))
def test_a_kind_serves_no_ended_order(kind: str) -> None:
    assert TYPES[kind].serves
    assert not TYPES[kind].serves & ENDED


@every_row
@few
@given(case=CASES, at_most_fen=CENTS)
def test_a_draft_is_whole_money_and_never_costs_more_than_it_reserves(row: Row, case: Case, at_most_fen: int) -> None:
    drafted = row.remedy.draft(case, at_most_fen)
    if isinstance(drafted, Draft):
        amounts = (drafted.value_fen, drafted.cost_fen, drafted.reserve_fen)
        assert all(type(amount) is int for amount in amounts)
        assert 0 <= drafted.cost_fen <= drafted.reserve_fen
        assert drafted.value_fen > 0 or row.remedy.free
        assert drafted.reserve_fen == 0 or not row.remedy.free
        owed = [drafted.terms.get(name, 0) for name in ("cash_fen", "coupon_fen", "postage_fen")]
        assert sum(fen for fen in owed if isinstance(fen, int)) <= drafted.reserve_fen


@every_row
@few
@given(case=CASES, at_most_fen=CENTS)
def test_a_draft_says_every_word_of_its_kind_and_a_misfit_says_why(row: Row, case: Case, at_most_fen: int) -> None:
    drafted = row.remedy.draft(case, at_most_fen)
    if isinstance(drafted, Misfit):
        assert drafted.rule
        assert drafted.why
    else:
        assert set(drafted.words) == row.remedy.words
        assert all(drafted.words.values())


@every_row
@few
@given(case=CASES, at_most_fen=CENTS)
def test_a_draft_tells_the_order_system_only_what_it_understands(row: Row, case: Case, at_most_fen: int) -> None:
    drafted = row.remedy.draft(case, at_most_fen)
    if isinstance(drafted, Draft):
        assert drafted.terms
        assert all(type(value) is TERMS[key] for key, value in drafted.terms.items())
        assert json.loads(json.dumps(drafted.terms)) == drafted.terms


@every_row
@few
@given(case=CASES, at_most_fen=CENTS, shuffle=st.randoms(use_true_random=False))
def test_a_draft_is_the_same_again_in_another_process_and_in_any_order_of_events(
    row: Row, case: Case, at_most_fen: int, shuffle: st.DataObject
) -> None:
    events = list(case.events)
    shuffle.shuffle(events)  # type: ignore[attr-defined]
    there: OfferType = pickle.loads(pickle.dumps(row.remedy))
    assert there.draft(replace(case, events=tuple(events)), at_most_fen) == row.remedy.draft(case, at_most_fen)


@every_row
@few
@given(case=CASES)
def test_a_draft_only_shrinks_when_less_is_left(row: Row, case: Case) -> None:
    full = row.remedy.draft(case, 10**9)
    tight = row.remedy.draft(case, 700)
    assert isinstance(full, Draft) == isinstance(tight, Draft)
    if isinstance(full, Draft) and isinstance(tight, Draft):
        assert tight.reserve_fen in (full.reserve_fen, 700)
        assert tight.reserve_fen <= full.reserve_fen


@every_row
@few
@given(case=CASES)
def test_an_order_with_nothing_known_about_it_is_no_error(row: Row, case: Case) -> None:
    bare = replace(case.order, lines=(), paid_fen=0, shipping_fen=0, promised_ship_at=None, promised_delivery_at=None)
    for stage in Stage:
        row.remedy.draft(replace(case, order=replace(bare, stage=stage), events=()), 0)


@every_row
def test_no_shipped_row_pays_for_what_is_fixed(row: Row) -> None:
    assert row.remedy.free or not NO_MONEY.intersection(row.reasons)


@UNTIMED
@given(wanted=st.integers(1, 100_000), left=CENTS, least=CENTS, percent=st.integers(1, 100))
def test_a_part_is_all_of_it_or_exactly_what_is_left_and_never_too_little(
    wanted: int, left: int, least: int, percent: int
) -> None:
    part = Part(min_fen=least, min_share_percent=percent).of(wanted, left)
    assert part == wanted or (part == left < wanted and part >= least and part * 100 >= wanted * percent)
    if left >= wanted:
        assert part == wanted
