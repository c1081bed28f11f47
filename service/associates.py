"""What people do with handoffs, from our console or another agent desk, and every screen told about it."""

from __future__ import annotations

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool

from integrations.wiring import Shop
from retention.conversation import Author, Conversation, Message
from retention.errors import IllegalMoveError, NoRoomError, NotAllowedError, NotFoundError
from retention.handoff import Handoff
from retention.handoff_move import Moved
from service.broadcast import Broadcast
from service.metrics import Metrics
from service.problems import ProblemError

NO_ROOM = {"away": "不在线", "busy": "正忙", "full": "手上的会话已满"}


class Associates:
    """Every call raises NotFoundError for an unknown handoff and ProblemError 409, which names the other, when it is
    somebody else's."""

    def __init__(self, shop: Shop, broadcast: Broadcast, metrics: Metrics) -> None:
        self._shop = shop
        self._broadcast = broadcast
        self._metrics = metrics

    async def claim(self, handoff_id: str, associate: str) -> Handoff:
        return await self._move(handoff_id, associate, lambda: self._shop.queue.claim(handoff_id, associate))

    async def resolve(self, handoff_id: str, associate: str) -> Handoff:
        return await self._move(handoff_id, associate, lambda: self._shop.queue.resolve(handoff_id, associate))

    async def give_back(self, handoff_id: str, associate: str) -> Handoff:
        return await self._move(handoff_id, associate, lambda: self._shop.queue.give_back(handoff_id, associate))

    async def transfer(self, handoff_id: str, associate: str, *, to: str, note: str) -> Handoff:
        """Raises ProblemError 409 also when the other is not online or has no room."""
        act = self._shop.queue.transfer
        return await self._move(handoff_id, associate, lambda: act(handoff_id, associate, to=to, note=note))

    async def put_back(self, handoff_id: str, associate: str, *, skill: str | None = None, note: str = "") -> Handoff:
        act = self._shop.queue.put_back
        return await self._move(handoff_id, associate, lambda: act(handoff_id, associate, skill=skill, note=note))

    async def take_over(self, handoff_id: str, associate: str) -> Handoff:
        """Raises ProblemError 403 for who is no supervisor."""
        return await self._move(handoff_id, associate, lambda: self._shop.queue.take_over(handoff_id, associate))

    async def reply(self, handoff_id: str, associate: str, message_id: str, text: str) -> tuple[Message, Handoff]:
        """Say something once; the same message id again changes nothing. Also the handoff after it."""
        message, answered, conversation = await run_in_threadpool(self._reply, handoff_id, associate, message_id, text)
        if conversation is not None:
            self._broadcast.message(conversation, message)
        return message, answered

    async def leave(self, conversation_id: str) -> bool:
        """The shopper does not want to wait any longer; False when nobody was waited for."""
        moved = await run_in_threadpool(self._shop.queue.leave, conversation_id)
        if moved is not None:
            self._tell(moved)
        return moved is not None

    async def sweep(self) -> None:
        """Release, expire and assign what is due."""
        for moved in await run_in_threadpool(self._shop.dispatcher.sweep):
            self._tell(moved)

    async def _move(self, handoff_id: str, associate: str, act: Callable[[], Moved]) -> Handoff:
        moved = await run_in_threadpool(self._moved, handoff_id, associate, act)
        self._tell(moved)
        return moved.handoff

    def _tell(self, moved: Moved) -> None:
        self._metrics.moved(moved)
        self._broadcast.message(moved.conversation, moved.announced)
        self._broadcast.status(moved.conversation)

    def _moved(self, handoff_id: str, associate: str, act: Callable[[], Moved]) -> Moved:
        try:
            return act()
        except IllegalMoveError as refused:
            raise self._refusal(handoff_id, associate, refused) from refused
        except NoRoomError as refused:
            raise ProblemError(409, "no_room", f"{refused.associate}{NO_ROOM[refused.why]}，请换一位。") from refused
        except NotAllowedError as refused:
            raise ProblemError(403, "supervisors_only", "只有主管可以接管别人的会话。") from refused

    def _reply(
        self, handoff_id: str, associate: str, message_id: str, text: str
    ) -> tuple[Message, Handoff, Conversation | None]:
        """The conversation only when the message is new in it."""
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
            message, answered = self._shop.queue.reply(handoff_id, associate, message_id, text)
        except IllegalMoveError as refused:
            raise self._refusal(handoff_id, associate, refused) from refused
        if handoff.first_reply_at is None and answered.first_reply_at == message.at:
            self._metrics.first_reply(answered)
        return message, answered, conversation if known is None else None

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
