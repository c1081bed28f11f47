"""One intent is one file, and every file is a whole intent."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.intent_file import Answerer, IntentFile, read_intent, read_intents
from language.errors import DataError

ANSWER_FOR_THEMSELVES = ("greet", "goodbye", "thank", "chitchat", "bot_challenge", "out_of_scope")
ANSWERED_BY_THE_DESK = (
    *(
        "cancel_order",
        "request_refund",
        "track_order",
        "delivery_delay",
        "price_drop",
        "wrong_choice",
        "change_address",
    ),
    *("stock_question", "quality_doubt", "product_defect", "changed_mind", "payment_problem", "service_complaint"),
    *("ask_policy", "refund_status", "ask_discount", "accept_offer", "decline_offer", "keep_order", "exchange_item"),
    *("ask_invoice", "request_human", "threaten_escalation", "inform_order", "affirm", "deny", "ask_why", "opt_out"),
)

GOOD = """intent: greet
title: 打个招呼
action: utter
replies:
  - 您好，我在的。
examples:
  - {text: 你好, emotion: pleased, intensity: 0.2}
  - 在吗
"""


@pytest.fixture(scope="module")
def intents() -> dict[str, IntentFile]:
    return {intent.intent: intent for intent in read_intents()}


@pytest.mark.parametrize("name", ANSWERED_BY_THE_DESK)
def test_what_needs_the_order_or_the_shops_rules_is_answered_by_the_desk(
    intents: dict[str, IntentFile], name: str
) -> None:
    assert intents[name].action == "action_desk"
    assert intents[name].replies == ()


@pytest.mark.parametrize("name", ANSWER_FOR_THEMSELVES)
def test_small_talk_is_answered_in_several_ways(intents: dict[str, IntentFile], name: str) -> None:
    assert intents[name].action == f"utter_{name}"
    assert len(set(intents[name].replies)) >= 3


def test_a_machine_admits_that_it_is_one_and_names_the_way_to_a_person(intents: dict[str, IntentFile]) -> None:
    for reply in intents["bot_challenge"].replies:
        assert "智能助手" in reply
        assert "转人工" in reply


def test_titles_tell_the_intents_apart(intents: dict[str, IntentFile]) -> None:
    titles = [intent.title for intent in intents.values()]
    assert len(set(titles)) == len(titles)


def test_an_intent_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "greet.yml").write_text(GOOD, encoding="utf-8")
    assert read_intents(tmp_path) == (
        IntentFile(
            intent="greet",
            title="打个招呼",
            answerer=Answerer.UTTER,
            replies=("您好，我在的。",),
            examples=("你好", "在吗"),
        ),
    )


@pytest.mark.parametrize(
    ("good", "bad", "path"),
    [
        ("intent: greet", "intent: hello", "intent"),
        ("title: 打个招呼", "title: 1", "title"),
        ("title: 打个招呼\n", "", "title"),
        ("action: utter", "action: shout", "action"),
        ("action: utter", "action: desk", "replies"),
        ("replies:\n  - 您好，我在的。\n", "", "replies"),
        ("  - 您好，我在的。", "  - 1", "replies[0]"),
        ("  - 在吗", "  - 1", "examples[1].text"),
    ],
)
def test_a_bad_intent_file_is_refused_with_the_path(tmp_path: Path, good: str, bad: str, path: str) -> None:
    assert good in GOOD
    file = tmp_path / "greet.yml"
    file.write_text(GOOD.replace(good, bad), encoding="utf-8")
    with pytest.raises(DataError) as refused:
        read_intent(file)
    assert (refused.value.file, refused.value.path) == (file, path)


def test_a_folder_without_intents_is_no_bot(tmp_path: Path) -> None:
    with pytest.raises(DataError):
        read_intents(tmp_path)
