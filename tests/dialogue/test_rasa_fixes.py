"""Fixes named in so many words, through the real Rasa server: they reach the desk whatever the intent was heard as."""

from __future__ import annotations

import pytest

from retention.hearing import EntityKind, Hearing
from tests.dialogue.fake_desk import FakeDesk
from tests.dialogue.rasa_process import Rasa

pytestmark = [pytest.mark.rasa, pytest.mark.timeout(900)]


def heard(rasa: Rasa, desk: FakeDesk, text: str, **state: object) -> Hearing:
    """What the desk was given for a message; it must have been asked, not asked back."""
    rasa.turn(text, conversation_id=f"c-{abs(hash(text))}", **state)
    (turn,) = desk.handled
    assert turn.text == text
    assert desk.asked_back == []
    return turn.hearing


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("两单合并一起发吧", "merge_orders"),
        ("两个订单地址一样，能合并成一个包裹发吗", "merge_orders"),
        ("有货的先发，缺货的等补货再发", "ship_apart"),
        ("能不能分开发，有货的先给我发", "ship_apart"),
        ("帮我看看我该穿什么码", "advise_size"),
        ("这裤子偏大还是偏小", "advise_size"),
        ("我一米七五 140斤穿什么码", "advise_size"),
        ("把坚果取消掉，豆浆机留着", "part_of_order"),
        ("除了豆浆机都取消", "part_of_order"),
        ("只退裤子，上衣留着", "part_of_order"),
        ("后天上午9点到12点来取件", "pick_up"),
        ("上门取件约周六", "pick_up"),
    ],
)
def test_a_fix_reaches_the_desk_with_its_name(rasa: Rasa, desk: FakeDesk, text: str, fix: str) -> None:
    assert heard(rasa, desk, text).first(EntityKind.FIX) == fix


def test_a_build_reaches_the_desk_in_centimetres_and_kilograms(rasa: Rasa, desk: FakeDesk) -> None:
    hearing = heard(rasa, desk, "我一米七五 140斤穿什么码")
    assert hearing.first(EntityKind.HEIGHT) == "175"
    assert hearing.first(EntityKind.WEIGHT) == "70"


@pytest.mark.parametrize(
    ("text", "expecting", "kind", "value"),
    [
        ("一米七五，140斤", "build", EntityKind.HEIGHT, "175"),
        ("平时穿L", "build", EntityKind.USUAL_SIZE, "L"),
        ("明天下午吧", "pick_up", EntityKind.SLOT, "+1 14-18"),
        ("周六上午", "pick_up", EntityKind.SLOT, "w6 9-12"),
    ],
)
def test_an_answer_to_the_desks_new_questions_reaches_it_with_what_it_says(
    rasa: Rasa, desk: FakeDesk, text: str, expecting: str, kind: EntityKind, value: str
) -> None:
    assert heard(rasa, desk, text, expecting=expecting).first(kind) == value


def test_goods_named_after_the_question_which_reach_the_desk(rasa: Rasa, desk: FakeDesk) -> None:
    assert heard(rasa, desk, "豆浆机", expecting="line")


def test_a_whole_message_of_exchange_size_and_courier_arrives_whole(rasa: Rasa, desk: FakeDesk) -> None:
    hearing = heard(rasa, desk, "收到了，衣服小了换成L，明天下午上门取件")
    assert hearing.intent == "exchange_item"
    assert hearing.first(EntityKind.SIZE) == "L"
    assert hearing.first(EntityKind.FIX) == "pick_up"
    assert hearing.first(EntityKind.SLOT) == "+1 14-18"


@pytest.mark.parametrize("text", ["你好", "谢谢", "再见"])
def test_small_talk_stays_with_the_rules(rasa: Rasa, desk: FakeDesk, text: str) -> None:
    rasa.turn(text, conversation_id="c-small")
    assert desk.handled == []
