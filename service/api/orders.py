"""``/v1/orders``: what the shop's order system sends and may read back."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field
from starlette.responses import Response

from integrations.codec import encode
from integrations.oms import as_promised
from retention.errors import NotFoundError
from retention.order import Address, Line, Order, Stage
from retention.ports import Records
from service.api.fields import Attributes, Body, Fen, Id, LongWords, Moment, Words
from service.context import ServiceDep
from service.idempotency import Writing
from service.problems import ProblemError
from service.rescoring import mark_order
from service.security import Caller, scoped

router = APIRouter(prefix="/v1/orders", tags=["orders"])


class LineBody(Body):
    sku: Id
    title: Words
    category: Words
    qty: Annotated[int, Field(ge=1, le=10_000)]
    unit_price_fen: Fen
    unit_cost_fen: Fen


class AddressBody(Body):
    province: Words
    city: Words
    district: Words
    detail: LongWords
    receiver: Words
    phone: Annotated[str, Field(max_length=32, pattern=r"^[0-9+*转 -]*$", description="May be masked")]


class OrderBody(Body):
    order_no: Id
    customer_id: Id
    stage: Annotated[Stage, Field(strict=False)]
    placed_at: Moment
    paid_at: Moment | None = None
    promised_ship_at: Moment | None = None
    promised_delivery_at: Moment | None = None
    shipped_at: Moment | None = None
    delivered_at: Moment | None = None
    paid_fen: Fen
    shipping_fen: Fen
    lines: Annotated[list[LineBody], Field(min_length=1, max_length=100)]
    address: AddressBody
    promotion_id: Id | None = None
    channel: Words | None = None
    attributes: Attributes = Field(default_factory=dict)

    def to_order(self) -> Order:
        return Order(
            **{name: getattr(self, name) for name in type(self).model_fields if name not in ("lines", "address")},
            lines=tuple(Line(**line.model_dump()) for line in self.lines),
            address=Address(**self.address.model_dump()),
        )


@router.put("/{order_no}", summary="Send an order as it stands now")
def put_order(
    order_no: Id,
    body: OrderBody,
    writing: Writing,
    caller: Annotated[Caller, Depends(scoped("orders:write"))],
) -> Response:
    if body.order_no != order_no:
        raise ProblemError(
            422,
            "order_no_differs",
            f"The address says {order_no}, the body says {body.order_no}: send the same number.",
        )

    def work(records: Records) -> tuple[int, Any]:
        order = as_promised(body.to_order(), records.orders.changes(order_no))
        records.orders.put(order)
        shop = writing.service.shop
        mark_order(records, order, now=shop.clock(), debounce=shop.outreach.debounce)
        return 200, {"order_no": order_no, "stage": order.stage.value}

    return writing.once(caller, work)


@router.get(
    "/{order_no}",
    summary="An order with the changes made and the grants given in conversations",
    dependencies=[Depends(scoped("orders:read"))],
)
def get_order(order_no: Id, service: ServiceDep) -> dict[str, Any]:
    with service.shop.store.transaction() as records:
        order = records.orders.find(order_no)
        if order is None:
            raise NotFoundError("order", order_no)
        changes, grants = records.orders.changes(order_no), records.ledger.of_order(order_no)
    return {**encode(order), "changes": encode(tuple(changes)), "grants": encode(tuple(grants))}
