"""``/v1/bridge/{secret}``: where the shop's own help desk reports what its agents do. docs/bridge.md says how to set it up."""

from __future__ import annotations

import hmac

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from retention.errors import ForgedError
from service.bridging import path_secret
from service.context import ServiceDep
from service.logs import logger
from service.problems import general

PATH = "/v1/bridge/{secret}"

router = APIRouter(include_in_schema=False)

log = logger(__name__)


@router.post(PATH)
async def hear(secret: str, request: Request, service: ServiceDep) -> Response:
    """Anything that is no news of ours is welcome all the same: a refused delivery marks a message as failed over there."""
    bridging = service.bridging
    expected = path_secret(service.shop.settings.secrets)
    if bridging is None or not hmac.compare_digest(secret.encode(), expected.encode()):
        return general(404, PATH).response()
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        news = bridging.help_desk.read(headers, await request.body(), now=service.shop.clock())
    except ForgedError:
        log.warning("help_desk_webhook_refused")
        return general(401, PATH).response()
    if news is not None:
        await bridging.hear(news)
    return Response(status_code=204)
