"""What somebody does on a platform's side of the conversation, as a plain value: whichever platform it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from retention.reply import PERSON, Button, Say


class InboundKind(str, Enum):
    TEXT = "text"  # also a voice message the platform has written down
    IMAGE = "image"
    VOICE = "voice"
    VIDEO = "video"
    FILE = "file"
    LOCATION = "location"
    LINK = "link"
    STICKER = "sticker"
    UNKNOWN = "unknown"  # a kind the platform invented later
    SUBSCRIBED = "subscribed"  # or entered the conversation for the first time
    UNSUBSCRIBED = "unsubscribed"
    NOTED = "noted"  # looked at a page, scanned a code, reported a place: nothing to answer
    SEND_FAILED = "send_failed"  # what we sent did not arrive
    SESSION_TAKEN = "session_taken"  # a servicer of the platform holds the conversation
    SESSION_ENDED = "session_ended"


UNREADABLE: Mapping[InboundKind, tuple[str, str]] = {
    InboundKind.IMAGE: ("图片", "cannot_see_image"),
    InboundKind.VOICE: ("语音", "cannot_hear_voice"),
    InboundKind.VIDEO: ("视频", "cannot_see_video"),
    InboundKind.FILE: ("文件", "cannot_open_file"),
    InboundKind.LOCATION: ("位置", "cannot_use_location"),
    InboundKind.LINK: ("链接", "cannot_open_link"),
    InboundKind.STICKER: ("表情", "sticker_received"),
    InboundKind.UNKNOWN: ("消息", "cannot_read_kind"),
}
"""What stands in the transcript for a message without words, and the key of the honest answer to it."""
WELCOME = Say(
    key="channel_welcome",
    buttons=(
        Button(title="查物流", text="我的快递到哪了"),
        Button(title="取消订单", text="我想取消订单"),
        PERSON,
    ),
)


@dataclass(frozen=True, kw_only=True)
class Inbound:
    """``delivery_id`` is the same each time the platform delivers the same thing, and nothing else has it."""

    kind: InboundKind
    delivery_id: str
    external_id: str  # the person, by the platform's id for this account
    at: datetime  # by the platform's clock
    open_kfid: str = ""  # WeCom: which of the account's service desks
    addressed_to: str = ""  # the platform's name of the account, which a direct answer must repeat
    text: str = ""
    choice: str = ""  # the id of the menu line that was tapped
    media_id: str = ""
    code: str = ""  # of what was delivered: a welcome code, the id of a failed message, a servicer

    @property
    def said(self) -> str:
        """How the transcript shows it; empty when nothing was said."""
        if self.kind is InboundKind.TEXT:
            return self.text
        if self.kind not in UNREADABLE:
            return ""
        name, _ = UNREADABLE[self.kind]
        return f"[{name} {self.media_id}]" if self.media_id else f"[{name}]"
