"""Teaches the model what the labelled utterances say. Needs scikit-learn; hearing does not."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.model_selection import StratifiedKFold

from language.artefact import save
from language.errors import DataError
from language.features import Views, look
from language.lexicon import Lexicon, read_lexicon
from language.lint import inspect
from language.model import Calibration, Floats, Model
from language.normalise import normalise
from language.train_calibration import Logits, calibrate, choose_thresholds, cut
from language.train_figures import emotion_figures, flag_figures, intent_figures, rounded
from language.train_heads import EMOTIONS, REASONS, Heads, Ints, Labels, fit_heads, label, matrix
from language.utterances import read_utterances
from language.vectors import Vectoriser, learn_vectoriser

_FOLDS = 5
_FEWEST = 20  # examples of an intent, emotion or reason


def _silent(_stage: str, _done: float) -> None:
    return None


def _now() -> datetime:
    return datetime.now(timezone.utc)


def train(
    data: Path,
    out: Path,
    *,
    seed: int = 0,
    progress: Callable[[str, float], None] = _silent,
    clock: Callable[[], datetime] = _now,
) -> dict[str, Any]:
    """Learn from ``data/intents/*.yml`` and ``data/lexicon.yml``, write the model into ``out``, return its card.

    The same data, seed and library versions give the same weights, byte by byte. ``progress`` gets a stage and the share
    done. Every figure of the card is cross-validated, calibration and thresholds included. Raises DataError.
    """
    utterances = read_utterances(data)
    lexicon = read_lexicon(data / "lexicon.yml")
    looks = [look(normalise(utterance.text).text, lexicon) for utterance in utterances]
    labels = label(utterances)
    _check(data, labels)
    folds = _folds(labels, seed)
    logits = _unseen_logits(looks, labels, lexicon, folds, seed, progress)
    progress("fit", _FOLDS / (_FOLDS + 1))
    vectoriser, heads = _fit(looks, labels, lexicon, seed)
    calibration = calibrate(logits, labels)
    model = _model(vectoriser, heads, calibration, logits, labels)
    card = {
        "trained_at": clock().isoformat(timespec="seconds"),
        "seed": seed,
        "data_sha256": _digest(data),
        "examples": len(utterances),
        "width": vectoriser.width,
        "intents": dict(sorted(Counter(utterance.intent for utterance in utterances).items())),
        "cross_validated": _figures(logits, labels, folds),
        "findings": [str(finding) for finding in inspect(utterances)],
    }
    save(model, card, out)
    progress("done", 1.0)
    return card


def _check(data: Path, labels: Labels) -> None:
    """Every fold must hold some of everything that is to be told apart."""
    flags = [*REASONS, "escalate"]
    counts = {
        **{f"of intent {name}": int((labels.intents == place).sum()) for place, name in enumerate(labels.names)},
        **{f"with emotion {name}": int((labels.emotions == place).sum()) for place, name in enumerate(EMOTIONS)},
        **{f"labelled {name}": int(labels.flags[:, place].sum()) for place, name in enumerate(flags)},
    }
    for what, count in counts.items():
        if count < _FEWEST:
            raise DataError(
                data / "intents", "examples", f"{count} {what}; at least {_FEWEST} are needed to learn from"
            )
    if len(labels.names) < 3:
        raise DataError(data / "intents", "files", "at least three intents are needed to tell them apart")


def _folds(labels: Labels, seed: int) -> list[Ints]:
    """The rows of each fold."""
    splitter = StratifiedKFold(_FOLDS, shuffle=True, random_state=seed)
    return [rows for _, rows in splitter.split(labels.intents, labels.intents)]


def _unseen_logits(
    looks: Sequence[Views],
    labels: Labels,
    lexicon: Lexicon,
    folds: Sequence[Ints],
    seed: int,
    progress: Callable[[str, float], None],
) -> Logits:
    """For each utterance, what models say that never saw it."""
    outputs: Floats | None = None
    for number, held in enumerate(folds):
        progress(f"fold {number + 1}/{_FOLDS}", number / (_FOLDS + 1))
        seen = np.setdiff1d(np.arange(len(looks)), held)
        vectoriser, heads = _fit([looks[row] for row in seen], labels.of(seen), lexicon, seed)
        said = matrix(vectoriser, [looks[row] for row in held]) @ heads.weights + heads.bias
        outputs = np.zeros((len(looks), said.shape[1])) if outputs is None else outputs
        outputs[held] = said
    assert outputs is not None  # there is at least one fold
    return cut(outputs, len(labels.names))


def _fit(looks: Sequence[Views], labels: Labels, lexicon: Lexicon, seed: int) -> tuple[Vectoriser, Heads]:
    vectoriser = learn_vectoriser(looks, lexicon)
    return vectoriser, fit_heads(matrix(vectoriser, looks), vectoriser, labels, seed)


def _model(vectoriser: Vectoriser, heads: Heads, calibration: Calibration, logits: Logits, labels: Labels) -> Model:
    flags = calibration.flags(logits.flags, logits.intents)
    return Model(
        intents=labels.names,
        reasons=REASONS,
        emotions=EMOTIONS,
        vectoriser=vectoriser,
        weights=heads.weights.astype(np.float16),
        bias=heads.bias,
        calibration=calibration,
        thresholds=choose_thresholds(flags, labels),
    )


def _figures(logits: Logits, labels: Labels, folds: Sequence[Ints]) -> dict[str, float]:
    """With a calibration, for each fold, that never saw it."""
    intents = np.zeros_like(logits.intents)
    flags = np.zeros_like(logits.flags)
    thresholds = np.zeros((len(flags), len(REASONS)))
    for held in folds:
        seen = np.setdiff1d(np.arange(len(flags)), held)
        calibration = calibrate(logits.of(seen), labels.of(seen))
        of_seen = calibration.flags(logits.flags[seen], logits.intents[seen])
        thresholds[held] = list(choose_thresholds(of_seen, labels.of(seen)).values())
        intents[held] = calibration.intents(logits.intents[held])
        flags[held] = calibration.flags(logits.flags[held], logits.intents[held])
    return rounded(
        {
            **intent_figures(intents, labels),
            **flag_figures(flags, thresholds, labels),
            **emotion_figures(logits.emotions.argmax(axis=1), labels),
        }
    )


def _digest(data: Path) -> str:
    """Of the files that were learnt from."""
    digest = hashlib.sha256()
    for file in [*sorted((data / "intents").glob("*.yml")), data / "lexicon.yml"]:
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()
