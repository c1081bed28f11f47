"""The interception policy: when the shop steps in, how, and when it calls a person."""

from __future__ import annotations

import itertools
import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention.case import Case
from retention.course import Act, Step
from retention.customer import Customer
from retention.event import Event
from retention.hearing import Emotion, Hearing, Reason
from retention.order import Stage
from retention.risk import Intervention, Score, Similar
from tests.unit.counter import NOW, POLICY, order

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


def test_the_same_event_told_twice_or_out_of_order_counts_once_and_only_within_the_window() -> None:
    def change(name: str, hours_ago: float) -> Event:
        return Event(event_id=name, kind="behaviour.address_changed", at=NOW - timedelta(hours=hours_ago))

    told_again = (change("a", 1), change("b", 2), change("a", 1))
    too_old = (change("a", 1), change("b", 2), change("c", 24.01))
    not_yet = (change("a", 1), change("b", 2), change("c", -1))
    for told in (told_again, too_old, not_yet):
        assert not POLICY.choose(case(events=told), Score(probability=0.1)).intercept
    three = (change("a", 1), change("b", 24), change("c", 0))
    for events in itertools.permutations((*three, change("a", 1))):
        assert POLICY.choose(case(events=events), Score(probability=0.1)).intercept


def test_one_past_order_that_is_named_twice_is_no_second_one() -> None:
    same = (Similar(order_no="1", similarity=0.9, cancelled=True),) * 3
    assert not POLICY.choose(case(), Score(probability=0.4, similar=same)).intercept


@given(
    hours_ago=st.lists(st.floats(-30, 60), max_size=8),
    copies=st.integers(1, 3),
    seed=st.randoms(use_true_random=False),
)
def test_a_behaviour_is_counted_by_what_happened_and_not_by_how_it_was_told(
    hours_ago: list[float], copies: int, seed: random.Random
) -> None:
    changes = [
        Event(event_id=str(number), kind="behaviour.address_changed", at=NOW - timedelta(hours=ago))
        for number, ago in enumerate(hours_ago)
    ]
    told = changes * copies
    seed.shuffle(told)
    due = sum(NOW - timedelta(days=1) <= change.at <= NOW for change in changes) >= 3
    assert POLICY.choose(case(events=tuple(told)), Score(probability=0.0)).intercept is due


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
