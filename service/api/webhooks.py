"""``/v1/webhooks``: who wants to be told what happens here. docs/webhooks.md says what is sent."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Depends, Response
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from integrations.codec import encode
from integrations.courier import new_secret
from integrations.target import LONGEST_URL, TargetRefusedError, checked_url
from retention.audit import AuditEntry
from retention.errors import NotFoundError
from retention.notice import NoticeKind, Subscription
from retention.ports import Records
from service.api.fields import Body, Id
from service.context import Service, ServiceDep
from service.idempotency import Writing
from service.problems import ProblemError
from service.security import Caller, scoped

MOST = 50
READS = {
    NoticeKind.HANDOFF_OPENED: "handoffs:read",
    NoticeKind.HANDOFF_CLAIMED: "handoffs:read",
    NoticeKind.HANDOFF_CLOSED: "handoffs:read",
    NoticeKind.CONVERSATION_RATED: "conversations:read",
    NoticeKind.ORDER_CANCELLED: "orders:read",
    NoticeKind.GRANT_ISSUED: "grants:read",
    NoticeKind.ORDER_AT_RISK: "risk:read",
}
"""What a key must be allowed to read to be told of it."""

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])

WriteCaller = Annotated[Caller, Depends(scoped("webhooks:write"))]


class WebhookBody(Body):
    url: Annotated[str, Field(min_length=1, max_length=LONGEST_URL, description="https://, to a public address")]
    events: Annotated[list[Annotated[NoticeKind, Field(strict=False)]], Field(min_length=1, max_length=len(READS))]


@router.post("", summary="Subscribe; the secret is in this answer and nowhere else", status_code=201)
def post_webhook(body: WebhookBody, writing: Writing, caller: WriteCaller) -> Response:
    shop = writing.service.shop
    _check(body, caller, writing.service)
    subscription = Subscription(
        subscription_id=f"wh_{uuid4().hex}",
        url=body.url,
        kinds=tuple(dict.fromkeys(body.events)),
        secret=new_secret(),
        created_at=shop.clock(),
        created_by=caller.name,
    )

    def work(records: Records) -> tuple[int, Any]:
        if len(records.subscriptions.listed()) >= MOST:
            raise ProblemError(409, "too_many_webhooks", f"There are {MOST} webhooks already: remove one first.")
        records.subscriptions.put(subscription)
        _note(records, subscription, "webhook_added", caller, at=shop.clock())
        return 201, webhook_view(subscription)

    answer = writing.once(caller, work)
    if "idempotent-replayed" in answer.headers:
        return answer
    return JSONResponse({**webhook_view(subscription), "secret": subscription.secret}, 201)


@router.get("", summary="All subscriptions, without their secrets", dependencies=[Depends(scoped("webhooks:write"))])
def get_webhooks(service: ServiceDep) -> dict[str, Any]:
    with service.shop.store.transaction() as records:
        return {"webhooks": [webhook_view(one) for one in records.subscriptions.listed()]}


@router.delete("/{webhook_id}", summary="End a subscription and all that is on its way to it", status_code=204)
def delete_webhook(webhook_id: Id, service: ServiceDep, caller: WriteCaller) -> Response:
    with service.shop.store.transaction() as records:
        subscription = _found(records, webhook_id)
        records.subscriptions.remove(webhook_id)
        _note(records, subscription, "webhook_removed", caller, at=service.shop.clock())
    return Response(status_code=204)


@router.post(
    "/{webhook_id}/test",
    summary="Send a webhook.test now, once, and say how it went",
    dependencies=[Depends(scoped("webhooks:write"))],
)
async def test_webhook(webhook_id: Id, service: ServiceDep) -> dict[str, Any]:
    subscription = await run_in_threadpool(_find, service, webhook_id)
    outcome = await service.dispatching.try_out(subscription)
    return {
        "delivered": not outcome.problem,
        "status": outcome.status,
        "problem": outcome.problem,
        "ms": round(outcome.seconds * 1000),
    }


def webhook_view(subscription: Subscription) -> dict[str, Any]:
    return {
        "webhook_id": subscription.subscription_id,
        "url": subscription.url,
        "events": encode(subscription.kinds),
        "active": subscription.active,
        "created_at": encode(subscription.created_at),
    }


def _check(body: WebhookBody, caller: Caller, service: Service) -> None:
    try:
        checked_url(body.url, service.shop.settings.private_targets)
    except TargetRefusedError as refused:
        raise ProblemError(422, "target_refused", f"Nothing is sent to this URL: {refused}.") from refused
    for kind in body.events:
        scope = READS.get(kind)
        if scope is None:
            raise ProblemError(422, "no_such_event", f"{kind.value} cannot be subscribed to.")
        if scope not in caller.scopes:
            raise ProblemError(
                403, "missing_scope", f"The API key {caller.name!r} lacks the scope {scope}, which {kind.value} needs."
            )


def _find(service: Service, webhook_id: str) -> Subscription:
    with service.shop.store.transaction() as records:
        return _found(records, webhook_id)


def _found(records: Records, webhook_id: str) -> Subscription:
    subscription = records.subscriptions.find(webhook_id)
    if subscription is None:
        raise NotFoundError("webhook", webhook_id)
    return subscription


def _note(records: Records, subscription: Subscription, act: str, caller: Caller, *, at: datetime) -> None:
    records.audit.add(
        AuditEntry(
            at=at,
            actor=f"key:{caller.name}",
            act=act,
            subject=f"webhook:{subscription.subscription_id}",
            data={"events": encode(subscription.kinds)},  # not the URL: some carry a secret
        )
    )
