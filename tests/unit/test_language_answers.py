"""Reading what shoppers write right after a question, and what this repository has of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from language.answers import Answer, read_answers
from language.errors import DataError
from language.normalise import normalise
from retention.conversation import Expecting

DATA = Path(__file__).resolve().parents[2] / "nlu_data"
FILES = ("answers.yml", "answers_development.yml")
INTENTS = {file.stem for file in (DATA / "intents").glob("*.yml")}


def written(folder: Path, content: str) -> Path:
    file = folder / "answers.yml"
    file.write_text(content, encoding="utf-8")
    return file


def test_answers_are_read_by_question_and_intent(tmp_path: Path) -> None:
    file = written(
        tmp_path, 'offer:\n  accept_offer: [行, "1"]\n  decline_offer: [不了]\nconfirm:\n  affirm:\n    - 行\n'
    )
    assert read_answers(file) == (
        Answer(asked="offer", text="行", intent="accept_offer"),
        Answer(asked="offer", text="1", intent="accept_offer"),
        Answer(asked="offer", text="不了", intent="decline_offer"),
        Answer(asked="confirm", text="行", intent="affirm"),
    )


@pytest.mark.parametrize(
    ("content", "path"),
    [
        ("", "file"),
        ("- 行", "file"),
        ("offer: [", "file"),
        ("offer: 行", "offer"),
        ("offer: [行]", "offer"),
        ("offer:", "offer"),
        ("offer: {accept_offer: 行}", "offer.accept_offer"),
        ("offer: {accept_offer: []}", "offer.accept_offer"),
        ("offer: {accept_offer: {text: 行}}", "offer.accept_offer"),
        ("offer: {accept_offer: [行, 1]}", "offer.accept_offer[1]"),
        ("offer: {accept_offer: [no]}", "offer.accept_offer[0]"),
        ("offer: {accept_offer: [行, '']}", "offer.accept_offer[1]"),
    ],
)
def test_a_bad_row_is_named_by_its_file_and_path(tmp_path: Path, content: str, path: str) -> None:
    file = written(tmp_path, content)
    with pytest.raises(DataError) as raised:
        read_answers(file)
    assert (raised.value.file, raised.value.path) == (file, path)


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"answers\.yml: file: is missing"):
        read_answers(tmp_path / "answers.yml")


@pytest.mark.parametrize("name", FILES)
def test_our_own_answers_follow_known_questions_and_mean_known_intents(name: str) -> None:
    answers = read_answers(DATA / name)
    assert {answer.asked for answer in answers} <= {each.value for each in Expecting}
    assert {answer.intent for answer in answers} <= INTENTS


def test_of_every_question_there_is_something_to_learn_and_something_to_judge_by() -> None:
    """But for what is found in the words and not heard: a telephone number, goods, a build, a time."""
    found = {Expecting.CONTACT, Expecting.LINE, Expecting.BUILD, Expecting.PICK_UP}
    heard = {each.value for each in Expecting if each not in found}
    for name in FILES:
        assert {answer.asked for answer in read_answers(DATA / name)} == heard


@pytest.mark.parametrize("name", FILES)
def test_no_text_stands_twice_under_one_question(name: str) -> None:
    counts = Counter((answer.asked, answer.text) for answer in read_answers(DATA / name))
    assert [each for each, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("name", FILES)
def test_however_it_is_written_an_answer_to_one_question_means_one_thing(name: str) -> None:
    meant = defaultdict[tuple[str, str], set[str]](set)
    for answer in read_answers(DATA / name):
        meant[answer.asked, normalise(answer.text).text].add(answer.intent)
    assert {key: intents for key, intents in meant.items() if len(intents) > 1} == {}


@pytest.mark.parametrize("name", FILES)
def test_no_question_and_no_intent_of_one_stands_twice(name: str) -> None:
    """YAML would keep the last one and say nothing."""
    root = yaml.compose((DATA / name).read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    assert isinstance(root, yaml.MappingNode)
    assert [key for key, count in Counter(keys(root)).items() if count > 1] == []


def keys(node: yaml.MappingNode, path: str = "") -> Iterator[str]:
    for key, value in node.value:
        yield f"{path}{key.value}"
        if isinstance(value, yaml.MappingNode):
            yield from keys(value, f"{path}{key.value}.")
