"""What an associate may give in the conversation they hold: the bot's engine, caps and ledger, with a person's authority."""

from __future__ import annotations

from dataclasses import dataclass, replace

from starlette.concurrency import run_in_threadpool

from compensation.candidate import Candidate
from compensation.catalog import Authority
from compensation.guard import PREFIX
from integrations.wiring import Shop
from retention.associate import LEADS, Associate
from retention.case import Case
from retention.chronicle import begun, with_grant
from retention.conversation import Author, Conversation, Message
from retention.errors import BudgetExhaustedError, IllegalMoveError, NotFoundError
from retention.granting import issue
from retention.handoff import HandoffState
from retention.hearing import Reason
from retention.inference import inferred_reasons
from retention.moves.offers import given_by
from retention.offer import GIVEN, Grant, GrantState, NoOffer, Offer
from retention.order import Order
from retention.ports import Records
from service.broadcast import Broadcast
from service.cases import case_of
from service.granting import Wish, give, stands
from service.order_talked_about import order_talked_about
from service.problems import ProblemError

NO_ORDER = "这个会话还没有确认是哪一单，先和顾客核对订单，再办理补偿。"


@dataclass(frozen=True, kw_only=True)
class Allowed:
    """``offers`` may be given now, best first; ``left_fen`` is what the shop's caps leave; ``why_not`` when there is none.

    ``withheld`` are those that the guard keeps back unless the associate says why they give them all the same, with the
    guard's reason.
    """

    order: Order | None
    left_fen: int
    why_not: str | None
    offers: tuple[Offer, ...]
    withheld: tuple[tuple[Offer, str], ...]
    ruled_out: tuple[Candidate, ...]


@dataclass(frozen=True, kw_only=True)
class Asked:
    conversation_id: str
    offer_id: str
    message_id: str
    associate: Associate
    override: str | None

    @property
    def actor(self) -> str:
        return f"associate:{self.associate.name}"


