"""What fine-tuning changed: kept in a few levels, given back within half a step, and only to the weights it belongs to."""

from __future__ import annotations

import gc
import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from language.encoder.adapter import Adapter, learn_adapter, read_adapter
from language.encoder.weights import Array, Weights
from language.errors import AdapterError
from tests.unit.compensation_cases import UNTIMED
from tests.unit.test_encoder_weights import TINY, tiny, with_tensors

LEVELS, BLOCK = 3, 32  # on either side of nothing; inputs of one output that share a scale
ROUNDED = 2.0**-11  # an fp16 number is that close, relatively
UPPER = sorted(name for name in TINY.tensors if name.startswith("1."))
"""Of the layer that is trained; the one below is left as it came."""


def trained(weights: Weights, *, by: float, seed: int = 0) -> Weights:
    """The upper layer moved."""
    random = np.random.default_rng(seed)
    moved = {name: random.normal(0, by, weights.tensors[name].shape).astype(np.float32) for name in UPPER}
    return with_tensors(weights, {name: weights.tensors[name] + change for name, change in moved.items()})


AFTER = trained(TINY, by=0.05)
LEARNT = learn_adapter(TINY, AFTER, {"seed": 7, "note": "第一次微调"})


def steps(change: Array) -> Array:
    """How far apart two levels are, by weight: of each output, 32 inputs share what the largest change among them fixes."""
    blocks = change.T.reshape(-1, BLOCK)
    largest = np.repeat(np.abs(blocks).max(axis=1) / LEVELS, BLOCK)
    return np.asarray(largest.reshape(change.T.shape).T, np.float32)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "models" / "adapter.npz"
    LEARNT.save(file)
    return file


@settings(UNTIMED, max_examples=15)
@given(by=st.floats(1e-4, 2), seed=st.integers(0, 99))
def test_a_change_comes_back_within_half_a_step(tmp_path_factory: pytest.TempPathFactory, by: float, seed: int) -> None:
    file = tmp_path_factory.mktemp("adapter") / "adapter.npz"
    after = trained(TINY, by=by, seed=seed)
    learn_adapter(TINY, after, {}).save(file)
    back = read_adapter(file).applied(TINY)
    for name in UPPER:
        change = after.tensors[name] - TINY.tensors[name]
        allowed = steps(change) / 2 if change.ndim == 2 else np.zeros_like(change)
        off = np.abs(back.tensors[name] - after.tensors[name])
        assert (off <= allowed + np.abs(change) * ROUNDED * 1.1 + LEVELS * allowed * ROUNDED + 1e-6).all(), name


def test_what_was_not_trained_is_left_out_and_stays(file: Path) -> None:
    adapter = read_adapter(file)
    assert sorted([*adapter.matrices, *adapter.vectors]) == UPPER
    back = adapter.applied(TINY)
    for name in TINY.tensors.keys() - set(UPPER):
        assert np.array_equal(back.tensors[name], TINY.tensors[name])
    assert np.array_equal(back.words, TINY.words)
    assert back.tokenizer == TINY.tokenizer


def test_an_adapter_changes_nothing_of_the_weights_it_is_applied_to(file: Path) -> None:
    before = TINY.digest()
    assert read_adapter(file).applied(TINY).digest() != before
    assert TINY.digest() == before


def test_no_training_is_no_change() -> None:
    nothing = learn_adapter(TINY, TINY, {})
    assert (nothing.matrices, nothing.vectors) == ({}, {})
    assert nothing.applied(TINY).digest() == TINY.digest()


def test_a_whole_row_of_zeros_is_no_trouble() -> None:
    change = np.zeros_like(TINY.tensors["0.up.weight"])
    change[40, 5] = 0.5  # of one output, one input: every other block has changed by nothing
    after = with_tensors(TINY, {"0.up.weight": TINY.tensors["0.up.weight"] + change})
    back = learn_adapter(TINY, after, {}).applied(TINY)
    np.testing.assert_allclose(back.tensors["0.up.weight"], after.tensors["0.up.weight"], atol=1e-6)


