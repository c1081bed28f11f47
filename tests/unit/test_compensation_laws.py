"""Laws of the choice: whatever the case and whatever was given before, no cap is passed and nothing is left to chance."""

from __future__ import annotations

import copy
import random
from dataclasses import dataclass, fields, replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation.audience import Audience
from compensation.caps import RowCaps
from compensation.catalog import NO_MONEY, Authority, read_catalog
from compensation.engine import Engine
from retention.case import Case
from retention.hearing import Reason
from retention.offer import ACTIVE, Grant, GrantState, NoOffer, Offer
from retention.order import Stage
from retention.risk import Score
from tests.unit.compensation_cases import (
    CASES,
    CATALOG,
    ENGINE,
    HOUR,
    NOW,
    SCORES,
    UNTIMED,
    case,
    grant_of,
    line,
    order,
    price_event,
    stock_event,
)

FILED = read_catalog(CATALOG.read_bytes(), file="catalog.yml")
WIDE = RowCaps(per_order_fen=10**9, per_customer_fen=10**9, window_days=30)
GENEROUS = Engine(replace(FILED, rows=tuple(replace(row, caps=WIDE) for row in FILED.rows)))
"""Without the rows' own caps, so that nothing but the shop's caps stands between a shopper and the money."""
PROMISED = Engine(replace(FILED, rows=tuple(replace(row, caps=WIDE, standing=True) for row in FILED.rows)))
"""As GENEROUS, and every row is a standing promise."""
STANDING = {row.offer_id for row in FILED.rows if row.standing}
READ_AGAIN = Engine.from_file(CATALOG)
RFMS = st.sampled_from([50.0, 80.0, 80.5, 99.0])
CAP_RULES = {
    *("no_margin", "cap_order", "cap_customer", "cap_offer_order", "cap_offer_customer"),
    *(rule.name for rule in FILED.rules),
}


def reserved(grants: list[Grant]) -> int:
    return sum(grant.reserve_fen for grant in grants if grant.state in ACTIVE)


@dataclass(frozen=True, kw_only=True)
class Step:
    """A shopper comes with a reason about one of the customer's orders, some hours after the step before."""

    order_no: str
    reason: Reason
    price_fen: int  # the goods' price now
    becomes: GrantState
    hours: int


ORDER_NOS = ("A1", "A2", "A3", "A4")
STEPS = st.lists(
    st.builds(
        Step,
        order_no=st.sampled_from(ORDER_NOS),
        reason=st.sampled_from(sorted(set(Reason) - NO_MONEY)),
        price_fen=st.integers(1, 300_000),
        becomes=st.sampled_from([*GrantState, GrantState.ISSUED, GrantState.PROPOSED]),
        hours=st.sampled_from([0, 1, 24, 240, 720]),
    ),
    min_size=2,
    max_size=12,
)
GOODS = st.tuples(st.integers(50, 5000), st.floats(0, 0.9), st.sampled_from([Stage.PENDING_SHIPMENT, Stage.DELIVERED]))


@pytest.mark.parametrize(
    ("engine", "probability"), [(GENEROUS, 1.0), (PROMISED, 0.0)], ids=["worth its cost", "promised"]
)
@UNTIMED
@given(steps=STEPS, goods=st.fixed_dictionaries(dict.fromkeys(ORDER_NOS, GOODS)), rfm=RFMS)
def test_no_history_of_offers_passes_the_orders_cap_the_customers_cap_or_500_yuan(
    engine: Engine, probability: float, steps: list[Step], goods: dict[str, tuple[int, float, Stage]], rfm: float
) -> None:
    orders = {no: order(line(price, margin), stage=stage, order_no=no) for no, (price, margin, stage) in goods.items()}
    ledger: list[Grant] = []
    now = NOW
    for i, step in enumerate(steps):
        now += step.hours * HOUR
        told = replace(price_event(1), at=now, data={"price_fen": step.price_fen, "source": "own"})
        of = case(orders[step.order_no], step.reason, rfm=rfm, now=now, events=(told, replace(stock_event(3), at=now)))
        own = tuple(grant for grant in ledger if grant.order_no == step.order_no)
        answer = engine.decide(replace(of, grants=own, customer_grants=tuple(ledger)), Score(probability=probability))
        if isinstance(answer, Offer):
            ledger.append(grant_of(answer, to=of, state=step.becomes, grant_id=f"g{i}"))
        of_month = [grant for grant in ledger if grant.created_at >= now - timedelta(days=30)]
        of_order = [grant for grant in ledger if grant.order_no == step.order_no]
        assert reserved(of_month) <= (50_000 if rfm > 80 else 30_000)
        assert reserved(of_order) * 2 <= orders[step.order_no].margin_fen
        assert len({grant.key for grant in of_order}) == len(of_order)


