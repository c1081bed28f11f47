"""Hearing a message with the model that the first start trains."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from opencc import OpenCC

from language.hearer import Hearer
from language.utterances import read_utterances
from retention.hearing import UNHEARD, Emotion, EntityKind, Hearing, Reason

ROOT = Path(__file__).resolve().parents[2]
UTTERANCES = read_utterances(ROOT / "nlu_data")
PIECES = st.sampled_from(
    [*"退款取消不要了吗没发货气死人工!!??。😭😂 \u200b\x00\ud800Ａ1９x", "訂單", "12315", "在吗", "谢谢"]
)


@pytest.fixture(scope="module")
def hearer(language_folder: Path) -> Hearer:
    return Hearer.load(language_folder)


def check(hearing: Hearing) -> None:
    """What every hearing keeps to."""
    probabilities = [probability for _, probability in hearing.ranking]
    assert all(0 <= probability <= 1 for probability in probabilities)
    assert probabilities == sorted(probabilities, reverse=True)
    assert math.fsum(probabilities) <= 1 + 1e-9
    assert len({intent for intent, _ in hearing.ranking}) == len(hearing.ranking)
    if hearing.ranking:
        assert (hearing.intent, hearing.confidence) == hearing.ranking[0]
        assert len(hearing.ranking) == 5
    assert len(set(hearing.reasons)) == len(hearing.reasons)
    assert 0 <= hearing.intensity <= 1
    assert -1 <= hearing.sentiment <= 1
    assert 0 <= hearing.escalate <= 1
    assert hearing.emotion is not Emotion.NEUTRAL or hearing.intensity == 0


@given(text=st.one_of(st.text(alphabet=st.characters(), max_size=60), st.lists(PIECES, max_size=40).map("".join)))
@example(text="😭" * 30)
@example(text="取消" * 5000)
@example(text="\x00\x01\x02\u202e")
@example(text="\ud83d\ude00\udfff")
def test_any_message_at_all_gets_a_valid_hearing(hearer: Hearer, text: str) -> None:
    check(hearer.hear(text))


@pytest.mark.parametrize("text", ["", "   ", "\u200b\x00"])
def test_an_empty_message_is_unheard(hearer: Hearer, text: str) -> None:
    assert hearer.hear(text) == UNHEARD


def test_both_writings_of_a_sentence_are_heard_the_same(hearer: Hearer) -> None:
    differing = []
    for script in ("s2t", "s2hk"):
        traditional = OpenCC(script)
        for utterance in UTTERANCES[::97]:
            one, other = hearer.hear(utterance.text), hearer.hear(traditional.convert(utterance.text))
            if (one.ranking, one.reasons, one.sentiment, one.escalate) != (
                other.ranking,
                other.reasons,
                other.sentiment,
                other.escalate,
            ):
                differing.append(utterance.text)
    assert differing == []


def test_width_case_and_invisible_characters_change_nothing(hearer: Hearer) -> None:
    assert hearer.hear("ＣＡＮＣＥＬ\u200b我的订单！").ranking == hearer.hear("cancel我的订单!").ranking


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("还没发货吧，帮我取消订单", "cancel_order"),
        ("转人工客服", "request_human"),
        ("我要去12315投诉你们", "threaten_escalation"),
        ("我的快递到哪里了", "track_order"),
        ("怎么还不发货，都等了五天了！！", "delivery_delay"),
        ("收货地址写错了，改一下", "change_address"),
        ("尺码拍错了，M换成L，还没发货", "wrong_choice"),
        ("可以开发票吗", "ask_invoice"),
        ("谢谢你", "thank"),
        ("你是机器人吗", "bot_challenge"),
    ],
)
def test_a_plain_wish_is_heard(hearer: Hearer, text: str, intent: str) -> None:
    assert hearer.hear(text).intent == intent


def test_why_how_and_what_are_heard_in_one_message(hearer: Hearer) -> None:
    hearing = hearer.hear("物流太慢了，气死我了，退单！")
    assert hearing.intent == "cancel_order"
    assert Reason.LOGISTICS in hearing.reasons
    assert hearing.emotion is Emotion.ANGRY
    assert hearing.intensity > 0.4
    assert hearing.sentiment < -0.4


def test_thanks_are_pleased_and_a_plain_question_is_calm(hearer: Hearer) -> None:
    assert hearer.hear("太谢谢你啦，服务真好😊").sentiment > 0.3
    assert abs(hearer.hear("可以开发票吗").sentiment) < 0.15


@pytest.mark.parametrize("text", ["取消吧，反正我也不想活了", "我想自杀", "我不想活下去，活着没意思"])
def test_a_sign_of_self_harm_always_calls_for_a_person(hearer: Hearer, text: str) -> None:
    assert hearer.hear(text).escalate >= 0.99


def test_a_wish_for_a_person_calls_for_one_and_a_plain_question_does_not(hearer: Hearer) -> None:
    assert hearer.hear("别让机器人糊弄我，给我转人工客服").escalate > 0.5
    assert hearer.hear("可以开发票吗").escalate < 0.1


def test_a_long_message_is_read_at_its_beginning_and_its_end(hearer: Hearer) -> None:
    story = "今天天气不错我去公园走了走" * 100
    assert hearer.hear(story + "转人工客服").escalate > hearer.hear(story).escalate


def test_what_a_message_names_is_heard_with_it(hearer: Hearer) -> None:
    assert hearer.hear("拍了M想要L").first(EntityKind.SIZE) == "L"


def test_hearing_needs_no_training_library_writes_nothing_and_is_silent(language_folder: Path, tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from language.hearer import Hearer; "
        f"heard = Hearer.load(Path({str(language_folder)!r})).hear('红色的换成蓝色，转人工'); "
        "assert heard.escalate > 0.5 and heard.entities; "
        "taught = ('sklearn', 'onnx', 'torch', 'transformers', 'rasa'); "
        "assert not [name for name in sys.modules if name.partition('.')[0] in taught]"
    )
    run = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={"TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("question", ["这券有门槛吗", "能用多久呢", "到底补多少？"])
def test_what_asks_back_answers_no_question(hearer: Hearer, question: str) -> None:
    assert hearer.hear(question, "offer") == hearer.hear(question)


@pytest.mark.parametrize(
    ("asked", "text", "intent"),
    [
        ("offer", "行", "accept_offer"),
        ("offer", "不了", "decline_offer"),
        ("offer", "算了", "decline_offer"),
        ("person", "好", "request_human"),
    ],
)
def test_a_short_answer_is_heard_with_its_question(hearer: Hearer, asked: str, text: str, intent: str) -> None:
    assert hearer.hear(text, asked).intent == intent
