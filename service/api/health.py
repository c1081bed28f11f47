"""``/healthz``, ``/readyz`` and ``/metrics``: for whoever keeps this running."""

from __future__ import annotations

from contextlib import suppress

from fastapi import APIRouter, Depends, Response
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import JSONResponse

from retention.errors import StoreBusyError
from service.context import ServiceDep
from service.dispatching import measure
from service.readiness import Readiness
from service.security import scoped

router = APIRouter(tags=["health"])


@router.get("/healthz", summary="The process is alive")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}


@router.get(
    "/readyz",
    summary="Every part this service needs, and what to do about those that are missing",
    response_model=Readiness,
    responses={503: {"model": Readiness, "description": "A part is missing"}},
)
async def readyz(service: ServiceDep) -> JSONResponse:
    readiness = await service.ready.look()
    return JSONResponse(readiness, 200 if readiness["ready"] else 503)


@router.get(
    "/metrics",
    summary="For Prometheus",
    dependencies=[Depends(scoped("metrics:read"))],
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}}},
)
def metrics(service: ServiceDep) -> Response:
    with suppress(StoreBusyError):  # what was counted last is better than no answer
        measure(service.shop.store, service.metrics)
    return Response(service.metrics.text(), media_type=CONTENT_TYPE_LATEST)
