"""A picture a shopper sent as evidence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

PICTURE_TEXT = "[图片]"
"""The text of a message that is a picture and nothing else."""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """What a message says of its picture. Pixels."""

    attachment_id: str
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A stored picture. ``message_id`` is None until a message has it; one that is ``discarded`` is shown to nobody and
    goes with the next clearing."""

    attachment_id: str
    conversation_id: str
    width: int
    height: int
    at: datetime
    message_id: str | None = None
    discarded: bool = False

    @property
    def picture(self) -> Picture:
        return Picture(attachment_id=self.attachment_id, width=self.width, height=self.height)
