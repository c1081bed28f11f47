"""The FastAPI application, put together."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import FileResponse
from starlette.staticfiles import StaticFiles

from actions.registry import executor
from integrations.courier import Courier
from integrations.settings import load
from integrations.wiring import Shop, build
from service import (
    console,
    console_accounts,
    console_attachments,
    console_canned,
    console_corrections,
    console_grants,
    console_handoffs,
    console_insight,
    console_notes,
    console_staff,
    console_supervisor,
    console_tasks,
    demo,
    docs_page,
    handoff_jobs,
    jobs,
    logs,
    openapi,
    problems,
)
from service.action_endpoint import action_router
from service.album import Album
from service.api import (
    attachments,
    bridge,
    channels,
    chat,
    chat_orders,
    chat_queue,
    chat_socket,
    conversations,
    customers,
    events,
    experiments,
    grants,
    handoffs,
    health,
    offers,
    orders,
    profiles,
    ratings,
    reports,
    risk,
    webhooks,
)
from service.associate_grants import AssociateGrants
from service.associates import Associates
from service.attendance import Attendance
from service.board import Board
from service.body_limit import BodyLimit
from service.bridging import Bridging
from service.broadcast import Broadcast
from service.caring import Caring
from service.channels import open_channels
from service.context import Service
from service.correcting import Correcting
from service.dispatching import Dispatching
from service.door import Door
from service.fetching import Fetching
from service.findings import Findings
from service.founding import found
from service.fulfilling import Fulfilling
from service.gateway import Gateway
from service.limits import Limiter
from service.live_redis import connections, live_events
from service.metrics import Metrics
from service.posting import Posting
from service.readiness import Ready
from service.receiving import Receiving
from service.risk_watch import RiskWatch
from service.servicing import Servicing
from service.shell import Shell
from service.tokens import Tokens
from service.typing_signs import TypingSigns
from service.waiting_room import WaitingRoom

STATIC = Path(__file__).parent / "static"
FAMILIES = (
    chat, chat_socket, orders, customers, events, risk, offers, grants, profiles, conversations, handoffs, health, console,
    console_corrections, channels, webhooks, bridge, console_handoffs, console_staff, console_tasks, chat_queue,
    console_attachments, chat_orders, attachments, ratings, console_accounts, console_notes, console_canned, console_grants,
    console_supervisor, experiments, console_insight, reports,
)  # fmt: skip


def from_environment() -> FastAPI:
    """For ``uvicorn --factory``: the shop the environment describes."""
    logs.configure()
    shop = build(load())
    found(shop)
    app = create_app(shop)
    gc.freeze()  # what is loaded by now stays for good: no need to look it through again with every batch of orders
    return app


def create_app(shop: Shop) -> FastAPI:
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with (
            shop.connect_rasa() as rasa,
            connections(shop.settings.redis_url) as redis,
            live_events(redis) as live,
            open_channels(shop) as accounts,
            Courier(shop.settings.private_targets) as courier,
        ):
            broadcast = Broadcast(live, shop.rules.intent_title)
            gateway = Gateway(shop, rasa, broadcast, metrics)
            associates = Associates(shop, broadcast, metrics)
            posting = Posting(shop, accounts, metrics)
            receiving = Receiving(shop, gateway, accounts, metrics, posting.wake)
            servicing = Servicing(shop, associates, accounts, metrics)
            dispatching = Dispatching(shop, courier, metrics)
            caring = Caring(shop, broadcast, posting.wake, metrics)
            bridging = Bridging(shop, shop.help_desk, associates, broadcast, metrics) if shop.help_desk else None
            app.state.service = Service(
                shop=shop,
                rasa=rasa,
                live=live,
                limiter=Limiter(shop.settings.limits, redis),
                metrics=metrics,
                tokens=Tokens(shop.settings.secrets, shop.clock),
                gateway=gateway,
                broadcast=broadcast,
                associates=associates,
                attendance=Attendance(shop, broadcast),
                waiting_room=WaitingRoom(shop, broadcast),
                granting=AssociateGrants(shop, broadcast),
                correcting=Correcting(shop, broadcast),
                album=Album(shop),
                typing_signs=TypingSigns(shop, broadcast),
                board=Board(shop),
                findings=Findings(shop),
                risk_watch=RiskWatch(shop),
                ready=Ready(shop, rasa),
                channels=accounts,
                door=Door(metrics),
                receiving=receiving,
                fetching=Fetching(shop, accounts, receiving, servicing),
                servicing=servicing,
                posting=posting,
                dispatching=dispatching,
                caring=caring,
                bridging=bridging,
            )
            jobs_of_ours = [jobs.run(app.state.service), handoff_jobs.run(app.state.service), dispatching.run()]
            jobs_of_ours.append(Fulfilling(shop, metrics).run())
            jobs_of_ours.append(caring.run())
            if bridging is not None:
                jobs_of_ours.append(bridging.run())
            working = [asyncio.create_task(job) for job in jobs_of_ours]
            yield
            for task in working:
                task.cancel()
            await asyncio.gather(*working, return_exceptions=True)
            await app.state.service.fetching.close()
            await receiving.close()
        if shop.help_desk is not None:
            shop.help_desk.close()
        shop.remedies.close()
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
    app.add_api_route("/insight", lambda: FileResponse(STATIC / "insight.html"), include_in_schema=False)
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
