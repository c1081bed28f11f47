"""How fast turns are, through the whole public path, beside the stock Rasa pipeline doing the same decisions.

    make bench ARGS="benchmarks/turns.py"

A plain turn is a greeting. A deciding turn scores a late order and chooses an offer, in a conversation of its own. The long
conversation asks where the parcel is, 200 times. Ours: HTTP API -> Rasa -> actions -> store. Stock: Rasa's REST channel with
Jieba, CountVectors, DIET, RulePolicy and TED -> action server with the same desk and store. Same utterances, same machine, one
after the other.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import jwt

from benchmarks.load import Send, conversations, summary
from benchmarks.plain_order import calls
from benchmarks.rasa_server import ROOT, STOCK, rasa, wait_for
from bot import launch
from integrations import settings
from integrations.codec import decode
from integrations.wiring import build
from retention.customer import Customer
from retention.event import Event
from retention.order import Order
from service.sandbox import Sandbox, running, trained_home

DECIDING = "物流太慢了我要退单"
PLAIN = "你好"
ASKING = "我的快递到哪了"
LATE = {"status": "shipped", "item": "轻跑鞋", "amount_yuan": 299, "margin_pct": 40, "delay_hours": 62}
AT_ONCE = 8
LONG = 200
WINDOW = 10


def bodies(name: str) -> Any:
    return calls(name, LATE, datetime.now(timezone.utc))


def prepare_ours(stack: Sandbox, names: Sequence[str]) -> dict[str, str]:
    """Customers, late orders and open conversations through the API: name -> token."""
    tokens = {}
    with httpx.Client(base_url=stack.url, headers={"Authorization": f"Bearer {stack.api_key}"}, timeout=60) as server:
        for name in names:
            made = bodies(name)
            server.put(f"/v1/customers/{made.customer['customer_id']}", json=made.customer).raise_for_status()
            server.put(f"/v1/orders/{made.order['order_no']}", json=made.order).raise_for_status()
            server.post("/v1/events", json={"events": made.events}).raise_for_status()
            until = datetime.now(timezone.utc) + timedelta(hours=2)
            proof = jwt.encode(
                {"sub": made.customer["customer_id"], "exp": until}, stack.shop_secret, algorithm="HS256"
            )
            opened = server.post("/v1/chat/conversations", json={"customer_token": proof}).raise_for_status()
            tokens[name] = opened.json()["token"]
    return tokens


def prepare_stock(environment: Mapping[str, str], names: Sequence[str]) -> None:
    """The same straight into the store of the stock action server."""
    shop = build(settings.load(environment))
    with shop.store.transaction() as records:
        for name in names:
            made = bodies(name)
            records.customers.put(decode(Customer, made.customer))
            records.orders.put(decode(Order, made.order))
            records.events.add([decode(Event, event) for event in made.events])
    shop.store.close()


async def measure(send: Send, names: dict[str, list[str]], decided: Any) -> dict[str, Any]:
    """``names`` are the conversations set aside for each part; ``decided`` tells an answer that carries an offer."""
    for name in names["warm"]:
        await send(name, PLAIN)
        await send(name, DECIDING)
    figures: dict[str, Any] = {}
    for label, at_once in (("1", 1), (str(AT_ONCE), AT_ONCE)):
        plain = names[f"plain{label}"]
        turns = [[(plain[lane], PLAIN)] * 40 for lane in range(at_once)]
        figures[f"plain_{label}"] = summary(*(await conversations(send, turns))[:2])
        fresh = names[f"deciding{label}"]
        lanes = [[(name, DECIDING) for name in fresh[lane::at_once]] for lane in range(at_once)]
        taken, per_second, answers = await conversations(send, lanes)
        share = sum(map(decided, answers)) / len(answers)
        if share < 0.95:
            raise RuntimeError(
                f"only {share:.0%} of the deciding turns made an offer: this would measure something else"
            )
        figures[f"deciding_{label}"] = summary(taken, per_second)
    taken, _, _ = await conversations(send, [[(names["long"][0], ASKING)] * LONG])
    early, late = statistics.median(taken[4 : 4 + WINDOW]), statistics.median(taken[-WINDOW:])
    figures["long_ratio"] = round(late / early, 3)
    return figures


def set_aside(deciding: int) -> dict[str, list[str]]:
    run = uuid4().hex[:6]
    sizes = {
        "warm": 3,
        "plain1": 1,
        "plain8": AT_ONCE,
        "deciding1": deciding,
        "deciding8": deciding * 4,
        "long": 1,
    }
    return {part: [f"{run}{part}{number}" for number in range(size)] for part, size in sizes.items()}


async def ours(stack: Sandbox, deciding: int) -> dict[str, Any]:
    names = set_aside(deciding)
    tokens = await asyncio.to_thread(prepare_ours, stack, [name for part in names.values() for name in part])
    async with httpx.AsyncClient(base_url=stack.url, timeout=60) as client:

        async def send(name: str, text: str) -> Any:
            answer = await client.post(
                "/v1/chat/messages",
                json={"message_id": str(uuid4()), "text": text},
                headers={"Authorization": f"Bearer {tokens[name]}"},
            )
            return answer.raise_for_status().json()

        figures = await measure(send, names, lambda answer: any(reply.get("offer") for reply in answer["replies"]))
    return {**figures, "resident_mb": stack.resident_mb()}


async def stock(deciding: int) -> dict[str, Any]:
    names = set_aside(deciding)
    home = trained_home()
    folder = home / "models" / "stock"
    if not launch.is_current(folder, setup=STOCK):
        print("training the stock pipeline (minutes) ...", flush=True)
        launch.train(os.environ, home=home, folder=folder, setup=STOCK)
    with ExitStack() as cleanup:
        scratch = Path(cleanup.enter_context(tempfile.TemporaryDirectory()))
        (scratch / "models").symlink_to(home / "models")
        environment = {**os.environ, "TOURNIQUET_HOME": str(scratch)}
        prepare_stock(environment, [name for part in names.values() for name in part])
        actions = cleanup.enter_context(action_server(environment))
        url = cleanup.enter_context(rasa(STOCK, home, folder, action_url=f"{actions}/webhook"))
        client = httpx.AsyncClient(base_url=url, timeout=120)

        async def send(name: str, text: str) -> Any:
            answer = await client.post("/webhooks/rest/webhook", json={"sender": f"play-{name}", "message": text})
            return answer.raise_for_status().json()

        def decided(answer: list[dict[str, Any]]) -> bool:
            return any("offer" in (said.get("custom") or {}) for said in answer)

        async with client:
            return await measure(send, names, decided)


@contextmanager
def action_server(environment: Mapping[str, str]) -> Iterator[str]:
    """The stock action server on a free port until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "benchmarks.stock_actions", str(port)]
    server = subprocess.Popen(command, cwd=ROOT, env=dict(environment))
    try:
        wait_for(f"http://127.0.0.1:{port}/health", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=30)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--deciding", type=int, default=50, help="deciding turns at one conversation; four times that at 8"
    )
    parser.add_argument("--no-stock", action="store_true", help="leave out the peer that takes minutes to train")
    arguments = parser.parse_args()
    with running() as stack:
        mine = asyncio.run(ours(stack, arguments.deciding))
    print("ours:", json.dumps(mine), flush=True)
    figures = {**mine["deciding_8"], "ours": mine, "long_ratio": mine["long_ratio"], "resident_mb": mine["resident_mb"]}
    figures["p50_ms_1"] = mine["deciding_1"]["p50_ms"]
    if not arguments.no_stock:
        peer = asyncio.run(stock(arguments.deciding))
        figures["stock"] = peer
        figures["ratio"] = round(mine["deciding_8"]["turns_per_s"] / peer["deciding_8"]["turns_per_s"], 2)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