@UNTIMED
@given(case=CASES, score=SCORES)
def test_the_choice_is_repeatable_and_leaves_the_case_as_it_was(case: Case, score: Score) -> None:
    before = copy.deepcopy(case)
    first = ENGINE.decide(case, score)
    assert ENGINE.decide(copy.deepcopy(case), copy.deepcopy(score)) == first
    assert case == before
    assert READ_AGAIN.decide(case, score) == first


@UNTIMED
@given(case=CASES, score=SCORES)
def test_an_offer_is_whole_money_worth_its_cost_or_promised_and_in_words_without_holes(
    case: Case, score: Score
) -> None:
    answer = ENGINE.decide(case, score)
    if isinstance(answer, NoOffer):
        assert answer.rule
        assert answer.why
        return
    assert not any(isinstance(getattr(answer, field.name), float) for field in fields(answer))
    assert not any(isinstance(value, float) for value in answer.terms.values())
    assert answer.reserve_fen >= answer.cost_fen >= 0
    assert answer.expected_gain_fen > 0 or answer.offer_id in STANDING
    assert answer.expected_gain_fen + answer.cost_fen <= score.probability * case.order.margin_fen
    assert answer.cause == "general" or answer.cause in {reason.value for reason in case.reasons}
    assert answer.budget in ENGINE.budgets()
    words = (answer.pitch + answer.why).replace("{怪}", "")  # a title may hold braces; a template's hole must not
    assert "{" not in words
    assert "None" not in words


@UNTIMED
@given(case=CASES, score=SCORES, more_fen=st.integers(1, 500_000))
def test_more_margin_never_turns_an_offer_into_a_cap(case: Case, score: Score, more_fen: int) -> None:
    if not case.order.lines or not isinstance(ENGINE.decide(case, score), Offer):
        return
    first, *others = case.order.lines
    cheaper = replace(first, unit_cost_fen=first.unit_cost_fen - more_fen)  # the margin grows, what was paid does not
    richer = ENGINE.decide(replace(case, order=replace(case.order, lines=(cheaper, *others))), score)
    assert isinstance(richer, Offer) or richer.rule not in CAP_RULES


@UNTIMED
@given(case=CASES, score=SCORES, seed=st.integers(0, 99))
def test_the_order_of_the_rows_does_not_matter(case: Case, score: Score, seed: int) -> None:
    rows = list(FILED.rows)
    random.Random(seed).shuffle(rows)
    shuffled = Engine(replace(FILED, rows=tuple(rows)))
    assert shuffled.quote(case, score) == Engine(FILED).quote(case, score)


@UNTIMED
@given(case=CASES, score=SCORES)
def test_the_quote_explains_the_decision(case: Case, score: Score) -> None:
    ranked = ENGINE.quote(case, score)
    answer = ENGINE.decide(case, score)
    assert all(candidate.why and candidate.rule for candidate in ranked)
    assert all((candidate.offer is not None) == (candidate.rule == "fits") for candidate in ranked)
    if isinstance(answer, Offer):
        assert ranked[0].offer == answer
    else:
        assert all(candidate.offer is None for candidate in ranked)
        assert not ranked or ranked[0].rule == answer.rule


@UNTIMED
@given(case=CASES, low=st.floats(0, 1), high=st.floats(0, 1))
def test_more_risk_never_takes_an_offer_away(case: Case, low: float, high: float) -> None:
    low, high = min(low, high), max(low, high)
    if isinstance(ENGINE.decide(case, Score(probability=low)), Offer):
        assert isinstance(ENGINE.decide(case, Score(probability=high)), Offer)


def test_a_row_only_a_person_may_grant_is_quoted_but_never_decided() -> None:
    rows = tuple(replace(row, authority=Authority.ASSOCIATE) for row in FILED.rows)
    of = case(order(), Reason.LOGISTICS)
    engine = Engine(replace(FILED, rows=rows))
    assert {each.rule for each in engine.quote(of, Score(probability=0.9))} == {"authority"}
    answer = engine.decide(of, Score(probability=0.9))
    assert isinstance(answer, NoOffer)
    assert answer.rule == "authority"


def test_a_row_for_some_tiers_is_not_for_the_others() -> None:
    gold = Audience(rfm_above=-1, rfm_max=100, tiers=frozenset({"gold"}))
    engine = Engine(replace(FILED, rows=tuple(replace(row, audience=gold) for row in FILED.rows)))
    regular = case(order(), Reason.LOGISTICS)
    assert isinstance(engine.decide(regular, Score(probability=0.9)), NoOffer)
    golden = replace(regular, customer=replace(regular.customer, tier="gold"))
    assert isinstance(engine.decide(golden, Score(probability=0.9)), Offer)
