"""One small synthetic shop and the model trained on it, shared by the tests: drawing and training take seconds."""

from __future__ import annotations

import atexit
from collections.abc import Mapping
from datetime import datetime, timezone
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from risk.model import RiskModel
from risk.train import train
from twin.history import cases
from twin.world import History, generate

NOW = datetime(2025, 11, 20, 4, 30, tzinfo=timezone.utc)
SEED = 7


@cache
def history() -> History:
    return generate(SEED, customers=1500, orders=6000, now=NOW)


@cache
def _folder() -> tuple[Path, Mapping[str, Any]]:
    folder = TemporaryDirectory(prefix="risk-model-")
    atexit.register(folder.cleanup)
    return Path(folder.name), train(cases(history()), Path(folder.name))


def model_folder() -> Path:
    return _folder()[0]


def card() -> Mapping[str, Any]:
    return _folder()[1]


@cache
def model() -> RiskModel:
    return RiskModel.load(model_folder())
