"""A shopper who uses the public API alone, and the shop's systems that tell the product about her."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import uuid4

import httpx
import jwt

from benchmarks.plain_order import Calls, calls
from retention.offer import AFTER_SAVE
from service.sandbox import Sandbox


class Shopper:
    """A customer with one order, said in plain words, in one conversation."""

    def __init__(self, stack: Sandbox, **plain: Any) -> None:
        self.stack = stack
        self.shop = httpx.Client(
            base_url=stack.url, headers={"Authorization": f"Bearer {stack.api_key}"}, timeout=60, trust_env=False
        )
        self.chats: list[httpx.Client] = []
        self.name = uuid4().hex[:10]
        self.made: Calls = calls(self.name, plain, datetime.now(timezone.utc))
        self.put_order(self.made)
        self.begin()

    def close(self) -> None:
        self.shop.close()
        for chat in self.chats:
            chat.close()

    def put_order(self, made: Calls) -> None:
        customer, order = made.customer, made.order
        self.shop.put(f"/v1/customers/{customer['customer_id']}", json=customer).raise_for_status()
        self.shop.put(f"/v1/orders/{order['order_no']}", json=order).raise_for_status()
        if made.events:
            self.shop.post("/v1/events", json={"events": made.events}).raise_for_status()

    def begin(self) -> None:
        """Open a conversation, and go on in it."""
        claims = {"sub": self.made.customer["customer_id"], "exp": datetime.now(timezone.utc) + timedelta(hours=1)}
        proof = jwt.encode(claims, self.stack.shop_secret, algorithm="HS256")
        opened = self.shop.post("/v1/chat/conversations", json={"customer_token": proof}).raise_for_status().json()
        self.conversation_id = opened["conversation_id"]
        self.chats.append(
            httpx.Client(
                base_url=self.stack.url,
                headers={"Authorization": f"Bearer {opened['token']}"},
                timeout=60,
                trust_env=False,
            )
        )

    @property
    def chat(self) -> httpx.Client:
        """The conversation under way."""
        return self.chats[-1]

    def say(self, text: str, *, message_id: str | None = None) -> dict[str, Any]:
        answer: dict[str, Any] = self.send(text, message_id=message_id).raise_for_status().json()
        return answer

    def send(self, text: str, *, message_id: str | None = None) -> httpx.Response:
        return self.chat.post("/v1/chat/messages", json={"message_id": message_id or str(uuid4()), "text": text})

    def said(self, text: str) -> str:
        """Say it and return everything the bot answers."""
        return "\n".join(reply["text"] for reply in self.say(text)["replies"])

    @property
    def order_no(self) -> str:
        return str(self.made.order["order_no"])

    def order(self, order_no: str | None = None) -> dict[str, Any]:
        found: dict[str, Any] = self.shop.get(f"/v1/orders/{order_no or self.order_no}").raise_for_status().json()
        return found

    def grants(self) -> list[dict[str, Any]]:
        """Those that answer what the shopper said."""
        return [grant for grant in self.order()["grants"] if grant["offer"]["cause"] != AFTER_SAVE]

    def conversation(self) -> dict[str, Any]:
        found: dict[str, Any] = self.shop.get(f"/v1/conversations/{self.conversation_id}").raise_for_status().json()
        return found

    def profile(self) -> dict[str, Any]:
        """The newest of this customer."""
        customer_id = self.made.customer["customer_id"]
        found: dict[str, Any] = self.shop.get(f"/v1/profiles/{customer_id}").raise_for_status().json()
        return found
