"""The real application over a store in memory and a stand-in for Rasa, with one shopper and one late order."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import httpx
from argon2 import PasswordHasher
from fastapi import FastAPI

from integrations.memory.store import MemoryStore
from integrations.passwords import Argon2Passwords
from integrations.rasa import Rasa
from integrations.secret_file import Secrets
from integrations.settings import Limits, Settings, load
from integrations.store.engine import open_store
from integrations.store.migration import migrate
from integrations.wiring import CATALOG, GUARD, Shop, assemble
from policies.outreach import OutreachPolicy
from retention.associate import Associate, Role
from retention.customer import Customer
from retention.help_desk import HelpDesk
from retention.notice import NoticeKind, Subscription
from retention.order import Address, Line, Order, Stage
from retention.ports import Clock, Store
from retention.staffing import Staffing
from service.app import create_app
from service.console import COOKIE
from service.context import Service
from tests.http.fake_rasa import SECRET, FakeRasa

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=timezone.utc)
AT_RISK_HOOK = Subscription(
    subscription_id="s1",
    url="https://crm.example/hook",
    kinds=(NoticeKind.ORDER_AT_RISK,),
    secret="whsec_c2VjcmV0LW9mLXRoZS1jcm0tMDEyMzQ1Njc4OQ==",
    created_at=NOW,
    created_by="crm",
)
API_KEY = "main-api-key-0123456789abcdef"
PASSWORD = "console-password"
SECRETS = Secrets(
    api_key=API_KEY,
    shop_secret="shop-secret-0123456789-0123456789",
    console_password=PASSWORD,
    rasa_secret=SECRET,
    action_token="action-token-0123456789",
    chat_secret="chat-secret-0123456789-0123456789",
    order_system_secret="whsec_b3JkZXItc3lzdGVtLXNlY3JldC0wMTIzNDU2Nzg5",
)
PLENTY = Limits(
    messages="100000/minute",
    reads="100000/minute",
    conversations="100000/minute",
    logins="100000/minute",
    account_logins="100000/minute",
    calls="100000/minute",
)
QUICK = Argon2Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
LATE_ORDER = Order(
    order_no="TQ20261116001",
    customer_id="C1",
    stage=Stage.IN_TRANSIT,
    placed_at=NOW - timedelta(days=6),
    paid_at=NOW - timedelta(days=6),
    shipped_at=NOW - timedelta(days=5),
    promised_delivery_at=NOW - timedelta(hours=62),
    paid_fen=29900,
    shipping_fen=0,
    lines=(Line(sku="RUN-1", title="缓震跑鞋", category="鞋", qty=1, unit_price_fen=29900, unit_cost_fen=15000),),
    address=Address(
        province="浙江省", city="杭州市", district="西湖区", detail="文三路 1 号", receiver="李明", phone="13812345678"
    ),
)
CUSTOMER = Customer(customer_id="C1", name="李小明", lifetime_orders=5)


class Watch:
    """A clock that goes on when it is told to."""

    def __init__(self, now: datetime = NOW) -> None:
        self._now = now

    def __call__(self) -> datetime:
        return self._now

    def pass_by(self, **passed: float) -> None:
        self._now += timedelta(**passed)


@dataclass(frozen=True, kw_only=True)
class World:
    app: FastAPI
    client: httpx.AsyncClient
    rasa: FakeRasa
    store: Store
    shop: Shop

    @property
    def service(self) -> Service:
        service: Service = self.app.state.service
        return service

    async def begin(self, customer_id: str | None = "C1") -> dict[str, str]:
        """Headers of a new conversation."""
        body = {} if customer_id is None else {"customer_token": self.service.tokens.customer(customer_id)}
        answer = await self.client.post("/v1/chat/conversations", json=body)
        assert answer.status_code == 201, answer.text
        return {"Authorization": f"Bearer {answer.json()['token']}"}

    async def say(self, headers: Mapping[str, str], text: str, message_id: str = "m1") -> httpx.Response:
        body = {"message_id": message_id, "text": text}
        return await self.client.post("/v1/chat/messages", json=body, headers=dict(headers))

    def conversation_of(self, headers: Mapping[str, str]) -> str:
        found = self.service.tokens.conversation_of(headers["Authorization"].removeprefix("Bearer "))
        assert found is not None
        return found

    def employ(self, name: str, role: Role = Role.AGENT, *, capacity: int = 5) -> Associate:
        """An account with the password of the tests, unless there is one."""
        with self.store.transaction() as records:
            known = records.associates.find(name)
        if known is not None:
            return known
        made = Associate(name=name, display=name, role=role, skills=(), capacity=capacity, active=True)
        self.shop.accounts.add(made, PASSWORD, actor="system")
        return made

    async def log_in(self, name: str, role: Role = Role.AGENT) -> httpx.AsyncClient:
        """A console of its own, as another browser would be; the account is made when there is none."""
        self.employ(name, role)
        console = self.browser()
        answer = await console.post("/console/api/login", json={"name": name, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        return console

    def cookie(self, name: str, role: Role = Role.AGENT) -> dict[str, str]:
        """What the browser of somebody who logged in would send."""
        self.employ(name, role)
        signed_in = self.shop.accounts.sign_in(name, PASSWORD)
        assert signed_in is not None
        return {COOKIE: signed_in[1]}

    def browser(self, **cookies: str) -> httpx.AsyncClient:
        """Our page, in a browser of its own."""
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app),
            base_url="http://test",
            cookies=cookies,
            headers={"X-Requested-With": "tourniquet"},
        )

    def api(self, **headers: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {API_KEY}", **headers}


@asynccontextmanager
async def opened(
    home: Path,
    *,
    store: Store | None = None,
    turn_seconds: float = 5.0,
    clock: Clock = lambda: NOW,
    help_desk: HelpDesk | None = None,
    staffing: Staffing | None = None,
    outreach: OutreachPolicy | None = None,
    catalog_file: Path = CATALOG,
    guard_file: Path = GUARD,
    **settings: Any,
) -> AsyncIterator[World]:
    """``settings`` replaces single ones."""
    rasa, store = FakeRasa(), store or MemoryStore()
    chosen = settings_of(home, **settings)
    chosen.language_folder.mkdir(parents=True, exist_ok=True)
    (chosen.language_folder / "model").touch()

    def connect() -> Rasa:
        transport = httpx.ASGITransport(rasa.app)
        return Rasa("http://rasa", SECRET, turn_seconds=turn_seconds, transport=transport)

    shop = assemble(
        chosen,
        store,
        connect_rasa=connect,
        clock=clock,
        help_desk=help_desk,
        staffing=staffing,
        outreach=outreach,
        passwords=QUICK,
        catalog_file=catalog_file,
        guard_file=guard_file,
    )
    with store.transaction() as records:
        records.customers.put(CUSTOMER)
        records.orders.put(LATE_ORDER)
    app = create_app(shop)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://test") as client,
    ):

        async def call_action(call: dict[str, Any]) -> httpx.Response:
            return await client.post(
                "/internal/actions", json=call, headers={"Authorization": f"Bearer {SECRETS.action_token}"}
            )

        rasa.call_action = call_action
        yield World(app=app, client=client, rasa=rasa, store=store, shop=shop)


def in_a_file(home: Path) -> Store:
    """The store the product starts with, which is pickier than memory."""
    url = f"sqlite:///{home / 'store.db'}"
    migrate(url)
    return open_store(url)


def settings_of(home: Path, **more: Any) -> Settings:
    loaded = load({"TOURNIQUET_HOME": str(home)})
    return replace(loaded, **{"limits": PLENTY, "demo": True, "hold_out": 0.0, "secrets": SECRETS, **more})
