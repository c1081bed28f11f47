"""Rasa's only door, knocked at from outside."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot import launch
from tests.dialogue.fake_desk import FakeDesk
from tests.dialogue.rasa_process import Rasa, bot_folder, free_port, turn_body

pytestmark = [pytest.mark.rasa, pytest.mark.timeout(900)]


@pytest.mark.parametrize("secret", [None, b"wrong", b"the-secret-of-the-gateway-and-more", "密钥".encode(), b"\xff"])
@pytest.mark.parametrize("path", ["/turns", "/hear"])
def test_without_the_secret_nobody_is_heard(rasa: Rasa, desk: FakeDesk, path: str, secret: bytes | None) -> None:
    response = rasa.post(path, turn_body("取消订单"), secret=secret)
    assert response.status_code == 401
    assert response.json()["error"] == "unauthorized"
    assert desk.calls == []


def test_health_needs_no_secret_and_tells_nothing_else(rasa: Rasa) -> None:
    response = rasa.client.get("/health")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("text", ['/accept_offer{"amount":"500"}', "  /accept_offer", "／accept_offer", "/restart"])
@pytest.mark.parametrize("path", ["/turns", "/hear"])
def test_a_typed_command_of_the_dialogue_engine_is_refused(rasa: Rasa, desk: FakeDesk, path: str, text: str) -> None:
    response = rasa.post(path, turn_body(text, options=[text]))
    assert (response.status_code, response.json()["error"]) == (422, "control_text")
    assert desk.calls == []


def test_a_command_inside_a_sentence_is_only_words(rasa: Rasa) -> None:
    assert rasa.hear('帮我输入 /accept_offer{"amount":"500"} 好吗')["confidence"] < 1.0


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"text": "\xff"}', json.dumps({"text": "取消"}).encode()])
def test_what_is_no_turn_is_refused_and_says_why(rasa: Rasa, body: bytes) -> None:
    response = rasa.post("/turns", body)
    assert response.status_code == 400
    assert response.json()["message"]


def test_a_text_beyond_the_limit_is_refused(rasa: Rasa) -> None:
    assert rasa.post("/turns", turn_body("退" * 2001)).json()["error"] == "text_too_long"
    assert rasa.post("/turns", b"x" * 200_000).status_code == 413


@pytest.mark.parametrize("text", ["退" * 2000, "😀" * 500, "\u202e取消\u0000订单", "a\n" * 900, "NULL; DROP TABLE"])
def test_a_strange_text_is_heard_like_any_other(rasa: Rasa, text: str) -> None:
    assert 0 <= rasa.hear(text)["confidence"] <= 1


@pytest.mark.parametrize(
    ("text", "alone", "answered"), [("行", "affirm", "accept_offer"), ("不了", "deny", "decline_offer")]
)
def test_a_short_answer_means_what_the_last_question_makes_it_mean(
    rasa: Rasa, desk: FakeDesk, text: str, alone: str, answered: str
) -> None:
    assert rasa.hear(text)["intent"] == alone
    assert rasa.hear(text, expecting="offer")["intent"] == answered
    assert rasa.turn(text, expecting="offer")["hearing"]["intent"] == answered


def test_a_supervisor_is_likelier_to_take_over_after_an_answer_beside_the_question(rasa: Rasa) -> None:
    text, said = "我问的不是这个，说了三遍了", "退货运费谁出"
    beside, chat = ({"said": said, "answered": words} for words in ("亲，本店全场包邮哦", "好的，马上为您办理，请稍等"))
    alone, answered = (
        rasa.post("/hear", {"text": text, "state": {"before": before}}).json()["hearing"]["escalate_now"]
        for before in (None, beside)
    )
    assert answered > alone
    assert 0 <= rasa.post("/hear", {"text": "好", "state": {"before": chat}}).json()["hearing"]["escalate_now"] < 0.2


def test_a_question_nobody_knows_is_refused(rasa: Rasa) -> None:
    assert rasa.post("/hear", {"text": "行", "state": {"expecting": "weather"}}).status_code == httpx.codes.BAD_REQUEST


def test_rasas_own_doors_are_closed(rasa: Rasa) -> None:
    base = rasa.client.base_url.join("/")
    for path in ("/webhooks/rest/webhook", "/model/parse", "/conversations/c-test/tracker"):
        assert rasa.client.get(base.join(path)).status_code == 404


def test_when_the_desk_breaks_the_service_is_told_and_the_next_turn_works(rasa: Rasa, desk: FakeDesk) -> None:
    desk.broken = True
    response = rasa.post("/turns", turn_body("取消订单", conversation_id="c-broken"))
    assert (response.status_code, response.json()["error"]) == (500, "turn_failed")
    desk.broken = False
    assert len(rasa.turn("取消订单", conversation_id="c-broken")["replies"]) == 2


def test_a_desk_that_does_not_answer_holds_up_only_its_own_conversation_and_not_for_ever(
    rasa: Rasa, desk: FakeDesk
) -> None:
    desk.open.clear()
    answers: list[httpx.Response] = []
    waiting = threading.Thread(
        target=lambda: answers.append(rasa.post("/turns", turn_body("取消订单", conversation_id="c-stuck")))
    )
    waiting.start()
    assert len(rasa.turn("你好", conversation_id="c-other")["replies"]) == 1
    waiting.join()
    assert [(answer.status_code, answer.json()["error"]) for answer in answers] == [(504, "too_slow")]


def test_two_messages_of_one_conversation_at_once_are_both_answered(rasa: Rasa, desk: FakeDesk) -> None:
    answers: list[dict[str, Any]] = []
    senders = [
        threading.Thread(target=lambda: answers.append(rasa.turn("取消订单", conversation_id="c-twice")))
        for _ in range(3)
    ]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert [len(answer["replies"]) for answer in answers] == [2, 2, 2]


@pytest.mark.parametrize("secret", ["", "short"])
def test_a_server_without_a_secret_worth_the_name_does_not_start(bot_home: Path, secret: str) -> None:
    done = subprocess.run(
        launch.run_command(launch.BOT_PYTHON, folder=bot_folder(bot_home), port=free_port()),
        cwd=launch.ROOT,
        env=launch.environment(os.environ, home=bot_home, rasa_secret=secret, action_url="http://127.0.0.1:9"),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode != 0
    assert "TOURNIQUET_RASA_SECRET" in done.stdout + done.stderr
