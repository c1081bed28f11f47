"""Contacts of messaging platforms: met once, delivered once, written to in order, and nothing lost in between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import pytest

from retention.contact import AccessToken, Contact, Cursor, Outgoing, OutgoingState
from retention.conversation import Message
from retention.ports import Records, Store
from tests.contract.samples import ANSWER, CONTACT, CONVERSATION, DELIVERY, HOUR, MESSAGE, NOW, race

SECOND = HOUR / 3600
OTHER = replace(CONTACT, contact_id="wechat:wx1::oOTHER", external_id="oOTHER", conversation_id="K2")


@pytest.fixture(autouse=True)
def talks(store: Store) -> None:
    with store.transaction() as records:
        records.conversations.put(CONVERSATION)
        records.conversations.put(replace(CONVERSATION, conversation_id="K2"))


def say(records: Records, number: int, contact: Contact = CONTACT) -> Message | None:
    return records.messages.add(replace(ANSWER, conversation_id=contact.conversation_id, message_id=f"B{number}"))


def due(store: Store, after: int = 0) -> Sequence[Outgoing]:
    with store.transaction() as records:
        return records.outbox.due(NOW + after * SECOND)


def seqs(outgoing: Sequence[Outgoing]) -> list[tuple[str, int]]:
    return [(one.conversation_id, one.seq) for one in outgoing]


def test_a_contact_is_met_once_however_many_meet_them_at_the_same_moment(store: Store) -> None:
    def meet(number: int) -> str:
        with store.transaction() as records:
            return records.contacts.meet(replace(CONTACT, conversation_id=f"K{number}")).conversation_id

    assert len(set(race([partial(meet, number) for number in range(20)]))) == 1


def test_a_contact_comes_back_as_last_put_and_is_found_by_conversation(store: Store) -> None:
    with store.transaction() as records:
        records.contacts.meet(CONTACT)
        records.contacts.put(replace(CONTACT, taken=True, held_until=NOW + HOUR))
        records.contacts.put(OTHER)
    with store.transaction() as records:
        moved = replace(CONTACT, taken=True, held_until=NOW + HOUR)
        assert records.contacts.find(CONTACT.contact_id) == moved
        assert records.contacts.of_conversation("K1") == moved
        assert records.contacts.of_conversation("K9") is None


def test_who_a_contact_is_was_said_by_the_shop_and_by_nobody_else(store: Store) -> None:
    with store.transaction() as records:
        assert records.contacts.customer_of("wechat", "wx1", "oSHOPPER") is None
        records.contacts.vouch("wechat", "wx1", "oSHOPPER", "C1")
        records.contacts.vouch("wechat", "wx1", "oSHOPPER", "C2")
    with store.transaction() as records:
        assert records.contacts.customer_of("wechat", "wx1", "oSHOPPER") == "C2"
        assert records.contacts.customer_of("wecom", "wx1", "oSHOPPER") is None


def test_a_delivery_that_comes_again_is_the_first_one(store: Store) -> None:
    done = replace(DELIVERY, inbound=None)
    with store.transaction() as records:
        assert records.deliveries.add(DELIVERY) == DELIVERY
        assert records.deliveries.add(replace(DELIVERY, message_id="M9")) == DELIVERY
        records.deliveries.put(done)
    with store.transaction() as records:
        assert records.deliveries.add(DELIVERY) == done


def test_what_was_delivered_and_not_dealt_with_is_found_again(store: Store) -> None:
    later = replace(DELIVERY, delivery_id="D2", at=NOW + SECOND)
    with store.transaction() as records:
        for one in (later, DELIVERY, replace(DELIVERY, delivery_id="D3", inbound=None)):
            records.deliveries.add(one)
        assert list(records.deliveries.undone(NOW + HOUR)) == [DELIVERY, later]
        assert list(records.deliveries.undone(NOW + SECOND)) == [DELIVERY]
        assert list(records.deliveries.undone(NOW + HOUR, limit=1)) == [DELIVERY]


def test_a_day_later_only_what_is_not_dealt_with_is_still_known(store: Store) -> None:
    with store.transaction() as records:
        records.deliveries.once("n1", "digest", NOW)
        records.deliveries.once("n2", "digest", NOW + 2 * HOUR)
        records.deliveries.add(replace(DELIVERY, delivery_id="done", inbound=None))
        records.deliveries.add(replace(DELIVERY, delivery_id="young", inbound=None, at=NOW + 2 * HOUR))
        records.deliveries.add(DELIVERY)
        assert records.deliveries.purge(NOW + HOUR) == 2
        assert records.deliveries.once("n1", "new", NOW + HOUR) == ("new", NOW + HOUR)
        assert records.deliveries.once("n2", "new", NOW + 3 * HOUR) == ("digest", NOW + 2 * HOUR)
        assert list(records.deliveries.undone(NOW + HOUR)) == [DELIVERY]


def test_a_nonce_remembers_what_it_was_used_for_first(store: Store) -> None:
    def use(number: int) -> str:
        with store.transaction() as records:
            return records.deliveries.once("n1", f"content {number}", NOW)[0]

    assert len(set(race([partial(use, number) for number in range(20)]))) == 1


def test_what_is_said_to_a_contact_goes_out_and_what_they_say_does_not(store: Store) -> None:
    with store.transaction() as records:
        records.contacts.put(CONTACT)
        records.messages.add(MESSAGE)
        say(records, 1)
        assert say(records, 1) is None
        say(records, 1, replace(OTHER, conversation_id="K2"))  # nobody of a platform is in that one
    [one] = due(store)
    assert (one.conversation_id, one.seq, one.state, one.attempts) == ("K1", 2, OutgoingState.WAITING, 0)


def test_a_transcript_that_is_rolled_back_sends_nothing(store: Store) -> None:
    def fail() -> None:
        with store.transaction() as records:
            records.contacts.put(CONTACT)
            say(records, 1)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert due(store) == ()


def test_nothing_goes_out_while_a_direct_answer_may_still_be_given(store: Store) -> None:
    with store.transaction() as records:
        records.contacts.put(replace(CONTACT, held_until=NOW + 4 * SECOND))
        say(records, 1)
    assert due(store, 3) == ()
    assert seqs(due(store, 4)) == [("K1", 1)]


def test_what_was_held_back_may_be_let_go_but_not_what_is_being_sent(store: Store) -> None:
    with store.transaction() as records:
        records.contacts.put(replace(CONTACT, held_until=NOW + HOUR))
        say(records, 1)
        records.outbox.release(CONTACT.contact_id, NOW)
    [one] = due(store)
    with store.transaction() as records:
        assert records.outbox.claim(one, now=NOW, until=NOW + HOUR)
        records.outbox.release(CONTACT.contact_id, NOW)
    assert due(store) == ()


def test_one_message_a_contact_is_due_the_first_said_first(store: Store) -> None:
    with store.transaction() as records:
        records.contacts.put(CONTACT)
        records.contacts.put(OTHER)
        for contact, number in ((CONTACT, 1), (OTHER, 1), (CONTACT, 2), (OTHER, 2)):
            say(records, number, contact)
    assert seqs(due(store)) == [("K1", 1), ("K2", 1)]
    with store.transaction() as records:
        [head] = records.outbox.due(NOW, limit=1)
        records.outbox.put(
            replace(head, next_at=NOW + HOUR, problem="busy")
        )  # it waits, and what follows waits with it
    assert seqs(due(store, 60)) == [("K2", 1)]
    with store.transaction() as records:
        records.outbox.put(replace(head, state=OutgoingState.SENT))
    assert sorted(seqs(due(store))) == [("K1", 2), ("K2", 1)]


def test_of_many_that_would_send_one_does_and_after_its_time_another_may(store: Store) -> None:
    with store.transaction() as records:
        records.contacts.put(CONTACT)
        say(records, 1)
    [one] = due(store)

    def claim(after: int) -> bool:
        with store.transaction() as records:
            now = NOW + after * SECOND
            return records.outbox.claim(one, now=now, until=now + 30 * SECOND)

    assert sorted(race([partial(claim, 0) for _ in range(20)])) == [False] * 19 + [True]
    assert not claim(29)
    assert claim(30)
    with store.transaction() as records:
        [found] = records.outbox.of("K1", [1])
    assert found.attempts == 2


def test_a_direct_answer_is_given_or_the_message_is_sent_and_never_both(store: Store) -> None:
    with store.transaction() as records:
        records.contacts.put(CONTACT)
        say(records, 1)
        say(records, 2)
    [head] = due(store)

    def answer() -> bool:
        with store.transaction() as records:
            return records.outbox.answer(CONTACT.contact_id, "K1", [1, 2])

    def send() -> bool:
        with store.transaction() as records:
            return records.outbox.claim(head, now=NOW, until=NOW + HOUR)

    assert sorted(race([answer, send, answer, send])) == [False, False, False, True]


def test_an_answer_waits_its_turn(store: Store) -> None:
    with store.transaction() as records:
        records.contacts.put(CONTACT)
        for number in (1, 2, 3):
            say(records, number)
        assert not records.outbox.answer(CONTACT.contact_id, "K1", [2, 3])
        assert records.outbox.answer(CONTACT.contact_id, "K1", [1, 2])
        assert not records.outbox.answer(CONTACT.contact_id, "K1", [1, 2])
        assert [one.state.value for one in records.outbox.of("K1", [1, 2, 3])] == ["answered", "answered", "waiting"]
        assert seqs(records.outbox.waiting(CONTACT.contact_id)) == [("K1", 3)]
    assert seqs(due(store)) == [("K1", 3)]


def test_what_arrived_is_forgotten_after_a_while_and_the_dead_and_the_waiting_stay(store: Store) -> None:
    ends = (
        OutgoingState.SENT,
        OutgoingState.ANSWERED,
        OutgoingState.SKIPPED,
        OutgoingState.DEAD,
        OutgoingState.WAITING,
    )
    with store.transaction() as records:
        records.contacts.put(CONTACT)
        for number, state in enumerate(ends):
            say(records, number)
            [one] = records.outbox.of("K1", [number + 1])
            records.outbox.put(replace(one, state=state))
        assert records.outbox.purge(NOW) == 0
        assert records.outbox.purge(NOW + SECOND) == 3
        assert [one.state for one in records.outbox.of("K1", range(1, 6))] == list(ends[3:])


def test_one_refresher_at_a_time_and_a_new_token_lets_the_next_one_in(store: Store) -> None:
    def lease(after: int) -> bool:
        with store.transaction() as records:
            now = NOW + after * SECOND
            return records.access_tokens.lease("wechat:wx1", now=now, until=now + 10 * SECOND)

    token = AccessToken(account="wechat:wx1", token="t1", expires_at=NOW + 2 * HOUR)
    assert sorted(race([partial(lease, 0) for _ in range(10)])) == [False] * 9 + [True]
    with store.transaction() as records:
        assert records.access_tokens.find("wechat:wx1") is None
    assert not lease(9)
    assert lease(10)
    with store.transaction() as records:
        records.access_tokens.put(token)
        assert records.access_tokens.find("wechat:wx1") == token
    assert lease(11)


def test_a_cursor_remembers_how_far_it_is_and_whether_there_is_more(store: Store) -> None:
    asked = Cursor(desk="ww1:kf1", cursor="c1", token="t", asked_at=NOW)
    with store.transaction() as records:
        assert records.cursors.find("ww1:kf1") is None
        records.cursors.put(asked)
        records.cursors.put(Cursor(desk="ww1:kf2", cursor="c2"))
        assert records.cursors.find("ww1:kf1") == asked
        assert list(records.cursors.asked(NOW)) == []
        assert list(records.cursors.asked(NOW + SECOND)) == [asked]
