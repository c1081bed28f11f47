"""One customer in several conversations at the same moment: the desk itself, on every store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from retention.conversation import Author, Message, Turn
from retention.desk import Reply
from retention.hearing import EntityKind, Hearing, Reason
from retention.offer import GIVEN
from retention.ports import Store
from tests.contract.samples import race
from tests.unit.counter import NOW, Counter, entity, order

CONVERSATIONS = 2


def heard(counter: Counter, conversation_id: str, intent: str, *, text: str) -> Callable[[], Reply]:
    """The desk's answer to a message that is recorded by now."""
    message = Message(
        conversation_id=conversation_id, message_id=f"{conversation_id}-yes", author=Author.SHOPPER, at=NOW, text=text
    )
    with counter.store.transaction() as records:
        records.messages.add(message)
    hearing = Hearing(intent=intent, confidence=0.9, ranking=((intent, 0.9),))
    turn = Turn(conversation_id=conversation_id, message_id=message.message_id, text=text, hearing=hearing)
    return partial(counter.desk.handle, turn)


def leaving(store: Store) -> tuple[Counter, Sequence[str]]:
    """As many orders of one customer, each about to be cancelled in a conversation of its own."""
    numbers = [f"TQ2026112000{number}" for number in range(1, CONVERSATIONS + 1)]
    counter = Counter(*(order(number) for number in numbers), store=store)
    for number in numbers:
        counter.open(f"of-{number}")
        named = (entity(EntityKind.ORDER_NO, number),)
        counter.say(f"{number} 不想要了", "cancel_order", Reason.CHANGED_MIND, entities=named)
    return counter, numbers


def test_orders_kept_at_the_same_moment_are_thanked_for_once(store: Store) -> None:
    counter, numbers = leaving(store)
    race([heard(counter, f"of-{number}", "keep_order", text="算了还是留着") for number in numbers])
    assert sum(len(counter.care(number)) for number in numbers) == 1


def test_one_order_accepted_and_cancelled_at_the_same_moment_is_not_paid_for(store: Store) -> None:
    number = "TQ20261120001"
    counter = Counter(order(number, late_hours=30), store=store)
    counter.say("发货太慢了不要了", "cancel_order", Reason.LOGISTICS)
    assert counter.decision().outcome == "offered"
    counter.open("conv-2")
    accepting = heard(counter, "conv-1", "accept_offer", text="接受方案")
    race([accepting, heard(counter, "conv-2", "leave_now", text="直接取消")])
    assert not counter.order(number).is_open
    assert not [grant for grant in counter.grants(number) + counter.care(number) if grant.state in GIVEN]
