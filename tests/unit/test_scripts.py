"""Whole conversations: reading them, hearing them as they would have been, and learning where a person was called."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from language.answers import read_answers
from language.utterances import read_utterances
from policies.rows import PolicyError
from policies.scripts import Hear, Said, Script, read_scripts
from policies.train_trajectory import learn_trajectory
from policies.trajectory import RULES, SIGNALS, Trajectory
from retention.course import Act, Step
from retention.hearing import Before, Emotion, Hearing

DATA = Path(__file__).resolve().parents[2] / "nlu_data"
FILES = ("dialogues.yml", "dialogues_development.yml")


def written(folder: Path, content: str) -> Path:
    file = folder / "dialogues.yml"
    file.write_text(content, encoding="utf-8")
    return file


def test_a_script_says_who_spoke_what_was_done_and_why_a_person_is_called(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        "- id: a1\n  title: 等火锅底料\n  turns:\n    - {said: 到哪了, act: answered, reply: 在路上}\n    - {said: 好}\n"
        "- {id: a2, title: 冒烟, person: danger, turns: [{said: 冒烟了}]}\n",
    )
    assert read_scripts(file) == (
        Script(
            id="a1",
            title="等火锅底料",
            said=(Said(text="到哪了", act=Act.ANSWERED, reply="在路上"), Said(text="好")),
            person=None,
        ),
        Script(id="a2", title="冒烟", said=(Said(text="冒烟了"),), person="danger"),
    )


@pytest.mark.parametrize(
    ("rows", "path"),
    [
        ("", "scripts"),
        ("{id: a}", "scripts"),
        ("[a]", "scripts[0]"),
        ("[{id: a, title: b, turns: [{said: x}], mood: bad}]", "scripts[0].mood"),
        ("[{title: b, turns: [{said: x}]}]", "scripts[0].id"),
        ("[{id: a, title: '', turns: [{said: x}]}]", "scripts[0].title"),
        ("[{id: a, title: b}]", "scripts[0].turns"),
        ("[{id: a, title: b, turns: {said: x}}]", "scripts[0].turns"),
        ("[{id: a, title: b, turns: [{said: x}, hello]}]", "scripts[0].turns[1]"),
        ("[{id: a, title: b, turns: [{act: asked}]}]", "scripts[0].turns[0].said"),
        ("[{id: a, title: b, turns: [{said: 12315}]}]", "scripts[0].turns[0].said"),
        ("[{id: a, title: b, turns: [{said: x, act: shouted}]}]", "scripts[0].turns[0].act"),
        ("[{id: a, title: b, turns: [{said: x, answer: y}]}]", "scripts[0].turns[0].answer"),
        ("[{id: a, title: b, person: , turns: [{said: x}]}]", "scripts[0].person"),
        ("[{id: a, title: b, turns: []}, {id: c, title: d, person: 1, turns: []}]", "scripts[1].person"),
    ],
)
def test_a_bad_row_is_named_by_its_file_and_path(tmp_path: Path, rows: str, path: str) -> None:
    file = written(tmp_path, rows)
    with pytest.raises(PolicyError) as refused:
        read_scripts(file)
    assert (refused.value.file, refused.value.path) == (str(file), path)


def test_a_file_that_is_no_yaml_is_named(tmp_path: Path) -> None:
    file = written(tmp_path, "- id: [")
    with pytest.raises(PolicyError, match="应为UTF-8 编码的 YAML") as refused:
        read_scripts(file)
    assert refused.value.file == str(file)


# --- our own ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=FILES)
def ours(request: pytest.FixtureRequest) -> tuple[Script, ...]:
    return read_scripts(DATA / str(request.param))


def test_our_scripts_are_read_whole(ours: tuple[Script, ...]) -> None:
    """Where a person is called, the bot did nothing more; a message may follow another at once."""
    assert [script.id for script in ours if len(script.said) < 2] == []
    assert [script.id for script in ours if script.person is not None and script.said[-1].act is not None] == []
    assert {said.act for script in ours for said in script.said[:-1]} >= set(Act)


def test_no_script_of_ours_stands_twice(ours: tuple[Script, ...]) -> None:
    for counts in (Counter(script.id for script in ours), Counter(script.said for script in ours)):
        assert [one for one, count in counts.items() if count > 1] == []


def test_our_scripts_call_a_person_about_as_often_as_not(ours: tuple[Script, ...]) -> None:
    called = [script for script in ours if script.person is not None]
    assert 0.3 < len(called) / len(ours) < 0.7


def test_what_is_judged_by_was_never_learnt_from() -> None:
    """Neither as a conversation nor message by message; short ones are said by everybody."""
    taught, judged = (
        {said.text for script in read_scripts(DATA / name) for said in script.said if len(said.text) > 6}
        for name in FILES
    )
    assert taught & judged == set()
    assert judged & {utterance.text for utterance in read_utterances(DATA)} == set()
    assert judged & {answer.text for answer in read_answers(DATA / "answers.yml")} == set()
    assert not {script.id for script in read_scripts(DATA / FILES[0])} & {
        script.id for script in read_scripts(DATA / FILES[1])
    }


# --- hearing and learning -----------------------------------------------------------------------------------------


def script(*said: tuple[str, Act], person: str | None = None, name: str = "s") -> Script:
    """The last act is never known."""
    *before, (last, _) = said
    return Script(
        id=name,
        title=name,
        said=(*(Said(text=text, act=act, reply=f"答：{text}") for text, act in before), Said(text=last)),
        person=person,
    )


def hear(text: str, _asked: str | None = None, _before: Before | None = None) -> Hearing:
    """Angry where there is an exclamation mark, pleased where there are thanks."""
    emotion = Emotion.ANGRY if "！" in text else Emotion.PLEASED if "谢" in text else Emotion.NEUTRAL
    sentiment = {Emotion.ANGRY: -0.8, Emotion.PLEASED: 0.7}.get(emotion, 0.0)
    intent = {Emotion.ANGRY: "delivery_delay", Emotion.PLEASED: "thank"}.get(emotion, "track_order")
    return Hearing(
        intent=intent,
        confidence=0.9,
        ranking=((intent, 0.9),),
        emotion=emotion,
        intensity=0.8 if sentiment else 0.0,
        sentiment=sentiment,
    )


def test_a_course_grows_with_every_message_and_its_last_is_still_to_be_answered() -> None:
    played = script(("到哪了", Act.ANSWERED), ("快点！", Act.DONE), ("谢谢", Act.CHAT))
    first = Step(text="到哪了", hearing=hear("到哪了"))
    second = Step(text="快点！", hearing=hear("快点！"))
    third = Step(text="谢谢", hearing=hear("谢谢"))
    assert list(played.courses(hear)) == [
        (first,),
        (answered(first, Act.ANSWERED), second),
        (answered(first, Act.ANSWERED), answered(second, Act.DONE), third),
    ]


def answered(step: Step, act: Act) -> Step:
    return Step(text=step.text, hearing=step.hearing, act=act)


def test_every_message_is_heard_once_with_the_offer_it_follows_and_what_was_said_before() -> None:
    heard = list[tuple[str, str | None, Before | None]]()

    def listening(text: str, asked: str | None, before: Before | None) -> Hearing:
        heard.append((text, asked, before))
        return hear(text)

    script(("降价了", Act.OFFERED), ("行", Act.DONE), ("哪天到", Act.ASKED), ("那单", Act.ANSWERED)).courses(listening)
    assert heard == [
        ("降价了", None, None),
        ("行", "offer", Before(said="降价了", answered="答：降价了")),
        ("哪天到", None, Before(said="行", answered="答：行")),
        ("那单", None, Before(said="哪天到", answered="答：哪天到")),
    ]


ANGRY_LASTS = ["气死我了！", "搞什么！", "三天了！", "别糊弄我！", "你们行不行！"]
QUESTIONS = ["到哪了", "什么时候发货", "有货吗", "能开发票吗", "怎么改地址"]
TOY = [
    *(
        script((question, Act.ANSWERED), (angry, Act.CHAT), person="worsening", name=f"angry {question}")
        for question, angry in zip(QUESTIONS, ANGRY_LASTS, strict=True)
    ),
    *(script((question, Act.ANSWERED), ("好的谢谢", Act.CHAT), name=f"calm {question}") for question in QUESTIONS),
]


def course(*said: str) -> tuple[Step, ...]:
    *before, last = said
    return (
        *(Step(text=text, hearing=hear(text), act=Act.ANSWERED) for text in before),
        Step(text=last, hearing=hear(last)),
    )


@pytest.fixture(scope="module")
def learnt() -> Trajectory:
    return learn_trajectory(TOY, hear)


def test_where_a_person_was_called_is_learnt(learnt: Trajectory) -> None:
    for toy in TOY:
        *before, last = toy.courses(hear)
        assert (learnt.probability(last) > 0.5) is (toy.person is not None), toy.id
        assert all(learnt.probability(earlier) < 0.2 for earlier in before), toy.id


def test_what_was_learnt_holds_for_words_nobody_has_taught(learnt: Trajectory) -> None:
    angry, thankful = course("包装破了", "太过分了！"), course("包装破了", "多谢多谢")
    assert learnt.probability(thankful) < 0.5 < learnt.probability(angry)
    assert learnt.rule(angry) in RULES.values()


def test_every_signal_has_a_weight(learnt: Trajectory) -> None:
    assert tuple(learnt.weights) == SIGNALS
    assert learnt.weights["anger"] > 0 > learnt.weights["warm"]


def test_only_the_last_message_of_a_script_calls_a_person(learnt: Trajectory) -> None:
    """The mark stands at the end: an angry message in the middle, after which things went well, does not call one."""
    soothed = [
        script((angry, Act.DONE), ("好的谢谢", Act.CHAT), name=f"soothed {angry}")
        for angry in [*ANGRY_LASTS, *ANGRY_LASTS]
    ]
    patient = learn_trajectory([*TOY, *soothed], hear)
    alone = course("搞什么！")
    assert patient.probability(alone) < learnt.probability(alone)


def test_the_same_scripts_teach_the_same(learnt: Trajectory) -> None:
    assert learn_trajectory(TOY, hear) == learnt


def test_what_is_learnt_depends_on_how_messages_are_heard(learnt: Trajectory) -> None:
    deaf: Hear = lambda text, asked, before: Hearing(intent="track_order", confidence=0.9)  # noqa: E731
    assert learn_trajectory(TOY, deaf).weights["anger"] == pytest.approx(0)
