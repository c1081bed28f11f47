"""What is learnt from and what it is judged by: different people.

The utterances of ``kept`` voices (``voices.yml``) are never learnt from. They say how much each view of a text counts, how
sure an answer may be, and how well the model does with people it has never heard.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from language.errors import DataError
from language.normalise import normalise
from language.train_heads import EMOTIONS, REASONS, Ints, Labels, label
from language.utterances import Utterance, read_utterances, read_voices

_FEWEST_TAUGHT, _FEWEST_KEPT = 20, 3  # utterances of an intent, emotion or reason


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """``texts``: normalised; ``taught`` and ``kept``: the rows of each."""

    utterances: Sequence[Utterance]
    texts: Sequence[str]
    labels: Labels
    taught: Ints
    kept: Ints


def read_lesson(data: Path, more: Sequence[Utterance] = ()) -> Lesson:
    """The utterances of ``data`` and ``more``, which are all taught; raises DataError."""
    written, voices = read_utterances(data), read_voices(data)
    for utterance in written:
        if utterance.voice not in voices:
            raise DataError(data / "voices.yml", "id", f"no voice {utterance.voice!r}, which wrote {utterance.text!r}")
    utterances = (*written, *more)
    kept = np.array([*(voices[utterance.voice].kept for utterance in written), *(False for _ in more)])
    lesson = Lesson(
        utterances=utterances,
        texts=[normalise(utterance.text).text for utterance in utterances],
        labels=label(utterances),
        taught=np.flatnonzero(~kept),
        kept=np.flatnonzero(kept),
    )
    _check(data / "intents", "to learn from", lesson.labels, lesson.taught, _FEWEST_TAUGHT)
    _check(data / "voices.yml", "of kept voices", lesson.labels, lesson.kept, _FEWEST_KEPT)
    return lesson


def digest(data: Path) -> str:
    """SHA-256 of the files that are learnt from."""
    total = hashlib.sha256()
    for file in [
        *sorted((data / "intents").glob("*.yml")),
        *(data / f"{name}.yml" for name in ("voices", "lexicon", "answers")),
    ]:
        total.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return total.hexdigest()


def _check(file: Path, what_for: str, labels: Labels, rows: Ints, fewest: int) -> None:
    """There must be some of everything that is to be told apart."""
    some, flags = labels.of(rows), [*REASONS, "escalate"]
    if len(labels.names) < 3:
        raise DataError(file, "files", "at least three intents are needed to tell them apart")
    counts = {
        **{f"of intent {name}": int((some.intents == place).sum()) for place, name in enumerate(labels.names)},
        **{f"with emotion {name}": int((some.emotions == place).sum()) for place, name in enumerate(EMOTIONS)},
        **{f"labelled {name}": int(some.flags[:, place].sum()) for place, name in enumerate(flags)},
    }
    for what, count in counts.items():
        if count < fewest:
            raise DataError(file, "examples", f"{count} {what}; at least {fewest} are needed {what_for}")
