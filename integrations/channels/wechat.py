"""WeChat official accounts (公众号): message push in plain and in AES mode, direct answers, customer-service messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone

from integrations.channels import envelope, xml
from integrations.channels.channel import Channel, Query, needed
from integrations.channels.envelope import ForgedError
from integrations.channels.wire import TEXT_BYTES, Payload, Result, fits_a_menu, menu_id, numbered, texts
from retention.contact import Contact
from retention.inbound import Inbound, InboundKind
from retention.reply import Bubble

KINDS: Mapping[str, InboundKind] = {
    "text": InboundKind.TEXT,
    "image": InboundKind.IMAGE,
    "voice": InboundKind.VOICE,
    "video": InboundKind.VIDEO,
    "shortvideo": InboundKind.VIDEO,
    "location": InboundKind.LOCATION,
    "link": InboundKind.LINK,
    "file": InboundKind.FILE,
    "emoticon": InboundKind.STICKER,
}
EVENTS: Mapping[str, InboundKind] = {
    "subscribe": InboundKind.SUBSCRIBED,
    "unsubscribe": InboundKind.UNSUBSCRIBED,
}
SEND = "/cgi-bin/message/custom/send"
TITLE_CHARACTERS = 20


class WechatChannel(Channel):
    def echo(self, query: Query) -> str:
        self._check(query)
        return query.echostr

    def open(self, query: Query, body: bytes) -> Mapping[str, str]:
        if self.account.aes_key is not None:
            return self.opened(query, body)
        self._check(query)
        return xml.read(body)

    def identify(self, values: Mapping[str, str]) -> str:
        """By MsgId; an event has none, so by who did what when."""
        if values.get("MsgId"):
            return f"{self.account.name}:{needed(values, 'MsgId')}"
        names = ("FromUserName", "CreateTime", "Event")
        return ":".join((self.account.name, *(needed(values, name) for name in names)))

    def inbound(self, values: Mapping[str, str]) -> Inbound:
        """Raises BadXmlError."""
        kind, text = self._meaning(values)
        return Inbound(
            kind=kind,
            delivery_id=self.identify(values),
            external_id=needed(values, "FromUserName"),
            at=_moment(needed(values, "CreateTime")),
            addressed_to=needed(values, "ToUserName"),
            text=text,
            choice=values.get("bizmsgmenuid", ""),
            media_id=values.get("MediaId", "")[:ID_SHOWN],
        )

    def answer(self, inbound: Inbound, bubbles: Sequence[Bubble], query: Query, now: datetime) -> str | None:
        """One text. Choices are numbered, so only the last bubble may have them."""
        text = "\n\n".join(numbered(bubble) for bubble in bubbles)
        if len(text.encode()) > TEXT_BYTES or any(bubble.buttons for bubble in bubbles[:-1]) or self._card(bubbles[-1]):
            return None
        created = int(now.timestamp())
        answer = xml.write(
            {
                "ToUserName": inbound.external_id,
                "FromUserName": inbound.addressed_to,
                "CreateTime": created,
                "MsgType": "text",
                "Content": text,
            }
        )
        if self.account.aes_key is None:
            return answer
        sealed = envelope.seal(answer, self.account.aes_key, self.account.app_id)
        signature = envelope.signature(self.account.token, str(created), query.nonce, sealed)
        return xml.write({"Encrypt": sealed, "MsgSignature": signature, "TimeStamp": created, "Nonce": query.nonce})

    def messages(self, bubble: Bubble, seq: int) -> tuple[Payload, ...]:
        if not fits_a_menu(bubble):
            return (*texts(bubble), *self._card(bubble))
        lines = [{"id": menu_id(seq, index), "content": button.title} for index, button in enumerate(bubble.buttons)]
        menu = {"head_content": bubble.text, "list": lines, "tail_content": ""}
        return ({"msgtype": "msgmenu", "msgmenu": menu}, *self._card(bubble))

    async def send(self, contact: Contact, payload: Payload, message_id: str) -> Result:
        return await self.platform.call(SEND, {"touser": contact.external_id, **payload})

    def _check(self, query: Query) -> None:
        if not envelope.is_signed(query.signature, self.account.token, query.timestamp, query.nonce):
            raise ForgedError("the signature does not fit")

    def _meaning(self, values: Mapping[str, str]) -> tuple[InboundKind, str]:
        kind = needed(values, "MsgType").lower()
        if kind == "event":
            return self._event(values)
        if kind == "voice" and values.get("Recognition", "").strip():
            return InboundKind.TEXT, values["Recognition"]
        return KINDS.get(kind, InboundKind.UNKNOWN), values.get("Content", "") if kind == "text" else ""

    def _event(self, values: Mapping[str, str]) -> tuple[InboundKind, str]:
        event = needed(values, "Event").lower()
        said = self.account.menu.get(values.get("EventKey", ""), "") if event == "click" else ""
        return (InboundKind.TEXT, said) if said else (EVENTS.get(event, InboundKind.NOTED), "")

    def _card(self, bubble: Bubble) -> tuple[Payload, ...]:
        page, offer = self.account.mini_program, bubble.offer
        if page is None or offer is None:
            return ()
        card = {
            "title": offer.title[:TITLE_CHARACTERS],
            "appid": page.app_id,
            "pagepath": f"{page.page}?grant_id={offer.grant_id}",
            "thumb_media_id": page.thumb_media_id,
        }
        return ({"msgtype": "miniprogrampage", "miniprogrampage": card},)


ID_SHOWN = 64
"""Media ids stand in the transcript, so they are kept short enough to read."""


def _moment(seconds: str) -> datetime:
    try:
        return datetime.fromtimestamp(int(seconds), timezone.utc)
    except (ValueError, OverflowError, OSError) as problem:
        raise xml.BadXmlError("CreateTime is no time") from problem
