"""What a message means after a question: 行 after an offer accepts it, after a plan it agrees, and by itself it is a 行."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from language.answers import Answer
from language.artefact import load, save
from language.context import Context, Turn
from language.errors import DataError
from language.lexicon import Lexicon
from language.model import Calibration, Model, Scale
from language.train_context import learn_context
from language.vectors import Vectoriser
from retention.conversation import Expecting
from tests.unit.compensation_cases import UNTIMED

Floats = npt.NDArray[np.float64]

INTENTS = ("affirm", "deny", "accept_offer", "decline_offer", "request_human")
FILE = Path("answers.yml")
QUESTIONS = [each.value for each in Expecting]


def distribution(weights: list[float]) -> Floats:
    return np.array(weights) / sum(weights)


# A thousandth or nothing at all: shares are zeros often enough.
WEIGHTS = st.one_of(st.just(0.0), st.floats(0.001, 1))
SHARES = st.lists(WEIGHTS, min_size=5, max_size=5).filter(any).map(distribution)
NUMBERS = st.floats(-20, 20)
TURNS = st.builds(
    lambda numbers: Turn(matrix=np.array(numbers[:25]).reshape(5, 5), lean=np.array(numbers[25:])),
    st.lists(NUMBERS, min_size=30, max_size=30),
)

BY_WORDS = {
    "行": [0.8, 0.05, 0.05, 0.05, 0.05],
    "可以": [0.7, 0.1, 0.1, 0.05, 0.05],
    "好的": [0.75, 0.05, 0.1, 0.05, 0.05],
    "不了": [0.05, 0.75, 0.05, 0.1, 0.05],
    "算了": [0.1, 0.6, 0.05, 0.2, 0.05],
    "转人工": [0.02, 0.02, 0.02, 0.02, 0.92],
    "叫真人来": [0.04, 0.04, 0.04, 0.04, 0.84],
}
"""What a few texts mean by their words alone."""


def shares_of(text: str) -> Floats:
    return np.array(BY_WORDS[text])


def answers(asked: str, meant: Mapping[str, str]) -> list[Answer]:
    return [Answer(asked=asked, text=text, intent=intent) for text, intent in meant.items()]


OFFERED = answers(
    "offer", {"行": "accept_offer", "好的": "accept_offer", "不了": "decline_offer", "转人工": "request_human"}
)
PLANNED = answers("confirm", {"行": "affirm", "好的": "affirm", "不了": "deny", "转人工": "request_human"})
LEARNT = learn_context([*OFFERED, *PLANNED], INTENTS, shares_of, FILE)


def heard(text: str, asked: str | None, context: Context = LEARNT) -> str:
    return INTENTS[int(context.shares(shares_of(text), asked).argmax())]


@UNTIMED
@given(turn=TURNS, shares=SHARES)
def test_whatever_was_learnt_shares_stay_shares(turn: Turn, shares: Floats) -> None:
    turned = Context(turns={"offer": turn}).shares(shares, "offer")
    assert np.isfinite(turned).all()
    assert (turned >= 0).all()
    assert turned.sum() == pytest.approx(1)


@UNTIMED
@given(turn=TURNS, rows=st.lists(SHARES, min_size=1, max_size=4))
@example(turn=Turn(matrix=np.full((5, 5), 40.0), lean=np.zeros(5)), rows=[np.eye(5)[0], np.full(5, 0.2)])
def test_many_messages_at_once_are_turned_as_each_alone(turn: Turn, rows: list[Floats]) -> None:
    context = Context(turns={"offer": turn})
    together = context.shares(np.stack(rows), "offer")
    for row, turned in zip(rows, together, strict=True):
        np.testing.assert_allclose(turned, context.shares(row, "offer"), atol=1e-9)


@UNTIMED
@given(turn=TURNS, shares=SHARES, asked=st.none() | st.text(max_size=8) | st.sampled_from(QUESTIONS))
def test_no_question_and_one_nothing_was_learnt_of_change_nothing(
    turn: Turn, shares: Floats, asked: str | None
) -> None:
    turns = {question: turn for question in QUESTIONS if question != asked}
    before = shares.copy()
    assert np.array_equal(Context(turns=turns).shares(shares, asked), before)
    assert np.array_equal(Context().shares(shares, asked), before)


@pytest.mark.parametrize(
    ("text", "asked", "intent"),
    [
        ("行", None, "affirm"),
        ("行", "confirm", "affirm"),
        ("行", "offer", "accept_offer"),
        ("不了", None, "deny"),
        ("不了", "confirm", "deny"),
        ("不了", "offer", "decline_offer"),
        ("行", "address", "affirm"),
    ],
)
def test_a_short_answer_means_what_its_question_makes_of_it(text: str, asked: str | None, intent: str) -> None:
    assert heard(text, asked) == intent


def test_what_was_learnt_holds_for_answers_that_sound_alike() -> None:
    assert (heard("可以", "offer"), heard("算了", "offer")) == ("accept_offer", "decline_offer")


@pytest.mark.parametrize("asked", ["offer", "confirm"])
@pytest.mark.parametrize("text", ["转人工", "叫真人来"])
def test_what_answers_no_question_is_heard_through_it(text: str, asked: str) -> None:
    assert heard(text, asked) == "request_human"


def test_one_question_says_nothing_about_another() -> None:
    alone = learn_context(OFFERED, INTENTS, shares_of, FILE)
    assert set(alone.turns) == {"offer"}
    np.testing.assert_allclose(alone.turns["offer"].matrix, LEARNT.turns["offer"].matrix)


def test_a_question_that_turns_nothing_leaves_the_words_alone() -> None:
    """Every answer already means what it says: the learnt turn keeps them, and surer rather than less sure."""
    same = {text: INTENTS[int(np.argmax(shares))] for text, shares in BY_WORDS.items()}
    context = learn_context(answers("person", same), INTENTS, shares_of, FILE)
    for text, intent in same.items():
        assert heard(text, "person", context) == intent
        assert context.shares(shares_of(text), "person").max() >= shares_of(text).max() - 0.05


def test_the_same_answers_teach_the_same() -> None:
    again = learn_context([*OFFERED, *PLANNED], INTENTS, shares_of, FILE)
    for asked, turn in LEARNT.turns.items():
        assert np.array_equal(turn.matrix, again.turns[asked].matrix)
        assert np.array_equal(turn.lean, again.turns[asked].lean)


def test_nothing_to_learn_from_is_no_context() -> None:
    assert learn_context([], INTENTS, shares_of, FILE).turns == {}


def test_an_intent_nobody_knows_is_named_with_its_file_and_path() -> None:
    with pytest.raises(DataError) as raised:
        learn_context(answers("offer", {"行": "acept_offer"}), INTENTS, shares_of, FILE)
    assert (raised.value.file, raised.value.path) == (FILE, "offer.acept_offer")


@pytest.fixture
def model() -> Model:
    """The smallest one that knows two intents, with 行 turned after an offer."""
    two = np.ones(2)
    return Model(
        intents=("affirm", "accept_offer"),
        reasons=("price",),
        emotions=("neutral",),
        vectoriser=Vectoriser(
            lexicon=Lexicon(reach=1, negators=("不",), at_once=(), cues={"threat": ("投诉",)}),
            places=({"行": 0}, {}, {}),
            idf=np.ones(1, dtype=np.float32),
        ),
        weights=np.array([[2, -2, 0, 0, 0, 0]], dtype=np.float16),
        bias=np.zeros(6),
        calibration=Calibration(
            intent_scale=Scale(temperature=1.0, bias=np.zeros(2)),
            intent_top=(1.0, 0.0),
            emotion_scale=Scale(temperature=1.0, bias=np.zeros(1)),
            emotion_lean=np.zeros(1),
            flag_by_intent=np.full((2, 2), 0.5),
            flag_line=np.ones((2, 3)),
        ),
        threshold=0.5,
        context=Context(turns={"offer": Turn(matrix=np.array([[0.0, 1.0], [1.0, 0.0]]), lean=two * 0)}),
    )


def test_a_model_on_disk_hears_an_answer_as_the_one_that_was_saved(model: Model, tmp_path: Path) -> None:
    save(model, {}, tmp_path)
    loaded, _ = load(tmp_path)
    for asked, likeliest in ((None, 0), ("offer", 1), ("confirm", 0)):
        before, after = model.guess("行", asked), loaded.guess("行", asked)
        assert before is not None
        assert after is not None
        assert int(after.intents.argmax()) == likeliest
        np.testing.assert_allclose(after.intents, before.intents, rtol=1e-5)
