"""The demo shop's door: pick a made-up shopper and be signed in as them. Not there unless the demo is on."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from integrations.codec import encode
from retention.order import Order
from retention.ports import Records
from service.api.fields import Body, Id
from service.context import ServiceDep
from service.glossary import STAGES
from service.problems import ProblemError
from twin.demo import SHOPPERS, DemoShopper

router = APIRouter(prefix="/demo", tags=["demo"])


class SignInBody(Body):
    customer_id: Id


@router.get("/shoppers", summary="The demo shop's shoppers and their open orders; all of it is made up")
def shoppers(service: ServiceDep) -> dict[str, Any]:
    with service.shop.store.transaction() as records:
        return {"shoppers": [_shown(records, shopper) for shopper in SHOPPERS]}


@router.post("/sign-in", summary="What a shop's backend does: sign a token that says who the shopper is")
def sign_in(body: SignInBody, service: ServiceDep) -> dict[str, str]:
    if all(shopper.customer_id != body.customer_id for shopper in SHOPPERS):
        raise ProblemError(404, "no_such_shopper", "演示店铺里没有这位顾客。")
    return {"customer_token": service.tokens.customer(body.customer_id)}


def _shown(records: Records, shopper: DemoShopper) -> dict[str, Any]:
    orders = records.orders.of_customer(shopper.customer_id)
    return {
        "customer_id": shopper.customer_id,
        "name": shopper.name,
        "story": shopper.story,
        "open_orders": [_order(order) for order in orders if order.is_open],
    }


def _order(order: Order) -> dict[str, Any]:
    return {
        "order_no": order.order_no,
        "title": order.title,
        "stage": order.stage.value,
        "stage_words": STAGES[order.stage],
        "paid_fen": order.paid_fen,
        "placed_at": encode(order.placed_at),
        "promised_delivery_at": encode(order.promised_delivery_at),
    }
