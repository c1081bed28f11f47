"""The interception policy: when the shop steps in, how, and when it calls a person."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from policies.interception import load
from policies.rows import PolicyError
from retention.case import Case
from retention.course import Act, Step
from retention.customer import Customer
from retention.event import Event
from retention.hearing import Emotion, Hearing, Reason
from retention.order import Stage
from retention.risk import Intervention, Score, Similar
from tests.unit.counter import NOW, POLICY, ROOT, order

RULES = ROOT / "policies" / "interception.yml"
STRENGTH = {intervention: rank for rank, intervention in enumerate(Intervention)}


def case(**facts: object) -> Case:
    known: dict[str, object] = {"now": NOW, "order": order(), "customer": Customer(customer_id="c-1")}
    return Case(**{**known, **facts})  # type: ignore[arg-type]


def heard(emotion: Emotion = Emotion.NEUTRAL, intensity: float = 0.0, escalate: float = 0.0) -> Hearing:
    sentiment = {Emotion.NEUTRAL: 0.0, Emotion.PLEASED: 0.7}.get(emotion, -0.3 - 0.6 * intensity)
    return Hearing(
        intent="chitchat", confidence=0.9, emotion=emotion, intensity=intensity, sentiment=sentiment, escalate=escalate
    )


def test_an_order_is_intercepted_above_seventy_percent_and_not_at_it() -> None:
    assert not POLICY.choose(case(), Score(probability=0.70)).intercept
    assert POLICY.choose(case(), Score(probability=0.71)).intercept


def test_during_a_promotion_the_threshold_is_fifty_percent() -> None:
    promoted = case(order=order(promotion_id="double11"))
    assert POLICY.choose(promoted, Score(probability=0.51)).intercept


def test_three_address_changes_in_a_day_are_intercepted_whatever_the_score() -> None:
    changes = tuple(
        Event(event_id=str(hour), kind="behaviour.address_changed", at=NOW - timedelta(hours=hour)) for hour in range(3)
    )
    choice = POLICY.choose(case(events=changes), Score(probability=0.1))
    assert choice.intercept
    assert "address_switching" in choice.rule
    assert not POLICY.choose(case(events=changes[:2]), Score(probability=0.1)).intercept


def test_resemblance_to_past_cancellers_is_intercepted() -> None:
    alike = tuple(Similar(order_no=str(n), similarity=0.9, cancelled=True) for n in range(3))
    assert POLICY.choose(case(), Score(probability=0.4, similar=alike)).intercept


def test_an_unpaid_order_is_released_however_risky() -> None:
    unpaid = case(order=order(stage=Stage.PENDING_PAYMENT), goal="cancel_order")
    assert POLICY.choose(unpaid, Score(probability=0.99)).intervention is Intervention.RELEASE


@given(
    low=st.floats(0, 1),
    high=st.floats(0, 1),
    stage=st.sampled_from(Stage),
    goal=st.sampled_from([None, "cancel_order", "request_refund", "delivery_delay", "track_order"]),
    reasons=st.lists(st.sampled_from(Reason), max_size=3),
    late_hours=st.sampled_from([0, 5, 62]),
)
def test_more_risk_never_weakens_the_intervention(
    low: float, high: float, stage: Stage, goal: str | None, reasons: list[Reason], late_hours: int
) -> None:
    low, high = sorted((low, high))
    facts = case(order=order(stage=stage, late_hours=late_hours), goal=goal, reasons=tuple(reasons))
    calm, tense = POLICY.choose(facts, Score(probability=low)), POLICY.choose(facts, Score(probability=high))
    assert STRENGTH[calm.intervention] <= STRENGTH[tense.intervention]
    assert not (calm.intercept and not tense.intercept)


def course(*said: tuple[str, Hearing]) -> tuple[Step, ...]:
    """Every message but the last was answered."""
    *before, now = said
    return (
        *(Step(text=text, hearing=hearing, act=Act.ANSWERED) for text, hearing in before),
        Step(text=now[0], hearing=now[1]),
    )


def test_one_furious_message_calls_a_person() -> None:
    assert POLICY.wants_person(course(("骗子", heard(Emotion.ANGRY, 0.9)))) == "furious"
    assert POLICY.wants_person(course(("怎么还不发", heard(Emotion.ANGRY, 0.5)))) is None


def test_a_mood_that_stays_bad_calls_a_person_and_a_smile_cancels_it() -> None:
    worse = (("算了吧", heard(Emotion.DISAPPOINTED, 0.6)),) * 3
    assert POLICY.wants_person(course(*worse)) == "worsening"
    assert POLICY.wants_person(course(*worse, ("谢谢", heard(Emotion.PLEASED, 0.8)))) is None


@pytest.mark.parametrize("text", ["转人工", "给我转接人工", "我要找真人", "人工客服在吗", "叫个活人来"])
def test_a_plain_call_for_a_person_is_heard_without_any_model(text: str) -> None:
    assert POLICY.wants_person(course((text, heard()))) == "asked_for_person"


def test_declining_a_person_is_no_call_for_one() -> None:
    assert POLICY.wants_person(course(("不用转人工,你处理就行", heard()))) is None


@pytest.mark.parametrize("text", ["我真的不想活了,转人工", "反正也不打算活到下个月", "活着真没意思", "想结束自己"])
def test_words_of_self_harm_come_before_everything(text: str) -> None:
    assert POLICY.wants_person(course((text, heard()))) == "self_harm"


def test_an_unauthorised_payment_calls_a_person() -> None:
    assert POLICY.wants_person(course(("我没下过单，卡里被你们扣了1288", heard()))) == "payment_dispute"


@pytest.mark.parametrize(
    ("path", "value", "shown"),
    [
        (("thresholds", "default"), 1.7, "thresholds.default"),
        (("thresholds", "defualt"), 0.7, "thresholds.defualt"),
        (("offer_rounds",), 3, "offer_rounds"),
        (("behaviour", 0, "count"), "three", "behaviour[0].count"),
        (("interventions", 1, "then"), "bribe", "interventions[1].then"),
        (("interventions", 0, "when", "stages"), ["lost"], "interventions[0].when.stages"),
        (("person", "words", 0, "patterns"), ["("], "person.words[0].patterns"),
    ],
)
def test_a_bad_row_is_refused_with_its_path(
    tmp_path: Path, path: tuple[str | int, ...], value: object, shown: str
) -> None:
    data = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    spot = data
    for key in path[:-1]:
        spot = spot[key]
    spot[path[-1]] = value
    file = tmp_path / "interception.yml"
    file.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    with pytest.raises(PolicyError) as refused:
        load(file)
    assert refused.value.path == shown
    assert str(file) in str(refused.value)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(section=st.sampled_from(["thresholds", "bands", "behaviour", "interventions", "person", "version"]), junk=JUNK)
def test_garbage_in_any_section_is_refused_and_never_crashes(
    tmp_path_factory: pytest.TempPathFactory, section: str, junk: object
) -> None:
    data = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    data[section] = junk
    file = tmp_path_factory.mktemp("rules") / "interception.yml"
    file.write_text(yaml.safe_dump(data), encoding="utf-8")
    try:
        load(file)
    except PolicyError:
        return
    assert section == "version" or junk == []
