"""What the bot did with each message, as a decision says it and as the desk really decides."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention.conversation import Author, Decision, Message, Turn
from retention.course import Act, act_of
from retention.hearing import Hearing, Reason
from retention.visit import plain
from tests.unit.compensation_cases import UNTIMED
from tests.unit.counter import NOW, Counter, order, price

NOTHING_DONE = [
    ("informed", Act.ANSWERED),
    ("explained", Act.ANSWERED),
    ("already_granted", Act.ANSWERED),
    ("asked", Act.ASKED),
    ("offered", Act.OFFERED),
    ("refused", Act.REFUSED),
    ("soothed", Act.CHAT),
    ("declined", Act.CHAT),
    ("kept", Act.CHAT),
]
DONE = [
    "granted",
    "cancelled",
    "refund_requested",
    "address_amended",
    "variant_amended",
    "expedited",
    "exchange_requested",
    "part_cancelled",
    "part_refund_requested",
    "substituted",
    "merged",
    "split",
    "pick_up_booked",
]


@pytest.mark.parametrize(("outcome", "act"), [*NOTHING_DONE, *((outcome, Act.DONE) for outcome in DONE)])
def test_an_outcome_says_what_was_done(outcome: str, act: Act) -> None:
    assert act_of(plain(outcome, "any_rule")) is act


@pytest.mark.parametrize("rule", ["two_readings", "not_understood"])
def test_asking_what_was_meant_is_being_lost(rule: str) -> None:
    assert act_of(plain("asked", rule)) is Act.LOST


def test_small_talk_tells_nothing() -> None:
    assert act_of(plain("informed", "utter_thank")) is Act.CHAT


@pytest.mark.parametrize("outcome", ["offer_expired", "offer_gone", "handed_off"])
def test_an_offer_that_is_gone_and_a_call_for_a_person_did_nothing_for_the_shopper(outcome: str) -> None:
    assert act_of(plain(outcome, outcome)) is not Act.DONE


@UNTIMED
@given(
    outcome=st.none() | st.text(max_size=10),
    rule=st.text(max_size=10) | st.sampled_from(["two_readings", "utter_greet"]),
)
def test_whatever_was_decided_something_was_done_with_the_message(outcome: str | None, rule: str) -> None:
    assert act_of(Decision(intervention="inform", rule=rule, why="", outcome=outcome)) in Act


def acts(counter: Counter) -> list[Act]:
    with counter.store.transaction() as records:
        turns = records.messages.turns(counter.conversation_id, last=50)
    return [act_of(turn.decision) for turn in turns if turn.decision is not None]


def mumble(counter: Counter, text: str) -> None:
    """A message that could mean one thing or another."""
    hearing = Hearing(intent="track_order", confidence=0.3, ranking=(("track_order", 0.3), ("delivery_delay", 0.25)))
    turn = Turn(conversation_id=counter.conversation_id, message_id=f"mumbled-{text}", text=text, hearing=hearing)
    with counter.store.transaction() as records:
        records.messages.add(
            Message(
                conversation_id=turn.conversation_id,
                message_id=turn.message_id,
                author=Author.SHOPPER,
                at=NOW,
                text=text,
            )
        )
    counter.desk.ask_back(turn)


def test_a_shopper_who_leaves_is_asked_why_and_let_go() -> None:
    counter = Counter(order())
    counter.say("取消", "cancel_order")
    counter.say("不说", "deny")
    counter.say("取消订单", "cancel_order")
    assert acts(counter) == [Act.ASKED, Act.ASKED, Act.DONE]


def test_a_remedy_is_offered_granted_and_then_told_again() -> None:
    counter = Counter(order()).events(price(160))
    counter.say("降价了，退款", "cancel_order", Reason.PRICE)
    counter.say("好", "accept_offer")
    counter.say("降价了", "price_drop", Reason.PRICE)
    assert acts(counter) == [Act.OFFERED, Act.DONE, Act.ANSWERED]


def test_an_offer_that_is_turned_down_does_nothing() -> None:
    counter = Counter(order()).events(price(160))
    counter.say("降价了", "price_drop", Reason.PRICE)
    counter.say("不要", "decline_offer")
    assert acts(counter) == [Act.OFFERED, Act.CHAT]


def test_a_question_is_answered_and_a_thank_you_is_small_talk() -> None:
    counter = Counter(order())
    counter.say("到哪了", "track_order")
    counter.say("谢谢", "thank")
    assert acts(counter) == [Act.ANSWERED, Act.CHAT]


def test_bargaining_without_a_reason_is_refused_and_the_refusal_explained() -> None:
    counter = Counter(order())
    counter.say("便宜点", "ask_discount")
    counter.say("为什么", "ask_why")
    assert acts(counter) == [Act.REFUSED, Act.ANSWERED]


def test_asking_back_is_being_lost_however_often() -> None:
    counter = Counter(order())
    for text in ("那个", "就那个嘛", "哎呀那个"):
        mumble(counter, text)
    assert acts(counter) == [Act.LOST] * 3