class AssociateGrants:
    def __init__(self, shop: Shop, broadcast: Broadcast) -> None:
        self._shop = shop
        self._broadcast = broadcast

    def allowed(self, records: Records, conversation: Conversation, associate: Associate) -> Allowed:
        """What this associate may give: some offers take a supervisor or an administrator."""
        case = self._case(records, conversation)
        if case is None:
            return Allowed(order=None, left_fen=0, why_not=NO_ORDER, offers=(), withheld=(), ruled_out=())
        on_table = tuple(
            grant.offer for grant in case.grants if grant.state is GrantState.PROPOSED and stands(grant, case)
        )
        named = {offer.offer_id for offer in on_table}
        ranked = self._shop.engine.quote(case, self._shop.rules.score(case), by=_authority(associate))
        sifted = self._shop.guard.sift(case, ranked)
        fitting = tuple(one.offer for one in sifted if one.offer)
        withheld = tuple(
            (before.offer, after.why)
            for before, after in zip(ranked, sifted, strict=True)
            if before.offer is not None and after.offer is None
        )
        ruled_out = tuple(one for one in ranked if one.offer is None and one.offer_id not in named)
        return Allowed(
            order=case.order,
            left_fen=self._shop.engine.allowance(case).left_fen,
            why_not=None
            if on_table or fitting or withheld
            else ruled_out[0].why
            if ruled_out
            else "方案目录里没有适用的补偿。",
            offers=(*on_table, *fitting),
            withheld=withheld,
            ruled_out=ruled_out,
        )

    async def give(
        self,
        conversation_id: str,
        offer_id: str,
        message_id: str,
        associate: Associate,
        *,
        override: str | None = None,
    ) -> tuple[Grant, Message]:
        """Issue it and tell the shopper; the same message id does it once. ``override``: why, although it is withheld.

        Raises NotFoundError, and ProblemError 409 that says why it may not be given.
        """
        asked = Asked(
            conversation_id=conversation_id,
            offer_id=offer_id,
            message_id=message_id,
            associate=associate,
            override=override,
        )
        conversation, grant, message, is_new = await run_in_threadpool(self._give, asked)
        if is_new:
            self._broadcast.message(conversation, message)
            self._broadcast.queue()
            self._broadcast.offer(conversation_id, grant)
        return grant, message

    def _give(self, asked: Asked) -> tuple[Conversation, Grant, Message, bool]:
        with self._shop.store.transaction() as records:
            conversation = records.conversations.lock(asked.conversation_id)
            if conversation is None:
                raise NotFoundError("conversation", asked.conversation_id)
            _must_hold(records, asked)
            case = self._case(records, conversation)
            if case is None:
                raise ProblemError(409, "no_order", NO_ORDER)
            standing = next(
                (one for one in case.grants if one.offer.offer_id == asked.offer_id and stands(one, case)), None
            )
            is_issued = standing is not None and standing.state in GIVEN
            known = records.messages.find(asked.conversation_id, asked.message_id)
            if known is not None and not (is_issued and _is_ours(known, asked)):
                raise ProblemError(409, "message_id_taken", "这次操作的编号已被使用，请刷新后重试。")
            if standing is not None and known is not None:
                return conversation, standing, known, False
            if standing is not None and is_issued:
                detail = f"「{standing.offer.title}」之前已经发放过，不会重复发放。"
                raise ProblemError(409, "already_granted", detail)
            grant = self._issued(records, case, standing, asked)
            message = self._told(records, grant, asked)
            profile = records.profiles.find(asked.conversation_id) or begun(conversation)
            records.profiles.put(with_grant(profile, grant, at=case.now))
            return conversation, grant, message, True

    def _issued(self, records: Records, case: Case, standing: Grant | None, asked: Asked) -> Grant:
        if standing is not None:
            return self._taken(records, standing, asked)
        wish = Wish(
            write_id=f"{asked.conversation_id}/{asked.message_id}",
            order_no=case.order.order_no,
            reasons=case.reasons,
            offer_id=asked.offer_id,
            actor=asked.actor,
            by=_authority(asked.associate),
            conversation_id=asked.conversation_id,
            goal=case.goal,
            override=asked.override,
        )
        try:
            given = give(self._shop, records, wish)
        except BudgetExhaustedError as spent:
            raise ProblemError(409, "budget_exhausted", "这个方案本期的预算已经用完。") from spent
        if isinstance(given, NoOffer) and given.rule.startswith(PREFIX):
            raise ProblemError(409, "withheld", f"{given.why}。写明理由后仍可发放。")
        if isinstance(given, NoOffer):
            raise ProblemError(409, f"no_offer_{given.rule}", f"不能发放：{given.why}。")
        return given

    def _taken(self, records: Records, standing: Grant, asked: Asked) -> Grant:
        """What the bot has put on the table, taken in words to a person."""
        try:
            return issue(records, self._shop.order_system, standing, at=self._shop.clock(), actor=asked.actor)[0]
        except IllegalMoveError as gone:  # declined or expired in this very moment
            raise ProblemError(409, "offer_gone", "这个方案刚刚失效，请刷新后重新选择。") from gone

    def _told(self, records: Records, grant: Grant, asked: Asked) -> Message:
        spoken = given_by(asked.associate.display, grant)
        bubble = self._shop.wording.render(spoken, soothing=False, turn=asked.message_id)
        message = records.messages.add(
            Message(
                conversation_id=asked.conversation_id,
                message_id=asked.message_id,
                author=Author.SYSTEM,
                at=self._shop.clock(),
                text=bubble.text,
                bubble=bubble,
                associate=asked.associate.name,
            )
        )
        assert message is not None, "the id was free inside the conversation's lock"
        return message

    def _case(self, records: Records, conversation: Conversation) -> Case | None:
        """The order talked about, if it is the shopper's own, for the reasons they gave or the facts give."""
        order = order_talked_about(records, conversation)
        if order is None:
            return None
        stated = tuple(Reason(value) for value in conversation.memory.reasons)
        case = case_of(
            self._shop, records, order.order_no, reasons=stated, conversation_id=conversation.conversation_id
        )
        case = replace(case, goal=conversation.memory.goal)
        return case if stated else replace(case, reasons=inferred_reasons(case))


def _authority(associate: Associate) -> Authority:
    return Authority.MANAGER if associate.role in LEADS else Authority.ASSOCIATE


def _must_hold(records: Records, asked: Asked) -> None:
    handoff = records.handoffs.open_of(asked.conversation_id)
    if handoff is None or handoff.state is not HandoffState.CLAIMED:
        raise ProblemError(409, "not_held", "请先接入这个会话，再办理补偿。")
    if handoff.associate != asked.associate.name:
        raise ProblemError(409, "held_by_another", f"这个会话已由{handoff.associate}接待。")


def _is_ours(known: Message, asked: Asked) -> bool:
    return known.author is Author.SYSTEM and known.associate == asked.associate.name
