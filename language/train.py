"""Teaches the model what the labelled utterances say. Needs scikit-learn, and onnx for the encoder; hearing does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from language.answers import read_answers
from language.artefact import Built, save
from language.encoder.graph import build
from language.encoder.session import Encoder
from language.encoder.weights import Weights
from language.features import look
from language.lexicon import Lexicon, read_lexicon
from language.lint import inspect
from language.model import Dense, Floats, Model
from language.normalise import normalise
from language.train_calibration import Logits, calibrate, choose_threshold, cut
from language.train_context import learn_context
from language.train_figures import figures_of
from language.train_heads import EMOTIONS, REASONS, Heads, fit_dense_heads, fit_heads, matrix
from language.train_lesson import Lesson, digest, read_lesson
from language.train_mixture import mix
from language.train_takeover import Exchange, learn_takeover
from language.utterances import Utterance
from language.vectors import Vectoriser, learn_vectoriser

_THREADS = 2

Progress = Callable[[str, float], None]


def _silent(_stage: str, _done: float) -> None:
    return None


def _now() -> datetime:
    return datetime.now(timezone.utc)


@dataclass(frozen=True, kw_only=True)
class Trained:
    """``taken_over``: the probability at each exchange, learnt from other conversations; None where no encoder hears."""

    card: Mapping[str, Any]
    taken_over: Floats | None


@dataclass(frozen=True, kw_only=True)
class Learnt:
    """Heads, and what they say of the kept utterances; shape (kept, outputs). ``shares`` of the encoder's vote."""

    spelling: Heads
    outputs: Floats
    dense: Dense | None = None
    built: Built | None = None
    shares: dict[str, float]


def train(
    data: Path,
    out: Path,
    *,
    weights: Weights | None = None,
    more: Sequence[Utterance] = (),
    exchanges: Sequence[Exchange] = (),
    seed: int = 0,
    progress: Progress = _silent,
    clock: Callable[[], datetime] = _now,
) -> Trained:
    """Learn from ``data/intents/*.yml``, ``more`` and the ``exchanges`` of whole conversations; write the model into ``out``.

    ``weights``: an encoder, fine-tuned or not; None leaves the spelling to decide alone. The same data, seed, encoder and
    library versions give the same weights, byte by byte. ``progress`` gets a stage and the share done. Raises DataError.
    """
    with threadpool_limits(1):  # many small problems: threads get in each other's way
        return _train(data, out, weights, more, exchanges, seed, progress, clock)


def _train(
    data: Path,
    out: Path,
    weights: Weights | None,
    more: Sequence[Utterance],
    exchanges: Sequence[Exchange],
    seed: int,
    progress: Progress,
    clock: Callable[[], datetime],
) -> Trained:
    progress("read", 0.0)
    lesson, lexicon = read_lesson(data, more), read_lexicon(data / "lexicon.yml")
    vectoriser, learnt = _learn_spelling(lesson, lexicon, seed, progress)
    if weights is not None:
        learnt = _learn_meaning(learnt, lesson, weights, progress)
    progress("calibrate", 0.95)
    kept = lesson.labels.of(lesson.kept)
    logits = cut(learnt.outputs, len(lesson.labels.names))
    card = {
        "trained_at": clock().isoformat(timespec="seconds"),
        "seed": seed,
        "encoder": weights and {"name": weights.name, "layers": weights.layers, "sha256": weights.digest()},
        "encoder_shares": learnt.shares,
        "data_sha256": digest(data),
        "examples": len(lesson.utterances),
        "kept": len(lesson.kept),
        "corrections": len(more),
        "width": vectoriser.width,
        "intents": dict(sorted(Counter(utterance.intent for utterance in lesson.utterances).items())),
        "on_kept_voices": figures_of(logits, kept, seed),
        "findings": [str(finding) for finding in inspect(lesson.utterances)],
    }
    progress("context", 0.97)
    model = _in_context(_model(vectoriser, learnt, logits, lesson), data / "answers.yml")
    taken_over = None
    if model.dense is not None and exchanges:
        takeover, taken_over = learn_takeover(model.dense.encoder, exchanges)
        model = replace(model, takeover=takeover)
    save(model, card, out, learnt.built)
    progress("done", 1.0)
    return Trained(card=card, taken_over=taken_over)


def _learn_spelling(lesson: Lesson, lexicon: Lexicon, seed: int, progress: Progress) -> tuple[Vectoriser, Learnt]:
    looks = [look(text, lexicon) for text in lesson.texts]
    vectoriser = learn_vectoriser([looks[row] for row in lesson.taught], lexicon)
    rows = matrix(vectoriser, looks)
    progress("spelling", 0.1)
    heads = fit_heads(rows[lesson.taught], vectoriser, lesson.labels.of(lesson.taught), seed)
    said = np.asarray(rows[lesson.kept] @ heads.weights + heads.bias)
    return vectoriser, Learnt(spelling=heads, outputs=said, shares={})


def _learn_meaning(learnt: Learnt, lesson: Lesson, weights: Weights, progress: Progress) -> Learnt:
    """The encoder's heads beside those of the spelling, and how much each of both counts."""
    progress("encode", 0.4)
    built = Built(onnx=build(weights), pieces=weights.tokenizer.encode())
    meanings = Encoder(built.onnx, weights.tokenizer, threads=_THREADS).meanings(lesson.texts).astype(np.float64)
    progress("meaning", 0.8)
    heads = fit_dense_heads(meanings[lesson.taught], lesson.labels.of(lesson.taught))
    meant = meanings[lesson.kept] @ heads.weights + heads.bias
    mixture = mix(learnt.outputs, meant, lesson.labels.of(lesson.kept))
    spelling, encoded = learnt.spelling.scaled(mixture.spelling), heads.scaled(mixture.encoder)
    return Learnt(
        spelling=Heads(weights=spelling.weights, bias=spelling.bias + encoded.bias),
        outputs=learnt.outputs * mixture.spelling + meant * mixture.encoder,
        dense=Dense(encoder=Encoder(built.onnx, weights.tokenizer), weights=encoded.weights.astype(np.float32)),
        built=built,
        shares=mixture.shares,
    )


def _model(vectoriser: Vectoriser, learnt: Learnt, logits: Logits, lesson: Lesson) -> Model:
    kept = lesson.labels.of(lesson.kept)
    calibration = calibrate(logits, kept)
    return Model(
        intents=lesson.labels.names,
        reasons=REASONS,
        emotions=EMOTIONS,
        vectoriser=vectoriser,
        weights=learnt.spelling.weights.astype(np.float16),
        bias=learnt.spelling.bias,
        calibration=calibration,
        threshold=choose_threshold(calibration.flags(logits.flags, logits.intents), kept),
        dense=learnt.dense,
    )


def _in_context(model: Model, file: Path) -> Model:
    """With what the questions of the bot turn."""

    def shares_of(text: str) -> Floats:
        guess = model.guess(normalise(text).text)
        return np.full(len(model.intents), 1 / len(model.intents)) if guess is None else guess.intents

    return replace(model, context=learn_context(read_answers(file), model.intents, shares_of, file))
