"""Where is it, and why is it late: the facts first, then hurry it along, then a remedy when the order is in danger."""

from __future__ import annotations

import re
from dataclasses import replace

from retention.arrival import expected, when
from retention.change import ChangeKind
from retention.conversation import Expecting, Plan
from retention.event import latest
from retention.hearing import Reason
from retention.moves.offers import already_granted, existing_grant, present, put_on_table
from retention.offer import GIVEN, NoOffer
from retention.order import Order, Stage
from retention.reply import PERSON, Button, Say
from retention.risk import Intervention
from retention.visit import Answer, Judged, Visit, judge, plain
from retention.words import day, span

NOT_RECEIVED = re.compile(r"(没|未|冇)(有)?(收到|见着?|见到|拿到|签收?过)|谁签|不是我签|没人送|丢件|丢了")
HURRY = Button(title="帮我催一下", text="帮我催一下")


def track(visit: Visit, order: Order) -> Answer:
    """track_order: say where it is; offer to hurry a late one."""
    if is_missing(visit, order):
        return _missing(visit, order)
    return _facts(visit, order, judge(visit, order))


def delayed(visit: Visit, order: Order) -> Answer:
    """delivery_delay: for an order in danger the remedy comes with the facts, otherwise hurrying it is enough."""
    if is_missing(visit, order):
        return _missing(visit, order)
    reasons = tuple(dict.fromkeys((*(Reason(value) for value in visit.memory.reasons), Reason.LOGISTICS)))
    visit = visit.remembering(reasons=tuple(reason.value for reason in reasons))
    judged = judge(visit, order, reasons=reasons)
    promised = existing_grant(visit, order, (Reason.LOGISTICS,))
    if promised is not None:
        if promised.state in GIVEN:
            told = already_granted(visit, promised)
            return replace(told, says=(state_of(visit, order), *told.says))
        return present(visit, judged, promised, first=visit.memory.grant_id != promised.grant_id)
    if judged.choice.intervention is Intervention.HANDOFF:
        return Answer(says=(), memory=visit.memory, decision=judged.decision("handed_off"), person=judged.choice.rule)
    if judged.choice.intervention is Intervention.COMPENSATE and order.stage is not Stage.DELIVERED:
        offered = put_on_table(visit, judged)
        if not isinstance(offered, NoOffer):
            return replace(offered, says=(state_of(visit, order), *offered.says))
    return _facts(visit, order, judged)


def is_missing(visit: Visit, order: Order) -> bool:
    """Signed for, and the shopper says that it never came."""
    return order.stage is Stage.DELIVERED and NOT_RECEIVED.search(visit.turn.text) is not None


def _missing(visit: Visit, order: Order) -> Answer:
    return Answer(
        says=(),
        memory=replace(visit.memory, order_no=order.order_no),
        decision=plain("handed_off", "not_received", "显示签收，顾客没有收到", order_no=order.order_no),
        person="not_received",
    )


def _facts(visit: Visit, order: Order, judged: Judged) -> Answer:
    spoken = state_of(visit, order)
    memory = replace(visit.memory, order_no=order.order_no, expecting=None, options={})
    can_hurry = not order.attributes.get("expedited") and visit.order_system.allows(
        order, ChangeKind.EXPEDITE, now=visit.now
    )
    impatient = visit.memory.goal == "delivery_delay" or Reason.LOGISTICS.value in visit.memory.reasons
    if visit.memory.expecting is not Expecting.OFFER and can_hurry and (impatient or order.late_hours(visit.now) > 0):
        spoken = replace(spoken, buttons=(HURRY,))
        memory = replace(
            memory,
            expecting=Expecting.CONFIRM,
            options={HURRY.text: "affirm"},
            plan=Plan(kind=ChangeKind.EXPEDITE.value, order_no=order.order_no, change={"upgrade_carrier": "no"}),
        )
        spoken = replace(spoken, key=f"{spoken.key}_hurry")
    return Answer(says=(spoken,), memory=memory, decision=judged.decision("informed", rule="delivery_facts"))


def state_of(visit: Visit, order: Order) -> Say:
    """What is known of the parcel, and no more than that: no arrival time the data do not carry."""
    late = order.late_hours(visit.now)
    events = visit.events(order)
    scanned = latest(events, "fulfilment.scanned")
    place = scanned.text("place") if scanned else str(order.attributes.get("location") or "")
    values = {"title": order.title, "late": span(late), "place": place}
    values["when"] = when(expected(order, events, visit.now), order, visit.now)
    values["carrier"] = str(order.attributes.get("carrier") or "快递")
    if order.promised_delivery_at is not None:
        values["promised"] = day(order.promised_delivery_at)
    if order.promised_ship_at is not None:
        values["ship_by"] = day(order.promised_ship_at)
    if order.delivered_at is not None:
        values["delivered"] = day(order.delivered_at)
    return Say(key=_state_key(order, late=late > 0, placed=bool(place)), values=values)


def _state_key(order: Order, *, late: bool, placed: bool) -> str:
    if order.stage is Stage.PENDING_PAYMENT:
        return "track_unpaid"
    if order.stage is Stage.PENDING_SHIPMENT:
        if late:
            return "track_unshipped_late"
        return "track_unshipped" if order.promised_ship_at is not None else "track_unshipped_undated"
    if order.stage is Stage.OUT_FOR_DELIVERY:
        return "track_out_for_delivery"
    if order.stage is Stage.IN_TRANSIT:
        where = "track_moving" if placed else "track_moving_unplaced"
        if late:
            return f"{where}_late"
        return where if order.promised_delivery_at is not None else f"{where}_undated"
    if order.delivered_at is not None and order.stage is Stage.DELIVERED:
        return "track_delivered"
    return f"track_{order.stage.value}"


def refund_status(visit: Visit, order: Order) -> Answer:
    """refund_status: only what the order's stage says."""
    key = {
        Stage.AFTER_SALE: "refund_in_progress",
        Stage.CANCELLED: "refund_cancelled",
        Stage.CLOSED: "refund_closed",
    }.get(order.stage, "refund_none")
    return Answer(
        says=(Say(key=key, values={"title": order.title}, buttons=(PERSON,)),),
        memory=replace(visit.memory, order_no=order.order_no, expecting=None, options={}),
        decision=plain("informed", key, order_no=order.order_no),
    )
