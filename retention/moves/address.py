"""Where the parcel goes: changed while the order system still allows it, after an explicit yes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from retention.change import ChangeKind
from retention.conversation import Expecting, Plan
from retention.hearing import EntityKind
from retention.order import Order
from retention.reply import PERSON, Button, Say
from retention.visit import Answer, Visit, plain, say
from retention.words import masked_phone

ADDRESS_PARTS = (
    EntityKind.PROVINCE,
    EntityKind.CITY,
    EntityKind.DISTRICT,
    EntityKind.DETAIL,
    EntityKind.RECEIVER,
    EntityKind.PHONE,
)


def change_address(visit: Visit, order: Order) -> Answer:
    """change_address, and every answer to the question for a new address."""
    if not visit.order_system.allows(order, ChangeKind.AMEND_ADDRESS, now=visit.now):
        key = "address_too_late" if order.shipped_at or order.delivered_at else "address_locked"
        return Answer(
            says=(Say(key=key, values={"title": order.title}, buttons=(PERSON,)),),
            memory=replace(visit.memory, expecting=None, options={}, plan=None),
            decision=plain("refused", key, "订单系统在当前阶段不允许改地址", order_no=order.order_no),
        )
    heard = {kind.value: value for kind in ADDRESS_PARTS if (value := visit.hearing.first(kind)) is not None}
    waiting = visit.memory.plan
    if waiting is not None and waiting.kind == ChangeKind.AMEND_ADDRESS.value and waiting.order_no == order.order_no:
        heard = {**waiting.change, **heard}
    missing = _missing(heard)
    memory = replace(visit.memory, goal="change_address", order_no=order.order_no)
    if missing:
        plan = Plan(kind=ChangeKind.AMEND_ADDRESS.value, order_no=order.order_no, change=heard) if heard else None
        return Answer(
            says=(say("ask_address" if not heard else "ask_address_rest", title=order.title, missing=missing),),
            memory=replace(memory, expecting=Expecting.ADDRESS, options={}, plan=plan),
            decision=plain("asked", "ask_address", order_no=order.order_no),
        )
    spoken = Say(
        key="confirm_address",
        values={"title": order.title, "new": described_address(order, heard)},
        buttons=(Button(title="确认修改", text="确认修改"), Button(title="不改了", text="不改了")),
    )
    plan = Plan(kind=ChangeKind.AMEND_ADDRESS.value, order_no=order.order_no, change=heard)
    return Answer(
        says=(spoken,),
        memory=replace(
            memory, expecting=Expecting.CONFIRM, plan=plan, options={"确认修改": "affirm", "不改了": "deny"}
        ),
        decision=plain("asked", "confirm_address", order_no=order.order_no),
    )


def _missing(heard: Mapping[str, str]) -> str:
    """What a changed address still lacks, in words; a new receiver or phone alone is whole.

    A new street without its town would be delivered to the old town, so the town is asked for.
    """
    place = {"province", "city", "district", "detail"} & heard.keys()
    if not heard:
        return "新的收货地址"
    if place and "detail" not in heard:
        return "街道和门牌号"
    if "detail" in heard and not {"city", "district", "province"} & heard.keys():
        return "所在的城市和区"
    return ""


def described_address(order: Order, change: Mapping[str, str]) -> str:
    """The address as it will be. A new city drops the old district; the phone is masked."""
    now = order.address
    moved = "city" in change or "province" in change
    province = change.get("province", "" if "city" in change else now.province)
    city = change.get("city", "" if "province" in change else now.city)
    district = change.get("district", "" if moved else now.district)
    place = f"{province}{city if city != province else ''}{district}{change.get('detail', now.detail)}"
    return f"{place}，{change.get('receiver', now.receiver)} {masked_phone(change.get('phone', now.phone))}"
