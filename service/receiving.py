"""What a platform delivered, dealt with once: kept first, answered directly where that can be done in time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from starlette.concurrency import run_in_threadpool

from integrations.channels.channel import Channel, Query
from integrations.channels.wire import number_in, of_menu_id, picked
from integrations.wiring import Shop
from retention.contact import Contact, Delivery, OutgoingState
from retention.conversation import Message
from retention.errors import StoreBusyError
from retention.inbound import UNREADABLE, WELCOME, Inbound, InboundKind
from retention.ports import Records
from retention.reply import Bubble, Say
from service.channels import Channels
from service.contacting import admit, reopened
from service.gateway import Gateway
from service.logs import logger
from service.metrics import Metrics
from service.problems import ProblemError
from service.text import channel_text
from service.views import spoken

AT_ONCE = 100
PLATFORM_SECONDS = 5.0
"""How long a platform waits for the answer to a delivery."""
PATIENCE = timedelta(seconds=60)
"""What is undone after this long was left by a process that died: a turn never takes as long."""
GIVEN_UP = timedelta(hours=1)
PAGE = 500

log = logger(__name__)
Replies = tuple[Message, ...]


class Receiving:
    """Deliveries of one contact are dealt with in the order they came, those of different contacts at once.

    ``wake`` is called when something may be sent that was held back for a direct answer.
    """

    def __init__(
        self, shop: Shop, gateway: Gateway, channels: Channels, metrics: Metrics, wake: Callable[[], None]
    ) -> None:
        self._shop = shop
        self._gateway = gateway
        self._channels = channels
        self._metrics = metrics
        self._wake = wake
        self._running: dict[str, asyncio.Task[Replies]] = {}
        self._last_of: dict[str, asyncio.Task[Replies]] = {}

    def admitted(self, records: Records, channel: Channel, inbound: Inbound, *, held: timedelta) -> Delivery:
        """Keep it before anything can go wrong with it; the same delivery again is the first one."""
        return admit(records, channel.account, inbound, now=self._shop.clock(), held=held)

    def start(self, channel: Channel, delivery: Delivery) -> asyncio.Task[Replies]:
        """Deal with it, unless that is going on already; the task gives what was said to it."""
        running = self._running.get(delivery.delivery_id)
        if running is not None:
            return running
        before = self._last_of.get(delivery.contact_id)
        task = asyncio.create_task(self._in_turn(before, channel, delivery))
        self._running[delivery.delivery_id] = self._last_of[delivery.contact_id] = task
        task.add_done_callback(lambda _: self._forget(delivery, task))
        return task

    async def answered(
        self, channel: Channel, delivery: Delivery, inbound: Inbound, query: Query, *, since: float
    ) -> str | None:
        """The direct answer, when it is ready in time; None when what there is to say is sent on its own.

        ``since`` is when the delivery came, by the monotonic clock: the platform counts from there.
        """
        task = self.start(channel, delivery)
        left_s = max(0.0, since + channel.account.wait_seconds - time.monotonic())
        done, _ = await asyncio.wait([task], timeout=left_s)
        answer = None
        if done and time.monotonic() - since < PLATFORM_SECONDS:  # later nobody reads it: it is sent on its own
            said = task.result() if not task.cancelled() and task.exception() is None else ()
            answer = await run_in_threadpool(self._claimed, channel, delivery, inbound, said, query)
            self._wake()
        self._metrics.deliveries.labels(channel.account.kind, "answered" if answer else "acknowledged").inc()
        return answer

    async def resume(self, now: datetime) -> int:
        """Deal with what a process that died left undone; returns how many."""
        left = await run_in_threadpool(self._left, now - PATIENCE)
        resumed = 0
        for channel, delivery in left:
            if delivery.delivery_id in self._running:
                continue
            if channel is None or now - delivery.at > GIVEN_UP:
                log.error("delivery_given_up", delivery_id=delivery.delivery_id)
                self._metrics.deliveries.labels("none" if channel is None else channel.account.kind, "given_up").inc()
                await run_in_threadpool(self._finish, delivery)
            else:
                self.start(channel, delivery)
                resumed += 1
        return resumed

    async def close(self) -> None:
        """Let go of what is going on; the next start resumes it."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _in_turn(self, before: asyncio.Task[Replies] | None, channel: Channel, delivery: Delivery) -> Replies:
        if before is not None:
            await asyncio.wait([before])
        try:
            said = await self._deal(channel, delivery)
        except StoreBusyError:
            log.warning("delivery_put_off", delivery_id=delivery.delivery_id)
            raise
        except Exception:
            log.exception("delivery_failed", delivery_id=delivery.delivery_id)
            raise
        self._wake()
        return said

    async def _deal(self, channel: Channel, delivery: Delivery) -> Replies:
        """A delivery that is done already gives what was said to it the first time."""
        if delivery.inbound is None:
            return await run_in_threadpool(self._said_before, delivery)
        try:
            said = await self._said_to(channel, delivery, delivery.inbound)
        except ProblemError as refused:
            if refused.problem.code != "conversation_closed":
                raise
            delivery = await run_in_threadpool(self._reopened, delivery)
            said = await self._said_to(channel, delivery, delivery.inbound or _never())
        await run_in_threadpool(self._finish, delivery)
        return said

    async def _said_to(self, channel: Channel, delivery: Delivery, inbound: Inbound) -> Replies:
        ids = delivery.conversation_id, delivery.message_id
        if inbound.kind is InboundKind.SUBSCRIBED:
            return (await self._gateway.say(*ids, self._words(WELCOME, delivery)),)
        text, is_taken = channel_text(inbound.text), False
        if inbound.choice or inbound.open_kfid or number_in(inbound.text) is not None:
            text, is_taken = await run_in_threadpool(self._meant, delivery, inbound)
        kind = InboundKind.STICKER if inbound.kind is InboundKind.TEXT and not text else inbound.kind
        if is_taken or kind is not InboundKind.TEXT:
            shown = text or replace(inbound, kind=kind).said
            answer = None if is_taken else self._words(Say(key=UNREADABLE[kind][1]), delivery)
            return (await self._gateway.show(*ids, shown, answer)).replies
        return (await self._gateway.take(*ids, text)).replies

    def _words(self, say: Say, delivery: Delivery) -> Bubble:
        return self._shop.wording.render(say, soothing=False, turn=delivery.message_id)

    def _meant(self, delivery: Delivery, inbound: Inbound) -> tuple[str, bool]:
        """What was said, a tapped or numbered choice in the words it stands for; whether a servicer hears it."""
        with self._shop.store.transaction() as records:
            contact = records.contacts.find(delivery.contact_id)
            words = _chosen(records, delivery.conversation_id, inbound) or inbound.text
        return channel_text(words), contact is not None and contact.taken

    def _claimed(
        self, channel: Channel, delivery: Delivery, inbound: Inbound, said: Replies, query: Query
    ) -> str | None:
        """The direct answer, taken out of what is to be sent; what else was held back for it is let go."""
        with self._shop.store.transaction() as records:
            contact, now = records.contacts.find(delivery.contact_id), self._shop.clock()
            if contact is None:  # erased meanwhile
                return None
            answer = self._answer(records, channel, contact, inbound, said, query)
            records.contacts.put(replace(contact, held_until=now))
            records.outbox.release(contact.contact_id, now)
            return answer

    def _answer(
        self, records: Records, channel: Channel, contact: Contact, inbound: Inbound, said: Replies, query: Query
    ) -> str | None:
        if not said:
            return None
        conversation_id, seqs = said[0].conversation_id, [message.seq for message in said]
        conversation = records.conversations.find(conversation_id)
        traditional = conversation is not None and conversation.traditional
        bubbles = [spoken(message, traditional=traditional) for message in said]
        answer = channel.answer(inbound, bubbles, query, self._shop.clock())
        if answer is None:
            return None
        # Delivered again although it was answered: the first answer was lost on its way, so it is given once more.
        states = [one.state for one in records.outbox.of(conversation_id, seqs)]
        again = states == [OutgoingState.ANSWERED] * len(seqs)
        return answer if again or records.outbox.answer(contact.contact_id, conversation_id, seqs) else None

    def _said_before(self, delivery: Delivery) -> Replies:
        return self._gateway.said_to(delivery.conversation_id, delivery.message_id)

    def _reopened(self, delivery: Delivery) -> Delivery:
        with self._shop.store.transaction() as records:
            return reopened(records, delivery, now=self._shop.clock())

    def _finish(self, delivery: Delivery) -> None:
        with self._shop.store.transaction() as records:
            records.deliveries.put(replace(delivery, inbound=None))

    def _left(self, before: datetime) -> list[tuple[Channel | None, Delivery]]:
        """With their channels; None for a contact or an account that is gone."""
        with self._shop.store.transaction() as records:
            undone = records.deliveries.undone(before, limit=AT_ONCE)
            contacts = [(records.contacts.find(one.contact_id), one) for one in undone]
        return [(self._channels.of(contact) if contact else None, one) for contact, one in contacts]

    def _forget(self, delivery: Delivery, task: asyncio.Task[Replies]) -> None:
        del self._running[delivery.delivery_id]
        if self._last_of.get(delivery.contact_id) is task:
            del self._last_of[delivery.contact_id]
        if not task.cancelled():
            task.exception()  # logged where it was raised; here it counts as seen


def _chosen(records: Records, conversation_id: str, inbound: Inbound) -> str:
    """The words of the button that was tapped in a menu or named by its number; empty when there is none."""
    tapped = of_menu_id(inbound.choice)
    if tapped is not None:
        seq, index = tapped
        for message in records.messages.after(conversation_id, seq - 1, limit=1):
            buttons = message.bubble.buttons if message.bubble else ()
            if message.seq == seq and index < len(buttons) and buttons[index].title == inbound.text:
                return buttons[index].text
    if number_in(inbound.text) is None:
        return ""
    offered: tuple[Message, ...] = ()
    after = 0
    while page := records.messages.after(conversation_id, after, limit=PAGE):
        offered = tuple(one for one in page if one.bubble and one.bubble.buttons)[-1:] or offered
        after = page[-1].seq
    button = picked(inbound.text, offered[0].bubble.buttons) if offered and offered[0].bubble else None
    return button.text if button else ""


def _never() -> Inbound:
    raise AssertionError("a delivery that is being dealt with has its content")
