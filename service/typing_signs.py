"""Who is writing at this moment: told to the other side at once, and kept nowhere."""

from __future__ import annotations

from typing import Literal

from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from integrations.wiring import Shop
from retention.conversation import Author
from retention.errors import StoreBusyError
from retention.handoff import HandoffState
from service.api.fields import Body, Id
from service.broadcast import Broadcast


class TypingFrame(Body):
    type: Literal["typing"]
    conversation_id: Id


class TypingSigns:
    """Only between a shopper and the associate who has the conversation."""

    def __init__(self, shop: Shop, broadcast: Broadcast) -> None:
        self._shop = shop
        self._broadcast = broadcast

    async def of_shopper(self, conversation_id: str) -> None:
        if await self._holder(conversation_id) is not None:
            self._broadcast.typing(conversation_id, Author.SHOPPER)

    async def hear(self, associate: str, frame: str) -> None:
        """A frame of the console's socket; what is no sign is left alone."""
        try:
            sign = TypingFrame.model_validate_json(frame)
        except ValidationError:
            return
        if await self._holder(sign.conversation_id) == associate:
            self._broadcast.typing(sign.conversation_id, Author.ASSOCIATE)

    async def _holder(self, conversation_id: str) -> str | None:
        try:
            return await run_in_threadpool(self._held_by, conversation_id)
        except StoreBusyError:  # a sign nobody sees costs nothing
            return None

    def _held_by(self, conversation_id: str) -> str | None:
        with self._shop.store.transaction() as records:
            handoff = records.handoffs.open_of(conversation_id)
        return handoff.associate if handoff and handoff.state is HandoffState.CLAIMED else None
