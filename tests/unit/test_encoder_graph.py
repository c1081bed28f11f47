"""The 8-bit ONNX model answers as the weights it was written from do in plain floating point."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, numpy_helper
from onnxruntime import InferenceSession

from language.encoder.graph import build
from language.encoder.weights import Weights
from tests.unit.compensation_cases import UNTIMED
from tests.unit.test_encoder_weights import PIECES, TINY, WIDTH, tiny, with_tensors

Floats = npt.NDArray[np.float64]

ALONE = [[0, 4, 5, 2], [0, 4, 6, 7, 2], [0, 4, 8, 13, 14, 15, 2], [0, 2], [0, *range(4, 34), 2]]
"""Texts of different lengths, in pieces."""
LOUD = 3  # a channel


@pytest.fixture(scope="module")
def session() -> InferenceSession:
    return InferenceSession(build(TINY), providers=["CPUExecutionProvider"])


def served(session: InferenceSession, *texts: list[int]) -> Floats:
    (meanings,) = session.run(None, {"ids": np.array(texts, np.int64)})
    return np.asarray(meanings, np.float64)


def plain(weights: Weights, ids: list[int]) -> Floats:
    """BERT as the paper has it, without a mask, dropout or any rounding: the mean over the pieces."""
    tensors = {name: tensor.astype(np.float64) for name, tensor in weights.tensors.items()}

    def linear(states: Floats, part: str) -> Floats:
        moved: Floats = states @ tensors[f"{part}.weight"] + tensors[f"{part}.bias"]
        return moved

    def norm(states: Floats, part: str) -> Floats:
        middle, spread = states.mean(axis=1, keepdims=True), states.var(axis=1, keepdims=True)
        normed: Floats = (states - middle) / np.sqrt(spread + weights.epsilon)
        return normed * tensors[f"{part}.weight"] + tensors[f"{part}.bias"]

    states = norm(weights.words[ids].astype(np.float64) + weights.positions[: len(ids)], "norm")
    for layer in range(weights.layers):
        query, key, value = (linear(states, f"{layer}.{part}") for part in ("query", "key", "value"))
        seen = np.concatenate(
            [
                softmax(query[:, head] @ key[:, head].T / math.sqrt(head.stop - head.start)) @ value[:, head]
                for head in heads(weights)
            ],
            axis=1,
        )
        states = norm(states + linear(seen, f"{layer}.attention"), f"{layer}.attention_norm")
        inner = linear(states, f"{layer}.up")
        states = norm(states + linear(inner * normal_cdf(inner), f"{layer}.down"), f"{layer}.output_norm")
    return np.asarray(states.mean(axis=0))


def heads(weights: Weights) -> list[slice]:
    size = weights.width // weights.heads
    return [slice(start, start + size) for start in range(0, weights.width, size)]


def softmax(scores: Floats) -> Floats:
    powers: Floats = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Floats = powers / powers.sum(axis=1, keepdims=True)
    return shares


def normal_cdf(values: Floats) -> Floats:
    return np.asarray(np.vectorize(lambda value: 0.5 * (1 + math.erf(value / math.sqrt(2))))(values))


def cosine(one: Floats, other: Floats) -> float:
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))


@pytest.mark.parametrize(
    "weights", [TINY, tiny(seed=1, layers=1), tiny(seed=2, layers=3, heads=8), tiny(seed=3, heads=1)]
)
def test_the_graph_means_what_the_weights_mean(weights: Weights) -> None:
    session = InferenceSession(build(weights), providers=["CPUExecutionProvider"])
    for ids in ALONE:
        (meaning,), meant = served(session, ids), plain(weights, ids)
        assert cosine(meaning, meant) > 0.99
        assert np.linalg.norm(meaning) == pytest.approx(np.linalg.norm(meant), rel=0.05)


@settings(UNTIMED, max_examples=40)
@given(ids=st.lists(st.integers(0, len(PIECES) - 1), min_size=1, max_size=96))
def test_whatever_the_pieces_and_their_order_the_meaning_is_that_of_the_weights(
    session: InferenceSession, ids: list[int]
) -> None:
    assert cosine(served(session, ids)[0], plain(TINY, ids)) > 0.99


def test_rounding_never_makes_one_text_look_like_another(session: InferenceSession) -> None:
    meant = [plain(TINY, ids) for ids in ALONE]
    assert max(cosine(one, other) for one in meant for other in meant if other is not one) < 0.99
    for place, ids in enumerate(ALONE):
        meaning = served(session, ids)[0]
        assert int(np.argmax([cosine(meaning, other) for other in meant])) == place


def test_a_channel_far_larger_than_the_rest_costs_the_rest_nothing() -> None:
    """As encoders really have them; that the graph moves part of it into the weights is what saves the others."""
    loud = {name: np.array(tensor) for name, tensor in TINY.tensors.items()}
    for norm in ("norm", "0.attention_norm", "0.output_norm", "1.attention_norm"):
        loud[f"{norm}.weight"][LOUD] *= 60
    for layer in range(TINY.layers):
        for part in ("query", "key", "value", "up"):
            loud[f"{layer}.{part}.weight"][LOUD] /= 60
    weights = with_tensors(TINY, loud)
    session, others = InferenceSession(build(weights), providers=["CPUExecutionProvider"]), np.arange(WIDTH) != LOUD
    for ids in ALONE:
        assert cosine(served(session, ids)[0][others], plain(weights, ids)[others]) > 0.999


def test_texts_of_one_length_share_a_call_and_do_not_see_each_other(session: InferenceSession) -> None:
    texts = [[0, 4, 5, 6, 2], [0, 4, 7, 8, 2], [0, 9, 9, 9, 2]]
    together = served(session, *texts)
    for place, ids in enumerate(texts):
        np.testing.assert_allclose(together[place], served(session, ids)[0], atol=1e-5)


def test_every_matrix_and_every_word_takes_one_byte_a_weight() -> None:
    constants = [numpy_helper.to_array(constant) for constant in onnx.load_from_string(build(TINY)).graph.initializer]
    bytes_held = sum(constant.size for constant in constants if constant.dtype == np.int8)
    assert bytes_held == TINY.words.size + sum(TINY.tensors[name].size for name in TINY.linear_names())
    held_whole = [constant.size for constant in constants if constant.dtype.itemsize > 1]
    assert sorted(held_whole)[-2:] == [3 * WIDTH, TINY.positions.size]  # positions, and the longest bias


def test_the_same_weights_give_the_same_bytes() -> None:
    assert build(tiny()) == build(tiny())
    assert build(tiny()) != build(tiny(seed=1))


def test_onnxruntime_for_python_3_10_can_read_it() -> None:
    """The last one is 1.20; it reads IR versions up to 10 and operators up to 22."""
    model = onnx.load_from_string(build(TINY))
    assert model.ir_version <= 10
    assert [(entry.domain, entry.version <= 22) for entry in model.opset_import] == [("", True)]
    (ids,), (meaning,) = model.graph.input, model.graph.output
    assert (ids.name, ids.type.tensor_type.elem_type) == ("ids", TensorProto.INT64)
    assert (meaning.name, meaning.type.tensor_type.elem_type) == ("meaning", TensorProto.FLOAT)
