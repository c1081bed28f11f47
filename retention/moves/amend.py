"""Carrying out a change that the shopper has said yes to."""

from __future__ import annotations

from dataclasses import replace

from retention.audit import AuditEntry
from retention.change import ChangeKind, OrderChange
from retention.conversation import Plan
from retention.errors import ChangeRefusedError
from retention.order import Order
from retention.reply import PERSON, Say
from retention.visit import Answer, Visit, plain, say


def carry_out(visit: Visit, plan: Plan, order: Order) -> Answer:
    """The explicit yes has come: do what was planned."""
    kind = ChangeKind(plan.kind)
    change = OrderChange(
        change_id=f"{visit.turn.conversation_id}/{visit.turn.message_id}:{plan.kind}",
        order_no=order.order_no,
        kind=kind,
        change=plan.change,
        at=visit.now,
        actor="bot",
        conversation_id=visit.turn.conversation_id,
    )
    memory = replace(visit.memory, plan=None, expecting=None, options={}, goal=None)
    try:
        visit.order_system.perform(visit.records, change)
    except ChangeRefusedError:
        return Answer(
            says=(Say(key="change_refused", values={"title": order.title}, buttons=(PERSON,)),),
            memory=memory,
            decision=plain("refused", "change_refused", "订单状态刚刚变了，不能再改", order_no=order.order_no),
        )
    visit.records.audit.add(
        AuditEntry(
            at=visit.now, actor="bot", act=f"order_{DONE[kind]}", subject=f"order:{order.order_no}", why="顾客确认"
        )
    )
    return Answer(
        says=(say(DONE[kind], title=order.title, wanted=plan.change.get("variant", "同款")),),
        memory=memory,
        decision=replace(
            plain(DONE[kind], "shopper_confirmed", "顾客确认后改单", order_no=order.order_no),
            intervention="expedite" if kind is ChangeKind.EXPEDITE else "amend",
        ),
    )


DONE = {
    ChangeKind.AMEND_ADDRESS: "address_amended",
    ChangeKind.AMEND_VARIANT: "variant_amended",
    ChangeKind.EXPEDITE: "expedited",
    ChangeKind.EXCHANGE: "exchange_requested",
}
