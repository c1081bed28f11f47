"""What people do with handoffs, from our console or another agent desk, and every screen told about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool

from integrations.wiring import Shop
from retention.conversation import Author, Conversation, Message
from retention.errors import IllegalMoveError, NotFoundError
from retention.handoff import Handoff
from service.broadcast import Broadcast
from service.problems import ProblemError


@dataclass(frozen=True, kw_only=True)
class Moved:
    handoff: Handoff
    conversation: Conversation
    announced: Message | None


class Associates:
    """Every call raises NotFoundError for an unknown handoff and ProblemError 409, which names the other, when it is
    somebody else's."""

    def __init__(self, shop: Shop, broadcast: Broadcast) -> None:
        self._shop = shop
        self._broadcast = broadcast

    async def claim(self, handoff_id: str, associate: str) -> Handoff:
        return await self._move(self._shop.queue.claim, handoff_id, associate)

    async def resolve(self, handoff_id: str, associate: str) -> Handoff:
        return await self._move(self._shop.queue.resolve, handoff_id, associate)

    async def give_back(self, handoff_id: str, associate: str) -> Handoff:
        return await self._move(self._shop.queue.give_back, handoff_id, associate)

    async def reply(self, handoff_id: str, associate: str, message_id: str, text: str) -> Message:
        """Say something once; the same message id again changes nothing."""
        message, conversation, is_new = await run_in_threadpool(self._reply, handoff_id, associate, message_id, text)
        if is_new:
            self._broadcast.message(conversation, message)
            self._broadcast.queue()
        return message

    async def leave(self, conversation_id: str) -> bool:
        """The shopper does not want to wait any longer; False when nobody was waited for."""
        moved = await run_in_threadpool(self._left, conversation_id)
        if moved is not None:
            self._announce(moved)
        return moved is not None

    async def _move(self, act: Callable[[str, str], Handoff], handoff_id: str, associate: str) -> Handoff:
        moved = await run_in_threadpool(self._moved, act, handoff_id, associate)
        self._announce(moved)
        return moved.handoff

    def _announce(self, moved: Moved) -> None:
        if moved.announced is not None:
            self._broadcast.message(moved.conversation, moved.announced)
        self._broadcast.status(moved.conversation)

    def _moved(self, act: Callable[[str, str], Handoff], handoff_id: str, associate: str) -> Moved:
        try:
            return self._outcome(act(handoff_id, associate))
        except IllegalMoveError as refused:
            raise self._refusal(handoff_id, associate, refused) from refused

    def _left(self, conversation_id: str) -> Moved | None:
        try:
            handoff = self._shop.queue.leave(conversation_id)
        except IllegalMoveError:  # claimed in this very moment: somebody is there now
            return None
        return self._outcome(handoff) if handoff else None

    def _outcome(self, handoff: Handoff) -> Moved:
        with self._shop.store.transaction() as records:
            conversation = records.conversations.find(handoff.conversation_id)
            assert conversation is not None, "a handoff belongs to a conversation"
            announced = records.messages.find(handoff.conversation_id, f"{handoff.handoff_id}:{handoff.state.value}")
        return Moved(handoff=handoff, conversation=conversation, announced=announced)

    def _reply(self, handoff_id: str, associate: str, message_id: str, text: str) -> tuple[Message, Conversation, bool]:
        with self._shop.store.transaction() as records:
            handoff = records.handoffs.find(handoff_id)
            if handoff is None:
                raise NotFoundError("handoff", handoff_id)
            conversation = records.conversations.find(handoff.conversation_id)
            known = records.messages.find(handoff.conversation_id, message_id)
        assert conversation is not None, "a handoff belongs to a conversation"
        if known is not None and (known.author is not Author.ASSOCIATE or known.associate != associate):
            raise ProblemError(409, "message_id_taken", "这条回复的编号已被使用，请重新发送。")
        try:
            message = self._shop.queue.reply(handoff_id, associate, message_id, text)
        except IllegalMoveError as refused:
            raise self._refusal(handoff_id, associate, refused) from refused
        return message, conversation, known is None

    def _refusal(self, handoff_id: str, associate: str, refused: IllegalMoveError) -> ProblemError:
        with self._shop.store.transaction() as records:
            handoff = records.handoffs.find(handoff_id)
        holder = handoff.associate if handoff else None
        if holder and holder != associate:
            return ProblemError(409, "held_by_another", f"这个会话已由{holder}接待。")
        words = {
            "waiting": "请先接入这个会话。",
            "claimed": "您已经接入了这个会话。",
        }
        return ProblemError(409, "illegal_move", words.get(refused.state, "这个会话已经结束。"))
