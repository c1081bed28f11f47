"""Every value of the core survives JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime, timezone
from enum import Enum
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.codec import decode, encode
from retention.associate import Associate
from retention.audit import AuditEntry
from retention.canned import CannedReply
from retention.change import OrderChange
from retention.contact import AccessToken, Contact, Cursor, Delivery, Outgoing
from retention.conversation import Conversation, Decision, Memory, Message
from retention.correction import Correction, Lesson
from retention.customer import Customer
from retention.event import Event
from retention.handoff import Handoff
from retention.hearing import Hearing
from retention.help_desk import Link
from retention.inbound import Inbound
from retention.note import Note
from retention.notice import Dispatch, Subscription
from retention.offer import Budget, Grant
from retention.order import Order
from retention.outreach import Outreach
from retention.presence import Presence
from retention.profile import Mood, Profile
from retention.rating import Rating
from retention.rescoring import Rescoring
from retention.scoring import Scoring
from retention.sign_in import SignIn
from retention.task import Task
from tests.contract.samples import CONVERSATION, HEARING, NOW

KINDS = (
    AccessToken,
    Associate,
    AuditEntry,
    Budget,
    CannedReply,
    Contact,
    Conversation,
    Correction,
    Cursor,
    Customer,
    Delivery,
    Dispatch,
    Event,
    Grant,
    Handoff,
    Hearing,
    Inbound,
    Lesson,
    Link,
    Message,
    Note,
    Order,
    OrderChange,
    Outgoing,
    Presence,
    Profile,
    Rating,
    Outreach,
    Rescoring,
    Scoring,
    SignIn,
    Subscription,
    Task,
)
TEXT = st.text(max_size=8)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2),
    max_leaves=4,
)
LEAVES: Mapping[Any, st.SearchStrategy[Any]] = {
    str: TEXT,
    int: st.integers(),
    float: NUMBERS,
    bool: st.booleans(),
    object: PLAIN,
    datetime: st.datetimes(timezones=st.just(timezone.utc)),
    type(None): st.none(),
}


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Any value of an annotation of the core."""
    if kind in LEAVES:
        return LEAVES[kind]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return st.sampled_from(kind)
    origin, inner = get_origin(kind), get_args(kind)
    if origin is UnionType or type(None) in inner:
        return st.one_of([values(item) for item in inner])
    if origin is tuple and inner[-1] is Ellipsis:
        return st.lists(values(inner[0]), max_size=2).map(tuple)
    if origin is tuple:
        return st.tuples(*map(values, inner))
    if origin is not None and issubclass(origin, Mapping):
        return st.dictionaries(TEXT, values(inner[1]), max_size=2)
    hints = get_type_hints(kind)
    return st.builds(kind, **{field.name: values(hints[field.name]) for field in fields(kind)})


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_every_value_of_the_core_survives_json(kind: type, data: st.DataObject) -> None:
    value = data.draw(values(kind))
    assert decode(kind, json.loads(json.dumps(encode(value)))) == value


def test_a_field_that_an_older_version_did_not_write_takes_its_default() -> None:
    assert decode(Memory, {"order_no": "A1"}) == Memory(order_no="A1")


def test_a_field_that_a_newer_version_wrote_is_ignored() -> None:
    assert decode(Memory, encode(CONVERSATION.memory) | {"invented_later": 1}) == CONVERSATION.memory


def test_what_does_not_fit_is_named_with_its_path() -> None:
    broken = encode(HEARING) | {"entities": [{"kind": "shoe_size"}]}
    with pytest.raises(ValueError, match=r"Hearing\.entities: Entity\.kind: 'shoe_size'"):
        decode(Hearing, broken)
    with pytest.raises(ValueError, match=r"Hearing\.confidence: 'confidence'"):
        decode(Hearing, {"intent": "deny"})


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="pass an aware datetime"):
        encode(Mood(at=NOW.replace(tzinfo=None), emotion="angry", intensity=0.5, sentiment=0.0))


def test_what_json_cannot_hold_is_refused() -> None:
    with pytest.raises(TypeError, match="has no form in JSON"):
        encode({"secret": b"bytes"})


def test_a_decision_stored_before_scenarios_were_noted_is_read_without_one() -> None:
    stored = encode(Decision(intervention="inform", rule="calm", why="", scenario="everyday"))
    del stored["scenario"]
    assert decode(Decision, stored).scenario == ""
