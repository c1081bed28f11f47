"""``/v1/reports``: what the shop wants to know of itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from compensation.fairness import fairness
from integrations.codec import encode
from service.api.fields import Moment
from service.context import ServiceDep
from service.insight_views import fairness_view
from service.period import LONGEST
from service.problems import ProblemError
from service.security import scoped

USUAL = timedelta(days=30)

router = APIRouter(prefix="/v1/reports", tags=["reports"], dependencies=[Depends(scoped("reports:read"))])


@router.get("/fairness", summary="Offers and saves by group, and where they differ more than chance")
def fair(
    service: ServiceDep,
    since: Annotated[Moment | None, Query(description="30 days before `until` unless said otherwise")] = None,
    until: Annotated[Moment | None, Query(description="Now unless said otherwise")] = None,
) -> dict[str, Any]:
    end = until or service.shop.clock()
    begin = since or end - USUAL
    if not begin < end <= begin + LONGEST:
        raise ProblemError(422, "bad_period", f"`until` must be later than `since`, by at most {LONGEST.days} days.")
    with service.shop.store.transaction() as records:
        dealings = records.dealings.about_orders(begin, end)
    about = {"since": encode(begin), "until": encode(end), "synthetic": service.shop.settings.demo}
    return {**about, **fairness_view(fairness(dealings))}
