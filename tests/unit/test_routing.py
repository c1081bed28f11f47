"""Who answers a message."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.routing import NEGATIVE, Destination, Heard, Moment, Route, destination, load_route, moment_of
from policies.rows import PolicyError
from retention.conversation import Expecting, Status
from retention.hearing import Emotion

CALM = Heard(text="帮我看看物流", confidence=0.9)
BOT = Moment()
ROUTE = Route()

heard_anything = st.builds(
    Heard,
    text=st.text(max_size=8),
    confidence=st.floats(0, 1),
    emotion=st.sampled_from(Emotion),
    intensity=st.floats(0, 1),
    escalate=st.floats(0, 1),
)
any_route = st.builds(Route, escalate=st.floats(0, 1), negative_intensity=st.floats(0, 1), understood=st.floats(0, 1))
any_moment = st.builds(
    Moment,
    status=st.sampled_from(Status),
    expecting=st.none() | st.sampled_from(Expecting),
    options=st.lists(st.text(max_size=8)).map(tuple),
)


def test_an_understood_calm_message_is_left_to_the_rule_of_its_intent() -> None:
    assert destination(CALM, BOT, ROUTE) is Destination.RULE


@given(heard=heard_anything, moment=any_moment, route=any_route)
def test_the_bot_is_silent_exactly_while_it_does_not_own_the_conversation(
    heard: Heard, moment: Moment, route: Route
) -> None:
    silent = destination(heard, moment, route) is Destination.SILENCE
    assert silent is (moment.status is not Status.BOT)


@given(heard=heard_anything, expecting=st.sampled_from(Expecting), route=any_route)
def test_an_answer_to_the_desks_question_reaches_the_desk_however_it_was_heard(
    heard: Heard, expecting: Expecting, route: Route
) -> None:
    assert destination(heard, Moment(expecting=expecting), route) is Destination.DESK


def test_a_pressed_button_reaches_the_desk_even_when_it_reads_like_small_talk() -> None:
    moment = Moment(options=("先不取消了", "你好"))
    assert destination(replace(CALM, text=" 你好 ", confidence=0.1), moment, ROUTE) is Destination.DESK


def test_a_text_that_is_no_button_is_read_as_itself() -> None:
    assert destination(CALM, Moment(options=("接受方案",)), ROUTE) is Destination.RULE


@pytest.mark.parametrize("confidence", [0.1, 0.9])
def test_a_fix_asked_for_in_so_many_words_reaches_the_desk_however_it_was_heard(confidence: float) -> None:
    assert destination(replace(CALM, confidence=confidence, names_fix=True), BOT, ROUTE) is Destination.DESK


@pytest.mark.parametrize("emotion", sorted(NEGATIVE))
def test_a_strong_bad_mood_reaches_the_desk_before_it_breaks(emotion: Emotion) -> None:
    assert destination(replace(CALM, emotion=emotion, intensity=0.5), BOT, ROUTE) is Destination.DESK
    assert destination(replace(CALM, emotion=emotion, intensity=0.49), BOT, ROUTE) is Destination.RULE


def test_a_strong_good_mood_changes_nothing() -> None:
    assert destination(replace(CALM, emotion=Emotion.PLEASED, intensity=1.0), BOT, ROUTE) is Destination.RULE


def test_what_a_supervisor_would_take_over_reaches_the_desk_even_when_the_intent_is_unclear() -> None:
    assert destination(replace(CALM, escalate=0.5, confidence=0.0), BOT, ROUTE) is Destination.DESK


def test_below_the_threshold_the_bot_asks_back_instead_of_guessing() -> None:
    assert destination(replace(CALM, confidence=0.34), BOT, ROUTE) is Destination.ASK_BACK
    assert destination(replace(CALM, confidence=0.35), BOT, ROUTE) is Destination.RULE


def test_a_moment_that_is_not_told_is_a_fresh_conversation() -> None:
    assert moment_of({}) == Moment(status=Status.BOT, expecting=None, options=())


def test_a_moment_is_read_in_the_gateways_words() -> None:
    told = moment_of({"status": "waiting", "expecting": "offer", "options": ["接受方案"]})
    assert told == Moment(status=Status.WAITING, expecting=Expecting.OFFER, options=("接受方案",))


def test_thresholds_come_from_the_shops_rules(tmp_path: Path) -> None:
    rules = tmp_path / "interception.yml"
    rules.write_text("route: {understood: 0.5, escalate: 1}\n", encoding="utf-8")
    assert load_route(rules) == Route(understood=0.5, escalate=1.0, negative_intensity=Route().negative_intensity)


def test_rules_without_thresholds_keep_the_defaults(tmp_path: Path) -> None:
    rules = tmp_path / "interception.yml"
    rules.write_text("version: 1\n", encoding="utf-8")
    assert load_route(rules) == Route()


@pytest.mark.parametrize(
    ("section", "path"),
    [
        ("{escalate: often}", "route.escalate"),
        ("{understood: 1.5}", "route.understood"),
        ("{understood: true}", "route.understood"),
        ("{escalates: 0.5}", "route.escalates"),
        ("0.5", "route"),
    ],
)
def test_a_bad_threshold_is_refused_with_its_path(tmp_path: Path, section: str, path: str) -> None:
    rules = tmp_path / "interception.yml"
    rules.write_text(f"route: {section}\n", encoding="utf-8")
    with pytest.raises(PolicyError) as refused:
        load_route(rules)
    assert refused.value.path == path
