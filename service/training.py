"""Training what is served: the language model, the risk model and the bot; each only when its sources have changed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import cache
from pathlib import Path

from bot import launch
from bot.launch import ROOT
from integrations.settings import Settings
from twin.world import History, generate

SEED = 20_260
MARKER = "trained_from.sha256"

Progress = Callable[[str, float], None]
"""Chinese words and a share done."""


@dataclass(frozen=True, kw_only=True)
class Training:
    """``is_current`` says whether there is nothing to do."""

    name: str
    title: str
    is_current: Callable[[Settings], bool]
    train: Callable[[Settings, Progress], None]


def train_language(settings: Settings, progress: Progress) -> None:
    from language.train import train  # scikit-learn is slow to import, and most starts train nothing

    def told(stage: str, done: float) -> None:
        progress(STAGES.get(stage) or stage.replace("fold", "交叉验证"), done)

    train(ROOT / "nlu_data", settings.language_folder, progress=told)
    _mark(settings.language_folder, _language_sources())


def train_risk(settings: Settings, progress: Progress) -> None:
    from risk.train import train
    from twin.history import cases

    progress("正在生成合成订单历史", 0.0)
    train(cases(history()), settings.risk_folder, progress=progress)
    _mark(settings.risk_folder, _risk_sources())


def train_bot(settings: Settings, progress: Progress) -> None:
    progress("正在训练对话策略", 0.1)
    launch.train(os.environ, home=settings.home, folder=settings.bot_folder)
    progress("对话策略已就绪", 1.0)


STAGES = {"fit": "正在拟合语言模型", "done": "语言模型已就绪"}
TRAININGS = (
    Training(
        name="language",
        title="语言模型",
        is_current=lambda settings: _is_marked(settings.language_folder, _language_sources()),
        train=train_language,
    ),
    Training(
        name="risk",
        title="风险模型",
        is_current=lambda settings: _is_marked(settings.risk_folder, _risk_sources()),
        train=train_risk,
    ),
    Training(
        name="bot",
        title="对话策略",
        is_current=lambda settings: launch.is_current(settings.bot_folder),
        train=train_bot,
    ),
)


def now() -> datetime:
    return datetime.now(timezone.utc)


@cache
def history() -> History:
    """The synthetic shop's past: the risk model learns from it and the demo shop shows it."""
    return generate(SEED, now=now())


def _language_sources() -> Iterable[Path]:
    yield from (ROOT / "language").glob("*.py")
    yield from (ROOT / "nlu_data" / "intents").glob("*.yml")
    yield from (ROOT / "nlu_data" / name for name in ("lexicon.yml", "entities.yml"))


def _risk_sources() -> Iterable[Path]:
    for folder in ("risk", "twin"):
        yield from (ROOT / folder).rglob("*.py")


def _mark(folder: Path, sources: Iterable[Path]) -> None:
    (folder / MARKER).write_text(_digest(sources), encoding="utf-8")


def _is_marked(folder: Path, sources: Iterable[Path]) -> bool:
    marker = folder / MARKER
    return marker.exists() and marker.read_text(encoding="utf-8") == _digest(sources)


def _digest(sources: Iterable[Path]) -> str:
    total = hashlib.sha256()
    for file in sorted(sources):
        total.update(str(file.relative_to(ROOT)).encode())
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()
