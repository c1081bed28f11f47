"""``/v1/experiments``: what offers changed, against the customers who got none."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from compensation.lift_report import By
from integrations.codec import encode
from service.api.fields import Moment
from service.context import ServiceDep
from service.experiments import lift_of
from service.security import scoped

router = APIRouter(prefix="/v1/experiments", tags=["experiments"], dependencies=[Depends(scoped("experiments:read"))])


@router.get(
    "/lift", summary="Kept with an offer against kept without, settled orders only; null where nothing is known"
)
def lift(
    service: ServiceDep, by: Annotated[By, Query()] = By.OFFER, since: Annotated[Moment | None, Query()] = None
) -> dict[str, Any]:
    found: dict[str, Any] = encode(lift_of(service.shop.store, by=by, since=since))
    return found
