"""What the gateway channel lets in."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.channels.turn_request import TEXT_LIMIT, BadRequestError, is_command, read_hear, read_turn

TURN: dict[str, Any] = {
    "conversation_id": "c-1",
    "message_id": "m-1",
    "text": "帮我取消订单",
    "state": {"status": "bot", "expecting": "offer", "options": ["接受方案"]},
}


def body(**changes: Any) -> bytes:
    return json.dumps({**TURN, **changes}).encode()


def test_a_turn_is_read_as_it_was_sent() -> None:
    turn = read_turn(body())
    assert (turn.conversation_id, turn.message_id, turn.text) == ("c-1", "m-1", "帮我取消订单")
    assert turn.state == {"status": "bot", "expecting": "offer", "options": ["接受方案"], "before": None}


def test_a_turn_without_a_state_belongs_to_the_bot() -> None:
    assert read_turn(body(state={})).state == {"status": "bot", "expecting": None, "options": [], "before": None}


def test_a_turn_may_say_what_came_before_it() -> None:
    before = {"said": "到哪了", "answered": "在路上"}
    assert read_turn(body(state={"before": before})).state["before"] == before


@pytest.mark.parametrize(
    "text",
    [
        '/accept_offer{"amount":"500"}',
        "  /restart",
        "\u3000/greet",
        "／accept_offer",
        "\u200b/session_start",
        "\ufeff\n/back",
    ],
)
def test_a_text_that_commands_the_dialogue_engine_is_refused(text: str) -> None:
    with pytest.raises(BadRequestError) as refused:
        read_turn(body(text=text))
    assert (refused.value.status, refused.value.code) == (422, "control_text")
    with pytest.raises(BadRequestError):
        read_hear(json.dumps({"text": text}).encode())


@given(text=st.text())
def test_whatever_rasa_would_obey_is_a_command(text: str) -> None:
    """Rasa strips blanks and looks for its sign."""
    if text.strip().startswith("/"):
        assert is_command(text)


def test_a_slash_inside_a_sentence_is_only_a_slash() -> None:
    assert not is_command("黑/白两色都行")


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"conversation_id": ""}, "conversation_id"),
        ({"conversation_id": 7}, "conversation_id"),
        ({"message_id": "m" * 129}, "message_id"),
        ({"message_id": None}, "message_id"),
        ({"text": "   "}, "text"),
        ({"text": ["取消"]}, "text"),
        ({"text": "\ud800"}, "text"),
        ({"state": "bot"}, "state"),
        ({"state": {"status": "asleep"}}, "state.status"),
        ({"state": {"status": ["bot"]}}, "state.status"),
        ({"state": {"expecting": "money"}}, "state.expecting"),
        ({"state": {"options": "接受方案"}}, "state.options"),
        ({"state": {"options": ["好"] * 21}}, "state.options"),
        ({"state": {"options": [1]}}, "state.options"),
        ({"state": {"before": "到哪了"}}, "state.before"),
        ({"state": {"before": {"said": "到哪了"}}}, "state.before"),
        ({"state": {"before": {"said": "到哪了", "answered": None}}}, "state.before.answered"),
        ({"state": {"before": {"said": "长" * 301, "answered": ""}}}, "state.before.said"),
    ],
)
def test_a_bad_field_is_refused_by_name(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(BadRequestError) as refused:
        read_turn(body(**changes))
    assert refused.value.status == 400
    assert refused.value.message.startswith(f"{named}:")


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff\xfe", b"[" * 60_000, b'"text"', b"[]", b"null"])
def test_what_is_no_json_object_is_refused(raw: bytes) -> None:
    with pytest.raises(BadRequestError) as refused:
        read_turn(raw)
    assert refused.value.status == 400


def test_a_text_may_be_as_long_as_the_limit_and_no_longer() -> None:
    assert read_hear(body(text="退" * TEXT_LIMIT))[0] == "退" * TEXT_LIMIT
    with pytest.raises(BadRequestError) as refused:
        read_hear(body(text="退" * (TEXT_LIMIT + 1)))
    assert (refused.value.status, refused.value.code) == (413, "text_too_long")


@given(
    raw=st.binary(max_size=64)
    | st.recursive(st.none() | st.text(), st.lists).map(lambda data: json.dumps(data).encode())
)
def test_no_body_breaks_the_reader(raw: bytes) -> None:
    with pytest.raises(BadRequestError):
        read_turn(raw)
