"""``/v1/profiles``: what conversations left behind, for a CRM to pull."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from integrations.codec import encode
from service.api.fields import Id, Moment
from service.context import ServiceDep
from service.security import scoped

router = APIRouter(prefix="/v1/profiles", tags=["profiles"], dependencies=[Depends(scoped("profiles:read"))])


@router.get("/{customer_id}", summary="The conversation profiles of a customer, newest first")
def of_customer(customer_id: Id, service: ServiceDep) -> dict[str, Any]:
    with service.shop.store.transaction() as records:
        profiles = records.profiles.of_customer(customer_id)
    return {"customer_id": customer_id, "profiles": encode(tuple(profiles))}


@router.get("", summary="Profiles changed since a moment, oldest change first; follow ``next`` until it is null")
def updated_after(
    service: ServiceDep,
    updated_after: Annotated[Moment, Query()],
    cursor: Annotated[Id | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> dict[str, Any]:
    with service.shop.store.transaction() as records:
        profiles = records.profiles.updated_after(updated_after, cursor=cursor, limit=limit)
    last = profiles[-1] if len(profiles) == limit else None
    following = {"updated_after": encode(last.updated_at), "cursor": last.conversation_id} if last else None
    return {"profiles": encode(tuple(profiles)), "next": following}
