"""``/v1/risk``: how likely an order is to be lost, and why."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends

from integrations.codec import encode
from service.api.fields import Body, Id
from service.cases import case_of
from service.context import ServiceDep
from service.security import scoped

router = APIRouter(prefix="/v1/risk", tags=["risk"])


class ScoreBody(Body):
    order_no: Id


@router.post("/score", summary="Score an order", dependencies=[Depends(scoped("risk:read"))])
def score(body: ScoreBody, service: ServiceDep) -> dict[str, Any]:
    shop = service.shop
    with shop.store.transaction() as records:
        case = case_of(shop, records, body.order_no)
    found = shop.rules.score(case)
    choice = shop.rules.choose(case, found)
    with shop.store.transaction() as records:
        shop.rules.note_score(records, case, found, choice)
    return {
        "order_no": body.order_no,
        "probability": found.probability,
        "band": choice.band.value,
        "threshold": choice.threshold,
        "intercept": choice.intercept,
        "intervention": choice.intervention.value,
        "rule": choice.rule,
        "why": choice.why,
        "reasons": encode(found.reasons),
        "similar": encode(found.similar),
        "model_version": found.model_version,
        "rule_version": choice.version,
    }
