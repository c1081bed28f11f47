"""What the help desk does not know yet, step by step; every step is kept, so that a restart goes on where it ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid5

from integrations.wiring import Shop
from retention.conversation import Author, Message
from retention.errors import HelpDeskDownError
from retention.handoff import Handoff, HandoffState
from retention.help_desk import HelpDesk, Link, LinkState, Ticket, got_through, is_over, missed
from retention.ports import Records
from service.console_views import masked_name
from service.logs import logger
from service.metrics import Metrics

LEASE = timedelta(minutes=2)
CONTACTS = UUID("2b7a4f6c-8f0e-4c53-9a6e-6d3b1a7e5c90")
SHOWN = 12
PAGE = 500
VISITOR = "访客"
SPEAKERS = {Author.SHOPPER: "顾客", Author.BOT: "机器人", Author.ASSOCIATE: "客服", Author.SYSTEM: "系统"}
ENDED = {
    HandoffState.CANCELLED: "顾客已离开排队，会话交还机器人。",
    HandoffState.EXPIRED: "一直没有人接，会话已交还机器人。",
    HandoffState.RESOLVED: "会话已在退单止血阀的控制台结束。",
    HandoffState.RETURNED: "会话已在退单止血阀的控制台交还机器人。",
}

log = logger(__name__)


class Forwarding:
    """Called from worker threads; different links at once."""

    def __init__(self, shop: Shop, help_desk: HelpDesk, metrics: Metrics) -> None:
        self._shop = shop
        self._help_desk = help_desk
        self._metrics = metrics

    def due(self) -> Sequence[Link]:
        """Links with something to do, those of new handoffs among them."""
        now = self._shop.clock()
        with self._shop.store.transaction() as records:
            for handoff in records.links.unlinked():
                said = _transcript(records, handoff.conversation_id)
                records.links.add(
                    Link(
                        handoff_id=handoff.handoff_id,
                        conversation_id=handoff.conversation_id,
                        state=LinkState.OPEN,
                        opened_at=handoff.opened_at,
                        next_at=now,
                        seq=said[-1].seq if said else 0,
                    )
                )
            return records.links.due(now)

    def advance(self, link: Link) -> None:
        """Do all there is to do for one link, or note what went wrong."""
        now = self._shop.clock()
        with self._shop.store.transaction() as records:
            claimed = records.links.claim(link, now=now, until=now + LEASE)
            handoff = records.handoffs.find(link.handoff_id)
        if claimed is None or handoff is None:
            return
        steps = _Steps(self._shop, self._help_desk, handoff, claimed)
        try:
            steps.take()
            after = got_through(steps.link, at=self._shop.clock())
        except HelpDeskDownError as problem:
            self._metrics.help_desk_failures.inc()
            log.warning("help_desk_down", handoff_id=link.handoff_id, problem=problem.problem)
            over = is_over(steps.link, handoff)
            after = missed(steps.link, problem.problem, at=self._shop.clock(), over=over)
        with self._shop.store.transaction() as records:
            records.links.put(after)


class _Steps:
    """``link`` is as the last step left it, in the store too. The first call may repeat one that got through."""

    def __init__(self, shop: Shop, help_desk: HelpDesk, handoff: Handoff, link: Link) -> None:
        self.link = link
        self._shop = shop
        self._help_desk = help_desk
        self._handoff = handoff
        self._again = link.attempts > 1

    def take(self) -> None:
        """Raises HelpDeskDownError."""
        if is_over(self.link, self._handoff):
            self._end()
            return
        if self.link.external_id is None:
            self._keep(external_id=self._help_desk.begin(self._ticket(), again=self._again))
        if not self.link.noted:
            self._note("summary", self._summary())
            self._keep(noted=True)
        for message in self._unsaid():
            if message.author is Author.SHOPPER:
                name = f"{message.conversation_id}/{message.message_id}"
                self._help_desk.forward(self._external_id, name, message.text, again=self._again)
            self._keep(seq=message.seq)

    def _end(self) -> None:
        handoff = self._handoff
        left = handoff.state in (HandoffState.CANCELLED, HandoffState.EXPIRED)
        theirs = handoff.associate == self.link.associate and not left
        if self.link.external_id is not None and not theirs:
            why = ENDED.get(handoff.state, f"会话已由 {handoff.associate} 在退单止血阀的控制台接待。")
            self._note("over", why)
            self._help_desk.end(self._external_id)
        self._keep(state=LinkState.OVER)

    @property
    def _external_id(self) -> str:
        assert self.link.external_id is not None, "it has begun over there"
        return self.link.external_id

    def _note(self, name: str, text: str) -> None:
        self._help_desk.note(self._external_id, f"{self._handoff.handoff_id}/{name}", text, again=self._again)

    def _keep(self, **changes: object) -> None:
        self.link = replace(self.link, **changes)  # type: ignore[arg-type]
        with self._shop.store.transaction() as records:
            records.links.put(self.link)

    def _ticket(self) -> Ticket:
        handoff = self._handoff
        with self._shop.store.transaction() as records:
            customer = records.customers.find(handoff.customer_id) if handoff.customer_id else None
        who = handoff.customer_id or handoff.conversation_id
        return Ticket(
            handoff_id=handoff.handoff_id,
            contact_id=uuid5(CONTACTS, who).hex,
            name=(masked_name(customer.name) if customer else "") or VISITOR,
            customer_id=handoff.customer_id,
            order_no=handoff.order_no,
        )

    def _summary(self) -> str:
        """What spares the agent the scrolling, and the last of what was said until the link was made."""
        with self._shop.store.transaction() as records:
            said = _transcript(records, self.link.conversation_id)
        last = [message for message in said if message.seq <= self.link.seq][-SHOWN:]
        lines = [f"{SPEAKERS[message.author]}：{message.text}" for message in last]
        return "\n".join([self._handoff.summary, "", "最近的对话：", *lines])

    def _unsaid(self) -> Sequence[Message]:
        with self._shop.store.transaction() as records:
            return records.messages.after(self.link.conversation_id, self.link.seq)


def _transcript(records: Records, conversation_id: str) -> list[Message]:
    said: list[Message] = []
    while page := records.messages.after(conversation_id, said[-1].seq if said else 0, limit=PAGE):
        said.extend(page)
    return said
