"""One spelling for what people type."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from language.normalise import normalise, to_simplified, to_traditional


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("ＴＱ１２３４，退款！", "tq1234,退款!"),
        ("Refund PLEASE", "refund please"),
        ("人\u200b工\u200d客\ufeff服", "人工客服"),
        ("不要了\x00\x07\n\n  退", "不要了 退"),
        ("退退退退退退退！！！！！！！！", "退退退!!!"),
        ("太慢了😭😭😭😭😭", "太慢了😭😭😭"),
        ("我要取消訂單，還沒出貨", "我要取消订单,还没出货"),
        ("先留著", "先留着"),
        ("\ud83d坏了\udc00", "坏了"),
        (" \t ", ""),
        ("", ""),
    ],
)
def test_different_typing_gets_one_spelling(typed: str, normal: str) -> None:
    assert normalise(typed).text == normal


@pytest.mark.parametrize(
    "typed", ["退貨", "我在你們店買的鞋三天還沒動靜", "請問什麼時候出貨", "謝謝", "張單可唔可以轉寄去澳門？"]
)
def test_a_writer_of_traditional_is_recognised(typed: str) -> None:
    assert normalise(typed).traditional


@pytest.mark.parametrize(
    "typed",
    ["退货", "我在你们店买的鞋三天还没动静", "囧", "著名的乾隆瓷器", "hello 666 😭", "地址里有个“號”字系统不认", ""],
)
def test_a_writer_of_simplified_is_not_taken_for_one_of_traditional(typed: str) -> None:
    assert not normalise(typed).traditional


@given(st.text())
def test_a_normal_text_is_its_own_normal(typed: str) -> None:
    normal = normalise(typed).text
    assert normalise(normal).text == normal


@given(st.text(alphabet=st.characters(), max_size=50))
def test_any_characters_at_all_are_read(typed: str) -> None:
    normal = normalise(typed).text
    assert normal.encode("utf-8") is not None
    assert normal == normal.strip()


def test_a_reply_in_traditional_keeps_its_words() -> None:
    reply = "已为您申请5元红包，网络信息稍后发到手机"
    assert to_traditional(reply) == "已為您申請5元紅包，網絡信息稍後發到手機"
    assert to_simplified(to_traditional(reply)) == reply
