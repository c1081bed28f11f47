"""What every route may use, made once per process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from integrations.rasa import Rasa
from integrations.wiring import Shop
from service.associate_grants import AssociateGrants
from service.associates import Associates
from service.board import Board
from service.correcting import Correcting
from service.gateway import Gateway
from service.limits import Limiter
from service.live import Live
from service.metrics import Metrics
from service.readiness import Ready
from service.tokens import Tokens


@dataclass(frozen=True, kw_only=True)
class Service:
    shop: Shop
    rasa: Rasa
    live: Live
    limiter: Limiter
    metrics: Metrics
    tokens: Tokens
    gateway: Gateway
    associates: Associates
    granting: AssociateGrants
    correcting: Correcting
    board: Board
    ready: Ready


def service_of(connection: HTTPConnection) -> Service:
    service: Service = connection.app.state.service
    return service


ServiceDep = Annotated[Service, Depends(service_of)]
