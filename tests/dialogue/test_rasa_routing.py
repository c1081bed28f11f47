"""Who answers, played through the real Rasa server."""

from __future__ import annotations

import pytest

from bot.intent_file import read_intents
from integrations.codec import decode
from retention.hearing import Emotion, EntityKind, Hearing, Reason
from tests.dialogue.fake_desk import OFFER, FakeDesk
from tests.dialogue.rasa_process import Rasa

pytestmark = [pytest.mark.rasa, pytest.mark.timeout(900)]

REPLIES = {intent.intent: set(intent.replies) for intent in read_intents()}
UNDERSTOOD = 0.35
RIDDLES = (
    "换 退 改 取",
    "的撒范德萨发",
    "你们 这个 那个",
    "昨天那件事",
    "那个什么来着",
    "怎么说呢就那个",
    "上次跟你们讲的那个",
    "你懂的",
    "那边那个什么",
)


def texts(answered: dict[str, list[dict[str, str]]]) -> list[str]:
    return [reply["text"] for reply in answered["replies"]]


def test_a_greeting_is_answered_with_one_of_its_own_words_and_without_the_desk(rasa: Rasa, desk: FakeDesk) -> None:
    (answer,) = texts(rasa.turn("你好"))
    assert answer in REPLIES["greet"]
    assert desk.calls == []


def test_a_greeting_does_not_always_get_the_same_words(rasa: Rasa) -> None:
    assert len({texts(rasa.turn("你好"))[0] for _ in range(30)}) > 1


def test_a_wish_to_cancel_reaches_the_desk_as_it_was_heard(rasa: Rasa, desk: FakeDesk) -> None:
    answered = rasa.turn("物流太慢了，我要取消订单", conversation_id="c-heard")
    (turn,) = desk.handled
    assert (turn.conversation_id, turn.text) == ("c-heard", "物流太慢了，我要取消订单")
    assert turn.hearing.intent == "cancel_order"
    assert Reason.LOGISTICS in turn.hearing.reasons
    assert decode(Hearing, answered["hearing"]) == turn.hearing


def test_an_order_number_reaches_the_desk(rasa: Rasa, desk: FakeDesk) -> None:
    rasa.turn("单号2024113022334")
    (turn,) = desk.handled
    assert turn.hearing.first(EntityKind.ORDER_NO) == "2024113022334"


def test_the_desk_answers_the_message_that_was_sent(rasa: Rasa, desk: FakeDesk) -> None:
    """The message id is what makes a turn happen once."""
    body = {"conversation_id": "c-id", "message_id": "m-of-the-service", "text": "取消订单", "state": {}}
    assert rasa.post("/turns", body).status_code == 200
    assert [turn.message_id for turn in desk.handled] == ["m-of-the-service"]


def test_a_bubble_arrives_whole_with_its_buttons_and_its_offer(rasa: Rasa, desk: FakeDesk) -> None:
    plain, offered = rasa.turn("取消订单")["replies"]
    assert plain == {"text": "查到了。", "buttons": []}
    assert offered["text"] == "这样可以吗？"
    assert offered["buttons"] == [{"title": "接受方案", "text": "就按这个来"}, {"title": "不用", "text": "不用了"}]
    assert offered["offer"]["grant_id"] == OFFER.grant_id
    assert offered["offer"]["value_fen"] == OFFER.value_fen


@pytest.mark.parametrize("status", ["waiting", "human", "closed"])
def test_while_a_person_owns_the_conversation_the_bot_hears_and_says_nothing(
    rasa: Rasa, desk: FakeDesk, status: str
) -> None:
    answered = rasa.turn("我要取消订单，转人工", status=status)
    assert answered["replies"] == []
    assert answered["hearing"]["intent"] in ("cancel_order", "request_human")
    assert desk.calls == []


def test_after_the_person_gives_the_conversation_back_the_bot_answers_again(rasa: Rasa, desk: FakeDesk) -> None:
    assert rasa.turn("你好", conversation_id="c-back", status="human")["replies"] == []
    assert texts(rasa.turn("你好", conversation_id="c-back"))[0] in REPLIES["greet"]


def test_a_pressed_button_reaches_the_desk_whatever_it_reads_like(rasa: Rasa, desk: FakeDesk) -> None:
    rasa.turn("谢谢", options=["谢谢", "不用了"])
    assert [turn.text for turn in desk.handled] == ["谢谢"]


def test_an_answer_to_the_desks_question_reaches_the_desk_whatever_it_reads_like(rasa: Rasa, desk: FakeDesk) -> None:
    rasa.turn("你好", expecting="reason")
    assert [turn.text for turn in desk.handled] == ["你好"]


def test_anger_reaches_the_desk_even_inside_small_talk(rasa: Rasa, desk: FakeDesk) -> None:
    rasa.turn("生气了！！再见")
    (turn,) = desk.handled
    assert turn.hearing.intent == "goodbye"
    assert turn.hearing.emotion is Emotion.ANGRY
    assert turn.hearing.intensity >= 0.5
    assert turn.hearing.sentiment < 0


def test_a_wish_for_a_person_reaches_the_desk(rasa: Rasa, desk: FakeDesk) -> None:
    rasa.turn("转人工")
    (turn,) = desk.handled
    assert turn.hearing.escalate >= 0.5


def test_what_is_not_understood_is_asked_back(rasa: Rasa, desk: FakeDesk) -> None:
    riddle = next(text for text in RIDDLES if rasa.hear(text)["confidence"] < UNDERSTOOD)
    assert texts(rasa.turn(riddle)) == ["您是想取消订单，还是查物流？"]
    assert [turn.text for turn in desk.asked_back] == [riddle]
    assert desk.handled == []


def test_a_conversation_of_several_turns_stays_in_step(rasa: Rasa, desk: FakeDesk) -> None:
    conversation = {"conversation_id": "c-long"}
    assert texts(rasa.turn("你好", **conversation))[0] in REPLIES["greet"]
    for _ in range(12):
        assert len(rasa.turn("我要取消订单", **conversation)["replies"]) == 2
        assert texts(rasa.turn("谢谢", **conversation))[0] in REPLIES["thank"]
    assert len(desk.handled) == 12


def test_a_late_call_to_the_desk_carries_no_more_than_an_early_one(rasa: Rasa, desk: FakeDesk) -> None:
    for _ in range(8):
        rasa.turn("我要取消订单", conversation_id="c-load")
    assert all(call["tracker"]["events"] == [] and call["domain"] == {} for call in desk.calls)
