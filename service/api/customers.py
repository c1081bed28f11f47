"""``/v1/customers``: what the shop's CRM sends, and erasure."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field
from starlette.responses import Response

from retention.audit import AuditEntry
from retention.customer import Customer
from retention.ports import Records
from service.api.fields import Attributes, Body, Count, Fen, Id, Words
from service.idempotency import Writing
from service.problems import ProblemError
from service.security import Caller, scoped

router = APIRouter(prefix="/v1/customers", tags=["customers"])


REFUSALS = ("opted_out", "no_outreach")


class CustomerBody(Body):
    customer_id: Id
    name: Words = ""
    tier: Annotated[str, Field(min_length=1, max_length=32, pattern=r"^[^\x00-\x1f\x7f]*$")] = "regular"
    rfm: Annotated[float, Field(ge=0, le=100, strict=False)] = 50.0
    lifetime_orders: Count = 0
    lifetime_spend_fen: Fen = 0
    cancelled_orders: Count = 0
    returned_orders: Count = 0
    opted_out: Annotated[bool | None, Field(description="Left out: as the customer said in a conversation")] = None
    no_outreach: Annotated[
        bool | None, Field(description="Not to be written to unasked. Left out: as the customer said in a conversation")
    ] = None
    attributes: Attributes = Field(default_factory=dict)

    def to_customer(self, known: Customer | None) -> Customer:
        """What a customer has refused in a conversation stays refused until the shop says otherwise."""
        fields = {name: getattr(self, name) for name in type(self).model_fields if name not in REFUSALS}
        said = {name: known is not None and bool(getattr(known, name)) for name in REFUSALS}
        told = {name: getattr(self, name) for name in REFUSALS if getattr(self, name) is not None}
        return Customer(**fields, **{**said, **told})


@router.put("/{customer_id}", summary="Send a customer as the CRM knows them now")
def put_customer(
    customer_id: Id,
    body: CustomerBody,
    writing: Writing,
    caller: Annotated[Caller, Depends(scoped("customers:write"))],
) -> Response:
    if body.customer_id != customer_id:
        detail = f"The address says {customer_id}, the body says {body.customer_id}: send the same id."
        raise ProblemError(422, "customer_id_differs", detail)

    def work(records: Records) -> tuple[int, Any]:
        records.customers.put(body.to_customer(records.customers.find(customer_id)))
        return 200, {"customer_id": customer_id}

    return writing.once(caller, work)


@router.delete("/{customer_id}", summary="Erase everything that identifies this customer, everywhere")
def erase_customer(
    customer_id: Id, writing: Writing, caller: Annotated[Caller, Depends(scoped("customers:erase"))]
) -> Response:
    now = writing.service.shop.clock()

    def work(records: Records) -> tuple[int, Any]:
        rows = dict(records.erase_customer(customer_id, at=now))
        # The entry proves the erasure to whoever knows the id, and names nobody to anybody else.
        subject = f"customer:{hashlib.sha256(customer_id.encode()).hexdigest()[:16]}"
        records.audit.add(
            AuditEntry(at=now, actor=f"key:{caller.name}", act="customer_erased", subject=subject, data={"rows": rows})
        )
        return 200, {"erased": rows}

    answer = writing.once(caller, work)
    writing.service.album.clear()
    return answer
