"""What is said in conversations of messaging platforms, brought there: in order, with patience, until it is there or dead."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from starlette.concurrency import run_in_threadpool

from integrations.channels.channel import Channel
from integrations.channels.wire import Payload, Result, Verdict, texts
from integrations.wiring import Shop
from retention.contact import Contact, Outgoing, OutgoingState
from retention.errors import StoreBusyError
from retention.reply import Bubble
from service.channels import Channels
from service.logs import logger
from service.metrics import Metrics
from service.views import spoken

IDLE_S = 1.0
"""How long a message waits at most when it was written by another process."""
LEASE = timedelta(seconds=90)
SEND_S = 45.0
NOTE_TRIES, NOTE_PAUSE_S = 6, 1.0
"""Together below the lease, also when each try waits for the store: whoever claims a message is done before another may try."""
AT_ONCE = 32
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 600.0
ACCOUNT_PAUSE = timedelta(minutes=10)
MOST_ATTEMPTS = 20
ACCOUNT_WIDE = frozenset({Verdict.QUOTA, Verdict.BARRED})
"""No message of the account can go: all of them wait, and none is given up before its 48 hours."""

log = logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Errand:
    """A claimed message with all it takes to send it."""

    outgoing: Outgoing
    contact: Contact
    channel: Channel
    bubble: Bubble


class Posting:
    def __init__(self, shop: Shop, channels: Channels, metrics: Metrics) -> None:
        self._shop = shop
        self._channels = channels
        self._metrics = metrics
        self._woken = asyncio.Event()
        self._paused_until: dict[str, datetime] = {}

    def wake(self) -> None:
        """Something may be waiting."""
        self._woken.set()

    async def run(self) -> None:
        """Until cancelled. One bad round is logged and does not end it."""
        while self._channels.any:
            self._woken.clear()
            try:
                while await self.round():
                    pass
            except StoreBusyError:
                log.warning("posting_store_busy")
            except Exception:
                log.exception("posting_failed")
            try:
                async with asyncio.timeout(IDLE_S):
                    await self._woken.wait()
            except TimeoutError:
                pass

    async def round(self) -> int:
        """Try the first waiting message of every contact whose time has come; returns how many were tried."""
        due = await run_in_threadpool(self._due)
        return sum(await asyncio.gather(*(self._try(outgoing) for outgoing in due)))

    async def _try(self, outgoing: Outgoing) -> bool:
        errand = await run_in_threadpool(self._errand, outgoing)
        if errand is not None:
            await self._run(errand)
        return errand is not None

    def _due(self) -> Sequence[Outgoing]:
        with self._shop.store.transaction() as records:
            return records.outbox.due(self._shop.clock(), limit=AT_ONCE)

    def _errand(self, outgoing: Outgoing) -> Errand | None:
        """None when it is not ours to send now; then it is settled, or somebody else has it."""
        now, claimed = self._shop.clock(), replace(outgoing, attempts=outgoing.attempts + 1)
        with self._shop.store.transaction() as records:
            if not records.outbox.claim(outgoing, now=now, until=now + LEASE):
                return None
            contact = records.contacts.find(outgoing.contact_id)
            channel = self._channels.of(contact) if contact else None
            found = records.messages.after(outgoing.conversation_id, outgoing.seq - 1, limit=1)
            conversation = records.conversations.find(outgoing.conversation_id)
            if contact is None or channel is None or conversation is None or not found:
                records.outbox.put(self._ended(claimed, OutgoingState.DEAD, "no such account or contact"))
                return None
            if contact.taken:
                records.outbox.put(self._ended(claimed, OutgoingState.SKIPPED, "", contact.channel))
                return None
            if now > contact.open_until:
                records.outbox.put(self._ended(claimed, OutgoingState.DEAD, "48 hours are over", contact.channel))
                return None
            paused_until = self._paused_until.get(channel.account.name, now)
            if paused_until > now:
                records.outbox.put(replace(claimed, next_at=paused_until, attempts=1))
                return None
        return Errand(
            outgoing=claimed,
            contact=contact,
            channel=channel,
            bubble=spoken(found[0], traditional=conversation.traditional),
        )

    async def _run(self, errand: Errand) -> None:
        try:
            async with asyncio.timeout(SEND_S):
                outgoing = await self._sent(errand)
        except TimeoutError:
            outgoing = self._after(errand, Result(verdict=Verdict.LATER, problem="too slow", data={}))
        await self._note(errand, outgoing)

    async def _note(self, errand: Errand, outgoing: Outgoing) -> None:
        """How it ended has to be kept before the lease is over: what arrived would be sent again."""
        for _ in range(NOTE_TRIES):
            if await run_in_threadpool(self._is_settled, errand, outgoing):
                return
            await asyncio.sleep(NOTE_PAUSE_S)
        log.error("not_noted", conversation_id=outgoing.conversation_id, state=outgoing.state.value)

    async def _sent(self, errand: Errand) -> Outgoing:
        outgoing = errand.outgoing
        payloads = errand.channel.messages(errand.bubble, outgoing.seq)
        for part in range(outgoing.parts, len(payloads)):
            result = await self._part(errand, payloads[part], part)
            if result.verdict is not Verdict.DONE:
                return self._after(replace(errand, outgoing=outgoing), result)
            outgoing = replace(outgoing, parts=part + 1)
            if outgoing.parts < len(payloads):
                await run_in_threadpool(self._put, replace(outgoing, next_at=self._shop.clock() + LEASE))
        return self._ended(outgoing, OutgoingState.SENT, "", errand.contact.channel)

    async def _part(self, errand: Errand, payload: Payload, part: int) -> Result:
        """One message of the platform; a form that it refuses as words."""
        send, contact = errand.channel.send, errand.contact
        result = await send(contact, payload, _message_id(errand.outgoing, f"{part}"))
        if result.verdict is not Verdict.NEVER or payload["msgtype"] == "text":
            return result
        log.info("form_refused", channel=contact.channel, form=payload["msgtype"], problem=result.problem)
        if payload["msgtype"] != "msgmenu":  # a card beside the words: they say it too
            return Result(verdict=Verdict.DONE, data={})
        for number, plain in enumerate(texts(errand.bubble)):
            result = await send(contact, plain, _message_id(errand.outgoing, f"{part}t{number}"))
            if result.verdict is not Verdict.DONE:
                return result
        return result

    def _after(self, errand: Errand, result: Result) -> Outgoing:
        """What becomes of a message that was not taken."""
        outgoing, contact, now = errand.outgoing, errand.contact, self._shop.clock()
        channel, problem = contact.channel, result.problem
        log.warning("not_sent", channel=channel, attempts=outgoing.attempts, problem=problem)
        if result.verdict is Verdict.WAIT:
            # As if it had never been tried: the next thing this contact says lets it go.
            return replace(outgoing, next_at=contact.open_until, attempts=0, problem=problem)
        if result.verdict in ACCOUNT_WIDE:
            self._paused_until[errand.channel.account.name] = now + ACCOUNT_PAUSE
            return replace(outgoing, next_at=now + ACCOUNT_PAUSE, attempts=1, problem=problem)
        if result.verdict is Verdict.NEVER or outgoing.attempts >= MOST_ATTEMPTS:
            return self._ended(outgoing, OutgoingState.DEAD, problem, channel)
        self._metrics.channel_messages.labels(channel, "retried").inc()
        pause_s = min(FIRST_PAUSE_S * 2 ** (outgoing.attempts - 1), LONGEST_PAUSE_S)
        return replace(outgoing, next_at=now + timedelta(seconds=pause_s), problem=problem)

    def _ended(self, outgoing: Outgoing, state: OutgoingState, problem: str, channel: str = "none") -> Outgoing:
        self._metrics.channel_messages.labels(channel, state.value).inc()
        if state is OutgoingState.DEAD:
            log.error("message_dead", channel=channel, conversation_id=outgoing.conversation_id, problem=problem)
        return replace(outgoing, state=state, problem=problem, next_at=self._shop.clock())

    def _is_settled(self, errand: Errand, outgoing: Outgoing) -> bool:
        try:
            self._settle(errand, outgoing)
        except StoreBusyError:
            return False
        return True

    def _settle(self, errand: Errand, outgoing: Outgoing) -> None:
        """Keep how it ended. A contact who said something meanwhile may be written to again already."""
        with self._shop.store.transaction() as records:
            contact = records.contacts.find(outgoing.contact_id)
            waits_for_them = outgoing.state is OutgoingState.WAITING and outgoing.attempts == 0
            if waits_for_them and contact is not None and contact.inbound_at > errand.contact.inbound_at:
                outgoing = replace(outgoing, next_at=self._shop.clock())
            records.outbox.put(outgoing)

    def _put(self, outgoing: Outgoing) -> None:
        with self._shop.store.transaction() as records:
            records.outbox.put(outgoing)


def _message_id(outgoing: Outgoing, part: str) -> str:
    """Ours for WeCom, which takes the same id once: at most 32 letters and digits, and the seq can be read from it."""
    digest = hashlib.sha256(f"{outgoing.conversation_id}:{outgoing.seq}:{part}".encode()).hexdigest()[:16]
    return f"{outgoing.seq}-{digest}"
