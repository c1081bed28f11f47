"""An associate says what a message meant, another one agrees, and only then it may be learned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from retention.correction import Lesson
from retention.hearing import Emotion, Reason
from tests.http.world import LATE_ORDER, World

pytestmark = pytest.mark.anyio

LATE = "物流太慢了，我要取消"
MEANT: Mapping[str, Any] = {
    "intent": "delivery_delay",
    "reasons": ["logistics", "service"],
    "emotion": "disappointed",
    "intensity": 0.9,
    "escalate": True,
}
HEARD = {
    "intent": "cancel_order",
    "intent_words": "取消订单",
    "reasons": ["logistics"],
    "emotion": "angry",
    "emotion_words": "生气",
    "intensity": 0.5,
    "escalate": False,
}


async def said(world: World, text: str = LATE, message_id: str = "m1") -> str:
    """The conversation of a shopper who said this and was heard."""
    shopper = await world.begin()
    await world.say(shopper, text, message_id)
    return world.conversation_of(shopper)


async def propose(console: httpx.AsyncClient, conversation: str, message: str = "m1", **labels: Any) -> httpx.Response:
    path = f"/console/api/conversations/{conversation}/messages/{message}/correction"
    return await console.post(path, json={**MEANT, **labels})


async def waiting(console: httpx.AsyncClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await console.get("/console/api/corrections")).json()["corrections"]
    return found


async def proposed(world: World, text: str = LATE) -> tuple[httpx.AsyncClient, str]:
    """The console of the proposer, and the path of what was proposed."""
    console = await world.log_in("小李")
    answer = await propose(console, await said(world, text))
    return console, f"/console/api/corrections/{answer.json()['correction']['correction_id']}"


async def test_a_correction_goes_from_the_transcript_to_a_lesson(world: World) -> None:
    first, second = await world.log_in("小李"), await world.log_in("小王")
    conversation = await said(world)
    answer = await propose(first, conversation)
    assert answer.status_code == 200
    one = answer.json()["correction"]
    assert (one["state"], one["proposer"], one["text"], one["heard"]) == ("proposed", "小李", LATE, HEARD)
    assert one["labels"] == {**MEANT, "intent_words": "催一下发货或物流", "emotion_words": "失望"}
    assert await waiting(second) == [one]

    accepted = await second.post(f"/console/api/corrections/{one['correction_id']}/accept", json={})
    assert accepted.status_code == 200
    assert accepted.json()["correction"] | {"reviewed_at": None} == {
        **one, "state": "accepted", "state_words": "已通过", "reviewer": "小王",
    }  # fmt: skip
    assert await waiting(second) == []
    with world.store.transaction() as records:
        [lesson] = records.corrections.accepted()
    assert lesson == Lesson(
        text=LATE,
        intent="delivery_delay",
        reasons=(Reason.LOGISTICS, Reason.SERVICE),
        emotion=Emotion.DISAPPOINTED,
        intensity=0.9,
        escalate=True,
    )


async def test_the_transcript_shows_what_there_is_to_correct_and_what_was_proposed(world: World) -> None:
    console = await world.log_in("小李")
    conversation = await said(world)
    before = (await console.get(f"/console/api/conversations/{conversation}")).json()["messages"][0]
    assert "correction" not in before
    assert (before["hearing"]["escalate"], before["hearing"]["ranking"]) == (0.0, [])
    await propose(console, conversation)
    after = (await console.get(f"/console/api/conversations/{conversation}")).json()["messages"][0]
    assert after["correction"]["state_words"] == "待审核"
    assert after["correction"]["labels"]["intent"] == "delivery_delay"


async def test_the_choices_are_all_labels_there_are_in_words(world: World) -> None:
    console = await world.log_in("小李")
    choices = (await console.get("/console/api/labels")).json()
    assert len(choices["intents"]) == 34
    assert {"value": "track_order", "words": "查物流进度"} in choices["intents"]
    assert [one["value"] for one in choices["reasons"]] == [reason.value for reason in Reason]
    assert [one["value"] for one in choices["emotions"]] == [emotion.value for emotion in Emotion]
    assert choices["intensities"] == [
        {"value": 0.3, "words": "弱"}, {"value": 0.6, "words": "中"}, {"value": 0.9, "words": "强"}
    ]  # fmt: skip
    assert 0 < choices["escalates_at"] < 1


async def test_a_second_proposal_replaces_the_first_whoever_makes_it(world: World) -> None:
    console, path = await proposed(world)
    other = await world.log_in("小赵")
    [one] = await waiting(console)
    again = await propose(other, one["conversation_id"], intent="track_order")
    assert again.json()["correction"]["correction_id"] == one["correction_id"]
    [only] = await waiting(console)
    assert (only["proposer"], only["labels"]["intent"]) == ("小赵", "track_order")
    assert (await console.post(f"{path}/accept", json={})).status_code == 200


async def test_a_reviewer_may_know_better_than_the_proposer(world: World) -> None:
    _, path = await proposed(world)
    console = await world.log_in("小王")
    better = {**MEANT, "emotion": "neutral", "intensity": 0, "reasons": []}
    answer = await console.post(f"{path}/accept", json={"labels": better})
    assert answer.json()["correction"]["labels"] | better == answer.json()["correction"]["labels"]


@pytest.mark.parametrize("act", ["accept", "reject"])
async def test_nobody_reviews_their_own(world: World, act: str) -> None:
    console, path = await proposed(world)
    answer = await console.post(f"{path}/{act}", json={})
    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:tourniquet:problem:own_correction"
    assert answer.json()["detail"] == "不能审核自己提交的纠正，请由其他同事审核。"
    assert len(await waiting(console)) == 1


@pytest.mark.parametrize("second", ["accept", "reject"])
async def test_what_was_reviewed_stays_as_it_is_and_who_comes_late_learns_by_whom(world: World, second: str) -> None:
    _, path = await proposed(world)
    one, other = await world.log_in("小王"), await world.log_in("小赵")
    assert (await one.post(f"{path}/reject", json={})).status_code == 200
    late = await other.post(f"{path}/{second}", json={})
    assert late.status_code == 409
    assert late.json()["detail"] == "这条纠正小王已经审核过了，结果是已驳回。"
    assert "您已经审核过" in (await one.post(f"{path}/{second}", json={})).json()["detail"]
    with world.store.transaction() as records:
        assert list(records.corrections.accepted()) == []


async def test_after_a_rejection_the_message_may_be_corrected_again(world: World) -> None:
    console, path = await proposed(world)
    [one] = await waiting(console)
    await (await world.log_in("小王")).post(f"{path}/reject", json={})
    again = await propose(console, one["conversation_id"])
    assert again.json()["correction"]["correction_id"] != one["correction_id"]
    assert len(await waiting(console)) == 1


async def test_each_state_has_its_list(world: World) -> None:
    console, path = await proposed(world)
    await (await world.log_in("小王")).post(f"{path}/reject", json={})
    counts = {}
    for state in ("proposed", "accepted", "rejected"):
        answer = (await console.get("/console/api/corrections", params={"state": state})).json()
        assert len(answer["corrections"]) == answer["count"]
        counts[state] = answer["count"]
    assert counts == {"proposed": 0, "accepted": 0, "rejected": 1}
    assert (await console.get("/console/api/corrections", params={"state": "lost"})).status_code == 422


async def test_the_queue_says_how_many_wait_for_review(world: World) -> None:
    console, _ = await proposed(world)
    assert (await console.get("/console/api/queue")).json()["corrections"] == 1


@pytest.mark.parametrize(
    ("labels", "where"),
    [
        ({"intent": "buy_pizza"}, "intent"),
        ({"intent": "取消 订单"}, "intent"),
        ({"reasons": ["price", "weather"]}, "reasons[1]"),
        ({"reasons": ["price"] * 11}, "reasons"),
        ({"emotion": "bored"}, "emotion"),
        ({"emotion": "neutral"}, "intensity"),
        ({"intensity": 0}, "intensity"),
        ({"intensity": 1.1}, "intensity"),
        ({"intensity": "0.3"}, "intensity"),
        ({"escalate": "yes"}, "escalate"),
    ],
)
async def test_a_label_nobody_knows_is_named_by_its_path(world: World, labels: Mapping[str, Any], where: str) -> None:
    console, path = await proposed(world)
    [one] = await waiting(console)
    refused = await propose(console, one["conversation_id"], **labels)
    assert (refused.status_code, refused.headers["content-type"]) == (422, "application/problem+json")
    assert [error["where"] for error in refused.json()["errors"]] == [f"body.{where}"]
    edited = await console.post(f"{path}/accept", json={"labels": {**MEANT, **labels}})
    assert [error["where"] for error in edited.json()["errors"]] == [f"body.labels.{where}"]
    assert await waiting(console) == [one]


async def test_only_a_shoppers_message_that_was_heard_is_corrected(world: World) -> None:
    console = await world.log_in("小李")
    shopper = await world.begin()
    await world.say(shopper, "转人工", "m1")
    world.rasa.broken = 500
    await world.say(shopper, "听得见吗", "m2")
    row = (await console.get("/console/api/queue")).json()["handoffs"][0]
    await console.post(f"/console/api/handoffs/{row['handoff_id']}/claim", json={})
    reply = {"message_id": "a1", "text": "在的"}
    await console.post(f"/console/api/handoffs/{row['handoff_id']}/reply", json=reply)
    for message in ("m2", "a1"):
        answer = await propose(console, row["conversation_id"], message)
        assert (answer.status_code, answer.json()["detail"]) == (409, "这条消息没有识别结果，不能纠正。")
    assert (await propose(console, row["conversation_id"], "m404")).status_code == 404
    assert (await propose(console, "X404", "m1")).status_code == 404


@pytest.mark.parametrize("act", ["accept", "reject"])
async def test_a_correction_that_never_was_is_not_found(world: World, act: str) -> None:
    console = await world.log_in("小王")
    assert (await console.post(f"/console/api/corrections/NOPE/{act}", json={})).status_code == 404


async def test_what_identifies_the_shopper_is_masked_and_the_rest_stays_as_typed(world: World) -> None:
    text = f"我李小明<b>物流太慢</b>😡 {LATE_ORDER.order_no}，打 138 1234 5678，送到文三路 1 号"
    console, _ = await proposed(world, text)
    [one] = await waiting(console)
    assert one["text"] == "我***<b>物流太慢</b>😡 ***，打 138****5678，送到***"


async def test_the_erasure_of_a_customer_takes_the_corrections_along(world: World) -> None:
    console, path = await proposed(world)
    [one] = await waiting(console)
    await (await world.log_in("小王")).post(f"{path}/accept", json={})
    erased = await world.client.delete("/v1/customers/C1", headers=world.api())
    assert erased.json()["erased"]["corrections"] == 1
    with world.store.transaction() as records:
        assert list(records.corrections.accepted()) == []
        entries = records.audit.about(f"correction:{one['correction_id']}")
    assert [entry.act for entry in entries] == ["correction_proposed", "correction_accepted"]
    again = await propose(console, one["conversation_id"])
    assert (again.status_code, again.json()["detail"]) == (409, "这条消息已按顾客要求删除，不能纠正。")
    assert (await console.post(f"{path}/reject", json={})).status_code == 404