def test_the_card_comes_back_with_what_it_was_made_from(file: Path) -> None:
    assert read_adapter(file).card == {"seed": 7, "note": "第一次微调", "name": "tiny", "base": TINY.digest()}


def test_a_matrix_takes_a_few_levels(file: Path) -> None:
    for levels, scales in read_adapter(file).matrices.values():
        assert set(np.unique(levels)) <= set(range(-LEVELS, LEVELS + 1))
        assert levels.size == BLOCK * scales.size


@pytest.mark.parametrize("other", [tiny(seed=1), trained(TINY, by=0.01), tiny(layers=3)])
def test_other_weights_are_refused(file: Path, other: Weights) -> None:
    with pytest.raises(AdapterError, match="was made for tiny, not for tiny; train it anew"):
        read_adapter(file).applied(other)


def test_the_same_adapter_gives_the_same_bytes_at_any_time(file: Path, tmp_path: Path) -> None:
    turned = Adapter(
        matrices=dict(reversed(list(LEARNT.matrices.items()))),
        vectors=dict(reversed(list(LEARNT.vectors.items()))),
        card=dict(reversed(list(LEARNT.card.items()))),
    )
    turned.save(tmp_path / "again.npz")
    assert (tmp_path / "again.npz").read_bytes() == file.read_bytes()
    with zipfile.ZipFile(file) as packed:
        assert {entry.date_time for entry in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_what_was_read_is_saved_as_it_was(file: Path, tmp_path: Path) -> None:
    read_adapter(file).save(tmp_path / "again.npz")
    assert (tmp_path / "again.npz").read_bytes() == file.read_bytes()


def test_a_new_adapter_replaces_the_old_one_and_leaves_nothing_else(file: Path) -> None:
    learn_adapter(TINY, trained(TINY, by=0.05, seed=1), {"seed": 8}).save(file)
    assert read_adapter(file).card["seed"] == 8
    assert list(file.parent.iterdir()) == [file]


def packed(**arrays: npt.NDArray[Any]) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def a_bare_array() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(3))
    return buffer.getvalue()


def said_of(file: Path) -> str:
    """How reading it ends. The exception is let go here: a file that was left open is this test's failure, not a later one's."""
    try:
        read_adapter(file)
        said = "it can be read"
    except Exception as fault:
        said = f"{type(fault).__name__}: {fault}"
    gc.collect()
    return said


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"no adapter", id="text"),
        pytest.param(packed(weights=np.zeros(3)), id="no_card"),
        pytest.param(packed(card=np.frombuffer(b"{", np.uint8)), id="half_a_card"),
        pytest.param(packed(card=np.frombuffer(b"{}", np.uint8), **{"levels:a": np.zeros(3)}), id="no_scales"),
        pytest.param(b"", id="empty"),
        pytest.param(None, id="cut_short"),
        pytest.param(a_bare_array(), id="bare_array"),
        pytest.param(packed(card=np.frombuffer(b"{}", np.uint8)), id="no_base"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(file: Path, content: bytes | None) -> None:
    file.write_bytes(file.read_bytes()[:-100] if content is None else content)
    assert said_of(file).startswith(f"AdapterError: {file} cannot be read")


def test_a_file_that_was_damaged_anywhere_is_named(file: Path) -> None:
    """By a disk or on the way: within what is packed, beside its size or in the list of what there is."""
    whole = file.read_bytes()
    for place in range(0, len(whole) - 40, 997):
        file.write_bytes(whole[:place] + bytes(40) + whole[place + 40 :])
        assert said_of(file).startswith((f"AdapterError: {file} cannot be read", "it can be read")), place


@pytest.mark.parametrize("name", ["missing.npz", "."])
def test_a_file_that_is_not_there_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(AdapterError, match="cannot be read"):
        read_adapter(tmp_path / name)
