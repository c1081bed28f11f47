"""Between our queue and the shop's own help desk: handoffs and shoppers' words go there, what its agents do comes back."""

from __future__ import annotations

import asyncio
import hashlib
import hmac

from starlette.concurrency import run_in_threadpool

from integrations.secret_file import Secrets
from integrations.wiring import Shop
from retention.errors import NotFoundError, StoreBusyError
from retention.handoff import OPEN, Handoff, HandoffState
from retention.help_desk import HelpDesk, Link, News, NewsKind
from service.associates import Associates
from service.bridging_out import Forwarding
from service.broadcast import Broadcast
from service.late_reply import add_late, is_late
from service.logs import logger
from service.metrics import Metrics
from service.problems import ProblemError
from service.text import cleaned

EVERY_S = 1.0
SOMEBODY = "人工客服"
LONGEST_NAME = 32

log = logger(__name__)


def path_secret(secrets: Secrets) -> str:
    """What the help desk's webhook has in its address, so that nobody else finds it."""
    return hmac.new(secrets.chat_secret.encode(), b"help desk webhook", hashlib.sha256).hexdigest()[:40]


class Bridging:
    def __init__(
        self, shop: Shop, help_desk: HelpDesk, associates: Associates, broadcast: Broadcast, metrics: Metrics
    ) -> None:
        self.help_desk = help_desk
        self._shop = shop
        self._associates = associates
        self._broadcast = broadcast
        self._forwarding = Forwarding(shop, help_desk, metrics)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.round()
            except StoreBusyError:
                log.warning("bridging_store_busy")
            except Exception:
                log.exception("bridging_failed")
            await asyncio.sleep(EVERY_S)

    async def round(self) -> None:
        """Bring the help desk up to what has happened here."""
        links = await run_in_threadpool(self._forwarding.due)
        await asyncio.gather(*(run_in_threadpool(self._forwarding.advance, link) for link in links))

    async def hear(self, news: News) -> None:
        """Do here what an agent did there, once.

        Raises ProblemError 409 for a reply that cannot reach the shopper any more, so that its agent learns of it.
        """
        found = await run_in_threadpool(self._find, news)
        if found is None:  # a conversation that did not begin here
            return
        link, handoff = found
        if news.kind is NewsKind.REPLIED:
            await self._reply(link, handoff, news)
        elif handoff.state in OPEN and (news.at is None or news.at >= link.opened_at):
            await self._close(link, news)

    async def _reply(self, link: Link, handoff: Handoff, news: News) -> None:
        message_id, text = f"desk-{news.message_id}", cleaned(news.text)
        if handoff.state in OPEN:
            associate = await self._hold(link, handoff, news)
            await self._associates.reply(link.handoff_id, associate, message_id, text)
        elif is_late(link, handoff, news):
            added = await run_in_threadpool(add_late, self._shop, link, message_id, text)
            if added is not None:
                self._broadcast.message(*added)
        elif not await run_in_threadpool(self._was_said, link, message_id):
            raise ProblemError(409, "handoff_over", "这个会话已经结束，顾客没有收到这条回复。")

    async def _close(self, link: Link, news: News) -> None:
        act = self._associates.resolve if news.kind is NewsKind.RESOLVED else self._associates.give_back
        handoff = await run_in_threadpool(self._handoff, link.handoff_id)
        associate = await self._hold(link, handoff, news)
        try:
            await act(link.handoff_id, associate)
        except ProblemError as refused:  # somebody else holds it here, or it has just ended
            log.info("help_desk_close_ignored", handoff_id=link.handoff_id, problem=refused.problem.code)

    async def _hold(self, link: Link, handoff: Handoff, news: News) -> str:
        """The name the conversation is held in. It is on the link before it is on the handoff: a claim under any other
        name is somebody of ours."""
        name = cleaned(news.agent[:LONGEST_NAME]) if news.agent.strip() else SOMEBODY
        taken = await run_in_threadpool(self._take, link.handoff_id, name)
        if handoff.state is HandoffState.WAITING:
            try:
                await self._associates.claim(link.handoff_id, taken)
            except ProblemError as refused:  # claimed in this very moment; whoever has it decides what follows
                log.info("help_desk_claim_refused", handoff_id=link.handoff_id, problem=refused.problem.code)
        return taken

    def _find(self, news: News) -> tuple[Link, Handoff] | None:
        with self._shop.store.transaction() as records:
            link = records.links.of_external(news.external_id)
            handoff = records.handoffs.find(link.handoff_id) if link else None
        return None if link is None or handoff is None else (link, handoff)

    def _handoff(self, handoff_id: str) -> Handoff:
        with self._shop.store.transaction() as records:
            handoff = records.handoffs.find(handoff_id)
        if handoff is None:
            raise NotFoundError("handoff", handoff_id)
        return handoff

    def _take(self, handoff_id: str, name: str) -> str:
        with self._shop.store.transaction() as records:
            taken = records.links.take(handoff_id, name).associate
        assert taken is not None, "taking names somebody"
        return taken

    def _was_said(self, link: Link, message_id: str) -> bool:
        with self._shop.store.transaction() as records:
            return records.messages.find(link.conversation_id, message_id) is not None
