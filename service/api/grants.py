"""``/v1/grants``: a remedy given by an associate or a CRM, once."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field
from starlette.responses import Response

from integrations.codec import encode
from retention.errors import NotFoundError
from retention.granting import reverse
from retention.offer import Grant, NoOffer
from retention.ports import Records
from service.api.fields import Body, Id, Words
from service.api.offers import ReasonField
from service.context import ServiceDep
from service.granting import Wish, give
from service.idempotency import KeyedWriting
from service.problems import ProblemError
from service.security import Caller, scoped

router = APIRouter(prefix="/v1/grants", tags=["grants"])


class GrantBody(Body):
    order_no: Id
    reason: ReasonField
    offer_id: Id | None = None
    actor: Id | None = None


@router.post("", summary="Give a remedy, inside the same caps and budgets as the bot", status_code=201)
def post_grant(
    body: GrantBody, caller: Annotated[Caller, Depends(scoped("grants:write"))], writing: KeyedWriting
) -> Response:
    wish = Wish(
        write_id=f"{caller.owner}/{writing.key}",
        order_no=body.order_no,
        reasons=(body.reason,),
        offer_id=body.offer_id,
        actor=f"associate:{body.actor}" if body.actor else f"key:{caller.name}",
    )

    def work(records: Records) -> tuple[int, Any]:
        given = give(writing.service.shop, records, wish)
        if isinstance(given, NoOffer):
            raise ProblemError(409, f"no_offer_{given.rule}", f"No offer can be given: {given.why}")
        return 201, grant_view(given)

    return writing.once(caller, work)


class ReversalBody(Body):
    why: Annotated[Words, Field(min_length=1)]
    actor: Id | None = None


@router.post("/{grant_id}/reverse", summary="Take back what was given; a second time changes nothing")
def post_reversal(
    grant_id: Id, body: ReversalBody, caller: Annotated[Caller, Depends(scoped("grants:write"))], writing: KeyedWriting
) -> Response:
    actor = f"associate:{body.actor}" if body.actor else f"key:{caller.name}"

    def work(records: Records) -> tuple[int, Any]:
        grant, _ = reverse(records, grant_id, at=writing.service.shop.clock(), actor=actor, why=body.why)
        return 200, grant_view(grant)

    return writing.once(caller, work)


@router.get("/{grant_id}", summary="One row of the ledger", dependencies=[Depends(scoped("grants:read"))])
def get_grant(grant_id: Id, service: ServiceDep) -> dict[str, Any]:
    with service.shop.store.transaction() as records:
        grant = records.ledger.find(grant_id)
    if grant is None:
        raise NotFoundError("grant", grant_id)
    return grant_view(grant)


def grant_view(grant: Grant) -> dict[str, Any]:
    """Without the customer: answers of writes are kept, and a kept answer must name nobody."""
    view: dict[str, Any] = encode(grant)
    return {name: value for name, value in view.items() if name not in ("customer_id", "key")}
