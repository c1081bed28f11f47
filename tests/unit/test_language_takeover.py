"""When a supervisor takes over, by what a message means after what came before it."""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt
import pytest

from language.takeover import Takeover, meaning_of
from language.train_takeover import Exchange, learn_takeover
from retention.hearing import Before

WIDTH = 16


class Bag:
    """An encoder that knows single characters and no order."""

    def meaning(self, text: str) -> npt.NDArray[np.float32]:
        rows = [np.frombuffer(hashlib.sha256(char.encode()).digest()[:WIDTH], np.uint8) for char in text]
        meaning: npt.NDArray[np.float32] = (np.mean(rows, axis=0) / 128 - 1).astype(np.float32)
        return meaning


HEARD = Bag()
GOODS = ("被子", "水壶", "球鞋", "手机", "雨伞", "书包", "米粉", "台灯", "耳机", "帽子", "茶叶", "毛巾", "键盘", "油箱")
BESIDE = "本店全场包邮"
EXCHANGES = [
    Exchange(
        conversation=f"{goods} {answer}",
        text="那到底行不行",
        before=Before(said=f"{goods}能不能退", answered=answer),
        takes_over=answer == BESIDE,
    )
    for goods in GOODS
    for answer in (BESIDE, "可以退的您放心")
]


def test_the_same_words_call_a_person_after_an_answer_beside_the_question_and_not_after_a_good_one() -> None:
    takeover, _ = learn_takeover(HEARD, EXCHANGES)
    beside, good = (
        takeover.probability(HEARD, "那到底行不行", Before(said="毯子能不能退", answered=answer))
        for answer in (BESIDE, "可以退的您放心")
    )
    assert beside > good + 0.1


def test_what_is_said_of_an_exchange_was_learnt_from_other_conversations() -> None:
    """One conversation that goes against all others is judged as the others teach."""
    odd = Exchange(conversation="odd", text="油", before=None, takes_over=True)
    usual = [Exchange(conversation=goods, text="油", before=None, takes_over=False) for goods in GOODS]
    _, apart = learn_takeover(HEARD, [*EXCHANGES, *usual, odd])
    assert len(apart) == len(EXCHANGES) + len(usual) + 1
    assert apart[-1] < 0.5


def test_the_same_conversations_teach_the_same() -> None:
    (one, first), (other, second) = learn_takeover(HEARD, EXCHANGES), learn_takeover(HEARD, EXCHANGES)
    assert np.array_equal(one.weights, other.weights)
    assert one.start == other.start
    assert np.array_equal(first, second)


@pytest.mark.parametrize("before", [None, Before(said="", answered=""), Before(said=" \n", answered="\u200b")])
def test_nothing_before_means_nothing(before: Before | None) -> None:
    meaning = meaning_of(HEARD, "退", before)
    assert meaning.shape == (3 * WIDTH,)
    assert not meaning[WIDTH:].any()


def test_what_came_before_is_read_in_any_width_and_script() -> None:
    narrow, wide = (meaning_of(HEARD, "退", Before(said=said, answered="")) for said in ("abc退货", "ＡＢＣ退貨"))
    assert np.allclose(narrow, wide)


def test_a_probability_is_one_whatever_is_said() -> None:
    strong = Takeover(weights=np.full(3 * WIDTH, 100, np.float32), start=-5.0)
    for text in ("退", "好" * 2000):
        assert 0 <= strong.probability(HEARD, text, Before(said=text, answered=text)) <= 1
