"""The linter of the language data."""

from __future__ import annotations

from pathlib import Path

from language.lint import Fault, inspect, lint
from language.utterances import Utterance

DATA = Path(__file__).resolve().parents[2] / "nlu_data"


def said(intent: str, *texts: str) -> list[Utterance]:
    return [Utterance(text=text, intent=intent) for text in texts]


def faults(*utterances: Utterance) -> list[Fault]:
    return [finding.fault for finding in inspect(utterances) if finding.fault is not Fault.THIN]


def test_our_own_utterances_have_no_findings() -> None:
    assert [str(finding) for finding in lint(DATA)] == []


def test_one_text_under_two_intents_clashes_however_it_is_punctuated_or_written() -> None:
    assert faults(*said("affirm", "没问题！"), *said("accept_offer", "沒問題")) == [Fault.CLASH]


def test_a_text_that_stands_twice_is_found() -> None:
    assert faults(*said("thank", "3Q~~", "3q")) == [Fault.REPEATED]


def test_texts_that_differ_by_a_word_are_found() -> None:
    assert faults(*said("track_order", "麻烦帮我查一下昨天的快递到哪里了", "麻烦帮我查一下昨天的包裹到哪里了")) == [
        Fault.ALIKE
    ]


def test_texts_of_two_intents_may_be_alike() -> None:
    assert faults(*said("track_order", "快递到哪里了呀"), *said("delivery_delay", "快递到哪里了呀！？催催")) == []


def test_texts_without_letters_are_compared_as_they_are() -> None:
    assert faults(*said("chitchat", "😂😂", "👍", "...")) == []


def test_an_intent_with_few_examples_is_thin() -> None:
    findings = inspect(said("greet", "你好"))
    assert [(finding.fault, finding.intent) for finding in findings] == [(Fault.THIN, "greet")]
    assert str(findings[0]) == "greet: thin: 1 examples; write at least 60"
