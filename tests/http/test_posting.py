"""What a platform refuses is sent again, held back, said otherwise or given up; the order of a contact's messages stays."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from integrations.channels.platform import Platform
from retention.contact import Outgoing, OutgoingState
from retention.conversation import Author, Message
from retention.reply import Bubble, Button
from service.jobs import forget_deliveries
from service.posting import MOST_ATTEMPTS, Posting
from tests.http.fake_wechat import CUSTOM, OFFICIAL, event, message
from tests.http.test_wechat import Scene, an_account
from tests.http.world import NOW

pytestmark = pytest.mark.anyio

BUTTONS = (Button(title="好的", text="接受方案"), Button(title="不用了", text="不用了"))
TOKEN = "/cgi-bin/stable_token"


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    """A contact who has said something, and nothing on its way to them."""
    async with an_account(tmp_path) as made:
        await made.says("你好")
        yield made


def proactive(scene: Scene, *texts: str, buttons: tuple[Button, ...] = ()) -> None:
    """As anybody who writes a transcript does."""
    conversation_id = scene.transcript()[0].conversation_id
    with scene.store.transaction() as records:
        for text in texts:
            bubble = Bubble(text=text, buttons=buttons)
            said = Message(
                conversation_id=conversation_id,
                message_id=f"note:{text[:20]}",
                author=Author.BOT,
                at=scene.clock.now,
                text=text,
                bubble=bubble,
            )
            records.messages.add(said)
    scene.world.service.posting.wake()


def outbox(scene: Scene) -> list[Outgoing]:
    """All but the direct answer of the beginning."""
    conversation_id = scene.transcript()[0].conversation_id
    with scene.store.transaction() as records:
        return [one for one in records.outbox.of(conversation_id, range(100)) if one.seq > 2]


async def until(scene: Scene, **wanted: Any) -> Outgoing:
    """The newest message, once it is as wanted."""
    async with asyncio.timeout(10):
        while True:
            [*_, newest] = outbox(scene)
            if all(getattr(newest, name) == value for name, value in wanted.items()):
                return newest
            await asyncio.sleep(0.005)


async def later(scene: Scene, **by: float) -> None:
    scene.clock.pass_(**by)
    scene.world.service.posting.wake()


def sent_by(scene: Scene, ended: str) -> float:
    found = scene.world.service.metrics.registry.get_sample_value(
        "tourniquet_channel_messages_total", {"channel": "wechat", "ended": ended}
    )
    return found or 0.0


async def test_messages_of_a_contact_arrive_in_the_order_they_were_said(scene: Scene) -> None:
    scene.platform.refusals[CUSTOM].extend([-1, 0, -1])
    texts = [f"第 {number} 条" for number in range(8)]
    proactive(scene, *texts)
    async with asyncio.timeout(10):
        while len(scene.platform.sent()) < 10:
            await later(scene, minutes=1)
            await asyncio.sleep(0.01)
    taken = [text for index, text in enumerate(scene.platform.texts()) if index not in (0, 2)]
    assert taken == texts


async def test_a_busy_platform_is_asked_again_with_growing_pauses(scene: Scene) -> None:
    scene.platform.refusals[CUSTOM].extend([-1, -1, -1])
    proactive(scene, "在吗")
    pauses = []
    for attempt in (1, 2, 3):
        waiting = await until(scene, attempts=attempt, problem="errcode -1", state=OutgoingState.WAITING)
        while waiting.next_at > scene.clock.now + timedelta(seconds=30):  # still leased
            await asyncio.sleep(0.005)
            waiting = outbox(scene)[-1]
        pauses.append((waiting.next_at - scene.clock.now).total_seconds())
        await later(scene, seconds=pauses[-1])
    await until(scene, state=OutgoingState.SENT)
    assert pauses == [1, 2, 4]
    assert sent_by(scene, "retried") == 3


async def test_what_is_never_taken_ends_as_a_dead_letter_that_is_counted(scene: Scene) -> None:
    scene.platform.refusals[CUSTOM].extend([-1] * MOST_ATTEMPTS)
    proactive(scene, "在吗")
    async with asyncio.timeout(20):
        while outbox(scene)[-1].state is OutgoingState.WAITING:
            await later(scene, minutes=11)
            await asyncio.sleep(0.01)
    assert outbox(scene)[-1].state is OutgoingState.DEAD
    assert len(scene.platform.sent()) == MOST_ATTEMPTS
    headers = scene.world.api()
    metrics = (await scene.world.client.get("/metrics", headers=headers)).text
    assert 'tourniquet_channel_messages_total{channel="wechat",ended="dead"} 1.0' in metrics


@pytest.mark.parametrize("code", [43004, 48001, 40003, 45002, 99999])
async def test_what_can_never_arrive_is_given_up_at_once_and_the_next_one_goes_on(scene: Scene, code: int) -> None:
    scene.platform.refusals[CUSTOM].append(code)
    proactive(scene, "第一条", "第二条")
    await scene.platform.until(2)
    await until(scene, state=OutgoingState.SENT)
    assert [(one.state, one.problem) for one in outbox(scene)] == [
        (OutgoingState.DEAD, f"errcode {code}"),
        (OutgoingState.SENT, ""),
    ]


@pytest.mark.parametrize("code", [45015, 45047])
async def test_what_may_not_be_said_now_waits_for_the_next_word_of_the_shopper(scene: Scene, code: int) -> None:
    scene.platform.refusals[CUSTOM].append(code)
    proactive(scene, "第一条", "第二条")
    await until(scene, state=OutgoingState.WAITING)
    async with asyncio.timeout(10):
        while outbox(scene)[0].problem != f"errcode {code}":
            await asyncio.sleep(0.005)
    await later(scene, hours=3)
    await scene.world.service.posting.round()
    assert len(scene.platform.sent()) == 1
    await scene.says("还在吗，我想问一下")
    await until(scene, state=OutgoingState.SENT)
    assert scene.platform.texts()[1:3] == ["第一条", "第二条"]


async def test_after_48_hours_nothing_is_sent_any_more(scene: Scene) -> None:
    scene.clock.pass_(hours=48, seconds=1)
    proactive(scene, "在吗")
    dead = await until(scene, state=OutgoingState.DEAD)
    assert dead.problem == "48 hours are over"
    assert scene.platform.sent() == []


async def test_who_unfollows_gets_nothing_more(scene: Scene) -> None:
    scene.platform.refusals[CUSTOM].append(45047)
    proactive(scene, "在吗")
    async with asyncio.timeout(10):
        while outbox(scene)[0].problem != "errcode 45047":
            await asyncio.sleep(0.005)
    await scene.delivers(event(scene.clock.now, "unsubscribe", EventKey=""))
    assert outbox(scene)[0].state is OutgoingState.DEAD


async def test_a_quota_used_up_pauses_the_whole_account(scene: Scene) -> None:
    await scene.says("你好", FromUserName="oOTHER")
    scene.platform.refusals[CUSTOM].append(45009)
    proactive(scene, "第一条")
    await until(scene, problem="errcode 45009")
    other = scene.transcript("oOTHER")[0].conversation_id
    with scene.store.transaction() as records:
        said = Message(conversation_id=other, message_id="n", author=Author.BOT, at=NOW, text="也在吗")
        records.messages.add(said)
    await scene.world.service.posting.round()
    assert len(scene.platform.sent()) == 1
    await later(scene, minutes=10)
    await scene.platform.until(3)
    assert sorted(scene.platform.texts()[1:]) == ["也在吗", "第一条"]


async def test_a_token_is_fetched_once_and_used_by_everybody(scene: Scene) -> None:
    proactive(scene, "第一条", "第二条")
    await scene.platform.until(2)
    assert scene.platform.tokens == 1
    platform = scene.world.service.channels.wechat[OFFICIAL].platform
    other = Platform(platform.account, scene.store, scene.clock, platform._http)  # another process
    await other.call(CUSTOM, {"touser": "oSHOPPER", "msgtype": "text", "text": {"content": "第三条"}})
    assert scene.platform.tokens == 1


async def test_a_token_the_platform_refuses_is_replaced_once_and_the_message_arrives_once(scene: Scene) -> None:
    proactive(scene, "第一条")
    await scene.platform.until(1)
    scene.platform.expire()
    proactive(scene, "第二条")
    await scene.platform.until(2)
    await until(scene, state=OutgoingState.SENT, attempts=1)
    fetched = [body for path, body in scene.platform.calls if path == TOKEN]
    assert [body["force_refresh"] for body in fetched] == [False, True]
    assert scene.platform.texts() == ["第一条", "第二条"]


async def test_many_who_need_a_token_at_once_fetch_one(tmp_path: Path) -> None:
    async with an_account(tmp_path) as scene:
        channel = scene.world.service.channels.wechat[OFFICIAL].platform
        body = {"touser": "o", "msgtype": "text", "text": {"content": "x"}}
        await asyncio.gather(*(channel.call(CUSTOM, body) for _ in range(20)))
        assert scene.platform.tokens == 1
        assert len(scene.platform.sent()) == 20


async def test_a_token_near_its_end_is_replaced_while_it_still_works(scene: Scene) -> None:
    proactive(scene, "第一条")
    await scene.platform.until(1)
    scene.clock.pass_(seconds=7200 - 599)
    scene.platform.refusals[TOKEN].append(-1)
    proactive(scene, "第二条")
    await scene.platform.until(2)  # with the old token: the new one was not to be had
    fetches = [path for path, _ in scene.platform.calls if path == TOKEN]
    assert len(fetches) == 2


async def test_without_a_token_a_message_waits(scene: Scene) -> None:
    scene.platform.refusals[TOKEN].append(40164)  # our address is not on the account's list
    proactive(scene, "第一条")
    await until(scene, problem="no access token yet")
    assert scene.platform.sent() == []
    await later(scene, seconds=11)
    await scene.platform.until(1)


async def test_a_menu_the_platform_refuses_is_said_in_words(scene: Scene) -> None:
    scene.platform.refusals[CUSTOM].append(40008)
    proactive(scene, "补您 20 元，好吗？", buttons=BUTTONS)
    first, second = await scene.platform.until(2)
    assert first["msgtype"] == "msgmenu"
    assert second["text"]["content"] == "补您 20 元，好吗？\n\n1. 好的\n2. 不用了\n回复数字就行。"
    await scene.says("1")
    assert [one.text for one in scene.transcript() if one.author is Author.SHOPPER][-1] == "接受方案"


async def test_a_long_text_arrives_whole_in_parts_and_no_part_twice(scene: Scene) -> None:
    text = "".join(f"第 {number} 句话要说的事情不少。" for number in range(150))
    scene.platform.refusals[CUSTOM].extend([0, -1])
    proactive(scene, text)
    await until(scene, problem="errcode -1", parts=1)
    async with asyncio.timeout(10):
        while outbox(scene)[-1].state is OutgoingState.WAITING:
            await later(scene, minutes=2)
            await asyncio.sleep(0.01)
    bodies = [body["text"]["content"] for body in scene.platform.sent()]
    assert "".join([bodies[0], *bodies[2:]]) == text
    assert max(len(body.encode()) for body in bodies) <= 2048


async def test_a_platform_out_of_reach_loses_nothing(tmp_path: Path) -> None:
    async with an_account(tmp_path, api="http://127.0.0.1:9") as scene:
        await scene.says("你好")
        proactive(scene, "在吗")
        await until(scene, problem="no access token yet")
        assert outbox(scene)[-1].state is OutgoingState.WAITING


async def test_two_processes_send_each_message_once(scene: Scene) -> None:
    service = scene.world.service
    other = Posting(service.shop, service.channels, service.metrics)
    texts = [f"第 {number} 条" for number in range(10)]
    proactive(scene, *texts)
    while any(one.state is OutgoingState.WAITING for one in outbox(scene)):
        await asyncio.gather(other.round(), service.posting.round())
    assert scene.platform.texts() == texts


async def test_a_message_that_arrived_is_not_sent_again_because_the_store_was_busy(scene: Scene) -> None:
    proactive(scene, "您好")
    await until(scene, state=OutgoingState.SENT)
    scene.platform.gate.clear()
    proactive(scene, "在吗")
    await until(scene, attempts=1)
    scene.store._engine.pool._timeout = 0.01  # type: ignore[attr-defined]
    with scene.store.transaction():  # SQLite has one writer
        scene.platform.gate.set()
        await scene.platform.until(2)
        await asyncio.sleep(0.1)
    await until(scene, state=OutgoingState.SENT)
    await later(scene, minutes=5)
    await scene.world.service.posting.round()
    assert len(scene.platform.sent()) == 2


async def test_after_a_day_a_delivery_is_forgotten_and_what_is_dead_stays(scene: Scene) -> None:
    scene.platform.refusals[CUSTOM].append(43004)
    proactive(scene, "第一条", "第二条")
    await until(scene, state=OutgoingState.SENT)
    assert forget_deliveries(scene.store, NOW) == 0
    assert forget_deliveries(scene.store, NOW + timedelta(hours=1)) == 4  # nonce, delivery, answer, the second message
    assert [one.state for one in outbox(scene)] == [OutgoingState.DEAD]


async def test_nothing_secret_and_nobodys_words_are_logged(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    scene.platform.refusals[CUSTOM].extend([43004, -1])
    proactive(scene, "您的验证码是 778899", "第二条")
    await scene.platform.until(2)
    await scene.delivers(message(NOW, Content="x"), query={**scene.sender.signed(NOW), "signature": "bad"})
    logged = capsys.readouterr()
    for word in ("778899", "T1", "TOKEN", "oSHOPPER"):
        assert word not in logged.out + logged.err
