"""Writes of other systems, duplicated and reordered, through the answers that are kept and the ledger."""

from __future__ import annotations

import hashlib
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from integrations.settings import load
from integrations.store.engine import open_store
from integrations.wiring import Shop, assemble
from retention.errors import StoreBusyError
from retention.hearing import Reason
from retention.offer import NoOffer
from retention.order import Address, Line, Order, Stage
from retention.ports import Records
from service.api.grants import grant_view
from service.context import Service
from service.granting import Wish, give
from service.idempotency import Write
from service.problems import ProblemError
from service.security import Caller

COPIES = 100
KEYS = 3
THREADS = 4
CALLER = Caller(name="crm", owner="crm", scopes=frozenset({"grants:write"}))
NOW = datetime(2026, 11, 20, 4, 0, tzinfo=timezone.utc)
NOWHERE = Address(province="浙江省", city="杭州市", district="西湖区", detail="", receiver="", phone="")


@dataclass(frozen=True)
class Delivery:
    """One arrival of a write; callers retry under the same key, and some under another. ``other``: with another body."""

    number: int
    key: int = 0
    other: bool = False

    @property
    def order_no(self) -> str:
        return f"D{self.number}"


def deliver(url: str, home: Path, count: int, seed: int) -> dict[str, int]:
    """``second_grants``: orders with more than one; ``other_answers``: arrivals answered unlike the first for their
    order."""
    _prepare(url, -(-count // COPIES))
    shop = _shop(url, home)
    writes = -(-count // COPIES)
    deliveries = [Delivery(number % writes, key=number // writes % KEYS) for number in range(count)]
    random.Random(seed).shuffle(deliveries)
    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(lambda one: _sent(shop, one), deliveries))
    others = [Delivery(number, other=True) for number in range(writes)]
    refused = sum(_sent(shop, one) == (422, "idempotency_key_reused") for one in others)
    first: dict[int, Any] = {}
    unlike = sum(
        first.setdefault(one.number, answer) != answer for one, answer in zip(deliveries, answers, strict=True)
    )
    with shop.store.transaction() as records:
        grants = [len(records.ledger.of_order(f"D{number}")) for number in range(writes)]
    shop.store.close()
    return {
        "deliveries": count,
        "second_grants": sum(max(0, found - 1) for found in grants),
        "granted": sum(found > 0 for found in grants),
        "other_answers": unlike,
        "other_bodies": len(others),
        "other_bodies_refused": refused,
    }


def _shop(url: str, home: Path) -> Shop:
    settings = load({"TOURNIQUET_HOME": str(home), "TOURNIQUET_DATABASE_URL": url})

    def no_rasa() -> Any:
        raise RuntimeError("nobody talks here")

    return assemble(settings, open_store(url, busy_seconds=30), connect_rasa=no_rasa, clock=lambda: NOW)


def _prepare(url: str, writes: int) -> None:
    """Late orders of as many customers."""
    store = open_store(url, busy_seconds=30)
    late = Order(
        order_no="D",
        customer_id="",
        stage=Stage.IN_TRANSIT,
        placed_at=NOW - timedelta(days=6),
        paid_at=NOW - timedelta(days=6),
        shipped_at=NOW - timedelta(days=5),
        promised_delivery_at=NOW - timedelta(hours=62),
        paid_fen=29_900,
        shipping_fen=0,
        lines=(Line(sku="RUN-1", title="跑鞋", category="鞋", qty=1, unit_price_fen=29_900, unit_cost_fen=15_000),),
        address=NOWHERE,
    )
    with store.transaction() as records:
        for number in range(writes):
            records.orders.put(replace(late, order_no=f"D{number}", customer_id=f"CD{number}"))
    store.close()


def _sent(shop: Shop, delivery: Delivery) -> tuple[int, str]:
    """Status and body, or the problem's code. A caller told to wait asks again, as it is told to."""
    body = f"{delivery.order_no}{delivery.other}".encode()
    service = cast(Service, SimpleNamespace(shop=shop))
    write = Write(
        key=f"key-{delivery.number}-{delivery.key}", fingerprint=hashlib.sha256(body).hexdigest(), service=service
    )
    wish = Wish(
        write_id=f"crm/key-{delivery.number}-{delivery.key}",
        order_no=delivery.order_no,
        reasons=(Reason.LOGISTICS,),
        offer_id=None,
        actor="key:crm",
    )

    def work(records: Records) -> tuple[int, Any]:
        given = give(shop, records, wish)
        if isinstance(given, NoOffer):
            raise ProblemError(409, f"no_offer_{given.rule}", given.why)
        return 201, grant_view(given)

    while True:
        try:
            answer = write.once(CALLER, work)
        except StoreBusyError:  # 503 over HTTP: nothing was written
            continue
        except ProblemError as problem:
            if problem.problem.code == "in_progress":
                continue
            return problem.problem.status, problem.problem.code
        return answer.status_code, bytes(answer.body).decode()
