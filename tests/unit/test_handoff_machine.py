"""The handoff machine under histories nobody thought of; `benchmarks/handoffs.py` plays many more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.handoff_model import HandoffMachine, InMemory, in_sqlite
from benchmarks.handoff_replay import BrokenLawError, broken_law
from benchmarks.handoffs import play
from retention.conversation import Author, Message
from tests.unit.counter import NOW, Counter, order

CALLED = ("m1", "转人工")


def test_no_history_breaks_a_law_in_memory() -> None:
    assert play(InMemory, 40, 30, same=True) is None
    assert {"claimed", "released", "returned"} <= HandoffMachine.tally.acts.keys()


def test_no_history_breaks_a_law_in_sqlite() -> None:
    with in_sqlite() as machine:
        assert play(machine, 12, 25, same=True) is None


@pytest.mark.parametrize(
    ("law", "author", "message_id", "associate"),
    [
        ("bot_spoke", Author.BOT, "m0:bot:0", None),
        ("two_owners", Author.ASSOCIATE, "a1", "小王"),
        ("lost", Author.SHOPPER, "m2", None),
        ("inconsistent", Author.SYSTEM, "h1:returned:1", None),
    ],
)
def test_a_planted_violation_is_found(law: str, author: Author, message_id: str, associate: str | None) -> None:
    counter = Counter(order())
    counter.say("你好", "greet", message_id="m0")
    counter.say("转人工", "request_human", message_id="m1")
    said = [("m0", "你好"), CALLED]
    with counter.store.transaction() as records:
        broken_law(records, "conv-1", said)
        planted = Message(
            conversation_id="conv-1", message_id=message_id, author=author, at=NOW, text="", associate=associate
        )
        known = records.messages.find("conv-1", message_id)
        records.messages.add(planted if known is None else replace(planted, message_id="m0:bot:9"))
        with pytest.raises(BrokenLawError, match=law):
            broken_law(records, "conv-1", said)
