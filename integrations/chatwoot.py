"""A shop's Chatwoot as its help desk, through an API inbox.

Contacts and conversations go through the Client API of the inbox, what is written into them through the Application API,
which alone can write notes and keeps our id (``source_id``) with a message. What agents do comes back by the inbox's
webhook. https://developers.chatwoot.com and the source of Chatwoot 4; older versions drop ``source_id`` and do not sign.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import httpx

from integrations.chatwoot_webhook import read_news
from integrations.settings import ChatwootSettings
from retention.errors import HelpDeskDownError
from retention.help_desk import HelpDesk, News, Ticket

SECONDS = 10.0
HANDOFF = "tourniquet_handoff"
ORDER = "tourniquet_order"


class Chatwoot(HelpDesk):
    """May be used from many threads."""

    def __init__(self, settings: ChatwootSettings) -> None:
        self._settings = settings
        self._client_api = f"{settings.url}/public/api/v1/inboxes/{settings.inbox}"
        self._application_api = f"{settings.url}/api/v1/accounts/{settings.account}"
        self._http = httpx.Client(timeout=SECONDS, trust_env=False)

    def begin(self, ticket: Ticket, *, again: bool) -> str:
        """The same ``source_id`` gets the same contact; a conversation of an earlier attempt is found by its attribute."""
        contacts = f"{self._client_api}/contacts"
        source_id = f"tourniquet-{ticket.contact_id}"
        person: dict[str, Any] = {"source_id": source_id, "name": ticket.name}
        if ticket.customer_id is not None:
            person["identifier"] = ticket.customer_id
        contact = self._call("POST", contacts, person)
        if again and (known := self._conversation_of(contact, ticket.handoff_id)) is not None:
            return known
        attributes = {HANDOFF: ticket.handoff_id, ORDER: ticket.order_no or ""}
        begun = self._call("POST", f"{contacts}/{source_id}/conversations", {"custom_attributes": attributes})
        return str(_part(begun, "id"))

    def forward(self, external_id: str, message_id: str, text: str, *, again: bool) -> None:
        self._write(external_id, message_id, {"content": text, "message_type": "incoming", "private": False}, again)

    def note(self, external_id: str, message_id: str, text: str, *, again: bool) -> None:
        self._write(external_id, message_id, {"content": text, "message_type": "outgoing", "private": True}, again)

    def end(self, external_id: str) -> None:
        path = f"{self._application_api}/conversations/{external_id}/toggle_status"
        self._call("POST", path, {"status": "resolved"})

    def read(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> News | None:
        return read_news(headers, body, now=now, secret=self._settings.webhook_secret, account=self._settings.account)

    def check(self) -> None:
        self._call("GET", self._client_api)
        self._call("GET", f"{self._application_api}/conversations/meta")

    def close(self) -> None:
        self._http.close()

    def _conversation_of(self, contact: Any, handoff_id: str) -> str | None:
        found = self._call("GET", f"{self._application_api}/contacts/{_part(contact, 'id')}/conversations")
        for conversation in _part(found, "payload"):
            if (conversation.get("custom_attributes") or {}).get(HANDOFF) == handoff_id:
                return str(conversation["id"])
        return None

    def _write(self, external_id: str, message_id: str, message: dict[str, Any], again: bool) -> None:
        path = f"{self._application_api}/conversations/{external_id}/messages"
        if again and any(one.get("source_id") == message_id for one in _part(self._call("GET", path), "payload")):
            return
        self._call("POST", path, {**message, "source_id": message_id})

    def _call(self, method: str, url: str, body: Mapping[str, Any] | None = None) -> Any:
        """The answer's JSON. The token goes along always; the Client API ignores it."""
        where = f"{method} {url.removeprefix(self._settings.url)}"
        try:
            answer = self._http.request(method, url, json=body, headers={"api_access_token": self._settings.token})
            answer.raise_for_status()
            return answer.json()
        except httpx.HTTPStatusError as refused:
            raise HelpDeskDownError(f"Chatwoot answered {refused.response.status_code} to {where}") from refused
        except (httpx.HTTPError, ValueError) as problem:
            raise HelpDeskDownError(f"{type(problem).__name__} on {where}") from problem


def _part(data: Any, name: str) -> Any:
    try:
        return data[name]
    except (KeyError, TypeError) as missing:
        raise HelpDeskDownError(f"Chatwoot answered without {name!r}") from missing
