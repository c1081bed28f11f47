"""Conversations found by what was said in them and what became of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from retention.archive import Wanted
from retention.conversation import Author, Memory, Status
from retention.ports import Records, Store
from tests.contract.samples import ANSWER, CONVERSATION, HANDOFF, HOUR, MESSAGE, NOW, ORDER

OTHER = replace(
    CONVERSATION,
    conversation_id="K2",
    customer_id="C2",
    memory=Memory(),
    status=Status.CLOSED,
    updated_at=NOW + HOUR,
)


@pytest.fixture(autouse=True)
def talks(store: Store) -> None:
    with store.transaction() as records:
        for conversation in (CONVERSATION, OTHER):
            records.conversations.put(conversation)
        records.messages.add(replace(MESSAGE, text="鞋码 XL 偏大_50%"))
        records.messages.add(ANSWER)
        records.messages.add(replace(MESSAGE, conversation_id="K2", text="到哪了"))
        records.messages.add(replace(MESSAGE, conversation_id="K2", message_id="M3", text="在吗"))
        waiting = records.handoffs.open(
            replace(HANDOFF, handoff_id="H2", conversation_id="K2", order_no="B778899", customer_id="C2")
        )
        records.handoffs.change(waiting, waiting.claimed("小王", at=NOW))
        records.labels.put("K2", frozenset({"物流"}))


def found(records: Records, wanted: Wanted) -> list[str]:
    return [one.conversation_id for one in records.archive.search(wanted)]


CASES = {
    "nothing asked": (Wanted(), ["K2", "K1"]),
    "words": (Wanted(words="鞋码"), ["K1"]),
    "words in another case": (Wanted(words="xl"), ["K1"]),
    "signs mean themselves": (Wanted(words="_50%"), ["K1"]),
    "a sign is no wildcard": (Wanted(words="鞋_XL"), []),
    "what the bot said": (Wanted(words="差价"), ["K1"]),
    "an order talked about": (Wanted(words=ORDER.order_no[-4:]), ["K1"]),
    "an order handed over": (Wanted(words="8899"), ["K2"]),
    "too little of an order": (Wanted(words="899"), []),
    "the middle of an order": (Wanted(words="7788"), []),
    "a customer": (Wanted(words="C2"), ["K2"]),
    "a label": (Wanted(label="物流"), ["K2"]),
    "an associate": (Wanted(associate="小王"), ["K2"]),
    "another associate": (Wanted(associate="小李"), []),
    "a status": (Wanted(status=Status.BOT), ["K1"]),
    "whose": (Wanted(customer_id="C1"), ["K1"]),
    "since": (Wanted(since=NOW + HOUR), ["K2"]),
    "until": (Wanted(until=NOW + HOUR), ["K1"]),
    "all of it": (Wanted(words="到哪", label="物流", associate="小王", status=Status.CLOSED, customer_id="C2"), ["K2"]),
    "all but one": (Wanted(words="鞋码", label="物流"), []),
    "the next page": (Wanted(before=(NOW + HOUR, "K2")), ["K1"]),
    "the page after the last": (Wanted(before=(NOW, "K1")), []),
}


@pytest.mark.parametrize(("wanted", "ids"), CASES.values(), ids=CASES.keys())
def test_what_is_asked_for_is_found_and_nothing_else(store: Store, wanted: Wanted, ids: list[str]) -> None:
    with store.transaction() as records:
        assert found(records, wanted) == ids


def test_of_the_same_moment_pages_go_by_id(store: Store) -> None:
    with store.transaction() as records:
        for number in range(3, 6):
            records.conversations.put(replace(OTHER, conversation_id=f"K{number}"))
        seen, before = [], None
        while page := records.archive.search(Wanted(before=before), limit=2):
            seen += [one.conversation_id for one in page]
            before = (page[-1].updated_at, page[-1].conversation_id)
    assert seen == ["K5", "K4", "K3", "K2", "K1"]


def test_the_telling_message_has_the_words_or_is_the_shoppers_last(store: Store) -> None:
    with store.transaction() as records:
        telling = [records.archive.telling("K1", words) for words in ("鞋码", "差价", "没人说过", "")]
        assert [one.message_id for one in telling if one] == ["M1", "M2", "M1", "M1"]
        newest = records.archive.telling("K2", "")
        assert newest is not None
        assert (newest.message_id, newest.author) == ("M3", Author.SHOPPER)
        assert records.archive.telling("K404", "x") is None
