"""Carrying out a plan that the shopper has said yes to: all of it, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from retention import saga
from retention.audit import AuditEntry
from retention.change import ChangeKind, OrderChange
from retention.conversation import Memory, Plan
from retention.moves import part, pick_up
from retention.moves.done import DONE, main_kind, tells
from retention.moves.offers import withdraw_all
from retention.moves.part import PARTS
from retention.order import Order
from retention.reply import PERSON, Say
from retention.saga import Carried
from retention.visit import Answer, Visit, plain
from retention.words import CHANGE_WORDS


def carry_out(visit: Visit, plan: Plan, order: Order) -> Answer:
    """The explicit yes has come: do what was planned."""
    takes_part = any(step.kind in PARTS for step in plan.steps)
    if takes_part and part.is_paid_for(visit, order):  # in another conversation, since the question was asked
        return part.after_grant(visit, order)
    steps = _changes(visit, plan)
    memory = replace(visit.memory, plan=None, expecting=None, options={}, goal=None, sku=None)
    carried = saga.carry_out(visit.records, visit.order_system, steps)
    if carried.refused is not None:
        return _refused(visit, order, carried.refused, carried, memory)
    _audit(visit, steps)
    if takes_part:
        withdraw_all(visit, order.order_no)
    kind = main_kind(steps)
    answer = Answer(
        says=tells(order, steps, picks_up=pick_up.is_offered(order)),
        memory=memory,
        decision=replace(
            plain(DONE[kind], "shopper_confirmed", "顾客确认后改单", order_no=order.order_no),
            intervention="expedite" if kind is ChangeKind.EXPEDITE else "amend",
        ),
    )
    return pick_up.asked_after(visit, order, answer) if _leaves_goods_at_home(steps) else answer


def _changes(visit: Visit, plan: Plan) -> Sequence[OrderChange]:
    """The first is named after its kind, as a plan of one step always was; the rest by their place too."""
    turn = f"{visit.turn.conversation_id}/{visit.turn.message_id}"
    return [
        OrderChange(
            change_id=f"{turn}:{step.kind}" + (f":{place}" if place else ""),
            order_no=step.order_no,
            kind=ChangeKind(step.kind),
            change=step.change,
            at=visit.now,
            actor="bot",
            conversation_id=visit.turn.conversation_id,
        )
        for place, step in enumerate(plan.steps)
    ]


def _leaves_goods_at_home(steps: Sequence[OrderChange]) -> bool:
    """Goods go back, and nobody has said yet when they are fetched."""
    kinds = {step.kind for step in steps}
    return bool(kinds & {ChangeKind.EXCHANGE, ChangeKind.REFUND_LINE}) and ChangeKind.PICK_UP not in kinds


def _refused(visit: Visit, order: Order, step: OrderChange, carried: Carried, memory: Memory) -> Answer:
    """The truth: nothing changed, what was taken back again, or what is left half done for a person."""
    why = f"订单系统没有接受「{CHANGE_WORDS[step.kind]}」"
    if carried.stuck:
        _audit(visit, carried.stuck)
        half = "、".join(CHANGE_WORDS[each.kind] for each in carried.stuck)
        return Answer(
            says=(Say(key="plan_half_done", values={"title": order.title, "step": CHANGE_WORDS[step.kind]}),),
            memory=memory,
            decision=plain("handed_off", "half_done", f"{why}，「{half}」没能撤回", order_no=order.order_no),
            person="half_done",
        )
    alone = step.change_id.endswith(f":{step.kind.value}")
    spoken = Say(
        key="change_refused" if alone else "plan_undone",
        values={"title": order.title, "step": CHANGE_WORDS[step.kind]},
        buttons=(PERSON,),
    )
    return Answer(
        says=(spoken,),
        memory=memory,
        decision=plain("refused", spoken.key, f"{why}，前面的步骤已撤回，订单没有变化", order_no=order.order_no),
    )


def _audit(visit: Visit, steps: Sequence[OrderChange]) -> None:
    for step in steps:
        visit.records.audit.add(
            AuditEntry(
                at=visit.now,
                actor="bot",
                act=f"order_{DONE[step.kind]}",
                subject=f"order:{step.order_no}",
                why="顾客确认",
            )
        )
