"""A correction names the model that heard the message, or none at all."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest

from integrations.language_model import heard_by
from language.artefact import CARD, MODEL, load, save
from language.lexicon import Lexicon
from language.model import Calibration, Model, Scale
from language.vectors import Vectoriser

NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)
HOUR = timedelta(hours=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With the smallest model there can be, trained at noon."""
    lexicon = Lexicon(reach=1, negators=("不",), at_once=(), cues={"threat": ("投诉",)})
    one = np.ones(1)
    model = Model(
        intents=("greet",),
        reasons=("price",),
        emotions=("neutral",),
        vectoriser=Vectoriser(lexicon=lexicon, places=({"你好": 0}, {}, {}), idf=np.ones(1, dtype=np.float32)),
        weights=np.ones((1, 5), dtype=np.float16),
        bias=np.ones(5),
        calibration=Calibration(
            intent_scale=Scale(temperature=1.0, bias=one),
            intent_top=(1.0, 0.1),
            emotion_scale=Scale(temperature=1.0, bias=one),
            emotion_lean=np.zeros(1),
            flag_by_intent=np.ones((1, 2)),
            flag_line=np.ones((2, 3)),
        ),
        threshold=0.5,
    )
    save(model, {"trained_at": NOON.isoformat()}, tmp_path)
    return tmp_path


def test_the_version_is_the_one_the_model_gives_itself(folder: Path) -> None:
    assert heard_by(folder, NOON + HOUR) == load(folder)[1]


def test_a_message_from_before_the_training_was_heard_by_another_model(folder: Path) -> None:
    assert heard_by(folder, NOON - HOUR) == ""


@pytest.mark.parametrize("file", [CARD, MODEL])
def test_without_a_model_here_nothing_is_said(folder: Path, file: str) -> None:
    (folder / file).unlink()
    assert heard_by(folder, NOON + HOUR) == ""


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff", b'{"trained_at": "now"}'])
def test_a_damaged_card_says_nothing(folder: Path, content: bytes) -> None:
    (folder / CARD).write_bytes(content)
    assert heard_by(folder, NOON + HOUR) == ""
