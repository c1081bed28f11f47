"""``/console/api/attachments``: a shopper's picture for the associate, whose cookie is sent under ``/console`` only."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from service.api.attachments import JPEG, SHOWN
from service.api.fields import Id
from service.console import PATH, Associate
from service.context import ServiceDep

router = APIRouter(prefix=PATH, tags=["console"])


@router.get("/attachments/{attachment_id}", summary="A picture, as JPEG", response_class=Response, responses=SHOWN)
def attachment(attachment_id: Id, associate: Associate, service: ServiceDep) -> Response:
    return Response(service.album.for_associate(attachment_id), media_type=JPEG)
