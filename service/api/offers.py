"""``/v1/offers``: what would be offered for an order, and why not the rest."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field

from compensation.candidate import Candidate
from integrations.codec import encode
from retention.hearing import Reason
from service.api.fields import Body, Id
from service.cases import case_of
from service.context import ServiceDep
from service.security import scoped

router = APIRouter(prefix="/v1/offers", tags=["offers"])

ReasonField = Annotated[Reason, Field(strict=False)]


class QuoteBody(Body):
    order_no: Id
    reason: ReasonField | None = None


@router.post(
    "/quote",
    summary="Every offer that answers the reason: those that fit, best first, then those ruled out",
    dependencies=[Depends(scoped("offers:read"))],
)
def quote(body: QuoteBody, service: ServiceDep) -> dict[str, Any]:
    shop = service.shop
    with shop.store.transaction() as records:
        reasons = (body.reason,) if body.reason else ()
        case = case_of(shop, records, body.order_no, reasons=reasons, deciding=True)
    ranked = shop.guard.sift(case, shop.engine.quote(case, shop.rules.score(case)))
    return {
        "order_no": body.order_no,
        "offers": [_shown(candidate) for candidate in ranked],
        "catalog_version": shop.engine.version,
    }


def _shown(candidate: Candidate) -> dict[str, Any]:
    offer = candidate.offer
    shown = {
        "offer_id": candidate.offer_id,
        "kind": candidate.kind,
        "title": candidate.title,
        "fits": offer is not None,
        "rule": candidate.rule,
        "why": candidate.why,
    }
    if offer is None:
        return shown
    money = {name: getattr(offer, name) for name in ("value_fen", "cost_fen", "reserve_fen", "expected_gain_fen")}
    words = {"pitch": offer.pitch, "terms": encode(offer.terms), "expires_hours": offer.expires_hours}
    return {**shown, **money, **words, "learnt_from": candidate.learnt_from}
