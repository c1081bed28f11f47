"""The FastAPI application, put together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import FileResponse
from starlette.staticfiles import StaticFiles

from actions.registry import executor
from integrations.settings import load
from integrations.wiring import Shop, build
from service import (
    console,
    console_accounts,
    console_canned,
    console_corrections,
    console_grants,
    console_notes,
    console_supervisor,
    demo,
    docs_page,
    jobs,
    logs,
    openapi,
    problems,
)
from service.action_endpoint import action_router
from service.api import (
    chat,
    chat_socket,
    conversations,
    customers,
    events,
    grants,
    handoffs,
    health,
    offers,
    orders,
    profiles,
    ratings,
    risk,
)
from service.associate_grants import AssociateGrants
from service.associates import Associates
from service.board import Board
from service.body_limit import BodyLimit
from service.broadcast import Broadcast
from service.context import Service
from service.correcting import Correcting
from service.founding import found
from service.gateway import Gateway
from service.limits import Limiter
from service.live_redis import connections, live_events
from service.metrics import Metrics
from service.readiness import Ready
from service.shell import Shell
from service.tokens import Tokens

STATIC = Path(__file__).parent / "static"
FAMILIES = (
    chat, chat_socket, orders, customers, events, risk, offers, grants, profiles, conversations, handoffs, health, console,
    console_corrections, ratings, console_accounts, console_notes, console_canned, console_grants, console_supervisor,
)  # fmt: skip


def from_environment() -> FastAPI:
    """For ``uvicorn --factory``: the shop the environment describes."""
    logs.configure()
    shop = build(load())
    found(shop)
    return create_app(shop)


def create_app(shop: Shop) -> FastAPI:
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with (
            shop.connect_rasa() as rasa,
            connections(shop.settings.redis_url) as redis,
            live_events(redis) as live,
        ):
            broadcast = Broadcast(live, shop.rules.intent_title)
            app.state.service = Service(
                shop=shop,
                rasa=rasa,
                live=live,
                limiter=Limiter(shop.settings.limits, redis),
                metrics=metrics,
                tokens=Tokens(shop.settings.secrets, shop.clock),
                gateway=Gateway(shop, rasa, broadcast, metrics),
                associates=Associates(shop, broadcast),
                granting=AssociateGrants(shop, broadcast),
                correcting=Correcting(shop, broadcast),
                board=Board(shop),
                ready=Ready(shop, rasa),
            )
            working = asyncio.create_task(jobs.run(app.state.service))
            yield
            working.cancel()
            with suppress(asyncio.CancelledError):
                await working
        shop.store.close()

    app = FastAPI(
        title="Tourniquet 退单止血阀",
        version="1",
        description=openapi.DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    problems.install(app)
    openapi.install(app)
    # Every turn passes through the first two; routes are tried in order.
    app.include_router(action_router(executor(shop.desk), shop.settings.secrets.action_token))
    for family in FAMILIES:
        app.include_router(family.router)
    app.include_router(docs_page.router)
    if shop.settings.demo:
        app.include_router(demo.router)
        app.add_api_route("/", lambda: FileResponse(STATIC / "shop.html"), include_in_schema=False)
    app.add_api_route("/console", lambda: FileResponse(STATIC / "console.html"), include_in_schema=False)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_middleware(BodyLimit)
    if shop.settings.widget_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=shop.settings.widget_origins,
            allow_methods=("GET", "POST", "DELETE"),
            allow_headers=("Authorization", "Content-Type"),
        )
    app.add_middleware(Shell, metrics=metrics)
    return app
