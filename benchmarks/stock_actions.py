"""The action server beside the stock pipeline: Sanic and rasa_sdk's executor, as stock, over the same desk and store.

The stock REST channel knows nothing of a store, so the message is recorded here first, as the service does for ours.
Run as ``python -m benchmarks.stock_actions PORT`` with TOURNIQUET_HOME set; sender ids are customer ids.
"""

from __future__ import annotations

import sys
from datetime import datetime, timezone

from sanic import Request, Sanic, response
from sanic.response import HTTPResponse

from actions.registry import executor
from integrations import settings
from integrations.wiring import Shop, build
from retention.conversation import Author, Conversation, Message, Status, Turn
from retention.desk import Reply


class RecordingDesk:
    """Records the message, then lets the desk handle it."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def handle(self, turn: Turn) -> Reply:
        self._record(turn)
        return self._shop.desk.handle(turn)

    def ask_back(self, turn: Turn) -> Reply:
        self._record(turn)
        return self._shop.desk.ask_back(turn)

    def _record(self, turn: Turn) -> None:
        now = datetime.now(timezone.utc)
        customer_id = turn.conversation_id.partition(":")[0]
        with self._shop.store.transaction() as records:
            if records.conversations.find(turn.conversation_id) is None:
                records.conversations.put(
                    Conversation(
                        conversation_id=turn.conversation_id,
                        channel="rest",
                        status=Status.BOT,
                        created_at=now,
                        updated_at=now,
                        customer_id=customer_id,
                    )
                )
            records.messages.add(
                Message(
                    conversation_id=turn.conversation_id,
                    message_id=turn.message_id,
                    author=Author.SHOPPER,
                    at=now,
                    text=turn.text,
                )
            )


def main() -> None:
    port = int(sys.argv[1])
    actions = executor(RecordingDesk(build(settings.load())))
    app: Sanic = Sanic("stock_actions")

    async def health(request: Request) -> HTTPResponse:
        return response.json({"status": "ok"})

    async def webhook(request: Request) -> HTTPResponse:
        result = await actions.run(request.json)
        return response.json(result.model_dump() if result else {}, status=200)

    app.add_route(health, "/health")
    app.add_route(webhook, "/webhook", methods=["POST"])
    app.run(host="127.0.0.1", port=port, single_process=True, access_log=False, motd=False)


if __name__ == "__main__":
    main()
