"""``GET /v1/chat/orders``: what the signed-in shopper may mean by "my order"."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from typing_extensions import NotRequired, TypedDict

from language.normalise import to_traditional
from retention.errors import NotFoundError
from retention.order import Order
from service.context import Service, ServiceDep
from service.glossary import STAGES
from service.security import Talking

router = APIRouter(prefix="/v1/chat", tags=["chat"])


class OrderChoice(TypedDict):
    order_no: str
    title: str
    stage: str
    stage_words: str
    paid_fen: int
    image: NotRequired[str]


class OrderChoices(TypedDict):
    orders: list[OrderChoice]


@router.get("/orders", summary="The signed-in shopper's open orders, newest first")
async def orders(conversation_id: Talking, service: ServiceDep) -> OrderChoices:
    await service.limiter.read(conversation_id)
    return {"orders": await run_in_threadpool(_choices, service, conversation_id)}


def _choices(service: Service, conversation_id: str) -> list[OrderChoice]:
    with service.shop.store.transaction() as records:
        conversation = records.conversations.find(conversation_id)
        if conversation is None:
            raise NotFoundError("conversation", conversation_id)
        found = records.orders.of_customer(conversation.customer_id) if conversation.customer_id else ()
    return [_choice(order, traditional=conversation.traditional) for order in found if order.is_open]


def _choice(order: Order, *, traditional: bool) -> OrderChoice:
    words = STAGES[order.stage]
    choice: OrderChoice = {
        "order_no": order.order_no,
        "title": order.title,
        "stage": order.stage.value,
        "stage_words": to_traditional(words) if traditional else words,
        "paid_fen": order.paid_fen,
    }
    image = order.attributes.get("image")
    if isinstance(image, str) and image.startswith("https://"):
        choice["image"] = image
    return choice
