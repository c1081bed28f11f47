"""What is put into a store comes out as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from retention.conversation import Memory, Status
from retention.ports import Store
from tests.contract.samples import (
    ANSWER,
    CHANGE,
    CONVERSATION,
    CORRECTION,
    CUSTOMER,
    ENTRY,
    EVENT,
    GRANT,
    HANDOFF,
    HOUR,
    MESSAGE,
    NOW,
    ORDER,
    PROFILE,
)

UNKNOWN = "无此编号"


def test_an_order_comes_back_as_it_was_put(store: Store) -> None:
    with store.transaction() as records:
        records.orders.put(ORDER)
    with store.transaction() as records:
        assert records.orders.find(ORDER.order_no) == ORDER
        assert records.orders.find(UNKNOWN) is None


def test_a_second_put_replaces_the_order_also_in_the_transaction_that_found_it(store: Store) -> None:
    with store.transaction() as records:
        records.orders.put(ORDER)
        records.orders.put(replace(ORDER, paid_fen=1))
    with store.transaction() as records:
        found = records.orders.find(ORDER.order_no)
        assert found is not None
        records.orders.put(replace(found, paid_fen=2))
        records.orders.put(replace(found, paid_fen=3, promotion_id=None))
    with store.transaction() as records:
        assert records.orders.find(ORDER.order_no) == replace(ORDER, paid_fen=3, promotion_id=None)


def test_orders_of_a_customer_are_newest_first_and_nobody_elses(store: Store) -> None:
    older, newer, other = (
        replace(ORDER, order_no="A1", placed_at=NOW - 2 * HOUR),
        replace(ORDER, order_no="A2", placed_at=NOW - HOUR),
        replace(ORDER, order_no="A3", customer_id="C2"),
    )
    with store.transaction() as records:
        for order in (older, newer, other):
            records.orders.put(order)
        assert list(records.orders.of_customer("C1")) == [newer, older]
        assert list(records.orders.of_customer("C1", limit=1)) == [newer]


def test_a_change_is_recorded_once_and_changes_are_oldest_first(store: Store) -> None:
    earlier = replace(CHANGE, change_id="K1/M0:expedite", at=NOW - HOUR, conversation_id=None)
    with store.transaction() as records:
        assert records.orders.record_change(CHANGE)
        assert records.orders.record_change(earlier)
        assert not records.orders.record_change(replace(CHANGE, actor="小王"))
    with store.transaction() as records:
        assert list(records.orders.changes(ORDER.order_no)) == [earlier, CHANGE]
        assert list(records.orders.changes(UNKNOWN)) == []


def test_a_customer_comes_back_as_last_put(store: Store) -> None:
    with store.transaction() as records:
        records.customers.put(replace(CUSTOMER, name="", tier="regular"))
        records.customers.put(CUSTOMER)
    with store.transaction() as records:
        assert records.customers.find("C1") == CUSTOMER
        assert records.customers.find(UNKNOWN) is None


def test_a_conversation_comes_back_with_its_memory_and_the_order_of_its_buttons(store: Store) -> None:
    with store.transaction() as records:
        records.conversations.put(CONVERSATION)
    with store.transaction() as records:
        found = records.conversations.find("K1")
        assert found == CONVERSATION
        assert list(found.memory.options) == ["是的", "不用了"]
        assert records.conversations.lock("K1") == CONVERSATION
        assert records.conversations.find(UNKNOWN) is None
        assert records.conversations.lock(UNKNOWN) is None


def test_a_conversation_is_replaced_and_listed_by_status(store: Store) -> None:
    bare = replace(CONVERSATION, customer_id=None, memory=Memory(), traditional=False)
    waiting = replace(bare, conversation_id="K2", status=Status.WAITING, updated_at=NOW + HOUR)
    with store.transaction() as records:
        for conversation in (CONVERSATION, bare, waiting, replace(bare, conversation_id="K3", status=Status.CLOSED)):
            records.conversations.put(conversation)
        listed = records.conversations.with_status(frozenset({Status.BOT, Status.WAITING}))
        assert list(listed) == [waiting, bare]
        assert list(records.conversations.with_status(frozenset())) == []


def test_messages_come_back_with_hearing_bubble_and_decision(store: Store) -> None:
    with store.transaction() as records:
        records.conversations.put(CONVERSATION)
        assert records.messages.add(MESSAGE) == replace(MESSAGE, seq=1)
        assert records.messages.add(ANSWER) == replace(ANSWER, seq=2)
    with store.transaction() as records:
        assert records.messages.find("K1", "M1") == replace(MESSAGE, seq=1)
        assert list(records.messages.after("K1", 0)) == [replace(MESSAGE, seq=1), replace(ANSWER, seq=2)]


def test_a_grant_and_its_budget_come_back(store: Store) -> None:
    with store.transaction() as records:
        records.ledger.set_budget("B1", 10_000)
        records.ledger.propose(GRANT)
    with store.transaction() as records:
        assert records.ledger.find("G1") == GRANT
        assert records.ledger.by_key(GRANT.key) == GRANT
        assert records.ledger.find(UNKNOWN) is None
        assert records.ledger.by_key(UNKNOWN) is None
        assert records.ledger.budget(UNKNOWN) is None


def test_a_handoff_comes_back(store: Store) -> None:
    with store.transaction() as records:
        records.conversations.put(CONVERSATION)
        records.handoffs.open(HANDOFF)
    with store.transaction() as records:
        assert records.handoffs.find("H1") == HANDOFF
        assert records.handoffs.open_of("K1") == HANDOFF
        assert records.handoffs.find(UNKNOWN) is None
        assert records.handoffs.open_of(UNKNOWN) is None


def test_a_correction_comes_back(store: Store) -> None:
    with store.transaction() as records:
        records.conversations.put(CONVERSATION)
        records.messages.add(MESSAGE)
        assert records.corrections.propose(CORRECTION) == CORRECTION
    with store.transaction() as records:
        assert records.corrections.find("R1") == CORRECTION
        assert records.corrections.of_message("K1", "M1") == CORRECTION
        assert records.corrections.of_messages("K1") == {"M1": CORRECTION}
        assert records.corrections.find(UNKNOWN) is None
        assert records.corrections.of_message("K1", UNKNOWN) is None
        assert records.corrections.of_messages(UNKNOWN) == {}


def test_a_profile_comes_back_as_last_put(store: Store) -> None:
    with store.transaction() as records:
        records.profiles.put(replace(PROFILE, moods=(), risk_probability=None, turns=1))
        records.profiles.put(PROFILE)
    with store.transaction() as records:
        assert records.profiles.find("K1") == PROFILE
        assert records.profiles.find(UNKNOWN) is None


def test_audit_entries_come_back_numbered_and_oldest_first(store: Store) -> None:
    with store.transaction() as records:
        records.audit.add(ENTRY)
        records.audit.add(replace(ENTRY, subject="order:A1"))
        records.audit.add(replace(ENTRY, act="grant_issued", at=NOW - HOUR))
    with store.transaction() as records:
        found = records.audit.about("grant:G1")
        assert [replace(entry, seq=0) for entry in found] == [ENTRY, replace(ENTRY, act="grant_issued", at=NOW - HOUR)]
        assert found[0].seq < found[1].seq
        assert list(records.audit.about("grant:G1", limit=1)) == [found[0]]


def test_the_first_answer_to_a_key_stays_for_its_owner(store: Store) -> None:
    with store.transaction() as records:
        assert records.idempotency.add("crm", "k", fingerprint="f", status=201, body='{"好":1}', at=NOW)
        assert not records.idempotency.add("crm", "k", fingerprint="g", status=500, body="", at=NOW)
        assert records.idempotency.add("erp", "k", fingerprint="h", status=200, body="", at=NOW)
    with store.transaction() as records:
        assert records.idempotency.find("crm", "k") == ("f", 201, '{"好":1}')
        assert records.idempotency.find("crm", UNKNOWN) is None


def test_an_api_key_comes_back_with_its_scopes(store: Store) -> None:
    with store.transaction() as records:
        records.api_keys.put("d1", "旧", frozenset())
        records.api_keys.put("d1", "CRM", frozenset({"profiles:read", "orders:write"}))
    with store.transaction() as records:
        assert records.api_keys.find("d1") == ("CRM", frozenset({"profiles:read", "orders:write"}))
        assert records.api_keys.find(UNKNOWN) is None


def test_instants_of_other_zones_come_back_as_the_same_instant_in_utc(store: Store) -> None:
    in_china = datetime(2026, 3, 8, 10, 30, 15, 1, tzinfo=timezone(timedelta(hours=8)))
    with store.transaction() as records:
        records.orders.put(replace(ORDER, paid_at=in_china))
    with store.transaction() as records:
        found = records.orders.find(ORDER.order_no)
    assert found is not None
    assert found.paid_at == in_china


def test_an_event_comes_back(store: Store) -> None:
    with store.transaction() as records:
        assert records.events.add([EVENT]) == 1
        assert list(records.events.about(ORDER, since=EVENT.at)) == [EVENT]


@pytest.mark.parametrize("moment", [NOW, NOW + timedelta(microseconds=1)])
def test_not_a_microsecond_is_lost(store: Store, moment: datetime) -> None:
    with store.transaction() as records:
        records.events.add([replace(EVENT, at=moment)])
        assert [event.at for event in records.events.about(ORDER, since=moment)] == [moment]
        assert list(records.events.about(ORDER, since=moment + timedelta(microseconds=1))) == []
