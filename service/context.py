"""What every route may use, made once per process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from integrations.rasa import Rasa
from integrations.wiring import Shop
from service.album import Album
from service.associate_grants import AssociateGrants
from service.associates import Associates
from service.attendance import Attendance
from service.board import Board
from service.bridging import Bridging
from service.broadcast import Broadcast
from service.caring import Caring
from service.channels import Channels
from service.correcting import Correcting
from service.dispatching import Dispatching
from service.door import Door
from service.fetching import Fetching
from service.findings import Findings
from service.gateway import Gateway
from service.limits import Limiter
from service.live import Live
from service.metrics import Metrics
from service.posting import Posting
from service.readiness import Ready
from service.receiving import Receiving
from service.risk_watch import RiskWatch
from service.servicing import Servicing
from service.tokens import Tokens
from service.typing_signs import TypingSigns
from service.waiting_room import WaitingRoom


@dataclass(frozen=True, kw_only=True)
class Service:
    shop: Shop
    rasa: Rasa
    live: Live
    limiter: Limiter
    metrics: Metrics
    tokens: Tokens
    gateway: Gateway
    broadcast: Broadcast
    associates: Associates
    attendance: Attendance
    waiting_room: WaitingRoom
    granting: AssociateGrants
    correcting: Correcting
    album: Album
    typing_signs: TypingSigns
    board: Board
    findings: Findings
    risk_watch: RiskWatch
    ready: Ready
    channels: Channels
    door: Door
    receiving: Receiving
    fetching: Fetching
    servicing: Servicing
    posting: Posting
    dispatching: Dispatching
    caring: Caring
    bridging: Bridging | None  # to the shop's own help desk, when it has one


def service_of(connection: HTTPConnection) -> Service:
    service: Service = connection.app.state.service
    return service


ServiceDep = Annotated[Service, Depends(service_of)]
