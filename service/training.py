"""Training what is served: the language model, the risk model and the bot; each only when its sources have changed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path

from bot import launch
from bot.launch import ROOT
from integrations.model_shelf import ModelShelf
from integrations.settings import Settings
from integrations.store.engine import open_store
from integrations.store.migration import migrate
from integrations.wiring import read_rows
from language.encoder.weights import Weights
from language.hearer import Hearer
from language.utterances import Utterance
from policies import trajectory
from policies.scripts import Script, read_scripts
from retention.hearing import Before, Hearing
from risk.sequence.reader import SHIPPED
from risk.unusable import LibraryMissingError
from service.opened_store import opened_store
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
    train: Callable[[Settings, Progress], str | None]  # what an operator has to know afterwards, in Chinese
    whole: Callable[[Settings, Progress], None] | None = (
        None  # from the ground up, where that takes more than ``train``
    )


def train_language(settings: Settings, progress: Progress) -> None:
    """The heads, over the encoder as it is fine-tuned already: minutes, and no torch."""
    migrate(settings.database_url)
    scripts = read_scripts(ROOT / "nlu_data" / "dialogues.yml")
    taken_over = _train_heads(settings, _fine_tuned(settings, progress), scripts, _within(progress, 0.0))
    _train_course(settings, scripts, taken_over)
    _mark(settings.language_folder, _language_sources(settings), settings.encoder)


def fine_tune_language(settings: Settings, progress: Progress) -> None:
    """Encoder and heads, from the utterances alone. Raises RuntimeError where the training environment is missing."""
    from language.encoder.choice import ADAPTER, base_weights

    try:
        from language.train_encoder import learn_adapter_of
    except ImportError as missing:
        raise RuntimeError(
            f"微调语言模型需要训练环境（缺 {missing.name}）：请运行 make train，它会先装好。"
        ) from missing
    migrate(settings.database_url)
    base = base_weights(settings.encoder)
    if base is not None:
        told = _within(progress, 0.0, 0.85)
        adapter = learn_adapter_of(base, ROOT / "nlu_data", more=_corrections(settings), progress=told)
        adapter.save(settings.language_folder / ADAPTER)
    train_language(settings, _within(progress, 0.85))


def _train_heads(
    settings: Settings, weights: Weights | None, scripts: Sequence[Script], progress: Progress
) -> Sequence[float] | None:
    """What each message of the scripts says of a takeover, to a model that knows only the other scripts."""
    from language.train import train  # scikit-learn is slow to import, and most starts train nothing
    from language.train_takeover import Exchange

    exchanges = [
        Exchange(
            conversation=script.id,
            text=said.text,
            before=script.before(place),
            takes_over=script.calls_at(place),
        )
        for script in scripts
        for place, said in enumerate(script.said)
    ]
    trained = train(
        ROOT / "nlu_data",
        settings.language_folder,
        weights=weights,
        more=_corrections(settings),
        exchanges=exchanges,
        progress=progress,
    )
    return None if trained.taken_over is None else [float(each) for each in trained.taken_over]


def _train_course(settings: Settings, scripts: Sequence[Script], taken_over: Sequence[float] | None) -> None:
    """When the course of a conversation calls for a person: it depends on how messages are heard.

    Of a takeover it hears what a model says that has not seen the conversation, or it would trust that too much.
    """
    from policies.train_trajectory import learn_trajectory

    hearer = Hearer.load(settings.language_folder)
    unseen = None if taken_over is None else iter(taken_over)

    def hear(text: str, asked: str | None, before: Before | None) -> Hearing:
        heard = hearer.hear(text, asked, before)
        return heard if unseen is None else replace(heard, escalate_now=next(unseen))

    learn_trajectory(scripts, hear).save(settings.language_folder / trajectory.FILE)


def _corrections(settings: Settings) -> tuple[Utterance, ...]:
    """What associates said messages meant, and others agreed to. What was masked in them were digits, mostly."""
    store = open_store(settings.database_url)
    try:
        with store.transaction() as records:
            accepted = records.corrections.accepted()
    finally:
        store.close()
    return tuple(
        Utterance(
            text=lesson.text.replace("*", "0"),
            intent=lesson.intent,
            reasons=lesson.reasons,
            emotion=lesson.emotion,
            intensity=lesson.intensity,
            escalate=lesson.escalate,
            voice="corrections",
        )
        for lesson in accepted
        if (ROOT / "nlu_data" / "intents" / f"{lesson.intent}.yml").exists()  # it may have gone since
    )


def _fine_tuned(settings: Settings, progress: Progress) -> Weights | None:
    from language.encoder.choice import base_weights, fine_tuned

    progress(STAGES["read"], 0.0)
    base = base_weights(settings.encoder)
    return None if base is None else fine_tuned(base, settings.language_folder)


def _within(progress: Progress, start: float, end: float = 1.0) -> Progress:
    """Progress of a part, in the words of the operator."""

    def told(stage: str, done: float) -> None:
        progress(STAGES.get(stage) or stage.replace("epoch", "正在微调编码器，第"), start + (end - start) * done)

    return told


def train_risk(settings: Settings, progress: Progress) -> str | None:
    """On the shop's own past; on invented orders only where the whole shop is invented."""
    from service import risk_training

    window = read_rows().catalog.experiment.window
    with opened_store(settings) as store:
        if settings.demo:
            progress("正在生成合成订单历史", 0.0)
            source = risk_training.invented_past(history())
        elif (own := risk_training.own_past(store, now=now(), window=window)) is not None:
            source = own
        else:
            return risk_training.too_little(0, 0, timedelta(0)) + "。"
        shelf, sources = ModelShelf(settings.risk_folder), _digest(_risk_sources(), "")
        try:
            taught = risk_training.teach(store, shelf, source, sources=sources, now=now(), progress=progress)
        except risk_training.TooLittleError as short:
            return f"{short}。"
        except LibraryMissingError as missing:
            return f"{missing}；暂用经验分。"
    _mark(settings.risk_folder, _risk_sources())
    return taught.words


