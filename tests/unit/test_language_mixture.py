"""How much the spelling and the encoder each have to say: as much as they are worth with people neither has learnt from."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from language.model import Floats
from language.train_heads import EMOTIONS, REASONS, Labels
from language.train_mixture import Mixture, mix

NAMES, ROWS = ("cancel_order", "greet", "thank"), 60
QUESTIONS = ["intent", *REASONS, "escalate", "emotion", "intensity"]
OUTPUTS = len(NAMES) + len(REASONS) + 1 + len(EMOTIONS) + 1
INTENSITY = OUTPUTS - 1


def labels() -> Labels:
    random = np.random.default_rng(0)
    emotions = np.arange(ROWS) % len(EMOTIONS)
    return Labels(
        names=NAMES,
        intents=random.permutation(np.arange(ROWS) % len(NAMES)),
        flags=random.random((ROWS, len(REASONS) + 1)) < 0.4,
        emotions=emotions,
        intensities=np.where(emotions == EMOTIONS.index("neutral"), 0.0, random.random(ROWS)),
    )


LABELS = labels()


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Many make hundreds of small fits slow on a busy machine."""
    with threadpool_limits(limits=1):
        yield


def knowing(sure: float = 3.0) -> Floats:
    """The outputs of a view that is always right."""
    signs = [
        np.eye(len(NAMES))[LABELS.intents] * 2 - 1,
        LABELS.flags * 2.0 - 1,
        np.eye(len(EMOTIONS))[LABELS.emotions] * 2 - 1,
    ]
    return np.concatenate([*(sure * each for each in signs), LABELS.intensities[:, np.newaxis]], axis=1)


def guessing(seed: int = 1) -> Floats:
    return np.random.default_rng(seed).normal(size=(ROWS, OUTPUTS))


def answers(mixture: Mixture, spelling: Floats, encoder: Floats) -> Floats:
    """What a model that carries this mixture says."""
    return spelling * mixture.spelling + encoder * mixture.encoder


@pytest.fixture(scope="module")
def encoder_knows() -> Mixture:
    return mix(guessing(), knowing(), LABELS)


@pytest.fixture(scope="module")
def spelling_knows() -> Mixture:
    return mix(knowing(), guessing(), LABELS)


def test_a_perfect_encoder_has_every_vote(encoder_knows: Mixture) -> None:
    assert encoder_knows.shares == dict.fromkeys(QUESTIONS, 1.0)
    assert not encoder_knows.spelling.any()


def test_a_useless_encoder_has_none(spelling_knows: Mixture) -> None:
    assert spelling_knows.shares == dict.fromkeys(QUESTIONS, 0.0)
    assert not spelling_knows.encoder.any()


def test_an_encoder_that_always_says_the_same_has_no_vote_and_breaks_nothing() -> None:
    mixture = mix(knowing(), np.zeros((ROWS, OUTPUTS)), LABELS)
    assert set(mixture.shares.values()) == {0.0}
    assert np.isfinite(mixture.spelling).all()


def test_each_question_is_weighed_by_itself() -> None:
    """The encoder knows what is meant, the spelling how it feels, and each only guesses at the other."""
    spelling, encoder = guessing(2), guessing(3)
    cut = len(NAMES) + len(REASONS) + 1
    encoder[:, :cut], spelling[:, cut:] = knowing()[:, :cut], knowing()[:, cut:]
    mixture = mix(spelling, encoder, LABELS)
    assert mixture.shares == {
        **dict.fromkeys(["intent", *REASONS, "escalate"], 1.0),
        **dict.fromkeys(["emotion", "intensity"], 0.0),
    }
    mixed = answers(mixture, spelling, encoder)
    assert (mixed[:, : len(NAMES)].argmax(axis=1) == LABELS.intents).all()
    assert (mixed[:, cut:INTENSITY].argmax(axis=1) == LABELS.emotions).all()
    np.testing.assert_allclose(mixed[:, INTENSITY], LABELS.intensities)


def each_half() -> tuple[Floats, Floats]:
    """Two views that each read a different half of the messages, and say next to nothing about what they cannot read."""
    half = (np.arange(ROWS) % 2 == 0)[:, np.newaxis]
    sure, unsure = knowing(), 0.1 * guessing(4)
    return np.where(half, sure, unsure), np.where(half, unsure, sure)


def test_two_that_are_wrong_about_different_messages_are_both_heard() -> None:
    spelling, encoder = each_half()
    mixture = mix(spelling, encoder, LABELS)
    assert 0 < mixture.shares["intent"] < 1
    assert 0 < mixture.shares["emotion"] < 1
    mixed = answers(mixture, spelling, encoder)
    assert (mixed[:, : len(NAMES)].argmax(axis=1) == LABELS.intents).all()


def test_how_loud_a_view_is_does_not_count() -> None:
    """Logits of two models have no common scale; intensity has."""
    spelling, encoder = each_half()
    loud = 100 * spelling
    loud[:, INTENSITY] = spelling[:, INTENSITY]
    quiet_one, loud_one = mix(spelling, encoder, LABELS), mix(loud, encoder, LABELS)
    assert loud_one.shares == quiet_one.shares
    np.testing.assert_allclose(answers(loud_one, loud, encoder), answers(quiet_one, spelling, encoder))


def test_intensity_is_judged_by_messages_that_show_an_emotion() -> None:
    """Beside neutral nothing is foretold, so whatever a view says there costs it nothing."""
    neutral = LABELS.emotions == EMOTIONS.index("neutral")
    encoder = knowing()
    encoder[neutral, INTENSITY] = 50
    spelling = np.zeros((ROWS, OUTPUTS))
    spelling[:, INTENSITY] = 0.5
    assert mix(spelling, encoder, LABELS).shares["intensity"] == 1.0


def test_intensity_keeps_its_scale(encoder_knows: Mixture, spelling_knows: Mixture) -> None:
    assert encoder_knows.encoder[INTENSITY] == spelling_knows.spelling[INTENSITY] == 1.0
