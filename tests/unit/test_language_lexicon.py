"""Cue words, counted with an eye for negation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from language.errors import DataError
from language.lexicon import Lexicon, from_data, read_lexicon
from language.normalise import normalise

LEXICON = Path(__file__).resolve().parents[2] / "nlu_data" / "lexicon.yml"


def lexicon(**changes: Any) -> Lexicon:
    data: dict[str, Any] = {
        "reach": 4,
        "negators": ["不", "别"],
        "at_once": ["danger"],
        "cues": {"anger": ["生气", "sb"], "danger": ["不想活"], "person": ["人工", "人工客服"]},
    }
    return from_data({**data, **changes}, Path("lexicon.yml"))


def test_a_cue_counts_for_its_family() -> None:
    assert lexicon().count("我很生气") == {"anger": 1}


def test_a_negated_cue_counts_apart() -> None:
    assert lexicon().count("我不是很生气") == {"not:anger": 1}


@pytest.mark.parametrize("text", ["不,生气", "不 生气", "不管怎么说我都生气"])
def test_a_negator_of_another_clause_or_far_away_negates_nothing(text: str) -> None:
    assert lexicon().count(text) == {"anger": 1}


def test_a_negator_inside_a_cue_does_not_negate_it() -> None:
    assert lexicon().count("我不想活了") == {"danger": 1}


def test_the_longest_cue_at_a_place_counts_once() -> None:
    assert lexicon().count("人工客服人工") == {"person": 2}


def test_letters_are_cues_only_as_whole_words() -> None:
    assert lexicon().count("usb线") == {}
    assert lexicon().count("sb客服") == {"anger": 1}


def test_a_cue_written_with_blanks_is_found() -> None:
    assert lexicon().count("转人 工") == {"person": 1}


def test_a_cue_of_grave_danger_calls_at_once_unless_negated() -> None:
    assert lexicon().calls_at_once("取消吧,我不想活了")
    assert not lexicon().calls_at_once("我很生气")
    assert not lexicon().calls_at_once("别不想活")


def test_the_lexicon_survives_being_written_down() -> None:
    assert from_data(lexicon().as_data(), Path("again")) == lexicon()


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"reach": "4"}, "reach"),
        ({"cues": {}}, "cues"),
        ({"cues": {"anger": ["好", 315]}}, "cues.anger[1]"),
        ({"negators": None}, "negators"),
        ({"at_once": ["typo"]}, "at_once[0]"),
    ],
)
def test_a_bad_row_is_named_by_its_path(changes: dict[str, Any], path: str) -> None:
    with pytest.raises(DataError) as raised:
        lexicon(**changes)
    assert raised.value.path == path
    assert "lexicon.yml" in str(raised.value)


def test_every_cue_is_written_as_messages_are_normalised() -> None:
    cues = read_lexicon(LEXICON).cues
    odd = [cue for family in cues.values() for cue in family if normalise(cue).text != cue]
    assert odd == []
