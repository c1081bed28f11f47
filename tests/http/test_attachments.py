"""Pictures as evidence: sent ahead, said once, seen by two sides only, gone when the shopper is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from retention.conversation import Status
from service.album import MOST_IN_CONVERSATION
from service.body_limit import PICTURE_BYTES
from tests.http.world import LATE_ORDER, NOW, World, opened
from tests.unit.test_picture import claiming, picture, with_metadata

pytestmark = pytest.mark.anyio

UPLOAD = "/v1/chat/attachments"


async def send(world: World, headers: dict[str, str], data: bytes) -> httpx.Response:
    return await world.client.post(UPLOAD, content=data, headers={**headers, "Content-Type": "text/html"})


async def sent(world: World, headers: dict[str, str]) -> str:
    answer = await send(world, headers, picture())
    assert answer.status_code == 201, answer.text
    return str(answer.json()["attachment_id"])


async def say(world: World, headers: dict[str, str], message_id: str, **body: str) -> httpx.Response:
    return await world.client.post("/v1/chat/messages", json={"message_id": message_id, **body}, headers=headers)


async def test_a_picture_is_sent_ahead_said_and_seen_again_without_its_metadata(world: World) -> None:
    headers = await world.begin()
    kept = (await send(world, headers, with_metadata())).json()
    assert kept["url"] == f"{UPLOAD}/{kept['attachment_id']}"
    answer = await say(world, headers, "m1", text="你好", attachment_id=kept["attachment_id"])
    assert answer.status_code == 200, answer.text
    transcript = (await world.client.get("/v1/chat/messages", headers=headers)).json()["messages"]
    assert transcript[0]["attachment"] == {"id": kept["attachment_id"], "width": 48, "height": 64}
    assert "attachment" not in transcript[1]
    shown = await world.client.get(kept["url"], headers=headers)
    assert (shown.headers["content-type"], shown.headers["x-content-type-options"]) == ("image/jpeg", "nosniff")
    assert shown.content.startswith(b"\xff\xd8")
    assert b"SECRET" not in shown.content


async def test_the_bot_says_that_it_cannot_see_a_picture_and_a_person_can(world: World) -> None:
    headers = await world.begin()
    answer = (await say(world, headers, "m1", attachment_id=await sent(world, headers))).json()
    assert answer["status"] == "bot"
    (reply,) = answer["replies"]
    assert "看不了图片" in reply["text"]
    assert reply["buttons"] == [{"title": "转人工", "text": "转人工"}]
    assert world.rasa.turns == []


async def test_words_beside_a_picture_are_answered_after_that(world: World) -> None:
    headers = await world.begin()
    answer = await say(world, headers, "m1", text="物流太慢了，我要取消", attachment_id=await sent(world, headers))
    kept, *rest = answer.json()["replies"]
    assert "看不了图片" in kept["text"]
    assert "buttons" not in kept
    assert rest[-1]["offer"]


async def test_the_same_picture_message_again_answers_the_same(world: World) -> None:
    headers = await world.begin()
    attachment_id = await sent(world, headers)
    first = await say(world, headers, "m1", attachment_id=attachment_id)
    assert (await say(world, headers, "m1", attachment_id=attachment_id)).json() == first.json()
    other = await say(world, headers, "m2", attachment_id=attachment_id)
    assert (other.status_code, other.json()["type"]) == (409, "urn:tourniquet:problem:no_such_attachment")


async def test_while_a_person_is_there_the_bot_is_silent_about_a_picture(world: World) -> None:
    headers = await world.begin()
    await world.say(headers, "转人工", "m1")
    answer = await say(world, headers, "m2", attachment_id=await sent(world, headers))
    assert (answer.json()["replies"], answer.json()["status"]) == ([], "waiting")
    assert world.rasa.heard == []


async def test_another_conversation_can_neither_see_nor_say_the_picture(world: World) -> None:
    headers, other = await world.begin(), await world.begin()
    attachment_id = await sent(world, headers)
    assert (await world.client.get(f"{UPLOAD}/{attachment_id}", headers=other)).status_code == 404
    assert (await world.client.get(f"{UPLOAD}/{attachment_id}")).status_code == 401
    assert (await say(world, other, "m1", attachment_id=attachment_id)).status_code == 409
    assert (await world.client.get(f"{UPLOAD}/..%2Fsecrets", headers=headers)).status_code in (404, 422)


async def test_an_associate_sees_the_picture_and_nobody_without_the_cookie(world: World) -> None:
    headers = await world.begin()
    attachment_id = await sent(world, headers)
    path = f"/console/api/attachments/{attachment_id}"
    assert (await world.client.get(path)).status_code == 401
    console = await world.log_in("小王")
    assert (await console.get(path)).headers["content-type"] == "image/jpeg"


@pytest.mark.parametrize(
    ("data", "status"),
    [(b"<html>", 415), (b"", 415), (claiming(30_000, 30_000), 422), (picture()[:200], 422), (b"x" * 5_242_881, 413)],
)
async def test_what_is_no_picture_is_refused_in_chinese_and_leaves_nothing(
    world: World, data: bytes, status: int
) -> None:
    answer = await send(world, await world.begin(), data)
    assert answer.status_code == status
    assert any("\u4e00" <= char <= "\u9fff" for char in answer.json()["detail"])
    assert not (world.shop.settings.home / "attachments").exists()


async def test_a_picture_may_be_five_megabytes(world: World) -> None:
    padded = picture() + b"\0" * (PICTURE_BYTES - len(picture()))
    assert (await send(world, await world.begin(), padded)).status_code == 201


async def test_a_conversation_takes_only_so_many_pictures(world: World) -> None:
    headers = await world.begin()
    for _ in range(MOST_IN_CONVERSATION):
        await sent(world, headers)
    answer = await send(world, headers, picture())
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:tourniquet:problem:too_many_pictures")


async def test_a_closed_conversation_takes_no_picture(world: World) -> None:
    headers = await world.begin()
    with world.store.transaction() as records:
        conversation = records.conversations.find(world.conversation_of(headers))
        assert conversation is not None
        records.conversations.put(replace(conversation, status=Status.CLOSED))
    assert (await send(world, headers, picture())).status_code == 409


async def test_erasing_the_shopper_erases_the_pictures(world: World) -> None:
    headers, other = await world.begin(), await world.begin(None)
    said, unsaid, theirs = await sent(world, headers), await sent(world, headers), await sent(world, other)
    await say(world, headers, "m1", attachment_id=said)
    answer = await world.client.delete("/v1/customers/C1", headers=world.api())
    assert answer.json()["erased"]["attachments"] == 2
    assert [file.stem for file in (world.shop.settings.home / "attachments").iterdir()] == [theirs]
    for gone in (said, unsaid):
        assert (await world.client.get(f"{UPLOAD}/{gone}", headers=headers)).status_code == 404
    assert (await world.client.get("/v1/chat/messages", headers=headers)).json()["messages"][0]["text"] == "[已删除]"


async def test_a_picture_nobody_sent_goes_after_a_day(world: World) -> None:
    headers = await world.begin()
    said, unsaid = await sent(world, headers), await sent(world, headers)
    await say(world, headers, "m1", attachment_id=said)
    assert world.service.album.clear() == 0
    with world.store.transaction() as records:
        for attachment_id in (said, unsaid):
            found = records.attachments.find(attachment_id)
            assert found is not None
            records.attachments.remove(attachment_id)
            records.attachments.add(replace(found, at=NOW - timedelta(hours=25)))
    assert world.service.album.clear() == 1
    assert (await world.client.get(f"{UPLOAD}/{unsaid}", headers=headers)).status_code == 404
    assert (await world.client.get(f"{UPLOAD}/{said}", headers=headers)).status_code == 200


async def test_what_a_crash_left_of_an_erasure_is_cleared_by_the_next_round(tmp_path: Path) -> None:
    async with opened(tmp_path) as world:
        headers = await world.begin()
        await say(world, headers, "m1", attachment_id=await sent(world, headers))
        with world.store.transaction() as records:  # and then the process is gone
            records.erase_customer("C1", at=NOW)
        assert world.service.album.clear() == 1
        assert list((tmp_path / "attachments").iterdir()) == []


async def test_the_signed_in_shopper_picks_from_their_open_orders_and_a_guest_has_none(world: World) -> None:
    with world.store.transaction() as records:
        pictured = {"image": "https://img.shop.example/1.jpg"}
        records.orders.put(replace(LATE_ORDER, order_no="TQ2", attributes=pictured, placed_at=NOW))
        records.orders.put(replace(LATE_ORDER, order_no="TQ3", attributes={"image": "javascript:alert(1)"}))
        records.orders.put(replace(LATE_ORDER, order_no="TQ4", customer_id="C2"))
        records.orders.put(replace(LATE_ORDER, order_no="TQ5", stage=type(LATE_ORDER.stage).CANCELLED))
    orders = (await world.client.get("/v1/chat/orders", headers=await world.begin())).json()["orders"]
    assert {order["order_no"] for order in orders} == {"TQ2", "TQ3", LATE_ORDER.order_no}
    assert orders[0] == {
        "order_no": "TQ2",
        "title": "缓震跑鞋",
        "stage": "in_transit",
        "stage_words": "运输中",
        "paid_fen": 29900,
        "image": "https://img.shop.example/1.jpg",
    }
    assert all("image" not in order for order in orders[1:])
    assert (await world.client.get("/v1/chat/orders", headers=await world.begin(None))).json() == {"orders": []}
    assert (await world.client.get("/v1/chat/orders")).status_code == 401
