"""A Chatwoot with one account and one API inbox, as its API reference and source describe it."""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from datetime import datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from integrations.settings import ChatwootSettings

ACCOUNT, INBOX, TOKEN, SECRET = 7, "jB4kTq9vTkXU", "agent-access-token", "inbox-webhook-secret"
PAGE = 20
TYPES = {"incoming": 0, "outgoing": 1}
NOT_FOUND = {"error": "Resource could not be found"}


class FakeChatwoot:
    """``refuse`` answers the next calls with these statuses; ``cut`` lets the next write happen and answers 504 to it."""

    def __init__(self) -> None:
        self.contacts: dict[str, dict[str, Any]] = {}  # by source_id
        self.conversations: dict[int, dict[str, Any]] = {}
        self.refuse: list[int] = []
        self.cut = 0
        public, own = f"/public/api/v1/inboxes/{INBOX}", f"/api/v1/accounts/{ACCOUNT}"
        routes = [
            (f"{public}", "GET", self._inbox),
            (f"{public}/contacts", "POST", self._add_contact),
            (f"{public}/contacts/{{source_id}}/conversations", "POST", self._add_conversation),
            (f"{own}/conversations/meta", "GET", self._meta),
            (f"{own}/contacts/{{contact_id:int}}/conversations", "GET", self._of_contact),
            (f"{own}/conversations/{{conversation_id:int}}/messages", "GET", self._messages),
            (f"{own}/conversations/{{conversation_id:int}}/messages", "POST", self._add_message),
            (f"{own}/conversations/{{conversation_id:int}}/toggle_status", "POST", self._toggle),
        ]
        self.app = Starlette(
            routes=[Route(path, self._guarded(act, path), methods=[method]) for path, method, act in routes],
            exception_handlers={404: lambda *_: JSONResponse(NOT_FOUND, 404)},
        )

    def settings(self, url: str, *, signed: bool = True) -> ChatwootSettings:
        secret = SECRET if signed else None
        return ChatwootSettings(url=url, account=ACCOUNT, inbox=INBOX, token=TOKEN, webhook_secret=secret)

    def said(self, conversation_id: int, kind: str = "incoming") -> list[str]:
        messages = self.conversations[conversation_id]["messages"]
        return [one["content"] for one in messages if one["message_type"] == TYPES[kind] and not one["private"]]

    def notes(self, conversation_id: int) -> list[str]:
        return [one["content"] for one in self.conversations[conversation_id]["messages"] if one["private"]]

    # what agents do, and the webhooks it makes

    def agent_says(self, conversation_id: int, text: str, *, at: datetime, **more: Any) -> dict[str, Any]:
        """The ``message_created`` payload; ``more`` replaces parts of it."""
        message = self._message(conversation_id, {"content": text, "message_type": "outgoing"})
        return {
            "event": "message_created",
            "id": message["id"],
            "content": text,
            "created_at": f"{at:%Y-%m-%d %H:%M:%S UTC}",
            "message_type": "outgoing",
            "content_type": "text",
            "private": False,
            "content_attributes": {},
            "source_id": None,
            "sender": {"id": 3, "name": "小敏", "email": "xm@shop.example", "type": "user"},
            "inbox": {"id": 5, "name": "退单止血阀"},
            "conversation": {"id": conversation_id, "inbox_id": 5, "status": "open", "custom_attributes": {}},
            "account": {"id": ACCOUNT, "name": "Shop"},
            **more,
        }

    def agent_sets(self, conversation_id: int, status: str, *, at: datetime) -> dict[str, Any]:
        """The ``conversation_status_changed`` payload."""
        before = self.conversations[conversation_id]["status"]
        self.conversations[conversation_id]["status"] = status
        return {
            "event": "conversation_status_changed",
            "id": conversation_id,
            "inbox_id": 5,
            "channel": "Channel::Api",
            "status": status,
            "messages": [],
            "meta": {"sender": {"id": 1, "name": "李**"}, "assignee": {"id": 3, "name": "小敏", "type": "user"}},
            "custom_attributes": self.conversations[conversation_id]["custom_attributes"],
            "timestamp": int(at.timestamp()),
            "updated_at": at.timestamp(),
            "changed_attributes": [{"status": {"previous_value": before, "current_value": status}}],
        }

    @staticmethod
    def signed(payload: dict[str, Any], *, at: datetime, secret: str = SECRET) -> tuple[dict[str, str], bytes]:
        """Headers and body of a delivery."""
        body = json.dumps(payload, ensure_ascii=False).encode()
        stamp = str(int(at.timestamp()))
        signature = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            "X-Chatwoot-Delivery": str(uuid.uuid4()),
            "X-Chatwoot-Timestamp": stamp,
            "X-Chatwoot-Signature": f"sha256={signature}",
        }
        return headers, body

    # the two APIs

    def _guarded(self, act: Any, path: str) -> Any:
        async def answer(request: Request) -> Response:
            if self.refuse:
                return JSONResponse({"error": "refused"}, self.refuse.pop(0))
            if path.startswith("/api/") and request.headers.get("api_access_token") != TOKEN:
                return JSONResponse({"error": "Invalid Access Token"}, 401)
            body = await request.json() if request.method == "POST" else {}
            answered: Response = act(request.path_params, body)
            if request.method == "POST" and self.cut:
                self.cut -= 1
                return Response("upstream timed out", 504)
            return answered

        return answer

    def _inbox(self, _: dict[str, Any], __: dict[str, Any]) -> Response:
        return JSONResponse({"identifier": INBOX, "name": "退单止血阀", "working_hours_enabled": False})

    def _meta(self, _: dict[str, Any], __: dict[str, Any]) -> Response:
        counts = {"mine_count": 0, "unassigned_count": 0, "assigned_count": 0, "all_count": len(self.conversations)}
        return JSONResponse({"meta": counts})

    def _add_contact(self, _: dict[str, Any], body: dict[str, Any]) -> Response:
        source_id = body.get("source_id") or str(uuid.uuid4())
        known = next((one for one in self.contacts.values() if one["identifier"] == body.get("identifier")), None)
        if source_id not in self.contacts:
            identity = known["id"] if known and body.get("identifier") else len(self.contacts) + 1
            named = {name: body.get(name) for name in ("name", "email", "identifier")}
            self.contacts[source_id] = {"id": identity, "source_id": source_id, **named}
        contact = self.contacts[source_id]
        view = {name: contact[name] for name in ("source_id", "id", "name", "email")}
        return JSONResponse({**view, "pubsub_token": "3xPmWyjZ", "phone_number": None})

    def _add_conversation(self, path: dict[str, Any], body: dict[str, Any]) -> Response:
        contact = self.contacts.get(path["source_id"])
        if contact is None:
            return JSONResponse(NOT_FOUND, 404)
        identity = len(self.conversations) + 41
        self.conversations[identity] = {
            "id": identity,
            "contact_id": contact["id"],
            "status": "open",
            "custom_attributes": body.get("custom_attributes", {}),
            "messages": [],
        }
        view = {"id": identity, "uuid": str(uuid.uuid4()), "inbox_id": 5, "status": "open", "messages": []}
        return JSONResponse({**view, "contact_last_seen_at": 0, "agent_last_seen_at": 0, "contact": contact})

    def _of_contact(self, path: dict[str, Any], _: dict[str, Any]) -> Response:
        found = [one for one in self.conversations.values() if one["contact_id"] == path["contact_id"]]
        return JSONResponse({"payload": [{name: one[name] for name in one if name != "contact_id"} for one in found]})

    def _messages(self, path: dict[str, Any], _: dict[str, Any]) -> Response:
        conversation = self.conversations.get(path["conversation_id"])
        if conversation is None:
            return JSONResponse(NOT_FOUND, 404)
        return JSONResponse({"meta": {"labels": []}, "payload": conversation["messages"][-PAGE:]})

    def _add_message(self, path: dict[str, Any], body: dict[str, Any]) -> Response:
        if path["conversation_id"] not in self.conversations:
            return JSONResponse(NOT_FOUND, 404)
        return JSONResponse(self._message(path["conversation_id"], body))

    def _message(self, conversation_id: int, body: dict[str, Any]) -> dict[str, Any]:
        conversation = self.conversations[conversation_id]
        message = {
            "id": 900 + sum(len(one["messages"]) for one in self.conversations.values()),
            "content": body.get("content"),
            "inbox_id": 5,
            "conversation_id": conversation_id,
            "message_type": TYPES[body.get("message_type", "outgoing")],
            "content_type": "text",
            "status": "sent",
            "content_attributes": {},
            "private": body.get("private", False),
            "source_id": body.get("source_id"),
        }
        conversation["messages"].append(message)
        if body.get("message_type") == "incoming" and conversation["status"] in ("resolved", "snoozed"):
            conversation["status"] = "open"
        return message

    def _toggle(self, path: dict[str, Any], body: dict[str, Any]) -> Response:
        conversation = self.conversations.get(path["conversation_id"])
        if conversation is None:
            return JSONResponse(NOT_FOUND, 404)
        conversation["status"] = body["status"]
        success = {"success": True, "current_status": body["status"], "conversation_id": path["conversation_id"]}
        return JSONResponse({"meta": {}, "payload": success})
