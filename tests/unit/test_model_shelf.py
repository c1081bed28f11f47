"""One word says which model is live; it changes in one step, and whoever serves takes the new one without a restart."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from integrations.live_risk import BEATEN, INVENTED, UNTRAINED, UNUSABLE, LiveRisk
from integrations.model_shelf import KEPT, ModelShelf, Origin
from risk.drift import Reference
from risk.prior import RulePrior
from risk.unusable import ModelUnusableError
from tests.unit.risk_cases import PUNCTUAL
from tests.unit.twin_cases import model, model_folder

REFERENCES = {"score": Reference(edges=(0.1, 0.2), shares=(0.5, 0.25, 0.25), count=40)}


@pytest.fixture
def shelf(tmp_path: Path) -> ModelShelf:
    return ModelShelf(tmp_path)


def keep(shelf: ModelShelf, version: str, *, synthetic: bool = False, broken: bool = False) -> None:
    with shelf.bench() as bench:
        for file in model_folder().iterdir():
            shutil.copy(file, bench / file.name)
        if broken:
            next(bench.iterdir()).write_text("{}", encoding="utf-8")
        origin = Origin(sources="code", synthetic=synthetic, verdict="")
        shelf.keep(bench, version, origin=origin, references=REFERENCES)


def test_an_empty_home_has_no_live_model_and_the_points_serve_and_say_so(shelf: ModelShelf, tmp_path: Path) -> None:
    live = LiveRisk(tmp_path / "none", demo=False)
    assert (shelf.live(), live.version, live.problem, live.card) == (None, RulePrior.version, UNTRAINED, None)
    assert live.score(PUNCTUAL) == RulePrior().score(PUNCTUAL)


def test_a_model_put_live_serves_without_a_restart_and_decisions_name_it(shelf: ModelShelf, tmp_path: Path) -> None:
    live = LiveRisk(tmp_path, demo=False)
    keep(shelf, "v1")
    assert not live.refresh()
    shelf.promote("v1")
    assert live.refresh()
    assert (live.problem, live.version) == (None, model().version)
    assert live.score(PUNCTUAL) == model().score(PUNCTUAL)
    assert live.score_many([PUNCTUAL])[0].model_version == model().version
    assert live.references == REFERENCES
    assert not live.refresh()


def test_kept_but_not_live_reads_as_beaten_by_the_points(shelf: ModelShelf, tmp_path: Path) -> None:
    keep(shelf, "v1")
    assert LiveRisk(tmp_path, demo=False).problem == BEATEN


def test_a_model_of_invented_orders_is_told_as_such_outside_a_demo(shelf: ModelShelf, tmp_path: Path) -> None:
    keep(shelf, "v1", synthetic=True)
    shelf.promote("v1")
    assert LiveRisk(tmp_path, demo=False).problem == INVENTED
    assert LiveRisk(tmp_path, demo=True).problem is None


def test_what_cannot_be_read_is_never_made_live(shelf: ModelShelf) -> None:
    keep(shelf, "good")
    keep(shelf, "bad", broken=True)
    shelf.promote("good")
    with pytest.raises(ModelUnusableError):
        shelf.promote("bad")
    with pytest.raises(FileNotFoundError):
        shelf.promote("gone")
    assert shelf.live() == "good"


def test_a_word_that_names_an_unreadable_model_leaves_the_one_that_serves(shelf: ModelShelf, tmp_path: Path) -> None:
    keep(shelf, "good")
    keep(shelf, "bad", broken=True)
    shelf.promote("good")
    live = LiveRisk(tmp_path, demo=False)
    (tmp_path / "live").write_text("bad", encoding="utf-8")
    assert not live.refresh()
    assert live.version == model().version
    assert live.problem is not None
    assert "bad" in live.problem
    (tmp_path / "live").write_text("good", encoding="utf-8")
    live.refresh()
    assert live.problem is None
    (tmp_path / "live").write_text("bad", encoding="utf-8")
    assert LiveRisk(tmp_path, demo=False).problem == UNUSABLE


@pytest.mark.parametrize("word", ["../../etc", "", "a b", "\x00", "é" * 3, ".new-x", "x" * 99])
def test_a_word_that_is_no_version_is_none(shelf: ModelShelf, tmp_path: Path, word: str) -> None:
    (tmp_path / "live").write_text(word, encoding="utf-8")
    assert shelf.live() is None


@pytest.mark.parametrize("text", ["", "[]", "{", '{"score": 1}', '{"score": {"edges": 1}}'])
def test_files_beside_a_model_that_cannot_be_read_are_as_if_missing(
    shelf: ModelShelf, tmp_path: Path, text: str
) -> None:
    keep(shelf, "v1")
    for name in ("reference.json", "origin.json"):
        (tmp_path / "versions" / "v1" / name).write_text(text, encoding="utf-8")
    assert shelf.references_of("v1") == {}
    assert shelf.origin_of("v1") is None


def test_a_model_that_was_not_finished_leaves_nothing(shelf: ModelShelf, tmp_path: Path) -> None:
    def half() -> None:
        with shelf.bench() as bench:
            (bench / "half").write_text("x", encoding="utf-8")
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        half()
    assert shelf.versions() == []
    assert list((tmp_path / "versions").iterdir()) == []


def test_only_the_newest_are_kept_and_always_the_live_one(shelf: ModelShelf, tmp_path: Path) -> None:
    for number in range(KEPT + 3):
        keep(shelf, f"v{number}")
        os.utime(tmp_path / "versions" / f"v{number}", (number, number))
    shelf.promote("v0")
    shelf.prune()
    newest = [f"v{number}" for number in reversed(range(KEPT + 3))][: KEPT - 1]
    assert shelf.versions() == [*newest, "v0"]


def test_another_programs_model_is_no_champion(shelf: ModelShelf) -> None:
    keep(shelf, "v1")
    assert shelf.champion("code") is None
    shelf.promote("v1")
    assert shelf.champion("code") is not None
    assert shelf.champion("newer code") is None
