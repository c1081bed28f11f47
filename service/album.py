"""Shoppers' pictures: taken in, shown to who may see them, and cleared away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import uuid4

import anyio
from starlette.concurrency import run_in_threadpool

from integrations.wiring import Shop
from retention.attachment import Attachment
from retention.conversation import Status
from retention.errors import NotFoundError
from service.picture import Redrawn, redrawn
from service.problems import ProblemError

MOST_IN_CONVERSATION = 20
DECODED_AT_ONCE = 2
"""A picture is up to 160 MB while it is decoded."""
UNSENT_KEPT = timedelta(days=1)


class Album:
    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._decoding = anyio.CapacityLimiter(DECODED_AT_ONCE)

    async def add(self, conversation_id: str, data: bytes) -> Attachment:
        """Keep a picture for the conversation's next messages.

        Raises ProblemError for what is no picture, is broken or too large, for one too many and for a closed
        conversation; NotFoundError for an unknown conversation.
        """
        await run_in_threadpool(self._refuse, conversation_id)
        picture = await anyio.to_thread.run_sync(redrawn, data, limiter=self._decoding)
        return await run_in_threadpool(self._keep, conversation_id, picture)

    def of_conversation(self, conversation_id: str, attachment_id: str) -> bytes:
        """The JPEG, for the shopper of that conversation; raises NotFoundError."""
        return self._read(attachment_id, conversation_id)

    def for_associate(self, attachment_id: str) -> bytes:
        """The JPEG, when a message shows it; raises NotFoundError."""
        return self._read(attachment_id, None)

    def clear(self) -> int:
        """Remove what was discarded and what no message has used within a day; returns how many.

        The picture goes before its record: whatever interrupts this, a later run finds what is left.
        """
        cleared = 0
        while leftovers := self._leftovers():
            for attachment_id in leftovers:
                self._shop.pictures.remove(attachment_id)
                with self._shop.store.transaction() as records:
                    records.attachments.remove(attachment_id)
            cleared += len(leftovers)
        return cleared

    def _leftovers(self) -> Sequence[str]:
        with self._shop.store.transaction() as records:
            return records.attachments.leftovers(self._shop.clock() - UNSENT_KEPT)

    def _refuse(self, conversation_id: str) -> None:
        with self._shop.store.transaction() as records:
            conversation = records.conversations.find(conversation_id)
            if conversation is None:
                raise NotFoundError("conversation", conversation_id)
            if conversation.status is Status.CLOSED:
                raise ProblemError(409, "conversation_closed", "这次会话已经结束，请开始新的会话。")
            if records.attachments.count(conversation_id) >= MOST_IN_CONVERSATION:
                words = f"一次会话最多发送 {MOST_IN_CONVERSATION} 张图片，可以请人工客服另外收取。"
                raise ProblemError(409, "too_many_pictures", words)

    def _keep(self, conversation_id: str, picture: Redrawn) -> Attachment:
        attachment = Attachment(
            attachment_id=uuid4().hex,
            conversation_id=conversation_id,
            width=picture.width,
            height=picture.height,
            at=self._shop.clock(),
        )
        with self._shop.store.transaction() as records:  # first the record, so that no picture is ever without one
            records.attachments.add(attachment)
        self._shop.pictures.put(attachment.attachment_id, picture.data)
        return attachment

    def _read(self, attachment_id: str, conversation_id: str | None) -> bytes:
        with self._shop.store.transaction() as records:
            found = records.attachments.find(attachment_id)
        if found is None or found.discarded or conversation_id not in (None, found.conversation_id):
            raise NotFoundError("attachment", attachment_id)
        data = self._shop.pictures.read(attachment_id)
        if data is None:
            raise NotFoundError("attachment", attachment_id)
        return data
