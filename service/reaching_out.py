"""Acting on orders in danger: one message on a channel that is open, or a task for a person, or nothing, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from integrations.wiring import Shop
from policies.outreach import ChannelKind
from retention.case import Case
from retention.conversation import Conversation, Message, Status
from retention.moves.reach_out import opening
from retention.offer import ACTIVE, AFTER_SAVE, GrantState
from retention.outreach import Outreach, OutreachState
from retention.ports import Records
from retention.reaching import Writer, is_free
from retention.risk import Score
from retention.task import Task, TaskKind
from retention.words import yuan
from service.cases import case_of
from service.rescoring import earlier, note

TASKS = UUID("5b6a1f0e-6a0c-4a54-9a0e-0b0c6e1d2f37")
MARGIN = timedelta(minutes=10)
"""Before a platform's window closes: a message has to be on its way by then."""
AT_ONCE = 50
PUT_OFF = timedelta(minutes=5)
WAITED_MOST = timedelta(days=3)
"""A talk that never ends is no reason to wait for ever."""


@dataclass(frozen=True, kw_only=True)
class Acted:
    """What became of one, and what screens have to be told."""

    outreach: Outreach
    conversation: Conversation | None = None
    message: Message | None = None
    task: Task | None = None


class ReachingOut:
    """Everything about one outreach happens in one transaction, inside its lock: it is never done twice, nor by halves."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._writer = Writer(order_system=shop.order_system, rules=shop.rules, wording=shop.wording)

    def due(self) -> list[str]:
        with self._shop.store.transaction() as records:
            return [one.outreach_id for one in records.outreaches.due(self._shop.clock(), limit=AT_ONCE)]

    def act(self, outreach_id: str) -> Acted | None:
        """None when it does not wait any more: another process was first. Raises StoreBusyError; nothing is lost then."""
        with self._shop.store.transaction() as records:
            seen = records.outreaches.find(outreach_id)
            if seen is None:
                return None
            # A turn and an erasure lock talks first, too.
            talks = [records.conversations.lock(one.conversation_id) for one in self._talks(records, seen)]
            outreach = records.outreaches.lock(outreach_id)
            if outreach is None or outreach.state is not OutreachState.WAITING:
                return None
            acted = self._decide(records, outreach, [talk for talk in talks if talk is not None])
            if acted.outreach != outreach:
                records.outreaches.put(acted.outreach)
                act, now = f"outreach_{acted.outreach.state.value}", self._shop.clock()
                note(records, acted.outreach, act, at=now, why=acted.outreach.why)
            return acted

    def put_off(self, outreach_id: str) -> Acted | None:
        """Something in it fails: later."""
        now = self._shop.clock()
        with self._shop.store.transaction() as records:
            outreach = records.outreaches.lock(outreach_id)
            if outreach is None or outreach.state is not OutreachState.WAITING:
                return None
            later = outreach.waits("failed", until=now + PUT_OFF)
            records.outreaches.put(later)
            return Acted(outreach=later)

    def _talks(self, records: Records, outreach: Outreach) -> list[Conversation]:
        if not outreach.customer_id:
            return []
        found = records.conversations.of_customer(outreach.customer_id, limit=10)
        return sorted(found, key=lambda talk: talk.conversation_id)

    def _decide(self, records: Records, outreach: Outreach, talks: list[Conversation]) -> Acted:
        """Everything is looked at again: a night may have passed."""
        shop, now = self._shop, self._shop.clock()
        order = records.orders.find(outreach.order_no)
        if order is None:
            return Acted(outreach=outreach.skipped("order_over", at=now))
        records.ledger.lock(order.customer_id)  # as everybody who may give them money
        case = case_of(shop, records, order.order_no, deciding=True)
        own = records.outreaches.of_order(order.order_no)
        others = earlier(shop, records, order, now, own, but=outreach.outreach_id)
        against = shop.outreach.against(order, case.customer, others, now)
        if against is not None:
            return Acted(outreach=outreach.skipped(against, at=now))
        score = shop.rules.score(case)
        if not shop.rules.choose(case, score).intercept:
            return Acted(outreach=outreach.skipped("calm", at=now))
        waiting = shop.outreach.waiting(now, talked_at=_talked_at(talks))
        if waiting is not None and now - outreach.opened_at > WAITED_MOST:
            return Acted(outreach=outreach.skipped(waiting.why, at=now))
        if waiting is not None:
            return Acted(outreach=outreach.waits(waiting.why, until=waiting.until))
        if _talked_about(outreach, talks):
            return Acted(outreach=outreach.skipped("talked", at=now))
        if _is_promised(case):
            return Acted(outreach=outreach.skipped("promised", at=now))
        talk = self._channel(records, talks, now)
        if talk is None:
            return self._ask_person(records, outreach, case, score)
        return self._write(records, outreach, talk, case, score)

    def _channel(self, records: Records, talks: list[Conversation], now: datetime) -> Conversation | None:
        """The first kind of the shop's rows that is open, and of its talks the newest."""
        open_talks = [talk for talk in talks if is_free(records, talk, now) and self._is_open(records, talk, now)]
        newest_first = sorted(open_talks, key=lambda talk: talk.updated_at, reverse=True)
        kinds = [kind.value for kind in self._shop.outreach.channels]
        return min(
            (talk for talk in newest_first if talk.channel in kinds),
            key=lambda talk: kinds.index(talk.channel),
            default=None,
        )

    def _is_open(self, records: Records, talk: Conversation, now: datetime) -> bool:
        if talk.channel == ChannelKind.WEB.value:
            return now < talk.created_at + self._shop.outreach.web
        contact = records.contacts.of_conversation(talk.conversation_id)
        return contact is not None and not contact.taken and now < contact.open_until - MARGIN

    def _write(self, records: Records, outreach: Outreach, talk: Conversation, case: Case, score: Score) -> Acted:
        now = case.now
        visit = self._writer.visit(records, talk, case.customer, outreach, now=now)
        found = opening(visit, case.order)
        if found is None:
            return Acted(outreach=outreach.skipped("nothing_to_say", at=now))
        if found.answer.person is not None:
            return self._ask_person(records, outreach, case, score)
        conversation, message = self._writer.write(visit, found, outreach)
        grant_id = found.answer.decision.grant_id
        sent = outreach.sent(found.cause, conversation.conversation_id, grant_id, at=now)
        return Acted(outreach=sent, conversation=conversation, message=message)

    def _ask_person(self, records: Records, outreach: Outreach, case: Case, score: Score) -> Acted:
        shop, now, order = self._shop, case.now, case.order
        calls = shop.outreach.calls
        against = shop.outreach.is_worth_a_call(order, open_calls=records.tasks.count_open(TaskKind.REACH_OUT))
        if against is not None or not order.address.phone:
            return Acted(outreach=outreach.skipped(against or "no_channel", at=now))
        task = records.tasks.add(
            Task(
                task_id=str(uuid5(TASKS, outreach.outreach_id)),
                kind=TaskKind.REACH_OUT,
                conversation_id=None,
                contact=order.address.phone,
                wish=_brief(case, score, shop),
                opened_at=now,
                due_at=(shop.staffing.opens_at(now) or now) + calls.due,
                customer_id=order.customer_id,
                order_no=order.order_no,
            )
        )
        return Acted(outreach=outreach.tasked(task.task_id, at=now), task=task)


