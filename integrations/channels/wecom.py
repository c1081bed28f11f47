"""WeCom customer service (微信客服): an announcement by callback, messages fetched from it, messages sent to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from integrations.channels import envelope
from integrations.channels.channel import Channel, Query, needed
from integrations.channels.envelope import ForgedError
from integrations.channels.wire import Payload, Result, fits_a_menu, menu_id, texts
from retention.contact import Contact
from retention.inbound import Inbound, InboundKind
from retention.reply import Bubble

ANNOUNCED = "kf_msg_or_event"
SHOPPER, SYSTEM = 3, 4
POOL = 2
TAKEN, TRANSFERRED, ENDED = 1, 2, 3
AT_ONCE = 1000
KINDS: Mapping[str, InboundKind] = {
    "text": InboundKind.TEXT,
    "image": InboundKind.IMAGE,
    "voice": InboundKind.VOICE,
    "video": InboundKind.VIDEO,
    "file": InboundKind.FILE,
    "location": InboundKind.LOCATION,
    "link": InboundKind.LINK,
    "miniprogram": InboundKind.LINK,
}


class WecomChannel(Channel):
    def echo(self, query: Query) -> str:
        assert self.account.aes_key is not None, "accounts are checked: WeCom has no plain mode"
        parts = (self.account.token, query.timestamp, query.nonce, query.echostr)
        if not envelope.is_signed(query.msg_signature, *parts):
            raise ForgedError("the signature does not fit")
        return envelope.unseal(query.echostr, self.account.aes_key, self.account.app_id)

    def open(self, query: Query, body: bytes) -> Mapping[str, str]:
        return self.opened(query, body)

    def identify(self, values: Mapping[str, str]) -> str:
        names = ("CreateTime", "Event")
        parts = (needed(values, name) for name in names)
        return ":".join((self.account.name, *parts, values.get("OpenKfId", ""), values.get("Token", "")))

    def answer(self, inbound: Inbound, bubbles: Sequence[Bubble], query: Query, now: datetime) -> str | None:
        """There is no direct answer here."""
        return None

    def messages(self, bubble: Bubble, seq: int) -> tuple[Payload, ...]:
        if not fits_a_menu(bubble):
            return (*texts(bubble), *self._card(bubble))
        lines = [
            {"type": "click", "click": {"id": menu_id(seq, index), "content": button.title}}
            for index, button in enumerate(bubble.buttons)
        ]
        return ({"msgtype": "msgmenu", "msgmenu": {"head_content": bubble.text, "list": lines}}, *self._card(bubble))

    async def send(self, contact: Contact, payload: Payload, message_id: str) -> Result:
        addressed = {"touser": contact.external_id, "open_kfid": contact.open_kfid, "msgid": message_id}
        return await self.platform.call("/cgi-bin/kf/send_msg", {**addressed, **payload})

    async def greet(self, code: str, payload: Payload) -> Result:
        """Answer somebody who entered and has said nothing: within 20 seconds, and once."""
        return await self.platform.call("/cgi-bin/kf/send_msg_on_event", {"code": code, **payload})

    async def fetch(self, open_kfid: str, cursor: str, token: str) -> Result:
        """What is new at one service desk. Without the token of an announcement the platform allows fewer calls."""
        body = {"cursor": cursor, "token": token, "limit": AT_ONCE, "open_kfid": open_kfid}
        return await self.platform.call("/cgi-bin/kf/sync_msg", {name: value for name, value in body.items() if value})

    async def to_pool(self, contact: Contact) -> Result:
        """Give the conversation to the company's own servicers."""
        body = {"open_kfid": contact.open_kfid, "external_userid": contact.external_id, "service_state": POOL}
        return await self.platform.call("/cgi-bin/kf/service_state/trans", body)

    def inbound(self, message: Mapping[str, Any]) -> Inbound | None:
        """One fetched message; None for what somebody else said and for what nobody can use."""
        kind = str(message.get("msgtype"))
        event = message.get("event") if kind == "event" else None
        source = event if isinstance(event, dict) else message
        ids = [
            str(found or "") for found in (message.get("msgid"), source.get("external_userid"), source.get("open_kfid"))
        ]
        if message.get("origin") not in (SHOPPER, SYSTEM) or not all(ids):
            return None
        base = {"delivery_id": f"{self.account.name}:{ids[0]}", "external_id": ids[1], "open_kfid": ids[2]}
        at = datetime.fromtimestamp(int(message.get("send_time") or 0), timezone.utc)
        if isinstance(event, dict):
            what, code = _event(event)
            return Inbound(**base, at=at, kind=what, code=code)
        content = message.get(kind)
        content = content if isinstance(content, dict) else {}
        return Inbound(
            **base,
            at=at,
            kind=KINDS.get(kind, InboundKind.UNKNOWN),
            text=str(content.get("content") or "") if kind == "text" else "",
            choice=str(content.get("menu_id") or ""),
            media_id=str(content.get("media_id") or "")[:64],
        )

    def _card(self, bubble: Bubble) -> tuple[Payload, ...]:
        page, offer = self.account.mini_program, bubble.offer
        if page is None or offer is None:
            return ()
        card = {
            "appid": page.app_id,
            "title": offer.title[:20],
            "thumb_media_id": page.thumb_media_id,
            "pagepath": f"{page.page}?grant_id={offer.grant_id}",
        }
        return ({"msgtype": "miniprogram", "miniprogram": card},)


def _event(event: Mapping[str, Any]) -> tuple[InboundKind, str]:
    """What happened, and the code that goes with it."""
    name = event.get("event_type")
    if name == "enter_session" and event.get("welcome_code"):
        return InboundKind.SUBSCRIBED, str(event["welcome_code"])
    if name == "msg_send_fail":
        return InboundKind.SEND_FAILED, str(event.get("fail_msgid") or "")
    if name == "session_status_change" and event.get("change_type") in (TAKEN, TRANSFERRED):
        return InboundKind.SESSION_TAKEN, str(event.get("new_servicer_userid") or "")
    if name == "session_status_change" and event.get("change_type") == ENDED:
        return InboundKind.SESSION_ENDED, str(event.get("old_servicer_userid") or "")
    return InboundKind.NOTED, ""
