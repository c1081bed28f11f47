"""An official account, from the platform's side: who is let in, what is answered directly, what is sent later."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from integrations.channels import envelope, xml
from integrations.channels.accounts import MiniProgram
from retention.conversation import Author, Message, Status
from retention.ports import Store
from service import receiving
from tests.http.fake_wechat import AES_KEY, OFFICIAL, FakePlatform, Sender, event, message
from tests.http.world import NOW, World, in_a_file, opened

pytestmark = pytest.mark.anyio

ASKING = "物流太慢了，我要取消"


class Clock:
    """Stands still, or goes on by ``tick`` each time somebody looks."""

    def __init__(self, tick: timedelta = timedelta(0)) -> None:
        self.now = NOW
        self._tick = tick

    def __call__(self) -> datetime:
        self.now += self._tick
        return self.now

    def pass_(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass(frozen=True, kw_only=True)
class Scene:
    world: World
    platform: FakePlatform
    sender: Sender
    clock: Clock

    @property
    def store(self) -> Store:
        return self.world.store

    async def says(self, text: str, **more: str) -> httpx.Response:
        return await self.sender.says(text, self.clock.now, **more)

    async def delivers(self, values: dict[str, str], **more: Any) -> httpx.Response:
        return await self.sender.delivers(values, self.clock.now, **more)

    def answered(self, answer: httpx.Response) -> str:
        assert answer.status_code == 200, answer.text
        assert answer.text != "success"
        return self.sender.opened(answer)["Content"]

    def transcript(self, external_id: str = "oSHOPPER") -> list[Message]:
        with self.store.transaction() as records:
            contact = records.contacts.find(f"wechat:{OFFICIAL}::{external_id}")
            return list(records.messages.after(contact.conversation_id, 0)) if contact else []

    async def resting(self) -> None:
        """Until nothing is being dealt with any more."""
        running = list(self.world.service.receiving._running.values())
        if running:
            await asyncio.wait(running)

    def counted(self, ended: str) -> float:
        found = self.world.service.metrics.registry.get_sample_value(
            "tourniquet_channel_deliveries_total", {"channel": "wechat", "ended": ended}
        )
        return found or 0.0


@asynccontextmanager
async def an_account(home: Path, *, tick: timedelta = timedelta(0), **more: Any) -> AsyncIterator[Scene]:
    clock = Clock(tick)
    async with FakePlatform().served() as platform:
        account = platform.account(**more)
        async with opened(home, store=in_a_file(home), clock=clock, channels=platform.accounts(account)) as world:
            yield Scene(
                world=world, platform=platform, sender=Sender(client=world.client, account=account), clock=clock
            )


@pytest.fixture(params=["plain", "aes"])
async def scene(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Scene]:
    async with an_account(tmp_path, aes_key=AES_KEY if request.param == "aes" else None) as made:
        yield made


@pytest.fixture
async def plain(tmp_path: Path) -> AsyncIterator[Scene]:
    async with an_account(tmp_path) as made:
        yield made


@pytest.fixture
async def hasty(tmp_path: Path) -> AsyncIterator[Scene]:
    """An account that does not wait for the bot at all."""
    async with an_account(tmp_path, wait_seconds=0.001, tick=timedelta(milliseconds=1)) as made:
        yield made


async def test_the_platform_is_shown_that_the_address_is_ours(scene: Scene) -> None:
    query = {**scene.sender.signed(NOW), "echostr": "4711"}
    answer = await scene.world.client.get(scene.sender.path, params=query)
    assert (answer.status_code, answer.text) == (200, "4711")
    forged = await scene.world.client.get(scene.sender.path, params={**query, "signature": "0" * 40})
    assert forged.status_code == 403
    assert "4711" not in forged.text


async def test_without_such_an_account_there_is_nothing_at_the_address(world: World) -> None:
    for path in ("/v1/channels/wechat/wx9", "/v1/channels/wecom/ww9"):
        assert (await world.client.get(path)).status_code == 404
        assert (await world.client.post(path, content=b"<xml/>")).status_code == 404


async def test_a_ready_answer_is_the_direct_answer_and_is_not_sent_as_well(scene: Scene) -> None:
    answer = await scene.says("你好")
    values = scene.sender.opened(answer)
    assert values["Content"] == "您好，我在的。"
    assert (values["ToUserName"], values["FromUserName"], values["MsgType"]) == ("oSHOPPER", "gh_shop", "text")
    await scene.world.service.posting.round()
    assert scene.platform.calls == []
    assert [one.author for one in scene.transcript()] == [Author.SHOPPER, Author.BOT]


async def test_a_conversation_of_the_channel_is_opened_once_for_each_person(scene: Scene) -> None:
    await scene.says("你好")
    await scene.says("你好")
    await scene.says("你好", FromUserName="oOTHER")
    assert [one.author for one in scene.transcript()] == [Author.SHOPPER, Author.BOT] * 2
    with scene.store.transaction() as records:
        opened_ones = records.conversations.with_status(frozenset(Status))
    assert sorted(one.channel for one in opened_ones) == ["wechat", "wechat"]


async def test_an_answer_that_takes_too_long_is_acknowledged_and_sent_later(hasty: Scene) -> None:
    hasty.world.rasa.gate.clear()
    answer = await hasty.says("你好")
    assert answer.text == "success"
    hasty.world.rasa.gate.set()
    [sent] = await hasty.platform.until(1)
    assert sent == {"touser": "oSHOPPER", "msgtype": "text", "text": {"content": "您好，我在的。"}}
    await hasty.resting()
    await hasty.world.service.posting.round()
    assert len(hasty.platform.sent()) == 1


async def test_a_direct_answer_that_nobody_waits_for_any_more_is_sent_on_its_own(
    plain: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = iter([time.monotonic(), time.monotonic() + 60])
    monkeypatch.setattr(receiving, "time", SimpleNamespace(monotonic=lambda: next(looks)))
    answer = await plain.says("你好")
    assert answer.text == "success"
    plain.clock.pass_(seconds=60)
    await plain.world.service.posting.round()
    [sent] = await plain.platform.until(1)
    assert sent["text"] == {"content": "您好，我在的。"}


async def test_a_message_delivered_again_is_handled_once_and_answered_the_same(scene: Scene) -> None:
    said = message(NOW, Content="你好")
    first = await scene.delivers(said)
    again = [await scene.delivers(said) for _ in range(2)]
    assert {scene.answered(one) for one in (first, *again)} == {"您好，我在的。"}
    assert len(scene.world.rasa.turns) == 1
    await scene.world.service.posting.round()
    assert scene.platform.calls == []


async def test_a_message_delivered_thrice_at_once_is_handled_once_and_sent_once(hasty: Scene) -> None:
    said = message(NOW, Content="你好")
    hasty.world.rasa.gate.clear()
    answers = await asyncio.gather(*(hasty.delivers(said) for _ in range(3)))
    assert {one.text for one in answers} == {"success"}
    hasty.world.rasa.gate.set()
    await hasty.platform.until(1)
    await hasty.resting()
    later = await hasty.delivers(said)
    assert later.text == "success"
    assert len(hasty.world.rasa.turns) == 1
    assert len(hasty.platform.sent()) == 1


async def test_an_event_delivered_again_counts_once(scene: Scene) -> None:
    followed = event(NOW, "subscribe", EventKey="")
    first, again = await scene.delivers(followed), await scene.delivers(followed)
    assert scene.answered(first) == scene.answered(again)
    assert len(scene.transcript()) == 1


async def test_the_platforms_retry_with_the_same_nonce_is_let_in(plain: Scene) -> None:
    said, query = message(NOW, Content="你好"), plain.sender.signed(NOW)
    assert (await plain.delivers(said, query=query)).status_code == 200
    plain.clock.pass_(seconds=5)
    assert (await plain.delivers(said, query=query)).status_code == 200
    assert len(plain.world.rasa.turns) == 1


async def test_a_nonce_used_again_for_something_else_or_later_is_refused(plain: Scene) -> None:
    said, query = message(NOW, Content="你好"), plain.sender.signed(NOW)
    await plain.delivers(said, query=query)
    other = await plain.delivers(message(NOW, Content="帮我取消所有订单"), query=query)
    plain.clock.pass_(seconds=61)
    late = await plain.delivers(said, query=query)
    for refused in (other, late):
        assert refused.status_code == 403
        assert refused.json()["type"] == "urn:tourniquet:problem:replayed"
    assert len(plain.transcript()) == 2
    assert plain.counted("replayed") == 2


@pytest.mark.parametrize("seconds", [-301, 301])
async def test_what_is_signed_for_another_time_is_refused_and_not_recorded(scene: Scene, seconds: int) -> None:
    answer = await scene.sender.says("你好", NOW + timedelta(seconds=seconds))
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:tourniquet:problem:stale"
    assert scene.transcript() == []


@pytest.mark.parametrize("timestamp", ["", "x", "-1", "9" * 400, "１７９５", "1e9"])
async def test_a_time_that_is_none_is_stale(plain: Scene, timestamp: str) -> None:
    query = {"timestamp": timestamp, "nonce": "n", "signature": envelope.signature("TOKEN", timestamp, "n")}
    assert (await plain.delivers(message(NOW, Content="你好"), query=query)).status_code == 403


@pytest.mark.parametrize("signature", ["", "0" * 40, "签名"])
async def test_what_is_forged_is_refused_and_not_recorded(scene: Scene, signature: str) -> None:
    query = {**scene.sender.signed(NOW), "signature": signature, "msg_signature": signature}
    answer = await scene.delivers(message(NOW, Content="你好"), query=query)
    assert answer.status_code == 403
    assert answer.json()["type"] == "urn:tourniquet:problem:forged"
    with scene.store.transaction() as records:
        assert records.conversations.with_status(frozenset(Status)) == ()
    assert scene.counted("forged") == 1


async def test_in_aes_mode_nothing_is_taken_outside_the_envelope(tmp_path: Path) -> None:
    async with an_account(tmp_path, aes_key=AES_KEY) as scene:
        bare = Sender(client=scene.world.client, account=replace(scene.sender.account, aes_key=None))
        assert (await bare.says("你好", NOW)).status_code == 403


async def test_an_envelope_for_another_account_is_refused(tmp_path: Path) -> None:
    async with an_account(tmp_path, aes_key=AES_KEY) as scene:
        sealed = envelope.seal(xml.write(message(NOW, Content="你好")), AES_KEY, "wxOTHER")
        body = xml.write({"Encrypt": sealed})
        answer = await scene.world.client.post(scene.sender.path, content=body, params=scene.sender.signed(NOW, sealed))
        assert answer.status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<xml>",
        b"{}",
        b"\xff\xfe",
        b"<xml/>",
        b"<xml><MsgType>text</MsgType></xml>",
        b'<!DOCTYPE xml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><xml><Content>&b;</Content></xml>',
        b'<!DOCTYPE xml [<!ENTITY f SYSTEM "file:///etc/passwd">]><xml><Content>&f;</Content></xml>',
        b"<a>" * 50 + b"</a>" * 50,
    ],
)
async def test_a_signed_body_nobody_can_read_is_a_problem(plain: Scene, body: bytes) -> None:
    answer = await plain.world.client.post(plain.sender.path, content=body, params=plain.sender.signed(NOW))
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert plain.transcript() == []


async def test_a_body_may_be_64_kilobytes_and_no_more(plain: Scene) -> None:
    body = xml.write(message(NOW, Content="啊" * 64 * 1024))
    answer = await plain.world.client.post(plain.sender.path, content=body, params=plain.sender.signed(NOW))
    assert answer.status_code == 413


async def test_a_busy_store_asks_the_platform_to_deliver_again(plain: Scene) -> None:
    with plain.store.transaction():  # SQLite has one writer
        plain.store._engine.pool._timeout = 0.01  # type: ignore[attr-defined]
        answer = await plain.says("你好")
    assert answer.status_code == 503
    assert plain.transcript() == []


async def test_buttons_of_a_direct_answer_are_numbered_and_a_number_picks_one(plain: Scene) -> None:
    bind(plain)
    text = plain.answered(await plain.says(ASKING))
    assert "1. " in text
    assert "2. " in text
    await plain.says("２。")
    offered = next(one for one in plain.transcript() if one.bubble and one.bubble.buttons)
    assert offered.bubble is not None
    said = [one.text for one in plain.transcript() if one.author is Author.SHOPPER]
    assert said == [ASKING, offered.bubble.buttons[1].text]


async def test_a_number_that_names_no_button_stays_as_it_is(plain: Scene) -> None:
    bind(plain)
    await plain.says(ASKING)
    await plain.says("9")
    assert [one.text for one in plain.transcript() if one.author is Author.SHOPPER][-1] == "9"


async def test_buttons_of_a_later_message_are_a_menu_and_a_tap_says_what_its_button_says(hasty: Scene) -> None:
    bind(hasty)
    await hasty.says(ASKING)
    sent = await hasty.platform.until(1)
    menu = next(one["msgmenu"] for one in sent if one["msgtype"] == "msgmenu")
    await hasty.resting()
    first = menu["list"][0]
    await hasty.says(first["content"], bizmsgmenuid=first["id"])
    await hasty.resting()
    said = [one.text for one in hasty.transcript() if one.author is Author.SHOPPER]
    buttons = next(one.bubble.buttons for one in hasty.transcript() if one.bubble and one.bubble.buttons)
    assert said[-1] == buttons[0].text
    assert first["content"] == buttons[0].title


async def test_an_offer_is_a_card_of_the_mini_program_where_there_is_one(tmp_path: Path) -> None:
    page = MiniProgram(app_id="wxmini", page="pages/offer", thumb_media_id="THUMB")
    async with an_account(tmp_path, mini_program=page) as scene:
        bind(scene)
        assert (await scene.says(ASKING)).text == "success"
        sent = await scene.platform.until(2)
        card = next(one["miniprogrampage"] for one in sent if one["msgtype"] == "miniprogrampage")
        assert card["pagepath"].startswith("pages/offer?grant_id=")
        assert card["appid"] == "wxmini"


@pytest.mark.parametrize(
    ("msgtype", "more", "shown", "word"),
    [
        ("image", {"MediaId": "MEDIA1", "PicUrl": "http://x"}, "[图片 MEDIA1]", "图片"),
        ("voice", {"MediaId": "MEDIA2", "Format": "amr"}, "[语音 MEDIA2]", "语音"),
        ("video", {"MediaId": "MEDIA3", "ThumbMediaId": "T"}, "[视频 MEDIA3]", "视频"),
        ("location", {"Location_X": "23.1", "Location_Y": "113.3", "Label": "某路 1 号"}, "[位置]", "位置"),
        ("link", {"Title": "t", "Url": "http://x"}, "[链接]", "链接"),
        ("hologram", {}, "[消息]", "消息"),
    ],
)
async def test_what_the_bot_cannot_read_is_answered_honestly(
    plain: Scene, msgtype: str, more: dict[str, str], shown: str, word: str
) -> None:
    text = plain.answered(await plain.delivers(message(NOW, msgtype, **more)))
    assert word in text
    assert "字" in text
    assert "已经转" not in text
    assert [one.text for one in plain.transcript()] == [shown, text]
    assert plain.world.rasa.turns == []
    assert plain.transcript()[0].answered


async def test_a_voice_the_platform_has_written_down_is_heard(plain: Scene) -> None:
    said = message(NOW, "voice", MediaId="M", Format="amr", Recognition="你好")
    assert plain.answered(await plain.delivers(said)) == "您好，我在的。"


@pytest.mark.parametrize(("text", "kept"), [("/::)你好", "::)你好"), ("／你好", "你好"), ("你" * 2500, "你" * 2000)])
async def test_what_the_chat_would_refuse_is_made_fit(plain: Scene, text: str, kept: str) -> None:
    await plain.says(text)
    assert plain.transcript()[0].text == kept


async def test_a_text_without_words_is_a_sticker(plain: Scene) -> None:
    assert "打几个字" in plain.answered(await plain.says("//"))
    assert plain.transcript()[0].text == "[表情]"


async def test_a_follower_is_welcomed_with_what_they_may_ask(plain: Scene) -> None:
    text = plain.answered(await plain.delivers(event(NOW, "subscribe", EventKey="qrscene_1")))
    assert "查物流" in text
    plain.clock.pass_(seconds=1)
    await plain.says("1")
    assert [one.text for one in plain.transcript() if one.author is Author.SHOPPER] == ["我的快递到哪了"]


async def test_a_menu_entry_says_the_sentence_it_stands_for(tmp_path: Path) -> None:
    async with an_account(tmp_path, menu={"HELLO": "你好"}) as scene:
        assert scene.answered(await scene.delivers(event(NOW, "CLICK", EventKey="HELLO"))) == "您好，我在的。"
        scene.clock.pass_(seconds=1)
        other = await scene.delivers(event(scene.clock.now, "CLICK", EventKey="UNKNOWN"))
        assert other.text == "success"
        assert [one.text for one in scene.transcript()] == ["你好", "您好，我在的。"]


@pytest.mark.parametrize("name", ["VIEW", "SCAN", "LOCATION", "unsubscribe", "TEMPLATESENDJOBFINISH"])
async def test_an_event_that_asks_nothing_is_acknowledged(plain: Scene, name: str) -> None:
    answer = await plain.delivers(event(NOW, name, EventKey="k"))
    assert (answer.status_code, answer.text) == (200, "success")
    assert plain.transcript() == []


async def test_after_a_closed_conversation_the_next_message_opens_a_new_one(plain: Scene) -> None:
    await plain.says("转人工")
    [before, *_] = plain.transcript()
    handoff = await hand_over(plain, before.conversation_id)
    await plain.world.service.associates.resolve(handoff, "小王")
    await plain.says("你好")
    after = plain.transcript()
    assert [one.text for one in after] == ["你好", "您好，我在的。"]
    assert after[0].conversation_id != before.conversation_id


async def test_what_an_associate_says_is_sent_and_the_bot_is_silent(plain: Scene) -> None:
    await plain.says("转人工")
    handoff = await hand_over(plain, plain.transcript()[0].conversation_id)
    await plain.world.service.associates.reply(handoff, "小王", "a1", "您好，我来帮您看")
    plain.world.service.posting.wake()
    await plain.platform.until(2)
    assert plain.platform.texts() == ["小王 为您服务", "您好，我来帮您看"]
    assert (await plain.says("快点")).text == "success"
    assert [one.text for one in plain.transcript()][-1] == "快点"
    picture = await plain.delivers(message(NOW, "image", MediaId="M"))
    assert picture.text == "success"
    assert [one.text for one in plain.transcript()][-1] == "[图片 M]"


async def test_the_words_are_in_the_script_the_shopper_writes(plain: Scene) -> None:
    text = plain.answered(await plain.says("我的訂單物流太慢了，要取消訂單，請處理"))
    assert "单" not in text


async def test_a_message_left_undone_by_a_process_that_died_is_dealt_with(tmp_path: Path) -> None:
    async with an_account(tmp_path) as scene:
        scene.world.rasa.gate.clear()
        waiting = asyncio.create_task(scene.says("你好"))
        while not scene.world.rasa.turns:
            await asyncio.sleep(0)
        await scene.world.service.receiving.close()  # as if killed
        await waiting
        scene.world.rasa.gate.set()
        scene.clock.pass_(seconds=61)
        assert await scene.world.service.receiving.resume(scene.clock.now) == 1
        await scene.platform.until(1)
        assert scene.platform.texts() == ["您好，我在的。"]
        await scene.resting()
        assert await scene.world.service.receiving.resume(scene.clock.now + timedelta(hours=2)) == 0
        assert len(scene.transcript()) == 2


async def test_the_shop_says_who_a_contact_is_and_their_orders_are_known(plain: Scene) -> None:
    bind(plain)
    text = plain.answered(await plain.says(ASKING))
    assert "登录" not in text
    conversation_id = plain.transcript()[0].conversation_id
    with plain.store.transaction() as records:
        conversation = records.conversations.find(conversation_id)
    assert conversation is not None
    assert conversation.customer_id == "C1"


async def test_naming_a_contact_wants_a_key_and_an_account_that_exists(plain: Scene) -> None:
    path = f"/v1/channels/wechat/{OFFICIAL}/contacts/oSHOPPER"
    body = {"customer_id": "C1"}
    assert (await plain.world.client.put(path, json=body)).status_code == 401
    assert (await plain.world.client.put(path, json=body, headers=plain.world.api())).status_code == 200
    other = path.replace(OFFICIAL, "wx9")
    assert (await plain.world.client.put(other, json=body, headers=plain.world.api())).status_code == 404


async def test_a_contact_that_becomes_somebody_else_begins_a_new_conversation(plain: Scene) -> None:
    bind(plain)
    await plain.says("你好")
    [before, *_] = plain.transcript()
    bind(plain, "C2")
    await plain.says("你好")
    assert len(plain.transcript()) == 2
    assert plain.transcript()[0].conversation_id != before.conversation_id


def bind(scene: Scene, customer_id: str = "C1") -> None:
    with scene.store.transaction() as records:
        records.contacts.vouch("wechat", OFFICIAL, "oSHOPPER", customer_id)


async def hand_over(scene: Scene, conversation_id: str) -> str:
    with scene.store.transaction() as records:
        handoff = records.handoffs.open_of(conversation_id)
    assert handoff is not None
    await scene.world.service.associates.claim(handoff.handoff_id, "小王")
    return handoff.handoff_id
