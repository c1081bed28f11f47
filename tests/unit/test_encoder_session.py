"""Serving an encoder: one text or many, short or long, in one thread or several."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from language.encoder.graph import build
from language.encoder.session import LONGEST, Encoder, pieces_of
from tests.unit.compensation_cases import UNTIMED
from tests.unit.test_encoder_weights import CHARS, TINY, WIDTH, WORDS

TOKENIZER = Tokenizer.from_str(TINY.tokenizer)
TEXTS = st.lists(st.sampled_from([*WORDS, *CHARS, " ", "x", "😭"]), max_size=130).map("".join)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder(build(TINY), TINY.tokenizer)


@settings(UNTIMED, max_examples=30)
@given(texts=st.lists(TEXTS, min_size=1, max_size=12))
@example(texts=["退款", "", "退款", "退" * 200])
def test_a_text_means_the_same_alone_and_among_others(encoder: Encoder, texts: list[str]) -> None:
    together = encoder.meanings(texts)
    assert together.shape == (len(texts), WIDTH)
    for text, meaning in zip(texts, together, strict=True):
        np.testing.assert_allclose(meaning, encoder.meaning(text), atol=1e-5)


def test_more_texts_of_one_length_than_go_into_a_call_keep_their_order(encoder: Encoder) -> None:
    texts = [one + other for one in CHARS[:12] for other in CHARS[:12]]
    together = encoder.meanings(texts)
    assert len(np.unique(together.round(3), axis=0)) > 64
    for text, meaning in zip(texts, together, strict=True):
        np.testing.assert_allclose(meaning, encoder.meaning(text), atol=1e-5)


@settings(UNTIMED, max_examples=60)
@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=150))
@example(text="")
@example(text="\x00")
def test_any_text_has_a_finite_meaning(encoder: Encoder, text: str) -> None:
    meaning = encoder.meaning(text)
    assert meaning.shape == (WIDTH,)
    assert np.isfinite(meaning).all()


@UNTIMED
@given(text=TEXTS)
def test_a_text_is_cut_to_the_longest_and_keeps_its_beginning_and_its_end(text: str) -> None:
    whole, kept = TOKENIZER.encode(text).ids, pieces_of(TOKENIZER, text)
    assert (kept[0], kept[-1]) == (whole[0], whole[-1]) == (0, 2)
    if len(whole) <= LONGEST:
        assert kept == whole
    else:
        half = LONGEST // 2
        assert (kept[:half], kept[half:]) == (whole[:half], whole[-half:])


def test_of_a_long_text_the_middle_says_nothing_and_both_ends_do(encoder: Encoder) -> None:
    usual = encoder.meaning("慢" * 200)
    assert np.array_equal(encoder.meaning("慢" * 100 + "好" + "慢" * 99), usual)
    assert not np.allclose(encoder.meaning("慢" * 199 + "好"), usual, atol=1e-3)
    assert not np.allclose(encoder.meaning("好" + "慢" * 199), usual, atol=1e-3)


def test_what_stands_where_matters(encoder: Encoder) -> None:
    assert not np.allclose(encoder.meaning("退款取消"), encoder.meaning("取消退款"), atol=1e-3)


def test_threads_may_share_an_encoder(encoder: Encoder) -> None:
    texts = ["退款", "取消订单", "快递太慢了", "你好"] * 25
    alone = [encoder.meaning(text) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        assert np.array_equal(list(pool.map(encoder.meaning, texts)), alone)
