"""When the course of a conversation, rather than one message, calls for a person."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from policies.trajectory import LOOKED_BACK, RULES, SIGNALS, Trajectory, signals
from retention.course import Act, Step
from retention.hearing import UNHEARD, Emotion, Hearing
from retention.moves.person import REASON_WORDS
from tests.unit.compensation_cases import UNTIMED
from tests.unit.counter import POLICY

INTENTS = ("thank", "delivery_delay", "service_complaint", "request_human", "track_order")
SAID = ["怎么还不发货", "怎么还没发货啊", "三天了还不发", "谢谢", "1", "", "👌", "我问的是色温不是功率"]


@st.composite
def hearings(draw: st.DrawFn) -> Hearing:
    """Whatever keeps to what a hearing promises."""
    weights = draw(st.lists(st.floats(0, 1), min_size=5, max_size=5))
    total = max(1.0, math.fsum(weights))
    ranking = sorted(((name, w / total) for name, w in zip(INTENTS, weights, strict=True)), key=lambda one: -one[1])
    ranking = ranking[: draw(st.integers(0, 5))]
    emotion = draw(st.sampled_from(Emotion))
    return Hearing(
        intent=ranking[0][0] if ranking else "out_of_scope",
        confidence=ranking[0][1] if ranking else 0.0,
        ranking=tuple(ranking),
        emotion=emotion,
        intensity=0.0 if emotion is Emotion.NEUTRAL else draw(st.floats(0, 1)),
        sentiment=draw(st.floats(-1, 1)),
        escalate=draw(st.floats(0, 1)),
    )


TEXTS = st.one_of(st.sampled_from(SAID), st.text(max_size=20))
ANSWERED = st.builds(Step, text=TEXTS, hearing=hearings(), act=st.sampled_from(Act))
LAST = st.builds(Step, text=TEXTS, hearing=hearings())
COURSES = st.builds(lambda before, now: (*before, now), st.lists(ANSWERED, max_size=9), LAST)
WEIGHTS = st.lists(st.floats(-5, 5), min_size=len(SIGNALS), max_size=len(SIGNALS))
TRAJECTORIES = st.builds(
    lambda weights, start: Trajectory(weights=dict(zip(SIGNALS, weights, strict=True)), start=start),
    WEIGHTS,
    st.floats(-20, 20),
)

AGAINST = {"warm": -3.0, "small_talk": -2.0, "served": -1.0}
PLAIN = Trajectory(weights={**dict.fromkeys(SIGNALS, 0.0), **dict.fromkeys(RULES, 1.0), **AGAINST}, start=-4.0)
"""As a supervisor might write it down: everything that speaks for a person counts alike."""


def felt(emotion: Emotion, intensity: float = 0.8, *, intent: str = "delivery_delay", escalate: float = 0.0) -> Hearing:
    sentiment = {Emotion.NEUTRAL: 0.0, Emotion.PLEASED: 0.3 + 0.7 * intensity}.get(emotion, -0.3 - 0.6 * intensity)
    return Hearing(
        intent=intent,
        confidence=0.9,
        ranking=((intent, 0.9), ("track_order", 0.05)),
        emotion=emotion,
        intensity=0.0 if emotion is Emotion.NEUTRAL else intensity,
        sentiment=sentiment,
        escalate=escalate,
    )


CALM = felt(Emotion.NEUTRAL, intent="stock_question")


def course(*said: tuple[str, Hearing, Act]) -> tuple[Step, ...]:
    """The act of the last message is not known yet."""
    steps = tuple(Step(text=text, hearing=hearing, act=act) for text, hearing, act in said)
    return (*steps[:-1], replace(steps[-1], act=None))


@settings(UNTIMED, max_examples=300)
@given(steps=COURSES)
@example(steps=(Step(text="", hearing=UNHEARD),))
@example(steps=(Step(text="滚", hearing=felt(Emotion.ANGRY, 1.0, escalate=1.0), act=Act.LOST),) * 9)
def test_the_signals_of_any_course_are_finite_and_small(steps: tuple[Step, ...]) -> None:
    seen = signals(steps)
    assert tuple(seen) == SIGNALS
    for name, value in seen.items():
        assert math.isfinite(value), name
        assert 0 <= value <= 2, name


@UNTIMED
@given(before=st.lists(ANSWERED, max_size=4), steps=st.lists(ANSWERED, min_size=LOOKED_BACK - 1, max_size=7), now=LAST)
def test_what_was_said_long_ago_no_longer_counts(before: list[Step], steps: list[Step], now: Step) -> None:
    assert signals((*before, *steps, now)) == signals((*steps, now))


@settings(UNTIMED, max_examples=200)
@given(trajectory=TRAJECTORIES, steps=COURSES)
def test_any_course_has_a_probability_and_one_of_the_known_rules(
    trajectory: Trajectory, steps: tuple[Step, ...]
) -> None:
    assert 0 < trajectory.probability(steps) < 1
    assert trajectory.rule(steps) in RULES.values()


def test_every_rule_speaks_for_a_signal_there_is() -> None:
    assert RULES.keys() <= set(SIGNALS)


@UNTIMED
@given(
    said=st.lists(st.tuples(TEXTS, st.sampled_from(Act)), min_size=1, max_size=8),
    intensity=st.floats(0.3, 1),
    escalate=st.floats(0, 1),
)
def test_a_thankful_shopper_needs_a_person_less_than_an_angry_one(
    said: list[tuple[str, Act]], intensity: float, escalate: float
) -> None:
    """The same words, answered in the same way, and only the feeling heard differently."""
    thankful, angry, calm = (
        course(*((text, hearing, act) for text, act in said))
        for hearing in (
            felt(Emotion.PLEASED, intensity, intent="thank", escalate=escalate),
            felt(Emotion.ANGRY, intensity, escalate=escalate),
            felt(Emotion.NEUTRAL, escalate=escalate),
        )
    )
    assert PLAIN.probability(thankful) < PLAIN.probability(calm) < PLAIN.probability(angry)


@UNTIMED
@given(trajectory=TRAJECTORIES, steps=COURSES, name=st.sampled_from(SIGNALS))
def test_the_more_a_signal_weighs_the_likelier_a_person(
    trajectory: Trajectory, steps: tuple[Step, ...], name: str
) -> None:
    heavier = replace(trajectory, weights={**trajectory.weights, name: trajectory.weights[name] + 1})
    assert heavier.probability(steps) >= trajectory.probability(steps)


# --- what each signal hears ----------------------------------------------------------------------------------------


def test_the_first_message_has_no_past() -> None:
    seen = signals(course(("怎么还不发", felt(Emotion.ANGRY), Act.ASKED)))
    assert seen["first"] == 1
    past = ("anger_again", "level", "fall", "negative_turns", "wish_before", "repeated", "echoed", "unserved", "lost")
    assert [name for name in (*past, "refused", "served") if seen[name]] == []


@pytest.mark.parametrize(
    ("emotion", "signal"),
    [(Emotion.ANGRY, "anger"), (Emotion.DISAPPOINTED, "gloom"), (Emotion.ANXIOUS, "fear")],
)
def test_a_feeling_is_heard_as_that_feeling(emotion: Emotion, signal: str) -> None:
    seen = signals(course(("哎", felt(emotion, 0.6), Act.ASKED)))
    assert {name for name in ("anger", "gloom", "fear") if seen[name]} == {signal}
    assert seen[signal] == 0.6
    assert seen["sentiment"] > 0
    assert seen["warm"] == 0


def test_a_mood_that_falls_is_heard_and_one_that_rises_is_not() -> None:
    up, down = felt(Emotion.PLEASED), felt(Emotion.DISAPPOINTED)
    falling = signals(course(("好呀", up, Act.ANSWERED), ("算了", down, Act.ANSWERED)))
    rising = signals(course(("算了", down, Act.ANSWERED), ("好呀", up, Act.ANSWERED)))
    assert falling["fall"] > 1
    assert rising["fall"] == 0
    assert falling["level"] == 0
    assert rising["level"] == pytest.approx(0.78)


def test_the_last_turns_weigh_more_than_those_before_them() -> None:
    up, down = felt(Emotion.PLEASED), felt(Emotion.ANGRY)
    worse = signals(course(("", up, Act.CHAT), ("", down, Act.CHAT), ("", CALM, Act.CHAT)))
    better = signals(course(("", down, Act.CHAT), ("", up, Act.CHAT), ("", CALM, Act.CHAT)))
    assert worse["level"] > better["level"] == 0


def test_saying_the_same_again_is_heard_by_its_words_and_by_its_meaning() -> None:
    def again(act: Act, now: str, hearing: Hearing = CALM) -> dict[str, float]:
        return dict(signals(course(("我问的是色温不是功率", CALM, act), (now, hearing, Act.ANSWERED))))

    same, other = (
        again(Act.ANSWERED, "色温，不是功率！"),
        again(Act.ANSWERED, "谢谢", felt(Emotion.NEUTRAL, intent="thank")),
    )
    assert same["echoed"] > 0.8
    assert other["echoed"] == 0
    assert same["repeated"] > other["repeated"]
    assert again(Act.ANSWERED, "色温", felt(Emotion.ANGRY, intent="stock_question"))["repeated"] > same["repeated"]
    assert again(Act.DONE, "色温，不是功率！")["repeated"] == 0  # what was done may be asked for again


def test_turns_in_which_nothing_was_done_add_up_until_something_is() -> None:
    def after(*acts: Act) -> float:
        return signals(course(*((f"第{place}句", CALM, act) for place, act in enumerate((*acts, Act.CHAT)))))[
            "unserved"
        ]

    assert after() < after(Act.ANSWERED) < after(Act.ANSWERED, Act.ASKED) < after(*[Act.REFUSED] * 4)
    assert after(Act.REFUSED, Act.REFUSED, Act.DONE) == 0
    assert after(Act.REFUSED, Act.DONE, Act.ASKED) == after(Act.ASKED)


@pytest.mark.parametrize(("act", "signal"), [(Act.LOST, "lost"), (Act.REFUSED, "refused")])
def test_a_bot_that_is_lost_or_refuses_is_counted(act: Act, signal: str) -> None:
    none, once, twice = (
        signals(course(*[("怎么办", CALM, act)] * times, ("怎么办", CALM, Act.CHAT)))[signal] for times in (0, 1, 2)
    )
    assert none == 0
    assert twice == pytest.approx(2 * once)


def test_what_was_just_done_is_served() -> None:
    assert signals(course(("催一下", CALM, Act.DONE), ("好", CALM, Act.CHAT)))["served"] == 1
    assert signals(course(("催一下", CALM, Act.DONE), ("好", CALM, Act.CHAT), ("嗯", CALM, Act.CHAT)))["served"] == 0


def test_a_wish_for_a_person_that_was_passed_over_is_remembered() -> None:
    wish = felt(Emotion.NEUTRAL, intent="request_human")
    passed_over = course(("找个人", wish, Act.ANSWERED), ("喂", CALM, Act.CHAT))
    assert signals(passed_over)["wish_before"] > 0.8
    assert signals(course(("在吗", CALM, Act.ANSWERED), ("喂", CALM, Act.CHAT)))["wish_before"] == 0


@pytest.mark.parametrize(
    ("steps", "rule"),
    [
        (course(("烦死了", felt(Emotion.ANGRY, 1.0), Act.CHAT)), "furious"),
        (course(("着火了", felt(Emotion.NEUTRAL, escalate=0.9), Act.CHAT)), "escalate"),
        (
            course(("找个人", felt(Emotion.NEUTRAL, intent="request_human"), Act.CHAT), ("喂", CALM, Act.CHAT)),
            "asked_again",
        ),
        (course(*[("哎", CALM, Act.LOST)] * 2, ("哦", CALM, Act.CHAT)), "misunderstood"),
        (course(("三袋绿茶味换原味", CALM, Act.ASKED), ("三袋绿茶味换原味", CALM, Act.CHAT)), "repeated"),
    ],
)
def test_the_rule_is_what_speaks_loudest(steps: tuple[Step, ...], rule: str) -> None:
    assert PLAIN.rule(steps) == rule


# --- the policy ----------------------------------------------------------------------------------------------------

SOUR = course(
    ("算了吧", felt(Emotion.DISAPPOINTED, 0.6), Act.ANSWERED), ("随便你们", felt(Emotion.DISAPPOINTED), Act.CHAT)
)


def with_start(start: float) -> Trajectory:
    return replace(PLAIN, start=start)


def probable(share: float) -> Trajectory:
    """One that gives ``SOUR`` this probability."""
    logit = math.log(share / (1 - share)) - math.log(PLAIN.probability(SOUR) / (1 - PLAIN.probability(SOUR)))
    return with_start(PLAIN.start + logit)


@pytest.mark.parametrize(
    ("missed_to_needless", "share", "calls"),
    [(1, 0.49, False), (1, 0.51, True), (4, 0.19, False), (4, 0.21, True), (0.25, 0.79, False), (0.25, 0.81, True)],
)
def test_what_a_missed_call_costs_against_a_needless_one_decides_from_when_on(
    missed_to_needless: float, share: float, calls: bool
) -> None:
    learnt = POLICY.with_trajectory(probable(share))
    policy = replace(learnt, person=replace(learnt.person, missed_to_needless=missed_to_needless))
    assert (policy.wants_person(SOUR) is not None) is calls
    assert policy.wants_person(SOUR) in (None, *RULES.values())


def test_a_pleased_shopper_is_left_alone_whatever_was_learnt() -> None:
    policy = POLICY.with_trajectory(with_start(20))
    assert policy.wants_person(SOUR) is not None
    assert policy.wants_person((*SOUR, Step(text="谢谢啦", hearing=felt(Emotion.PLEASED)))) is None


def test_words_that_call_a_person_need_no_course() -> None:
    policy = POLICY.with_trajectory(with_start(-20))
    assert policy.wants_person(course(("转人工", CALM, Act.CHAT))) == "asked_for_person"


def test_without_a_learnt_course_the_rows_decide_as_before() -> None:
    assert POLICY.with_trajectory(None) == POLICY


def test_the_associate_reads_in_chinese_why_the_course_called() -> None:
    assert sorted(set(RULES.values()) - REASON_WORDS.keys()) == []


# --- on disk -------------------------------------------------------------------------------------------------------


@UNTIMED
@given(trajectory=TRAJECTORIES)
def test_what_was_saved_is_loaded(tmp_path_factory: pytest.TempPathFactory, trajectory: Trajectory) -> None:
    file = tmp_path_factory.mktemp("trajectory") / "trajectory.json"
    trajectory.save(file)
    assert Trajectory.load(file) == trajectory


def test_none_was_learnt_yet(tmp_path: Path) -> None:
    assert Trajectory.load(tmp_path / "trajectory.json") is None
    assert Trajectory.load(tmp_path) is None


def as_json(start: object, **changed: object) -> bytes:
    return json.dumps({"start": start, "weights": {**dict.fromkeys(SIGNALS, 1.0), **changed}}).encode()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b"7",
        b"\xff\xfe",
        b'{"weights": {}, "start": 0}',
        b'{"weights": [1, 2], "start": 0}',
        b'{"weights": null, "start": 0}',
        json.dumps({"start": 0.0, "weights": dict.fromkeys(SIGNALS[1:], 1.0)}).encode(),
        json.dumps({"weights": dict.fromkeys(SIGNALS, 1.0)}).encode(),
        as_json("none"),
        as_json(None),
        as_json(0.0, anger="much"),
        as_json(0.0, anger=[1]),
        as_json(math.nan),
        as_json(10**400),
    ],
)
def test_a_file_of_something_else_is_none(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "trajectory.json"
    file.write_bytes(content)
    assert Trajectory.load(file) is None
