"""``/v1/channels``: what WeChat and WeCom call, and where a shop says who its contacts there are."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from integrations.channels.accounts import WECHAT
from integrations.channels.channel import Query as Address
from integrations.channels.wecom import ANNOUNCED
from retention.contact import Delivery
from retention.customer import Customer
from retention.inbound import InboundKind
from retention.ports import Records
from service.api.fields import Body, Id
from service.context import ServiceDep
from service.fetching import HAPPENED
from service.idempotency import Writing
from service.security import Caller, scoped

DONE = "success"
XML = "application/xml"

router = APIRouter(prefix="/v1/channels", tags=["channels"])

AppId = Annotated[str, Path(max_length=64, description="As listed in channels.yml")]
Text = Annotated[str, Query(max_length=512)]


class ContactBody(Body):
    customer_id: Id


def address(
    signature: Text = "", msg_signature: Text = "", timestamp: Text = "", nonce: Text = "", echostr: Text = ""
) -> Address:
    return Address(signature=signature, msg_signature=msg_signature, timestamp=timestamp, nonce=nonce, echostr=echostr)


Signed = Annotated[Address, Depends(address)]
PLAIN: dict[int | str, dict[str, Any]] = {200: {"content": {"text/plain": {}}}}
DIRECT: dict[int | str, dict[str, Any]] = {200: {"content": {"text/plain": {}, XML: {}}}}


@router.get("/wechat/{app_id}", summary="WeChat checks this address", response_class=Response, responses=PLAIN)
async def verify_wechat(app_id: AppId, query: Signed, service: ServiceDep) -> Response:
    channel = service.channels.find_wechat(app_id)
    return _text(service.door.echo(channel, query, service.shop.clock()))


@router.get("/wecom/{app_id}", summary="WeCom checks this address", response_class=Response, responses=PLAIN)
async def verify_wecom(app_id: AppId, query: Signed, service: ServiceDep) -> Response:
    channel = service.channels.find_wecom(app_id)
    return _text(service.door.echo(channel, query, service.shop.clock()))


@router.post("/wechat/{app_id}", summary="WeChat delivers", response_class=Response, responses=DIRECT)
async def push_wechat(app_id: AppId, query: Signed, request: Request, service: ServiceDep) -> Response:
    channel, now = service.channels.find_wechat(app_id), service.shop.clock()
    values = service.door.open(channel, query, await request.body(), now)
    inbound = service.door.read(channel, lambda: channel.inbound(values))

    def admitted() -> Delivery | None:
        with service.shop.store.transaction() as records:
            service.door.once(records, channel, query, inbound.delivery_id, now)
            if inbound.kind in HAPPENED or inbound.kind is InboundKind.NOTED:
                return None
            held = timedelta(seconds=channel.account.wait_seconds)
            return service.receiving.admitted(records, channel, inbound, held=held)

    delivery = await run_in_threadpool(admitted)
    if delivery is None:
        await service.servicing.happened(channel, inbound)
        return _text(DONE)
    answer = await service.receiving.answered(channel, delivery, inbound, query)
    return _text(DONE) if answer is None else Response(answer, media_type=XML)


@router.post("/wecom/{app_id}", summary="WeCom announces messages", response_class=Response, responses=PLAIN)
async def push_wecom(app_id: AppId, query: Signed, request: Request, service: ServiceDep) -> Response:
    channel, now = service.channels.find_wecom(app_id), service.shop.clock()
    values = service.door.open(channel, query, await request.body(), now)
    what = service.door.read(channel, lambda: channel.identify(values))
    desk, token = values.get("OpenKfId", ""), values.get("Token", "")
    is_announcement = values.get("Event") == ANNOUNCED

    def announced() -> None:
        with service.shop.store.transaction() as records:
            service.door.once(records, channel, query, what, now)
            if is_announcement:
                service.fetching.announced(records, channel, desk, token)

    await run_in_threadpool(announced)
    if is_announcement:
        await asyncio.wait([service.fetching.start(channel, desk)], timeout=channel.account.wait_seconds)
    return _text(DONE)


@router.put("/{kind}/{app_id}/contacts/{external_id}", summary="Say which customer a person on the platform is")
def vouch(
    kind: Literal["wechat", "wecom"],
    app_id: AppId,
    external_id: Id,
    body: ContactBody,
    writing: Writing,
    caller: Annotated[Caller, Depends(scoped("customers:write"))],
) -> Response:
    channels = writing.service.channels
    channel = channels.find_wechat(app_id) if kind == WECHAT else channels.find_wecom(app_id)

    def work(records: Records) -> tuple[int, Any]:
        if records.customers.find(body.customer_id) is None:
            records.customers.put(Customer(customer_id=body.customer_id))  # the shop vouches; the CRM comes later
        records.contacts.vouch(kind, channel.account.app_id, external_id, body.customer_id)
        return 200, {"external_id": external_id, "customer_id": body.customer_id}

    return writing.once(caller, work)


def _text(text: str) -> Response:
    return Response(text, media_type="text/plain")
