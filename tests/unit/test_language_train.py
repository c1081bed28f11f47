"""Teaching the model, and the files it is kept in. Every fourth utterance of the project is enough for that."""

from __future__ import annotations

import json
import shutil
from datetime import datetime, timezone
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from language.artefact import load, save
from language.errors import DataError, ModelDamagedError, ModelMissingError
from language.hearer import Hearer
from language.normalise import normalise
from language.train import train
from language.utterances import read_utterances, read_voices

DATA = Path(__file__).resolve().parents[2] / "nlu_data"
Trained = tuple[Path, list[tuple[str, float]]]  # the folder, and the progress that was told
NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)


@pytest.fixture(scope="module")
def some_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    (folder / "intents").mkdir()
    for name in ("lexicon", "voices", "answers"):
        shutil.copy(DATA / f"{name}.yml", folder)
    for file in (DATA / "intents").glob("*.yml"):
        rows = yaml.safe_load(file.read_text(encoding="utf-8"))["examples"][::6]
        content = {"intent": file.stem, "examples": rows}
        (folder / "intents" / file.name).write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def trained(some_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    out, stages = tmp_path_factory.mktemp("model"), list[tuple[str, float]]()
    train(some_data, out, progress=lambda stage, done: stages.append((stage, done)), clock=lambda: NOON)
    return out, stages


def test_training_says_how_far_it_is(trained: Trained) -> None:
    _, stages = trained
    shares = [done for _, done in stages]
    assert shares == sorted(shares)
    assert stages[0] == ("read", 0.0)
    assert stages[-1] == ("done", 1.0)


def test_the_card_says_what_was_learnt_from_and_how_well(trained: Trained) -> None:
    out, _ = trained
    card = json.loads((out / "card.json").read_text(encoding="utf-8"))
    assert card["trained_at"] == "2026-01-01T12:00:00+00:00"
    assert card["seed"] == 0
    assert card["examples"] == sum(card["intents"].values())
    assert len(card["data_sha256"]) == 64
    assert card["encoder"] is None
    figures = card["on_kept_voices"]
    assert figures["intent_accuracy"] > 0.3  # a thirty-fourth would be guessing
    assert figures["oos_recall"] >= 0
    assert figures["ece"] < 0.2
    assert {"reason_micro_f1", "emotion_macro_f1", "escalate_recall_at_5%", "intent_macro_f1"} <= set(figures)


def test_the_same_data_and_seed_give_the_same_weights(some_data: Path, trained: Trained, tmp_path: Path) -> None:
    first, _ = trained
    train(some_data, tmp_path)
    (one,), (other,) = first.glob("weights-*.npz"), tmp_path.glob("weights-*.npz")
    assert one.name == other.name
    assert one.read_bytes() == other.read_bytes()
    assert Hearer.load(first).version == Hearer.load(tmp_path).version


def test_a_model_replaces_the_one_before_it(trained: Trained, tmp_path: Path) -> None:
    old = tmp_path / "weights-000000000000.npz"
    old.write_bytes(b"old")
    for file in trained[0].iterdir():
        shutil.copy(file, tmp_path)
    model, version = load(tmp_path)
    save(model, {"trained_at": "now"}, tmp_path)
    assert not old.exists()
    assert load(tmp_path)[1] == version
    assert not list(tmp_path.glob(".*"))


def test_a_missing_model_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError, match=r"model\.json is missing; run `tourniquet train language`"):
        Hearer.load(tmp_path)


@pytest.mark.parametrize(
    ("file", "content", "what"),
    [
        ("model.json", b"{", "cannot be read"),
        ("model.json", b"[]", "cannot be read"),
        ("model.json", b'{"format": 99}', "format 99"),
        ("model.json", b"\xff\xfe", "cannot be read"),
        ("weights", b"", "SHA-256"),
        ("weights", None, "is missing"),
    ],
)
def test_a_damaged_model_says_what_is_wrong_and_what_to_run(
    trained: Trained, tmp_path: Path, file: str, content: bytes | None, what: str
) -> None:
    for original in trained[0].iterdir():
        shutil.copy(original, tmp_path)
    target = next(tmp_path.glob("weights-*.npz")) if file == "weights" else tmp_path / file
    target.unlink()
    if content is not None:
        target.write_bytes(content)
    with pytest.raises(ModelDamagedError, match=what) as raised:
        Hearer.load(tmp_path)
    assert "tourniquet train language" in str(raised.value)
    assert target.name in str(raised.value)


def test_a_vocabulary_that_does_not_fit_the_weights_is_damage(trained: Trained, tmp_path: Path) -> None:
    for original in trained[0].iterdir():
        shutil.copy(original, tmp_path)
    data = json.loads((tmp_path / "model.json").read_text(encoding="utf-8"))
    data["pieces"][0].pop()
    (tmp_path / "model.json").write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(ModelDamagedError, match="do not fit"):
        Hearer.load(tmp_path)


def test_nothing_is_learnt_from_kept_voices(some_data: Path, trained: Trained) -> None:
    """A word only they use is unknown to the model."""
    kept = {name for name, voice in read_voices(some_data).items() if voice.kept}
    texts = [(one.voice in kept, normalise(one.text).text) for one in read_utterances(some_data)]
    pairs = {(is_kept, one + other) for is_kept, text in texts for one, other in pairwise(text)}
    unheard = {pair for is_kept, pair in pairs if is_kept} - {pair for is_kept, pair in pairs if not is_kept}
    model, _ = load(trained[0])
    assert unheard
    assert not [pair for pair in unheard if pair.isalpha() and pair in model.vectoriser.places[0]]


def test_an_utterance_of_a_voice_nobody_described_is_refused(some_data: Path, tmp_path: Path) -> None:
    shutil.copytree(some_data, tmp_path / "data")
    (tmp_path / "data" / "voices.yml").write_text("- {id: nobody, sheet: 谁也不是}", encoding="utf-8")
    with pytest.raises(DataError, match=r"voices\.yml: id: no voice"):
        train(tmp_path / "data", tmp_path / "out")


def test_data_without_enough_of_an_emotion_is_refused(some_data: Path, tmp_path: Path) -> None:
    shutil.copytree(some_data, tmp_path / "data")
    for file in (tmp_path / "data" / "intents").glob("*.yml"):
        file.write_text(
            file.read_text(encoding="utf-8").replace("emotion: pleased", "emotion: angry"), encoding="utf-8"
        )
    with pytest.raises(DataError, match=r"0 with emotion pleased; at least 20 are needed to learn from"):
        train(tmp_path / "data", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_data_without_a_lexicon_is_refused(some_data: Path, tmp_path: Path) -> None:
    shutil.copytree(some_data / "intents", tmp_path / "intents")
    shutil.copy(some_data / "voices.yml", tmp_path)
    with pytest.raises(DataError, match=r"lexicon\.yml: file: is missing"):
        train(tmp_path, tmp_path / "out")
