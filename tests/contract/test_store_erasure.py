"""A customer who asks to be forgotten is forgotten everywhere; the books still add up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from integrations.erasure import ERASED_TEXT, NOWHERE
from retention.conversation import Memory
from retention.correction import CorrectionState
from retention.handoff import HandoffState
from retention.kin import Tie, TieKind
from retention.offer import GrantState
from retention.ports import Records, Store
from retention.refusal import Refusal
from tests.contract.conftest import Backend
from tests.contract.samples import (
    ANSWER,
    ATTACHMENT,
    CASE,
    CHANGE,
    CONTACT,
    CONVERSATION,
    CORRECTION,
    CUSTOMER,
    DELIVERY,
    ENTRY,
    EVENT,
    EXPOSURE,
    GRANT,
    HANDOFF,
    HOUR,
    LINK,
    MESSAGE,
    NOTE,
    NOTICE,
    NOW,
    ORDER,
    OUTREACH,
    PROFILE,
    RATING,
    SCORING,
    SUBSCRIPTION,
    TASK,
    a_grant,
)

PHONE = "13812345678"
REFUSAL = Refusal(
    refusal_id="K1/M1",
    at=NOW,
    rule="cap_order",
    why="本单补偿上限已占用",
    order_no=ORDER.order_no,
    customer_id="C1",
    conversation_id="K1",
    reasons=("price",),
    catalog_version="1",
)
TRACES = (
    PHONE,
    "138 1234 5678",
    "欧阳小满",
    "小满🐱",
    "文三路",
    "太贵了",
    "补您 20 元差价,好吗",
    "放门口",
    "西湖区",
    "oSHOPPER",
    "周三前",
    "等了好久",
)
BODY = f'{{"customer_id":"C1","phone":"{PHONE}"}}'


def fill(records: Records) -> None:
    records.customers.put(CUSTOMER)
    records.orders.put(replace(ORDER, attributes={**ORDER.attributes, "remark": f"放门口,打 {PHONE}"}))
    records.conversations.put(CONVERSATION)
    records.contacts.put(CONTACT)
    records.contacts.vouch("wechat", "wx1", CONTACT.external_id, "C1")
    records.deliveries.add(DELIVERY)
    records.messages.add(replace(MESSAGE, attachment=ATTACHMENT.picture))
    records.messages.add(ANSWER)
    records.attachments.add(ATTACHMENT)
    records.attachments.give("a1", MESSAGE.message_id)
    records.orders.record_change(CHANGE)
    records.events.add(
        [
            replace(EVENT, data={"hours": 6.5, "note": f"欧阳小满 {PHONE}", "phone": int(PHONE)}),
            replace(EVENT, event_id="E2", order_no=None, customer_id="C1", data={"place": "西湖区驿站"}),
        ]
    )
    records.ledger.set_budget("B1", 10_000)
    records.ledger.propose(GRANT)
    records.ledger.move("G1", GrantState.ISSUED, at=NOW)
    records.handoffs.open(HANDOFF)
    records.tasks.add(TASK)
    records.corrections.propose(CORRECTION)
    records.corrections.review("R1", CorrectionState.ACCEPTED, at=NOW, reviewer="小王")
    records.corrections.propose(replace(CORRECTION, correction_id="R2", proposed_at=NOW + HOUR))
    records.notes.add(NOTE)
    records.labels.put("K1", frozenset({"西湖区欧阳", "物流"}))
    records.ratings.put(RATING)
    records.profiles.put(PROFILE)
    records.audit.add(ENTRY)
    records.subscriptions.put(SUBSCRIPTION)
    records.dispatches.queue(NOTICE)
    records.links.add(LINK)
    records.exposures.add(EXPOSURE, CASE)
    records.outreaches.open(OUTREACH)
    records.kinship.see([Tie(kind=TieKind.PHONE, digest="d1", customer_id="C1", seen_at=NOW)])
    records.refusals.add(REFUSAL)
    records.scorings.add(SCORING)
    records.idempotency.add("shop", "put-customer", fingerprint="f", status=200, body=BODY, at=NOW)


def fill_with_another(records: Records) -> None:
    records.customers.put(replace(CUSTOMER, customer_id="C2", name="诸葛大力"))
    records.orders.put(replace(ORDER, order_no="A2", customer_id="C2"))
    records.conversations.put(replace(CONVERSATION, conversation_id="K2", customer_id="C2"))
    records.messages.add(replace(MESSAGE, conversation_id="K2"))
    records.attachments.add(replace(ATTACHMENT, attachment_id="a2", conversation_id="K2"))
    records.attachments.give("a2", MESSAGE.message_id)
    records.events.add([replace(EVENT, event_id="E9", order_no="A2")])
    records.ledger.set_budget("B1", 10_000)
    records.ledger.propose(replace(a_grant(2), customer_id="C2"))
    records.handoffs.open(replace(HANDOFF, handoff_id="H2", conversation_id="K2", customer_id="C2"))
    records.tasks.add(replace(TASK, task_id="T2", conversation_id="K2", customer_id="C2"))
    records.corrections.propose(replace(CORRECTION, correction_id="R9", conversation_id="K2"))
    records.notes.add(replace(NOTE, note_id="N2", conversation_id="K2"))
    records.labels.put("K2", frozenset({"物流"}))
    records.ratings.put(replace(RATING, handoff_id="H2", conversation_id="K2"))
    records.profiles.put(replace(PROFILE, conversation_id="K2", customer_id="C2"))
    records.kinship.see([Tie(kind=TieKind.PHONE, digest="d2", customer_id="C2", seen_at=NOW)])
    records.refusals.add(replace(REFUSAL, refusal_id="K2/M1", order_no="A2", customer_id="C2"))
    records.orders.record_change(replace(CHANGE, change_id="K2/M1", order_no="A2", conversation_id="K2"))
    another = replace(CASE, customer=replace(CASE.customer, customer_id="C2"))
    records.exposures.add(replace(EXPOSURE, exposure_id="K2/A2/price", order_no="A2", customer_id="C2"), another)
    records.scorings.add(replace(SCORING, order_no="A2"))
    records.idempotency.add("shop", "other", fingerprint="f", status=200, body='{"customer_id":"C2"}', at=NOW)


def erase(store: Store, customer_id: str = "C1") -> Mapping[str, int]:
    with store.transaction() as records:
        return records.erase_customer(customer_id, at=NOW + HOUR)


@pytest.fixture
def filled(backend: Backend) -> Backend:
    with backend.store.transaction() as records:
        fill(records)
    return backend


def test_no_trace_of_the_person_is_left_in_the_whole_store(filled: Backend) -> None:
    before = filled.dump()
    assert [trace for trace in (*TRACES, "C1") if trace not in before] == []
    erase(filled.store)
    after = filled.dump()
    assert [trace for trace in (*TRACES, "'C1'", '"C1"', ",C1,") if trace in after] == []


def test_no_trace_is_left_in_the_bytes_of_a_sqlite_file(sqlite_backend: Backend) -> None:
    with sqlite_backend.store.transaction() as records:
        fill(records)
    erase(sqlite_backend.store)
    sqlite_backend.store.close()
    folder = Path(sqlite_backend.url.removeprefix("sqlite:///")).parent
    written = b"".join(file.read_bytes() for file in folder.iterdir())
    assert [trace for trace in TRACES if trace.encode() in written] == []


def test_the_rows_touched_are_counted_by_table_and_the_second_time_there_are_none(filled: Backend) -> None:
    assert erase(filled.store) == {
        "conversations": 1,
        "messages": 2,
        "attachments": 1,
        "corrections": 2,
        "notes": 1,
        "conversation_labels": 2,
        "ratings": 1,
        "handoffs": 1,
        "tasks": 1,
        "profiles": 1,
        "orders": 1,
        "order_changes": 1,
        "events": 2,
        "grants": 1,
        "dispatches": 1,
        "links": 1,
        "idempotency": 1,
        "contacts": 1,
        "identities": 1,
        "deliveries": 1,
        "outbox": 1,
        "exposure_cases": 1,
        "exposures": 1,
        "outreaches": 1,
        "customers": 1,
        "ties": 1,
        "refusals": 1,
        "scorings": 1,
    }
    assert set(erase(filled.store).values()) == {0}


def test_a_picture_is_taken_from_its_message_and_may_go_at_once(filled: Backend) -> None:
    erase(filled.store)
    with filled.store.transaction() as records:
        message = records.messages.find("K1", MESSAGE.message_id)
        assert message is not None
        assert message.attachment is None
        assert list(records.attachments.leftovers(NOW)) == ["a1"]


def test_the_books_still_add_up_without_the_customer(filled: Backend) -> None:
    erase(filled.store)
    with filled.store.transaction() as records:
        budget = records.ledger.budget("B1")
        grant = records.ledger.find("G1")
        order = records.orders.find(ORDER.order_no)
        assert budget is not None
        assert budget.used_fen == GRANT.reserve_fen
        assert grant == replace(GRANT, state=GrantState.ISSUED, customer_id="")
        assert order == replace(ORDER, customer_id="", address=NOWHERE, attributes={})
        assert records.customers.find("C1") is None
        assert [replace(entry, seq=0) for entry in records.audit.about("grant:G1")] == [ENTRY]


def test_the_conversation_is_still_told_apart_but_not_whose_it_was_or_what_was_said(filled: Backend) -> None:
    erase(filled.store)
    with filled.store.transaction() as records:
        conversation = records.conversations.find("K1")
        messages = records.messages.after("K1", 0)
        handoff = records.handoffs.find("H1")
        [change] = records.orders.changes(ORDER.order_no)
        assert conversation == replace(CONVERSATION, customer_id=None, memory=Memory())
        assert [(one.seq, one.text) for one in messages] == [(1, ERASED_TEXT), (2, ERASED_TEXT)]
        assert messages[0].hearing is not None
        assert messages[0].hearing.intent == "cancel_order"
        assert messages[0].decision == MESSAGE.decision
        assert handoff == replace(HANDOFF, summary=ERASED_TEXT, customer_id=None)
        assert change == replace(CHANGE, change={"detail": "", "phone": ""})


def test_corrections_are_gone_also_those_that_were_accepted(filled: Backend) -> None:
    erase(filled.store)
    with filled.store.transaction() as records:
        assert [records.corrections.find(correction_id) for correction_id in ("R1", "R2")] == [None, None]
        assert list(records.corrections.accepted()) == []


def test_the_score_of_a_rating_stays_and_its_words_go(filled: Backend) -> None:
    erase(filled.store)
    with filled.store.transaction() as records:
        assert records.ratings.find("H1") == replace(RATING, comment=ERASED_TEXT)
        assert list(records.notes.of_conversation("K1")) == []
        assert records.labels.of_conversation("K1") == ()


def test_what_happened_to_the_order_is_still_known(filled: Backend) -> None:
    erase(filled.store)
    with filled.store.transaction() as records:
        assert list(records.events.about(ORDER, since=NOW - 10 * HOUR)) == [replace(EVENT, data={"hours": 6.5})]


def test_an_exposure_still_counts_but_not_as_theirs_and_cannot_be_replayed(filled: Backend) -> None:
    erase(filled.store)
    with filled.store.transaction() as records:
        assert records.exposures.find(EXPOSURE.exposure_id) == replace(EXPOSURE, customer_id="", province="")
        assert records.exposures.cases([EXPOSURE.exposure_id]) == {}
        assert records.outreaches.find(OUTREACH.outreach_id) == replace(OUTREACH, customer_id="")


def test_a_score_still_counts_but_not_what_it_was_made_of(filled: Backend) -> None:
    erase(filled.store)
    with filled.store.transaction() as records:
        assert records.scorings.latest(ORDER.order_no) == replace(SCORING, values={})


def test_who_follows_the_profiles_learns_of_it(filled: Backend) -> None:
    erase(filled.store)
    with filled.store.transaction() as records:
        anonymous = replace(PROFILE, customer_id=None, updated_at=NOW + HOUR)
        assert list(records.profiles.updated_after(NOW, cursor="")) == [anonymous]


def test_a_retry_of_an_erased_write_finds_its_key_but_no_data(filled: Backend) -> None:
    erase(filled.store)
    with filled.store.transaction() as records:
        assert records.idempotency.find("shop", "put-customer") == ("f", 200, "{}")


def test_nobody_else_is_touched(backend: Backend) -> None:
    with backend.store.transaction() as records:
        fill_with_another(records)
    before = backend.dump()
    with backend.store.transaction() as records:
        records.customers.put(CUSTOMER)
    erase(backend.store)
    assert backend.dump() == before


def test_a_claimed_handoff_can_still_be_ended_after_its_customer_was_erased(filled: Backend) -> None:
    with filled.store.transaction() as records:
        claimed = records.handoffs.change(HANDOFF, HANDOFF.claimed("小王", at=NOW))
    erase(filled.store)
    with filled.store.transaction() as records:
        found = records.handoffs.find("H1")
        assert found == replace(claimed, summary=ERASED_TEXT, customer_id=None)
        assert records.handoffs.change(found, found.ended(HandoffState.RETURNED, at=NOW)).associate == "小王"


def test_an_order_found_before_the_erasure_is_not_written_back_after_it(postgresql_backend: Backend) -> None:
    with postgresql_backend.store.transaction() as records:
        fill(records)
    with pytest.raises(Exception, match="try again"):
        _erase_in_the_middle_of_a_turn(postgresql_backend.store)
    assert PHONE not in postgresql_backend.dump()
    postgresql_backend.store.close()


def _erase_in_the_middle_of_a_turn(store: Store) -> None:
    with store.transaction() as turn:
        order = turn.orders.find(ORDER.order_no)
        assert order is not None
        erase(store)
        turn.orders.put(order)
