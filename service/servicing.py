"""WeCom's own servicers: conversations they take over, and those our handoffs give to them."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace

from starlette.concurrency import run_in_threadpool

from integrations.channels.channel import Channel
from integrations.channels.wecom import WecomChannel
from integrations.channels.wire import Verdict
from integrations.wiring import Shop
from retention.contact import Contact, Outgoing, OutgoingState, contact_id
from retention.conversation import Status
from retention.handoff import Handoff, HandoffState
from retention.inbound import Inbound, InboundKind
from retention.ports import Records
from service.associates import Associates
from service.channels import Channels
from service.logs import logger
from service.metrics import Metrics
from service.problems import ProblemError

POOL = "pool"

log = logger(__name__)


class Servicing:
    def __init__(self, shop: Shop, associates: Associates, channels: Channels, metrics: Metrics) -> None:
        self._shop = shop
        self._associates = associates
        self._channels = channels
        self._metrics = metrics

    async def happened(self, channel: Channel, inbound: Inbound) -> None:
        """Something that is no message: who has the conversation now, what did not arrive, who is gone."""
        who = contact_id(channel.account.kind, channel.account.app_id, inbound)
        contact = await run_in_threadpool(self._contact, who)
        if contact is None:
            return
        if inbound.kind is InboundKind.SESSION_TAKEN:
            await self._taken(contact, inbound.code)
        elif inbound.kind is InboundKind.SESSION_ENDED and contact.taken:
            await self._ended(contact)
        elif inbound.kind is InboundKind.SEND_FAILED:
            await run_in_threadpool(self._failed, contact, inbound.code)
        elif inbound.kind is InboundKind.UNSUBSCRIBED:
            await run_in_threadpool(self._give_up, contact, OutgoingState.DEAD, "unsubscribed")

    async def to_pool(self) -> None:
        """Give over the conversations that wait for a person, once all that was said has arrived."""
        if not any(channel.account.handoff == POOL for channel in self._channels.wecom.values()):
            return
        for channel, contact in await run_in_threadpool(self._waiting):
            result = await channel.to_pool(contact)
            if result.verdict is Verdict.DONE:
                await run_in_threadpool(self._keep, replace(contact, taken=True))
            else:
                log.warning("not_to_pool", conversation_id=contact.conversation_id, problem=result.problem)

    async def _taken(self, contact: Contact, servicer: str) -> None:
        await run_in_threadpool(self._keep, replace(contact, taken=True))
        await run_in_threadpool(self._give_up, contact, OutgoingState.SKIPPED, "")
        handoff = await run_in_threadpool(self._open_handoff, contact)
        if handoff is not None and handoff.state is HandoffState.WAITING:
            await self._moved(self._associates.claim(handoff.handoff_id, servicer))

    async def _ended(self, contact: Contact) -> None:
        handoff = await run_in_threadpool(self._open_handoff, contact)
        if handoff is not None and handoff.associate:
            await self._moved(self._associates.resolve(handoff.handoff_id, handoff.associate))
        elif handoff is not None:
            await self._associates.leave(contact.conversation_id)
        # What our own console would say about it: they were told in the servicer's app.
        await run_in_threadpool(self._give_up, contact, OutgoingState.SKIPPED, "")
        await run_in_threadpool(self._keep, replace(contact, taken=False))

    async def _moved(self, move: Awaitable[Handoff]) -> None:
        try:
            await move
        except ProblemError as refused:
            log.info("servicer_not_noted", why=refused.problem.code)

    def _contact(self, who: str) -> Contact | None:
        with self._shop.store.transaction() as records:
            return records.contacts.find(who)

    def _keep(self, contact: Contact) -> None:
        with self._shop.store.transaction() as records:
            records.contacts.put(contact)

    def _open_handoff(self, contact: Contact) -> Handoff | None:
        with self._shop.store.transaction() as records:
            return records.handoffs.open_of(contact.conversation_id)

    def _give_up(self, contact: Contact, state: OutgoingState, problem: str) -> None:
        with self._shop.store.transaction() as records:
            for outgoing in records.outbox.waiting(contact.contact_id):
                records.outbox.put(self._settled(contact, outgoing, state, problem))

    def _failed(self, contact: Contact, message_id: str) -> None:
        """The platform took it and could not bring it."""
        seq = message_id.partition("-")[0]
        if not (seq.isascii() and seq.isdigit() and len(seq) <= 9):
            return
        with self._shop.store.transaction() as records:
            for outgoing in records.outbox.of(contact.conversation_id, [int(seq)]):
                records.outbox.put(self._settled(contact, outgoing, OutgoingState.DEAD, "msg_send_fail"))

    def _settled(self, contact: Contact, outgoing: Outgoing, state: OutgoingState, problem: str) -> Outgoing:
        self._metrics.channel_messages.labels(contact.channel, state.value).inc()
        if state is OutgoingState.DEAD:
            log.error(
                "message_dead", channel=contact.channel, conversation_id=outgoing.conversation_id, problem=problem
            )
        return replace(outgoing, state=state, problem=problem, next_at=self._shop.clock())

    def _waiting(self) -> list[tuple[WecomChannel, Contact]]:
        with self._shop.store.transaction() as records:
            waiting = records.conversations.with_status(frozenset({Status.WAITING}))
            contacts = [records.contacts.of_conversation(one.conversation_id) for one in waiting]
            ready = [one for one in contacts if one is not None and not one.taken and _all_there(records, one)]
        found = [(self._channels.wecom.get(one.app_id), one) for one in ready if one.open_kfid]
        return [(channel, one) for channel, one in found if channel is not None and channel.account.handoff == POOL]


def _all_there(records: Records, contact: Contact) -> bool:
    return not records.outbox.waiting(contact.contact_id)
