"""A hearing survives its journey through Rasa."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from integrations.channels.parse import hearing_of, parse_of
from retention.hearing import UNHEARD, Emotion, Entity, EntityKind, Hearing, Reason

shares = st.floats(0, 1)
words = st.text(min_size=1, max_size=12)
entities = st.builds(
    Entity, kind=st.sampled_from(EntityKind), value=words, text=words, start=st.integers(0, 99), end=st.integers(0, 99)
)
hearings = st.builds(
    Hearing,
    intent=words,
    confidence=shares,
    ranking=st.lists(st.tuples(words, shares), max_size=4).map(tuple),
    reasons=st.lists(st.sampled_from(Reason), unique=True).map(tuple),
    emotion=st.sampled_from(Emotion),
    intensity=shares,
    sentiment=st.floats(-1, 1),
    escalate=shares,
    entities=st.lists(entities, max_size=3).map(tuple),
)


@given(hearing=hearings)
def test_what_goes_into_a_rasa_message_comes_out_the_same(hearing: Hearing) -> None:
    over_the_wire = json.loads(json.dumps(parse_of(hearing)))
    assert hearing_of(over_the_wire) == hearing


def test_a_pipeline_that_hears_only_intents_leaves_the_rest_neutral() -> None:
    stock = {
        "text": "取消",
        "intent": {"name": "cancel_order", "confidence": 0.8},
        "entities": [],
        "intent_ranking": [],
    }
    assert hearing_of(stock) == Hearing(intent="cancel_order", confidence=0.8)


def test_a_message_nobody_understood_is_out_of_scope_without_confidence() -> None:
    assert hearing_of({"text": "", "intent": {"name": None, "confidence": 0.0}, "entities": []}) == UNHEARD


def test_entities_of_another_extractor_are_not_ours_to_believe() -> None:
    typed = {"entity": "amount", "value": "500", "start": 0, "end": 3, "extractor": "RegexMessageHandler"}
    assert hearing_of({"intent": {"name": "greet", "confidence": 1.0}, "entities": [typed]}).entities == ()
