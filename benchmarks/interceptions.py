"""A synthetic day through ``POST /v1/events`` of a real server that is killed and started again: who was intercepted, how often.

    make bench ARGS="benchmarks/interceptions.py --orders 2000 [--database postgresql://...]"

Every event is delivered at least once, three in ten twice, in no order, in batches; the server is killed with -9 twice, while
batches arrive and while they are worked off, and who got no answer sends again. What is expected comes from pure functions over
the facts alone: an order **must** be intercepted when the rules say so with all of its events, at the first and at the last
moment of the run; it **may** be when they say so after any part of its events, in the order in which they came. ``ambiguous``
are those that may and need not be. ``naive`` is what comes to mind first, on the same deliveries and with the same deaths: score
on each event, write at once, and remember in the process who was written to.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import signal
import socket
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from multiprocessing.context import SpawnProcess
from pathlib import Path
from random import Random
from typing import Any

import httpx
import uvicorn

from integrations.codec import encode
from integrations.rasa import Rasa
from integrations.settings import Settings, load
from integrations.store.engine import open_store
from integrations.store.migration import migrate
from integrations.wiring import assemble, read_rows
from policies.outreach import QuietHours
from retention.case import Case
from retention.customer import Customer
from retention.event import Event
from retention.order import Order
from retention.ports import Store
from retention.rescoring import Debounce, Subject
from risk.prior import RulePrior
from service.app import create_app
from twin.world import generate

SPAWN = multiprocessing.get_context("spawn")
BATCH = 50
TWICE = 0.3
PATIENCE_S = 600.0
LONGEST_AGO = timedelta(days=55)


@dataclass(frozen=True)
class Day:
    """Orders as they stand, their customers, and what is reported about them."""

    orders: tuple[Order, ...]
    customers: dict[str, Customer]
    events: tuple[Event, ...]

    def of(self, order: Order) -> list[Event]:
        skus = {line.sku for line in order.lines}
        return [one for one in self.events if one.order_no == order.order_no or (not one.order_no and one.sku in skus)]


def a_day(seed: int, count: int, now: datetime) -> Day:
    """Open orders of the synthetic shop, each moved so that its moment is now; news about goods is of the last days."""
    history = generate(seed, customers=count * 2, orders=count * 8, now=now)
    open_ones = [past for past in history.orders if past.then.is_open and past.moment > now - timedelta(days=150)]
    chosen = open_ones[:count]
    orders, events = [], []
    for past in chosen:
        by = now - past.moment
        orders.append(_moved(past.then, by))
        events += [replace(one, at=one.at + by) for one in past.events if one.at <= past.moment]
    goods = {line.sku for order in orders for line in order.lines}
    market = [one for sku in goods for one in history.market_events[sku] if one.at > now - timedelta(days=3)]
    recent = [one for one in (*events, *market) if one.at > now - LONGEST_AGO]
    return Day(
        orders=tuple(orders),
        customers={past.customer.customer_id: past.customer for past in chosen},
        events=tuple(recent),
    )


def _moved(order: Order, by: timedelta) -> Order:
    names = ("placed_at", "paid_at", "promised_ship_at", "promised_delivery_at", "shipped_at", "delivered_at")
    return replace(order, **{name: at + by for name in names if (at := getattr(order, name)) is not None})


class Rules:
    """The server's rules as pure functions: no model is trained in its home, so the prior serves."""

    def __init__(self, day: Day) -> None:
        self._day = day
        self._score, self._choose = RulePrior().score, read_rows().interception.choose

    def intercepts(self, order: Order, events: Sequence[Event], now: datetime) -> bool:
        known = tuple(sorted((one for one in events if one.at <= now), key=lambda one: (one.at, one.event_id)))
        case = Case(now=now, order=order, customer=self._day.customers[order.customer_id], events=known)
        return self._choose(case, self._score(case)).intercept


