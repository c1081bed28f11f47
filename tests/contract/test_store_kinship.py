"""Ties, refusals and what reports read: the same on every store."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from retention.dealing import Dealing, Given
from retention.kin import Tie, TieKind
from retention.offer import GrantState
from retention.ports import Store
from retention.profile import Outcome
from retention.refusal import Refusal, RefusalCount
from tests.contract.samples import CONVERSATION, CUSTOMER, GRANT, HOUR, NOW, ORDER, PROFILE, a_grant

REFUSAL = Refusal(
    refusal_id="K1/M1",
    at=NOW,
    rule="guard:instant_cancel",
    why="下单几分钟就要取消",
    order_no=ORDER.order_no,
    customer_id="C1",
    conversation_id="K1",
    reasons=("price", "logistics"),
    catalog_version="1+abc",
)
SINCE, UNTIL = NOW - HOUR, NOW + HOUR


def tie(customer_id: str, digest: str = "d1", kind: TieKind = TieKind.DEVICE, at: datetime = NOW) -> Tie:
    return Tie(kind=kind, digest=digest, customer_id=customer_id, seen_at=at)


def test_whoever_shares_a_tie_is_found_and_nobody_else(store: Store) -> None:
    ties = [
        tie("C1", at=NOW),
        tie("C2", at=NOW - HOUR),
        tie("C3", "other"),
        tie("C4", kind=TieKind.PHONE),  # the same digest, of another kind of value
        tie("C1", "own", TieKind.ADDRESS, NOW - 2 * HOUR),
    ]
    with store.transaction() as records:
        records.kinship.see(ties)
        assert list(records.kinship.around("C1", since=NOW - 9 * HOUR)) == [ties[0], ties[1], ties[4]]
        assert list(records.kinship.around("C1", since=NOW - 9 * HOUR, limit=2)) == [ties[0], ties[1]]
        assert list(records.kinship.around("nobody", since=NOW - 9 * HOUR)) == []


def test_what_was_seen_too_long_ago_joins_nobody(store: Store) -> None:
    with store.transaction() as records:
        records.kinship.see([tie("C1", at=NOW), tie("C2", at=NOW - 5 * HOUR)])
        assert [one.customer_id for one in records.kinship.around("C1", since=NOW - HOUR)] == ["C1"]
        assert list(records.kinship.around("C2", since=NOW - HOUR)) == []


def test_a_tie_seen_again_is_one_row_that_is_younger(store: Store) -> None:
    with store.transaction() as records:
        records.kinship.see([tie("C1", at=NOW)])
        records.kinship.see([tie("C1", at=NOW + HOUR)])
        assert list(records.kinship.around("C1", since=NOW)) == [tie("C1", at=NOW + HOUR)]


def test_old_ties_are_forgotten(store: Store) -> None:
    with store.transaction() as records:
        records.kinship.see([tie("C1", at=NOW), tie("C2", at=NOW - 5 * HOUR)])
        assert records.kinship.purge(NOW - HOUR) == 1
        assert [one.customer_id for one in records.kinship.around("C1", since=NOW - 9 * HOUR)] == ["C1"]


def test_a_refusal_is_kept_once_and_comes_back_as_it_was(store: Store) -> None:
    with store.transaction() as records:
        records.refusals.add(REFUSAL)
        records.refusals.add(replace(REFUSAL, rule="cap_order"))
        assert list(records.refusals.recent(SINCE, UNTIL)) == [REFUSAL]


def test_refusals_are_counted_by_rule_within_the_time(store: Store) -> None:
    with store.transaction() as records:
        records.refusals.add(REFUSAL)
        records.refusals.add(replace(REFUSAL, refusal_id="K1/M2", at=NOW + HOUR / 2))
        records.refusals.add(replace(REFUSAL, refusal_id="K2/M1", order_no="A2", rule="cap_order"))
        records.refusals.add(replace(REFUSAL, refusal_id="K3/M1", order_no="A3"))
        records.refusals.add(replace(REFUSAL, refusal_id="K0/M1", at=SINCE - HOUR))
        records.refusals.add(replace(REFUSAL, refusal_id="K9/M1", at=UNTIL))
        assert list(records.refusals.counted(SINCE, UNTIL)) == [
            RefusalCount(rule=REFUSAL.rule, refusals=3, orders=2, overridden=0, last_at=NOW + HOUR / 2),
            RefusalCount(rule="cap_order", refusals=1, orders=1, overridden=0, last_at=NOW),
        ]
        assert [one.refusal_id for one in records.refusals.recent(SINCE, UNTIL, limit=2)] == ["K1/M2", "K3/M1"]


def test_who_gave_all_the_same_stands_on_that_orders_refusals_by_that_rule(store: Store) -> None:
    with store.transaction() as records:
        records.refusals.add(REFUSAL)
        records.refusals.add(replace(REFUSAL, refusal_id="K1/M2", rule="cap_order"))
        records.refusals.add(replace(REFUSAL, refusal_id="K2/M1", order_no="A2"))
        assert records.refusals.override(ORDER.order_no, [REFUSAL.rule], by="小王") == 1
        by_id = {one.refusal_id: one.overridden_by for one in records.refusals.recent(SINCE, UNTIL)}
        assert by_id == {"K1/M1": "小王", "K1/M2": None, "K2/M1": None}
        assert sum(count.overridden for count in records.refusals.counted(SINCE, UNTIL)) == 1


def test_conversations_about_orders_come_with_what_is_known_of_the_shopper(store: Store) -> None:
    with store.transaction() as records:
        records.customers.put(replace(CUSTOMER, lifetime_orders=7))
        records.orders.put(ORDER)
        records.conversations.put(CONVERSATION)
        about = replace(PROFILE, order_no=ORDER.order_no, started_at=NOW, outcome=Outcome.DEFLECTED)
        records.profiles.put(about)
        records.profiles.put(replace(about, conversation_id="K2", customer_id=None, order_no="gone"))
        records.profiles.put(replace(about, conversation_id="K3", order_no=None))
        records.profiles.put(replace(about, conversation_id="K4", started_at=UNTIL))
        known, unknown = records.dealings.about_orders(SINCE, UNTIL)
    assert known == Dealing(
        conversation_id="K1",
        started_at=NOW,
        channel=PROFILE.channel,
        intents=PROFILE.intents,
        reasons=PROFILE.reasons,
        offers=PROFILE.offers,
        outcome=Outcome.DEFLECTED,
        tier="gold",
        lifetime_orders=7,
        province="浙江省",
    )
    assert (unknown.conversation_id, unknown.tier, unknown.lifetime_orders, unknown.province) == (
        "K2",
        None,
        None,
        None,
    )


def test_grants_are_added_up_by_offer_and_state(store: Store) -> None:
    offer = GRANT.offer
    with store.transaction() as records:
        records.ledger.set_budget("B1", 10**9)
        for number in range(1, 4):
            records.ledger.propose(replace(a_grant(number), created_at=NOW))
        records.ledger.propose(replace(a_grant(4), created_at=NOW, offer=replace(offer, offer_id="aaa", title="别的")))
        records.ledger.propose(replace(a_grant(5), created_at=UNTIL))
        records.ledger.move("G2", GrantState.ISSUED, at=NOW)
        given = list(records.dealings.given(SINCE, UNTIL))
    assert [(one.offer_id, one.state, one.grants) for one in given] == [
        ("aaa", GrantState.PROPOSED, 1),
        (offer.offer_id, GrantState.ISSUED, 1),
        (offer.offer_id, GrantState.PROPOSED, 2),
    ]
    assert given[2] == Given(
        offer_id=offer.offer_id,
        title=offer.title,
        state=GrantState.PROPOSED,
        grants=2,
        value_fen=2 * offer.value_fen,
        cost_fen=2 * offer.cost_fen,
        reserve_fen=2 * offer.reserve_fen,
    )


@pytest.mark.parametrize("customer", ["C1", "C2"])
def test_an_erased_customer_has_no_ties_and_refusals_of_nobody(store: Store, customer: str) -> None:
    with store.transaction() as records:
        records.kinship.see([tie("C1"), tie("C2")])
        records.refusals.add(REFUSAL)
        touched = records.erase_customer(customer, at=NOW)
        other = "C2" if customer == "C1" else "C1"
        assert touched["ties"] == 1
        assert [one.customer_id for one in records.kinship.around(other, since=SINCE)] == [other]
        [refusal] = records.refusals.recent(SINCE, UNTIL)
        assert refusal.customer_id == ("" if customer == "C1" else "C1")
