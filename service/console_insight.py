"""``/console/api/insight``: what the dashboard shows; for supervisors and administrators."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from compensation.fairness import fairness
from integrations.codec import encode
from service.api.fields import Moment
from service.console import PATH, Supervisor
from service.context import ServiceDep
from service.experiment_views import findings_view, setup_view
from service.glossary import DIMENSIONS, MEASURES
from service.insight_views import (
    budget_views,
    fairness_view,
    offer_views,
    refusal_count_view,
    refusal_titles,
    refusal_view,
)
from service.period import checked
from service.risk_views import model_view, watch_view

USUAL = timedelta(days=30)
EXAMPLES = 10

router = APIRouter(prefix=f"{PATH}/insight", tags=["console"])


def asked_period(
    service: ServiceDep,
    since: Annotated[Moment | None, Query(alias="from")] = None,
    until: Annotated[Moment | None, Query(alias="to")] = None,
) -> tuple[datetime, datetime]:
    """The last 30 days unless said otherwise."""
    end = until or service.shop.clock()
    return checked(since or end - USUAL, end)


Period = Annotated[tuple[datetime, datetime], Depends(asked_period)]


@router.get("/money", summary="Budgets now, and what was offered and taken in a time")
def money(lead: Supervisor, service: ServiceDep, period: Period) -> dict[str, Any]:
    with service.shop.store.transaction() as records:
        budgets = budget_views(records.ledger, service.shop.engine.budgets())
        offers = offer_views(records.dealings.given(*period))
    return {**_of(service, period), "budgets": budgets, "offers": offers}


@router.get("/refusals", summary="What the bot did not offer, by the rule that ruled it out")
def refusals(lead: Supervisor, service: ServiceDep, period: Period) -> dict[str, Any]:
    titles = refusal_titles(service.shop.guard, service.shop.catalog.deciding.rules)
    with service.shop.store.transaction() as records:
        counts = records.refusals.counted(*period)
        recent = records.refusals.recent(*period, limit=EXAMPLES)
    return {
        **_of(service, period),
        "counts": [refusal_count_view(count, titles) for count in counts],
        "recent": [refusal_view(refusal, titles) for refusal in recent],
    }


@router.get("/fairness", summary="Offers and saves by group, and where they differ more than chance")
def fair(lead: Supervisor, service: ServiceDep, period: Period) -> dict[str, Any]:
    with service.shop.store.transaction() as records:
        dealings = records.dealings.about_orders(*period)
    found = fairness_view(fairness(dealings))
    return {**_of(service, period), **found, "dimension_words": DIMENSIONS, "measure_words": MEASURES}


@router.get("/experiment", summary="What offers changed against the hold-out, and how the experiment is set up")
async def experiment(lead: Supervisor, service: ServiceDep) -> dict[str, Any]:
    """Of all decisions so far, whatever time the other panels are about: an order is settled weeks later."""
    shop = service.shop
    titles = {row.offer_id: row.title for row in shop.engine.rows}
    found = await service.findings.latest()
    return {**setup_view(shop, shop.clock()), **findings_view(found, titles)}


@router.get("/risk", summary="The live risk model: what it learnt from, and whether it still fits")
async def risk(lead: Supervisor, service: ServiceDep) -> dict[str, Any]:
    """Of the last weeks up to the last hour, whatever time the other panels are about: orders settle weeks later."""
    watched = await service.risk_watch.look()
    return {**model_view(service.shop.risk), **watch_view(watched), "synthetic": service.shop.settings.demo}


def _of(service: ServiceDep, period: tuple[datetime, datetime]) -> dict[str, Any]:
    """What the figures are about. Those of a demo shop are made up, and say so."""
    return {"from": encode(period[0]), "to": encode(period[1]), "synthetic": service.shop.settings.demo}
