"""A shopper's conversation over HTTP."""

from __future__ import annotations

import asyncio

import pytest

from retention.conversation import Author, Status
from tests.http.world import World

pytestmark = pytest.mark.anyio


async def test_a_late_order_is_answered_with_an_offer_and_what_was_heard(world: World) -> None:
    headers = await world.begin()
    answer = await world.say(headers, "物流太慢了，我要取消")
    assert answer.status_code == 200
    body = answer.json()
    assert body["status"] == "bot"
    assert body["turn"] == {"intent": "cancel_order", "reasons": ["logistics"], "emotion": "angry", "sentiment": -0.5}
    assert body["replies"][-1]["offer"]["value_fen"] > 0


async def test_the_same_message_id_gets_the_same_answer_and_is_handled_once(world: World) -> None:
    headers = await world.begin()
    first = await world.say(headers, "物流太慢了，我要取消")
    again = await world.say(headers, "物流太慢了，我要取消")
    assert again.json() == first.json()
    assert len(world.rasa.turns) == 1


async def test_two_hundred_taps_at_once_are_one_turn(world: World) -> None:
    headers = await world.begin()
    answers = await asyncio.gather(*(world.say(headers, "物流太慢了，我要取消") for _ in range(200)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert len(world.rasa.turns) == 1
    with world.store.transaction() as records:
        assert len(records.ledger.of_order("TQ20261116001")) == 1
        spoken = records.messages.after(world.conversation_of(headers), 0)
    assert [message.author for message in spoken].count(Author.SHOPPER) == 1


async def test_small_talk_is_kept_with_its_hearing_and_decision(world: World) -> None:
    headers = await world.begin()
    answer = await world.say(headers, "你好")
    assert answer.json()["replies"] == [{"text": "您好，我在的。"}]
    with world.store.transaction() as records:
        message = records.messages.find(world.conversation_of(headers), "m1")
    assert message is not None
    assert message.answered
    assert message.hearing is not None
    assert message.hearing.intent == "greet"
    assert message.decision is not None
    assert message.decision.rule == "utter_greet"


async def test_the_bot_hears_a_message_after_what_was_said_before_it(world: World) -> None:
    headers = await world.begin()
    await world.say(headers, "你好", "m1")
    await world.say(headers, "你好，在不在", "m2")
    await world.say(headers, "物流太慢了，我要取消", "m3")
    assert [turn["state"]["before"] for turn in world.rasa.turns] == [
        None,
        {"said": "你好", "answered": "您好，我在的。"},
        {"said": "你好，在不在", "answered": "您好，我在的。"},
    ]


async def test_messages_of_one_conversation_are_answered_in_the_order_they_came(world: World) -> None:
    headers = await world.begin()
    await asyncio.gather(*(world.say(headers, "你好", f"m{number}") for number in range(10)))
    transcript = (await world.client.get("/v1/chat/messages", headers=headers)).json()["messages"]
    ids = [message["message_id"] for message in transcript]
    assert [message["seq"] for message in transcript] == list(range(1, 21))
    assert all(reply == f"{said}:bot:0" for said, reply in zip(ids[::2], ids[1::2], strict=True))


async def test_a_transcript_can_be_read_from_any_message_on(world: World) -> None:
    headers = await world.begin()
    await world.say(headers, "你好")
    everything = (await world.client.get("/v1/chat/messages", headers=headers)).json()
    rest = (await world.client.get("/v1/chat/messages?after=1", headers=headers)).json()
    assert [message["author"] for message in everything["messages"]] == ["shopper", "bot"]
    assert rest == {"messages": everything["messages"][1:], "status": "bot", "offer": None}


async def test_a_writer_of_traditional_chinese_is_answered_in_kind(world: World) -> None:
    headers = await world.begin()
    answer = await world.say(headers, "我的訂單物流太慢了，要取消訂單，請處理")
    text = "".join(reply["text"] for reply in answer.json()["replies"])
    assert "单" not in text
    assert "单" not in (await world.client.get("/v1/chat/messages?after=1", headers=headers)).text


async def test_an_unsigned_shopper_may_talk(world: World) -> None:
    answer = await world.say(await world.begin(None), "你好")
    assert answer.status_code == 200


async def test_rasa_learns_what_the_desk_expects_next(world: World) -> None:
    headers = await world.begin()
    await world.say(headers, "物流太慢了，我要取消", "m1")
    await world.say(headers, "你好", "m2")
    assert world.rasa.turns[1]["state"]["expecting"] == "offer"
    assert "接受方案" in world.rasa.turns[1]["state"]["options"]


@pytest.mark.parametrize("text", ["/cancel_order", "/greet{}", " \u200b/restart", "／cancel_order", "\u2066\ufeff/x"])
async def test_a_command_of_the_dialogue_engine_is_refused_and_not_recorded(world: World, text: str) -> None:
    headers = await world.begin()
    answer = await world.say(headers, text)
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:tourniquet:problem:control_text"
    assert (await world.client.get("/v1/chat/messages", headers=headers)).json()["messages"] == []
    assert world.rasa.turns == []


@pytest.mark.parametrize(
    ("text", "code"), [("", "empty_text"), ("\x00\u0007 ", "empty_text"), ("啊" * 2001, "text_too_long")]
)
async def test_a_text_nobody_can_answer_is_refused_in_chinese(world: World, text: str, code: str) -> None:
    answer = await world.say(await world.begin(), text)
    assert (answer.status_code, answer.json()["type"]) == (422, f"urn:tourniquet:problem:{code}")
    assert "消息" in answer.json()["detail"]


async def test_control_characters_are_dropped_from_what_is_kept(world: World) -> None:
    headers = await world.begin()
    await world.say(headers, "你\x00好\x1b👋\n在吗")
    transcript = (await world.client.get("/v1/chat/messages", headers=headers)).json()["messages"]
    assert transcript[0]["text"] == "你好👋\n在吗"


async def test_the_id_of_another_ones_message_cannot_be_taken(world: World) -> None:
    headers = await world.begin()
    await world.say(headers, "转人工", "m1")
    with world.store.transaction() as records:
        handoff = records.handoffs.open_of(world.conversation_of(headers))
    assert handoff is not None
    await world.service.associates.claim(handoff.handoff_id, "小王")
    await world.service.associates.reply(handoff.handoff_id, "小王", "a1", "您好，我是小王")
    answer = await world.say(headers, "你好", "a1")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:tourniquet:problem:message_id_taken")


async def test_a_closed_conversation_says_so(world: World) -> None:
    headers = await world.begin()
    await world.say(headers, "转人工", "m1")
    with world.store.transaction() as records:
        handoff = records.handoffs.open_of(world.conversation_of(headers))
    assert handoff is not None
    await world.service.associates.claim(handoff.handoff_id, "小王")
    await world.service.associates.resolve(handoff.handoff_id, "小王")
    answer = await world.say(headers, "还有个问题", "m2")
    assert answer.status_code == 409
    assert "已经结束" in answer.json()["detail"]
    repeated = await world.say(headers, "转人工", "m1")
    assert repeated.status_code == 200


async def test_while_a_person_has_the_conversation_the_bot_listens_and_is_silent(world: World) -> None:
    headers = await world.begin()
    await world.say(headers, "转人工", "m1")
    answer = await world.say(headers, "物流太慢", "m2")
    assert answer.json()["replies"] == []
    assert answer.json()["status"] == "waiting"
    assert answer.json()["turn"]["intent"] == "cancel_order"
    assert world.rasa.heard == ["物流太慢"]


async def test_a_shopper_may_leave_the_queue(world: World) -> None:
    headers = await world.begin()
    await world.say(headers, "转人工", "m1")
    answer = await world.client.delete("/v1/chat/handoff", headers=headers)
    assert answer.status_code == 204
    status = (await world.client.get("/v1/chat/messages", headers=headers)).json()["status"]
    assert status == Status.BOT.value
    again = await world.client.delete("/v1/chat/handoff", headers=headers)
    assert again.status_code == 409
