"""What associates said messages meant, once others have agreed, is learnt with everything else."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

import language.encoder.choice
import language.train
from integrations.settings import Settings, load
from integrations.store.engine import open_store
from integrations.store.migration import migrate
from language.encoder.adapter import Adapter, learn_adapter
from language.encoder.weights import Weights
from language.train import Trained
from language.utterances import Utterance, read_voices
from retention.correcting import propose, review
from retention.correction import CorrectionState, Labels
from retention.hearing import Emotion, Reason
from retention.ports import Store
from service import training
from tests.contract.samples import CONVERSATION, CORRECTION, HOUR, MESSAGE, NOW
from tests.unit.test_encoder_weights import TINY

DATA = Path(__file__).resolve().parents[2] / "nlu_data"
ACCEPTED, REJECTED = CorrectionState.ACCEPTED, CorrectionState.REJECTED


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A shop's own home with its tables, and nothing in them."""
    settings = load({"TOURNIQUET_HOME": str(tmp_path)})
    migrate(settings.database_url)
    return settings


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    store = open_store(settings.database_url)
    with store.transaction() as records:
        records.conversations.put(CONVERSATION)
        for number in range(1, 4):
            records.messages.add(replace(MESSAGE, message_id=f"M{number}"))
    yield store
    store.close()


def correct(
    store: Store,
    message: int,
    verdict: CorrectionState | None,
    *,
    text: str = "退了吧",
    labels: Labels = CORRECTION.labels,
) -> None:
    """Proposed by 小李, and reviewed by 小王 when there is a verdict; the later the message, the later both."""
    name = f"R{message}-{verdict and verdict.value}"
    proposed = replace(
        CORRECTION,
        correction_id=name,
        message_id=f"M{message}",
        text=text,
        labels=labels,
        proposed_at=NOW + message * HOUR,
    )
    with store.transaction() as records:
        propose(records, proposed)
        if verdict is not None:
            review(records, name, verdict, at=NOW + message * HOUR, associate="小王")


def texts(settings: Settings) -> list[str]:
    return [utterance.text for utterance in training._corrections(settings)]


def test_without_corrections_there_is_nothing_more_to_learn(settings: Settings) -> None:
    assert training._corrections(settings) == ()


def test_an_accepted_correction_is_an_utterance_with_all_it_means(settings: Settings, store: Store) -> None:
    correct(store, 1, ACCEPTED, text="退了吧，太贵了 😡 138****5678")
    assert training._corrections(settings) == (
        Utterance(
            text="退了吧，太贵了 😡 13800005678",
            intent="cancel_order",
            reasons=(Reason.PRICE, Reason.QUALITY),
            emotion=Emotion.DISAPPOINTED,
            intensity=0.6,
            escalate=True,
            voice="corrections",
        ),
    )


@pytest.mark.parametrize("verdict", [None, REJECTED])
def test_what_nobody_has_agreed_to_is_not_learnt(
    settings: Settings, store: Store, verdict: CorrectionState | None
) -> None:
    correct(store, 1, verdict)
    correct(store, 2, ACCEPTED, text="取消")
    assert texts(settings) == ["取消"]


def test_corrections_are_learnt_in_the_order_they_were_agreed_to(settings: Settings, store: Store) -> None:
    for message, text in ((2, "二"), (1, "一"), (3, "三")):
        correct(store, message, ACCEPTED, text=text)
    assert texts(settings) == ["一", "二", "三"]


def test_of_a_message_that_was_corrected_again_only_the_last_is_learnt(settings: Settings, store: Store) -> None:
    correct(store, 1, ACCEPTED, text="不用了")
    with store.transaction() as records:
        propose(
            records, replace(CORRECTION, text="不用了", labels=Labels(intent="decline_offer"), proposed_at=NOW + HOUR)
        )
        review(records, "R1", ACCEPTED, at=NOW + 9 * HOUR, associate="小王")
    assert [utterance.intent for utterance in training._corrections(settings)] == ["decline_offer"]


def test_what_was_masked_reads_as_digits_and_no_star_is_learnt(settings: Settings, store: Store) -> None:
    correct(store, 1, ACCEPTED, text="订单号 ***，电话057****8888")
    assert texts(settings) == ["订单号 000，电话05700008888"]


def test_no_voice_of_ours_is_called_as_that_of_the_corrections(settings: Settings, store: Store) -> None:
    """A kept one would keep every correction from being learnt."""
    correct(store, 1, ACCEPTED)
    (utterance,) = training._corrections(settings)
    assert utterance.voice not in read_voices(DATA)


def test_the_model_is_taught_the_corrections_of_this_shop(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    correct(store, 1, ACCEPTED, text="太贵了")
    correct(store, 2, None)
    taught = list[tuple[Path, str]]()

    def train(_data: Path, out: Path, *, more: tuple[Utterance, ...], **_rest: object) -> Trained:
        taught.extend((out, utterance.text) for utterance in more)
        return Trained(card={}, taken_over=None)

    monkeypatch.setattr(language.train, "train", train)
    training._train_heads(settings, None, (), lambda _stage, _done: None)
    assert taught == [(settings.language_folder, "太贵了")]


def test_a_home_without_a_database_can_be_trained_from_the_ground_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `make train` does in a fresh clone."""
    learnt_from = list[tuple[Utterance, ...]]()

    def learn_adapter_of(base: Weights, _data: Path, *, more: tuple[Utterance, ...], progress: object) -> Adapter:
        learnt_from.append(more)
        return learn_adapter(base, base, {})

    fake = SimpleNamespace(learn_adapter_of=learn_adapter_of)  # the real one needs torch
    monkeypatch.setitem(sys.modules, "language.train_encoder", fake)
    monkeypatch.setattr(language.encoder.choice, "base_weights", lambda _name: TINY)
    monkeypatch.setattr(training, "train_language", lambda _settings, _progress: None)
    training.fine_tune_language(load({"TOURNIQUET_HOME": str(tmp_path / "fresh")}), lambda _stage, _done: None)
    assert learnt_from == [()]