def _talked_at(talks: list[Conversation]) -> datetime | None:
    """When somebody last said something. A person who holds or is waited for always does."""
    return max((talk.updated_at for talk in talks), default=None)


def _talked_about(outreach: Outreach, talks: list[Conversation]) -> bool:
    """Whether the order was talked about since it came up, or is being: the desk has seen to it there."""
    held = any(talk.status in (Status.WAITING, Status.HUMAN) for talk in talks)
    since = [talk for talk in talks if talk.updated_at >= outreach.opened_at]
    return held or any(talk.memory.order_no == outreach.order_no for talk in since)


def _is_promised(case: Case) -> bool:
    """Whether something is on the table or was given already: then nobody offers again, and nobody reminds."""
    return any(
        grant.state in ACTIVE
        and grant.offer.cause != AFTER_SAVE
        and not (grant.state is GrantState.PROPOSED and grant.expires_at <= case.now)
        for grant in case.grants
    )


def _brief(case: Case, score: Score, shop: Shop) -> str:
    """For the person who calls: which order, what is wrong, and what may be given."""
    order = case.order
    why = "，".join(one.words for one in score.reasons if one.contribution > 0)[:200] or "可能要退单"
    left = shop.rules.allowance(case)
    may = f"补偿最多 {yuan(left.left_fen)}（{left.why}）" if left.left_fen > 0 else "不能给补偿，只能帮着解决问题"
    return (
        f"{order.title}（尾号 {order.order_no[-4:]}，{yuan(order.paid_fen)}）：{why}。{may}。别提评分，先问问需要什么"
    )
