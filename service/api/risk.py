"""``/v1/risk``: how likely orders are to be lost, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from integrations.codec import encode
from retention.case import Case
from retention.errors import NotFoundError
from retention.risk import Choice, Score
from service.api.fields import Body, Id
from service.cases import cases_of
from service.context import Service, ServiceDep
from service.problems import of_retention
from service.security import Caller, scoped

MOST_ORDERS = 1000
AT_ONCE = 100
"""Orders read in one transaction, so that shoppers' messages get in between; and what counts as one request."""

router = APIRouter(prefix="/v1/risk", tags=["risk"])

Reader = Annotated[Caller, Depends(scoped("risk:read"))]


class ScoreBody(Body):
    order_no: Id


class ScoresBody(Body):
    order_nos: Annotated[list[Id], Field(min_length=1, max_length=MOST_ORDERS)]
    reasons: Annotated[
        bool, Field(description="With reasons and similar orders, which make the answer many times longer")
    ] = False


@router.post("/score", summary="Score an order", dependencies=[Depends(scoped("risk:read"))])
def score(body: ScoreBody, service: ServiceDep) -> dict[str, Any]:
    found = _scored(service, [body.order_no], noting=True).get(body.order_no)
    if found is None:
        raise NotFoundError("order", body.order_no)
    return {"order_no": body.order_no, **_figures(*found), **_reasons(found[0]), **_versions(*found)}


@router.post("/scores", summary="Score up to a thousand orders; the results are in the order asked for")
async def scores(body: ScoresBody, service: ServiceDep, caller: Reader) -> dict[str, Any]:
    """An order nobody has sent has a ``problem`` in its place. Every further hundred orders count as a request."""
    if further := (len(body.order_nos) - 1) // AT_ONCE:
        await service.limiter.call(caller.owner, calls=further)
    return await run_in_threadpool(_results, service, body)


def _results(service: Service, body: ScoresBody) -> dict[str, Any]:
    asked = list(dict.fromkeys(body.order_nos))
    found: dict[str, tuple[Score, Choice]] = {}
    for start in range(0, len(asked), AT_ONCE):
        found |= _scored(service, asked[start : start + AT_ONCE])
    return {"results": [_result(order_no, found.get(order_no), body.reasons) for order_no in body.order_nos]}


def _result(order_no: str, found: tuple[Score, Choice] | None, reasons: bool) -> dict[str, Any]:
    if found is None:
        return {"order_no": order_no, "problem": of_retention(NotFoundError("order", order_no), "/v1/risk").body()}
    return {"order_no": order_no, **_figures(*found), **(_reasons(found[0]) if reasons else {}), **_versions(*found)}


def _scored(service: Service, order_nos: Sequence[str], *, noting: bool = False) -> Mapping[str, tuple[Score, Choice]]:
    """``noting``: the scores count for drift and calibration; a sweep over all orders would drown what was asked for."""
    shop = service.shop
    with shop.store.transaction() as records:
        cases: Sequence[Case] = list(cases_of(shop, records, order_nos).values())
    found = {
        case.order.order_no: (score, shop.rules.choose(case, score))
        for case, score in zip(cases, shop.risk.score_many(cases), strict=True)
    }
    if noting:
        with shop.store.transaction() as records:
            for case in cases:
                shop.rules.note_score(records, case, *found[case.order.order_no])
    for _, choice in found.values():
        service.metrics.scores.labels(choice.band.value).inc()
    return found


def _figures(score: Score, choice: Choice) -> dict[str, Any]:
    return {
        "probability": score.probability,
        "interval": score.interval,
        "band": choice.band.value,
        "threshold": choice.threshold,
        "intercept": choice.intercept,
        "intervention": choice.intervention.value,
        "scenario": choice.scenario,
        "rule": choice.rule,
        "why": choice.why,
    }


def _reasons(score: Score) -> dict[str, Any]:
    return {"reasons": encode(score.reasons), "similar": encode(score.similar)}


def _versions(score: Score, choice: Choice) -> dict[str, Any]:
    return {"model_version": score.model_version, "rule_version": choice.version}