def settings_of(home: Path, database: str) -> Settings:
    return load(
        {"TOURNIQUET_HOME": str(home), "TOURNIQUET_DATABASE_URL": database, "TOURNIQUET_LIMIT_CALLS": "1000000/second"}
    )


def serve(home: str, database: str, port: int) -> None:
    """The real service, with short waits and no night; what it logs is nobody's business here."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    settings = settings_of(Path(home), database)
    outreach = replace(
        read_rows().outreach,
        quiet=QuietHours(start=0, end=0),
        debounce=Debounce(quiet=timedelta(seconds=2), most=timedelta(seconds=8)),
    )
    store = open_store(settings.database_url)
    rasa = lambda: Rasa("http://127.0.0.1:9", settings.secrets.rasa_secret)  # noqa: E731
    app = create_app(assemble(settings, store, connect_rasa=rasa, outreach=outreach))
    uvicorn.run(app, port=port, log_level="critical")


class Server:
    """Killed and started again at will."""

    def __init__(self, home: Path, database: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self._arguments = (str(home), database, self._port)
        self._process = self._made()
        key = settings_of(home, database).secrets.api_key
        self._client = httpx.Client(
            base_url=f"http://127.0.0.1:{self._port}", headers={"Authorization": f"Bearer {key}"}, timeout=60
        )

    def _made(self) -> SpawnProcess:
        return SPAWN.Process(target=serve, args=self._arguments, daemon=True)

    def start(self) -> None:
        self._process = self._made()
        self._process.start()
        await_(self._is_up, "the server")

    def _is_up(self) -> bool:
        try:
            return self._client.get("/healthz").status_code == 200
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        if self._process.pid is not None:
            os.kill(self._process.pid, signal.SIGKILL)
            self._process.join()

    def send(self, method: str, path: str, body: Any) -> bool:
        """Whether it was answered with a success."""
        try:
            return self._client.request(method, path, json=body).is_success
        except httpx.TransportError:
            return False


def await_(done: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + PATIENCE_S
    while not done():
        if time.monotonic() > until:
            raise TimeoutError(f"waited {PATIENCE_S:.0f} s for {what}")
        time.sleep(0.2)


def delivered(dice: Random, events: Sequence[Event]) -> list[list[Event]]:
    copies = [*events, *(one for one in events if dice.random() < TWICE)]
    dice.shuffle(copies)
    return [copies[start : start + BATCH] for start in range(0, len(copies), BATCH)]


def replay(server: Server, day: Day, batches: list[list[Event]]) -> list[int]:
    """Send everything, killing twice; the numbers of the batches in the order in which they were sent."""
    sent: list[int] = []
    deaths = {len(batches) // 3, 2 * len(batches) // 3}
    server.start()
    for customer in day.customers.values():
        body = {**encode(customer)}
        assert server.send("PUT", f"/v1/customers/{customer.customer_id}", body), "a customer was refused"
    for order in day.orders:
        assert server.send("PUT", f"/v1/orders/{order.order_no}", encode(order)), "an order was refused"
    for number, batch in enumerate(batches):
        if number in deaths:
            server.kill()
            server.start()
            sent.append(number - 1)  # its sender cannot know whether it was kept
            server.send("POST", "/v1/events", {"events": encode(tuple(batches[number - 1]))})
        assert server.send("POST", "/v1/events", {"events": encode(tuple(batch))}), "a batch was refused"
        sent.append(number)
    time.sleep(1.0)
    server.kill()  # and once more while the last ones are worked off
    server.start()
    return sent


def is_done(store: Store, orders: Sequence[Order]) -> bool:
    soon = datetime.now(timezone.utc) + timedelta(minutes=5)
    with store.transaction() as records:
        waiting = records.outreaches.due(soon)
        rows = [records.rescorings.find(Subject.ORDER, order.order_no) for order in orders]
    return not waiting and not any(row is not None and row.marks for row in rows)


def prefixes(day: Day, arrived: Iterator[Event]) -> dict[str, list[Event]]:
    """By order, its events in the order in which they first came."""
    by_sku: dict[str, list[str]] = defaultdict(list)
    seen: set[str] = set()
    for order in day.orders:
        for line in order.lines:
            by_sku[line.sku].append(order.order_no)
    found: dict[str, list[Event]] = {order.order_no: [] for order in day.orders}
    for event in arrived:
        if event.event_id in seen:
            continue
        seen.add(event.event_id)
        for order_no in [event.order_no] if event.order_no else by_sku[event.sku or ""]:
            found[order_no].append(event)
    return found


def naive(day: Day, batches: list[list[Event]], sent: list[int], rules: Rules, now: datetime) -> Counter[str]:
    """Messages by order. Whoever was written to is remembered until the process dies; a batch it dies in is half done."""
    orders = {order.order_no: order for order in day.orders}
    known: dict[str, dict[str, Event]] = defaultdict(dict)
    written: set[str] = set()
    messages: Counter[str] = Counter()
    for place, number in enumerate(sent):
        dies = place + 1 < len(sent) and sent[place + 1] == number
        batch = batches[number][: BATCH // 2] if dies else batches[number]
        for event in batch:
            if event.order_no is None:
                continue  # whom news about goods concerns is not in the event
            known[event.order_no][event.event_id] = event
            order = orders[event.order_no]
            if event.order_no not in written and rules.intercepts(order, [*known[event.order_no].values()], now):
                written.add(event.order_no)
                messages[event.order_no] += 1
        if dies:
            written.clear()
    return messages


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", help="an empty PostgreSQL; a SQLite file of its own without it")
    asked = parser.parse_args()
    dice, began = Random(asked.seed), datetime.now(timezone.utc)
    day = a_day(asked.seed, asked.orders, began)
    batches = delivered(dice, day.events)
    with tempfile.TemporaryDirectory(prefix="tq-interceptions-") as folder:
        home = Path(folder)
        database = asked.database or f"sqlite:///{home / 'store.db'}"
        settings_of(home, database)
        migrate(database)
        server, store = Server(home, database), open_store(database)
        try:
            sent = replay(server, day, batches)
            await_(lambda: is_done(store, day.orders), "the queue to be worked off")
        finally:
            server.kill()
        ended = datetime.now(timezone.utc)
        with store.transaction() as records:
            opened = Counter(one.order_no for one in records.outreaches.since(began, limit=10**6))
            scorings = len(records.scorings.since(began, limit=10**7))
            states = Counter(one.state.value for one in records.outreaches.since(began, limit=10**6))
        store.close()
    rules = Rules(day)
    arrived = prefixes(day, (event for number in sent for event in batches[number]))
    must, may = set(), set()
    for order in day.orders:
        events = arrived[order.order_no]
        if all(rules.intercepts(order, events, at) for at in (began, ended)):
            must.add(order.order_no)
        if any(rules.intercepts(order, events[:end], at) for end in range(len(events) + 1) for at in (began, ended)):
            may.add(order.order_no)
    peer = naive(day, batches, sent, rules, ended)
    print(
        json.dumps(
            {
                "orders": len(day.orders),
                "events": len(day.events),
                "delivered": sum(len(batches[number]) for number in sent),
                "kills": 3,
                "database": "postgresql" if asked.database else "sqlite",
                "expected": len(must),
                "ambiguous": len(may - must),
                "intercepted": len(opened),
                "missed": len(must - set(opened)),
                "unexpected": len(set(opened) - may),
                "doubles": sum(count - 1 for count in opened.values()),
                "scorings": scorings,
                "states": dict(states),
                "seconds": round((ended - began).total_seconds(), 1),
                "naive": {
                    "intercepted": len(peer),
                    "messages": peer.total(),
                    "missed": len(must - set(peer)),
                    "unexpected": len(set(peer) - may),
                    "doubles": sum(count - 1 for count in peer.values()),
                },
            }
        )
    )


if __name__ == "__main__":
    main()
