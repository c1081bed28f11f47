"""An encoder as plain arrays, and the smallest one that is an encoder at all: every test of encoders builds on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from language.encoder.packaged import _tokenizer
from language.encoder.weights import LINEAR, NORMS, Array, Weights
from tests.unit.compensation_cases import UNTIMED

MARKS = ("<s>", "<pad>", "</s>", "<unk>")
WORDS = ("退款", "取消", "订单", "快递")
CHARS = tuple(dict.fromkeys("退款取消订单快递太慢了你好谢贵转人工客服怎么还不发货"))
PIECES = [*((mark, 0.0) for mark in MARKS), ("\u2581", -3.0), *((w, -2.0) for w in WORDS), *((c, -4.0) for c in CHARS)]
WIDTH, INNER, LONGEST = 64, 128, 128


def tiny(*, seed: int = 0, layers: int = 2, heads: int = 4, name: str = "tiny") -> Weights:
    """Random, but as an encoder is built: 64 wide, with a unigram tokenizer of a few Chinese pieces."""
    random = np.random.default_rng(seed)

    def drawn(*shape: int, around: float = 0.0) -> Array:
        return random.normal(around, 0.2, shape).astype(np.float32)

    tensors = {"norm.weight": drawn(WIDTH, around=1), "norm.bias": drawn(WIDTH)}
    for layer in range(layers):
        for part in LINEAR:
            inputs, outputs = {"up": (WIDTH, INNER), "down": (INNER, WIDTH)}.get(part, (WIDTH, WIDTH))
            tensors[f"{layer}.{part}.weight"] = drawn(inputs, outputs)
            tensors[f"{layer}.{part}.bias"] = drawn(outputs)
        for norm in NORMS:
            tensors[f"{layer}.{norm}.weight"] = drawn(WIDTH, around=1)
            tensors[f"{layer}.{norm}.bias"] = drawn(WIDTH)
    return Weights(
        name=name,
        tokenizer=_tokenizer(PIECES),
        heads=heads,
        epsilon=1e-12,
        words=drawn(len(PIECES), WIDTH),
        positions=drawn(LONGEST, WIDTH),
        tensors=tensors,
    )


TINY = tiny()


def with_tensors(weights: Weights, changed: Mapping[str, Array]) -> Weights:
    return replace(weights, tensors={**weights.tensors, **changed})


@pytest.mark.parametrize("layers", [1, 2, 9, 10, 12])
def test_the_layers_are_counted_and_not_sorted(layers: int) -> None:
    assert tiny(layers=layers).layers == layers


def test_the_linear_matrices_are_all_the_matrices_of_the_layers() -> None:
    assert sorted(TINY.linear_names()) == sorted(name for name, tensor in TINY.tensors.items() if tensor.ndim == 2)


def test_the_same_encoder_has_the_same_digest_however_it_lies_in_memory() -> None:
    turned = {name: np.asfortranarray(tensor) for name, tensor in sorted(TINY.tensors.items(), reverse=True)}
    assert replace(TINY, tensors=turned, words=np.asfortranarray(TINY.words)).digest() == TINY.digest()


def test_another_name_makes_no_other_encoder() -> None:
    assert tiny(name="other").digest() == TINY.digest()


@UNTIMED
@given(name=st.sampled_from(["words", "positions", *sorted(TINY.tensors)]), data=st.data())
def test_one_changed_number_makes_another_encoder(name: str, data: st.DataObject) -> None:
    changed = np.array({"words": TINY.words, "positions": TINY.positions, **TINY.tensors}[name])
    changed.flat[data.draw(st.integers(0, changed.size - 1))] += 0.5
    others = {"words": replace(TINY, words=changed), "positions": replace(TINY, positions=changed)}
    assert others.get(name, with_tensors(TINY, {name: changed})).digest() != TINY.digest()


def test_another_tokenizer_makes_another_encoder() -> None:
    assert replace(TINY, tokenizer=_tokenizer(PIECES[:-1])).digest() != TINY.digest()


@pytest.mark.parametrize("other", [replace(TINY, heads=8), replace(TINY, epsilon=1e-3)], ids=["heads", "epsilon"])
def test_other_heads_or_another_epsilon_make_another_encoder(other: Weights) -> None:
    assert other.digest() != TINY.digest()
