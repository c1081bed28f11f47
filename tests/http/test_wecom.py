"""WeCom customer service, from the platform's side: announced, fetched to the end, answered by message, and its servicers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from integrations.channels import envelope
from integrations.channels.accounts import WECOM
from retention.contact import Contact, Outgoing, OutgoingState
from retention.conversation import Author, Message, Status
from service.posting import ACCOUNT_PAUSE
from tests.http.fake_wechat import AES_KEY, CORP, DESK, GREET, KF, SYNC, TRANS, FakePlatform, Sender
from tests.http.test_wechat import Clock
from tests.http.world import NOW, World, in_a_file, opened

pytestmark = pytest.mark.anyio


@dataclass(frozen=True, kw_only=True)
class Scene:
    world: World
    platform: FakePlatform
    sender: Sender
    clock: Clock

    async def announced(self, desk: str = DESK) -> httpx.Response:
        answer = await self.sender.announces(self.clock.now, desk)
        running = list(self.world.service.receiving._running.values())
        if running:
            await asyncio.wait(running)
        return answer

    async def says(self, text: str, **more: Any) -> httpx.Response:
        self.platform.write(text={"content": text, **more})
        return await self.announced()

    async def happens(self, event_type: str, **more: Any) -> None:
        event = {"event_type": event_type, "open_kfid": DESK, "external_userid": "wmSHOPPER", **more}
        written = self.platform.write("event", origin=4, event=event)
        del written["external_userid"], written["open_kfid"]
        await self.announced()

    def contact(self, desk: str = DESK, external_id: str = "wmSHOPPER") -> Contact | None:
        with self.world.store.transaction() as records:
            return records.contacts.find(f"wecom:{CORP}:{desk}:{external_id}")

    def transcript(self, desk: str = DESK, external_id: str = "wmSHOPPER") -> list[Message]:
        contact = self.contact(desk, external_id)
        if contact is None:
            return []
        with self.world.store.transaction() as records:
            return list(records.messages.after(contact.conversation_id, 0))

    def status(self) -> Status:
        contact = self.contact()
        assert contact is not None
        with self.world.store.transaction() as records:
            conversation = records.conversations.find(contact.conversation_id)
        assert conversation is not None
        return conversation.status

    def outbox(self) -> list[Outgoing]:
        contact = self.contact()
        assert contact is not None
        with self.world.store.transaction() as records:
            return list(records.outbox.of(contact.conversation_id, range(100)))

    async def refused(self, code: int) -> None:
        """The shopper says something, and the answer is not taken."""
        self.platform.refusals[KF].append(code)
        await self.says("你好")
        async with asyncio.timeout(10):
            while [one.problem for one in self.outbox()] != [f"errcode {code}"]:
                await asyncio.sleep(0.005)

    async def paused(self) -> None:
        """The only message waits, and no longer because somebody is sending it."""
        async with asyncio.timeout(10):
            while self.outbox()[0].next_at != self.clock.now + ACCOUNT_PAUSE:
                await asyncio.sleep(0.005)

    async def settled(self, state: OutgoingState) -> None:
        async with asyncio.timeout(10):
            while set(self.states()) != {state}:
                await asyncio.sleep(0.005)

    def states(self) -> list[OutgoingState]:
        return [one.state for one in self.outbox()]


@asynccontextmanager
async def a_desk(home: Path, **more: Any) -> AsyncIterator[Scene]:
    clock = Clock()
    async with FakePlatform().served() as platform:
        account = platform.account(WECOM, **more)
        async with opened(home, store=in_a_file(home), clock=clock, channels=platform.accounts(account)) as world:
            yield Scene(
                world=world, platform=platform, sender=Sender(client=world.client, account=account), clock=clock
            )


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with a_desk(tmp_path) as made:
        yield made


async def test_the_platform_is_shown_that_the_address_is_ours(scene: Scene) -> None:
    sealed = envelope.seal("4711", AES_KEY, CORP)
    query = {**scene.sender.signed(NOW, sealed), "echostr": sealed}
    answer = await scene.world.client.get(scene.sender.path, params=query)
    assert (answer.status_code, answer.text) == (200, "4711")
    for forged in ({**query, "msg_signature": "0" * 40}, {**query, "echostr": envelope.seal("x", AES_KEY, CORP)}):
        assert (await scene.world.client.get(scene.sender.path, params=forged)).status_code == 403


async def test_a_message_is_fetched_and_answered_by_message(scene: Scene) -> None:
    answer = await scene.says("你好")
    assert (answer.status_code, answer.text) == (200, "success")
    [sent] = await scene.platform.until(1, KF)
    assert (sent["touser"], sent["open_kfid"], sent["text"]) == ("wmSHOPPER", DESK, {"content": "您好，我在的。"})
    assert len(sent["msgid"]) <= 32
    assert [one.text for one in scene.transcript()] == ["你好", "您好，我在的。"]


async def test_everything_is_fetched_page_by_page_and_the_next_time_only_what_is_new(scene: Scene) -> None:
    scene.platform.page = 2
    for number in range(5):
        scene.platform.write(text={"content": f"第 {number} 句你好"})
    await scene.announced()
    assert [one.text for one in scene.transcript() if one.author is Author.SHOPPER] == [
        f"第 {number} 句你好" for number in range(5)
    ]
    await scene.says("再说一句你好")
    cursors = [body.get("cursor", "") for body in scene.platform.sent(SYNC)]
    assert cursors == ["", "2", "4", "5"]
    assert len(scene.world.rasa.turns) == 6


async def test_each_service_desk_has_its_own_cursor_and_conversations(scene: Scene) -> None:
    scene.platform.write(text={"content": "你好"})
    scene.platform.write(text={"content": "你好"}, desk="wkDESK2")
    await scene.announced()
    await scene.announced("wkDESK2")
    sent = await scene.platform.until(2, KF)
    assert {one["open_kfid"] for one in sent} == {DESK, "wkDESK2"}
    assert scene.transcript()[0].conversation_id != scene.transcript("wkDESK2")[0].conversation_id


async def test_what_is_fetched_again_is_handled_once(scene: Scene) -> None:
    said = scene.platform.write(text={"content": "你好"})
    await scene.announced()
    scene.platform.desks[DESK].append(said)
    await scene.announced()
    await scene.announced()
    assert len(scene.world.rasa.turns) == 1
    await scene.platform.until(1, KF)
    await scene.world.service.posting.round()
    assert len(scene.platform.sent(KF)) == 1


async def test_an_announcement_is_forged_stale_or_replayed(scene: Scene) -> None:
    sender = scene.sender
    other = Sender(client=sender.client, account=replace(sender.account, token="OTHER"))
    assert (await other.announces(NOW)).status_code == 403
    assert (await sender.announces(NOW - timedelta(seconds=301))).status_code == 403
    assert (await sender.client.post(sender.path, content=b"<xml/>", params=sender.signed(NOW))).status_code == 403
    scene.platform.write(text={"content": "你好"})
    assert scene.platform.calls == []
    assert scene.transcript() == []


async def test_what_could_not_be_fetched_is_fetched_later(scene: Scene) -> None:
    scene.platform.refusals[SYNC].append(-1)
    await scene.says("你好")
    assert scene.transcript() == []
    scene.clock.pass_(seconds=31)
    await scene.world.service.fetching.resume(scene.clock.now)
    await scene.platform.until(1, KF)
    scene.clock.pass_(seconds=31)
    before = len(scene.platform.sent(SYNC))
    await scene.world.service.fetching.resume(scene.clock.now)
    assert len(scene.platform.sent(SYNC)) == before


async def test_an_announcements_token_that_is_too_old_is_left_out(scene: Scene) -> None:
    scene.platform.refusals[SYNC].append(95007)
    await scene.says("你好")
    first, second = scene.platform.sent(SYNC)
    assert first["token"]
    assert "token" not in second
    assert len(scene.transcript()) == 2


async def test_somebody_who_enters_is_greeted_once_by_their_code(scene: Scene) -> None:
    await scene.happens("enter_session", scene="s", welcome_code="CODE1")
    [greeting] = await scene.platform.until(1, GREET)
    assert greeting["code"] == "CODE1"
    assert greeting["msgmenu"]["head_content"].startswith("您好")
    scene.clock.pass_(minutes=1)
    await scene.world.service.posting.round()
    assert scene.platform.sent(KF) == []
    assert [one.author for one in scene.transcript()] == [Author.BOT]
    tapped = greeting["msgmenu"]["list"][0]["click"]
    await scene.says(tapped["content"], menu_id=tapped["id"])
    assert scene.transcript()[1].text == "我的快递到哪了"


async def test_who_enters_without_a_code_is_not_greeted(scene: Scene) -> None:
    await scene.happens("enter_session", scene="s")
    assert scene.transcript() == []
    assert scene.platform.sent(GREET) == []


async def test_what_servicers_say_in_their_own_app_is_not_taken_for_the_shoppers_words(scene: Scene) -> None:
    scene.platform.write(text={"content": "我是接待人员"}, origin=5, servicer_userid="zhang")
    await scene.announced()
    assert scene.transcript() == []


@pytest.mark.parametrize(("kind", "shown"), [("image", "[图片 M1]"), ("file", "[文件 M1]"), ("location", "[位置 M1]")])
async def test_what_the_bot_cannot_read_is_answered_honestly(scene: Scene, kind: str, shown: str) -> None:
    content: dict[str, Any] = {kind: {"media_id": "M1"}}
    scene.platform.write(kind, **content)
    await scene.announced()
    await scene.platform.until(1, KF)
    assert scene.transcript()[0].text == shown
    assert scene.world.rasa.turns == []


async def test_a_handoff_stays_in_our_console_unless_the_account_says_otherwise(scene: Scene) -> None:
    await scene.says("转人工")
    await scene.platform.until(1, KF)
    await scene.world.service.servicing.to_pool()
    assert scene.platform.sent(TRANS) == []
    assert scene.status() is Status.WAITING


async def test_with_the_pool_a_handoff_goes_to_wecoms_servicers_once_all_is_said(tmp_path: Path) -> None:
    async with a_desk(tmp_path, handoff="pool") as scene:
        scene.platform.gate.clear()
        await scene.says("转人工")
        await scene.world.service.servicing.to_pool()
        assert scene.platform.sent(TRANS) == []
        scene.platform.gate.set()
        await scene.platform.until(1, KF)
        while OutgoingState.WAITING in scene.states():
            await asyncio.sleep(0.005)
        await scene.world.service.servicing.to_pool()
        await scene.world.service.servicing.to_pool()
        assert scene.platform.sent(TRANS) == [{"open_kfid": DESK, "external_userid": "wmSHOPPER", "service_state": 2}]


async def test_while_a_servicer_has_the_conversation_we_listen_and_send_nothing(tmp_path: Path) -> None:
    async with a_desk(tmp_path, handoff="pool") as scene:
        await scene.says("转人工")
        await scene.platform.until(1, KF)
        await scene.happens("session_status_change", change_type=1, new_servicer_userid="zhang")
        assert scene.status() is Status.HUMAN
        await scene.says("你好")
        await scene.world.service.posting.round()
        assert len(scene.platform.sent(KF)) == 1
        assert scene.transcript()[-1].text == "你好"
        await scene.happens("session_status_change", change_type=3, old_servicer_userid="zhang")
        assert scene.status() is Status.CLOSED
        await scene.world.service.posting.round()
        assert len(scene.platform.sent(KF)) == 1
        await scene.says("你好")
        await scene.platform.until(2, KF)
        assert [one.text for one in scene.transcript()] == ["你好", "您好，我在的。"]


async def test_a_session_that_runs_out_does_not_close_what_our_own_associates_hold(scene: Scene) -> None:
    await scene.says("转人工")
    await scene.happens("session_status_change", change_type=3, old_servicer_userid="")
    assert scene.status() is Status.WAITING


async def test_what_the_platform_could_not_bring_is_a_dead_letter(scene: Scene) -> None:
    await scene.says("你好")
    [sent] = await scene.platform.until(1, KF)
    while OutgoingState.SENT not in scene.states():
        await asyncio.sleep(0.005)
    await scene.happens("msg_send_fail", fail_msgid=sent["msgid"], fail_type=4)
    assert scene.states() == [OutgoingState.DEAD]


@pytest.mark.parametrize("code", [95001, 95002, 95013])
async def test_what_may_not_be_said_now_waits_for_the_next_word_of_the_shopper(scene: Scene, code: int) -> None:
    await scene.refused(code)
    scene.clock.pass_(hours=1)
    await scene.world.service.posting.round()
    assert len(scene.platform.sent(KF)) == 1
    await scene.says("还在吗，你好")
    await scene.platform.until(3, KF)
    assert scene.platform.texts(KF) == ["您好，我在的。"] * 3


@pytest.mark.parametrize("code", [-1, 6000, 45033, 95018])
async def test_what_the_platform_cannot_do_now_is_tried_again_soon(scene: Scene, code: int) -> None:
    await scene.refused(code)
    scene.clock.pass_(seconds=2)
    scene.world.service.posting.wake()
    await scene.platform.until(2, KF)
    await scene.settled(OutgoingState.SENT)


@pytest.mark.parametrize("code", [40001, 40014, 41001, 42001])
async def test_a_token_that_is_none_any_more_is_replaced_and_the_message_goes_out(scene: Scene, code: int) -> None:
    scene.platform.refusals[KF].append(code)
    await scene.says("你好")
    await scene.platform.until(2, KF)
    await scene.settled(OutgoingState.SENT)
    assert scene.platform.tokens == 2


@pytest.mark.parametrize("code", [45009, 45011, 60020, 95017])
async def test_what_stops_the_whole_account_loses_nothing_until_it_is_put_right(scene: Scene, code: int) -> None:
    await scene.refused(code)
    for _ in range(30):  # five hours
        scene.platform.refusals[KF].append(code)
        before = len(scene.platform.sent(KF))
        scene.clock.pass_(minutes=10)
        scene.world.service.posting.wake()
        await scene.platform.until(before + 1, KF)
        await scene.paused()
    scene.clock.pass_(minutes=10)
    scene.world.service.posting.wake()
    await scene.settled(OutgoingState.SENT)


@pytest.mark.parametrize("code", [40058, 40096, 48002, 95000, 95004, 95012])
async def test_what_can_never_arrive_is_a_dead_letter_at_once(scene: Scene, code: int) -> None:
    scene.platform.refusals[KF].append(code)
    await scene.says("你好")
    await scene.settled(OutgoingState.DEAD)
    assert [one.problem for one in scene.outbox()] == [f"errcode {code}"]


async def test_what_a_servicer_who_just_came_keeps_us_from_saying_is_left_to_them(scene: Scene) -> None:
    await scene.refused(95018)
    await scene.happens("session_status_change", change_type=1, new_servicer_userid="zhang")
    assert scene.states() == [OutgoingState.SKIPPED]
    scene.clock.pass_(minutes=5)
    await scene.world.service.posting.round()
    assert len(scene.platform.sent(KF)) == 1


async def test_each_message_has_one_id_however_often_it_is_sent(scene: Scene) -> None:
    scene.platform.refusals[KF].append(-1)
    await scene.says("你好")
    await scene.platform.until(1, KF)
    scene.clock.pass_(seconds=70)
    async with asyncio.timeout(10):
        while len(scene.platform.sent(KF)) < 2:
            scene.clock.pass_(seconds=1)
            scene.world.service.posting.wake()
            await asyncio.sleep(0.01)
    first, second = await scene.platform.until(2, KF)
    assert first["msgid"] == second["msgid"]


async def test_a_message_of_an_odd_shape_does_not_stop_the_others(scene: Scene) -> None:
    for odd in ({"msgid": None}, {"external_userid": 7}, {"text": "no object"}, {"send_time": None}):
        scene.platform.write(**odd)
    await scene.says("你好")
    assert [one.text for one in scene.transcript()][-2:] == ["你好", "您好，我在的。"]