def train_bot(settings: Settings, progress: Progress) -> None:
    progress("正在训练对话策略", 0.1)
    launch.train(os.environ, home=settings.home, folder=settings.bot_folder)
    progress("对话策略已就绪", 1.0)


STAGES = {
    "read": "正在读取语料和编码器",
    "spelling": "正在学习字词",
    "encode": "正在编码语料",
    "meaning": "正在学习语义",
    "calibrate": "正在校准",
    "context": "正在学习上下文",
    "done": "语言模型已就绪",
}
LANGUAGE_FILES = ("lexicon.yml", "entities.yml", "voices.yml", "answers.yml", "dialogues.yml")
TRAININGS = (
    Training(
        name="language",
        title="语言模型",
        is_current=lambda settings: (
            (settings.language_folder / trajectory.FILE).exists()
            and _is_marked(settings.language_folder, _language_sources(settings), settings.encoder)
        ),
        train=train_language,
        whole=fine_tune_language,
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


def _language_sources(settings: Settings) -> Iterable[Path]:
    yield from (ROOT / "language").rglob("*.py")
    yield from (ROOT / "language" / "encoder").glob("*.npz")
    yield from settings.language_folder.glob("adapter.npz")
    yield from (ROOT / "policies").glob("*trajectory.py")
    yield from (ROOT / "policies" / "scripts.py", ROOT / "retention" / "course.py")
    yield from (ROOT / "nlu_data" / "intents").glob("*.yml")
    yield from (ROOT / "nlu_data" / name for name in LANGUAGE_FILES)


def _risk_sources() -> Iterable[Path]:
    for folder in ("risk", "twin"):
        yield from (ROOT / folder).rglob("*.py")
    yield SHIPPED


def _mark(folder: Path, sources: Iterable[Path], choice: str = "") -> None:
    (folder / MARKER).write_text(_digest(sources, choice), encoding="utf-8")


def _is_marked(folder: Path, sources: Iterable[Path], choice: str = "") -> bool:
    marker = folder / MARKER
    return marker.exists() and marker.read_text(encoding="utf-8") == _digest(sources, choice)


def _digest(sources: Iterable[Path], choice: str) -> str:
    total = hashlib.sha256(choice.encode())
    for file in sorted(sources):
        total.update(file.name.encode())
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()
