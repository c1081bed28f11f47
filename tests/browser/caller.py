"""A shopper who writes over the public API, without a window of her own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

import httpx

UNSHIPPED = "30 小时还没发"  # not the shopper whom the chat's own tests are about: what is granted to her stays granted
COMPLAINT = "等了一个星期还没到，你们就是骗子，我要去消协投诉你们"


@dataclass(frozen=True, kw_only=True)
class Caller:
    client: httpx.Client
    conversation_id: str

    def say(self, text: str) -> str:
        """Who has the conversation afterwards."""
        body = {"message_id": str(uuid4()), "text": text}
        return str(self.client.post("/v1/chat/messages", json=body).raise_for_status().json()["status"])

    def heard(self, author: str) -> list[str]:
        """What an author has said: bot, associate, system."""
        messages = self.client.get("/v1/chat/messages?after=0").raise_for_status().json()["messages"]
        return [message["text"] for message in messages if message["author"] == author]

    def wants_a_call(self, contact: str, wish: str) -> None:
        body = {"contact": contact, "wish": wish}
        self.client.post("/v1/chat/callback", json=body).raise_for_status()


@contextmanager
def waiting_caller(url: str, mark: str, *, guest: bool = False) -> Iterator[Caller]:
    """Waits for a person; the last thing she said ends with the mark. Of a guest neither name nor order is known."""
    with httpx.Client(base_url=url, trust_env=False, timeout=60) as client:
        shoppers = client.get("/demo/shoppers").json()["shoppers"]
        late = next(shopper for shopper in shoppers if UNSHIPPED in shopper["story"])
        signed = client.post("/demo/sign-in", json={"customer_id": late["customer_id"]}).json()
        begun = client.post("/v1/chat/conversations", json={} if guest else signed).raise_for_status().json()
        client.headers["Authorization"] = f"Bearer {begun['token']}"
        caller = Caller(client=client, conversation_id=begun["conversation_id"])
        assert caller.say(f"{COMPLAINT}，{mark}") == "waiting"
        yield caller
        client.delete("/v1/chat/handoff")  # does not wait any longer
