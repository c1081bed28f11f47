"""Goods going back are fetched at the door: at an address and a time the shopper has said yes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from retention.change import ChangeKind
from retention.conversation import Expecting, Plan, PlanStep
from retention.hearing import EntityKind, Hearing
from retention.moves.address import ADDRESS_PARTS, described_address
from retention.order import Order, Stage
from retention.pick_up import Slot, meant, offered, slot_of
from retention.reply import PERSON, Button, Say
from retention.visit import Answer, Visit, plain, say
from retention.words import soon

SHOWN = 4
PICKED = "slot:"
MYSELF = Button(title="我自己寄", text="我自己寄")
YES = Button(title="确认取件", text="确认取件")
OTHER_TIME = Button(title="换个时间", text="换个时间")
RETURN = Button(title="退货退款", text="退货退款")
SWAP = Button(title="换一件", text="换一件")


def is_offered(order: Order) -> bool:
    return isinstance(order.attributes.get("pick_up"), Mapping)


def pick_up(visit: Visit, order: Order) -> Answer:
    """A wish for the courier, and every answer to the question when: a time is chosen, or the open ones are shown."""
    if not visit.order_system.allows(order, ChangeKind.PICK_UP, now=visit.now):
        key = "pick_up_none" if order.stage in (Stage.DELIVERED, Stage.AFTER_SALE) else "pick_up_not_yet"
        return Answer(
            says=(Say(key=key, values={"title": order.title}, buttons=(PERSON,)),),
            memory=replace(visit.memory, expecting=None, options={}),
            decision=plain("refused", key, "没有可约的上门取件", order_no=order.order_no),
        )
    if order.stage is Stage.DELIVERED and not order.attributes.get("after_sale"):
        return _what_for(visit, order)
    if visit.memory.options.get(visit.turn.text.strip()) == "post_it":
        return Answer(
            says=(say("pick_up_declined"),),
            memory=replace(visit.memory, expecting=None, options={}),
            decision=plain("kept", "pick_up_declined", order_no=order.order_no),
        )
    slots = slots_meant(visit, order)
    return (
        _confirm(visit, order, _step(visit.hearing, order, slots[0])) if len(slots) == 1 else ask(visit, order, slots)
    )


def _what_for(visit: Visit, order: Order) -> Answer:
    """Nothing goes back yet: is it a return or an exchange?"""
    return Answer(
        says=(Say(key="pick_up_what_for", values={"title": order.title}, buttons=(RETURN, SWAP)),),
        memory=replace(
            visit.memory,
            goal=None,
            expecting=Expecting.CLARIFY,
            options={RETURN.text: "request_refund", SWAP.text: "exchange_item"},
        ),
        decision=plain("asked", "pick_up_what_for", order_no=order.order_no),
    )


def slots_meant(visit: Visit, order: Order) -> tuple[Slot, ...]:
    """The one picked, or those that fit the time said; all of them when no time was said, none when none fits."""
    slots = offered(order, visit.now)
    picked = visit.memory.options.get(visit.turn.text.strip(), "")
    if picked.startswith(PICKED):
        chosen = slot_of(*picked.removeprefix(PICKED).split("/"))
        return (chosen,) if chosen in slots else ()
    return _fitting(visit.hearing, slots, visit)


def _fitting(hearing: Hearing, slots: tuple[Slot, ...], visit: Visit) -> tuple[Slot, ...]:
    said = hearing.first(EntityKind.SLOT)
    return meant(said, slots, visit.now) if said is not None else slots


def ask(visit: Visit, order: Order, fitting: tuple[Slot, ...]) -> Answer:
    shown = fitting or offered(order, visit.now)
    said = visit.hearing.first(EntityKind.SLOT) is not None
    buttons, options = _slot_buttons(visit, shown)
    key = "pick_up_full" if not shown else "pick_up_other_time" if said and not fitting else "ask_pick_up"
    return Answer(
        says=(Say(key=key, values={"address": described_address(order, {})}, buttons=buttons),),
        memory=replace(
            visit.memory,
            order_no=order.order_no,
            goal="pick_up",
            expecting=Expecting.PICK_UP,
            options=options,
            plan=None,
        ),
        decision=plain("asked", key, order_no=order.order_no),
    )


def _slot_buttons(visit: Visit, slots: tuple[Slot, ...]) -> tuple[tuple[Button, ...], dict[str, str]]:
    named = {_button(slot, visit): slot for slot in slots[:SHOWN]}
    options = {text: f"{PICKED}{slot.begin.isoformat()}/{slot.end.isoformat()}" for text, slot in named.items()}
    return (
        (*(Button(title=text, text=text) for text in named), MYSELF),
        {**options, MYSELF.text: "post_it"},
    )


def _button(slot: Slot, visit: Visit) -> str:
    return f"{soon(slot.begin, visit.now)} 到 {slot.words.rsplit('-', 1)[1]}"


def _confirm(visit: Visit, order: Order, step: PlanStep) -> Answer:
    return Answer(
        says=(Say(key="confirm_pick_up", values=step_words(order, step), buttons=(YES, OTHER_TIME)),),
        memory=replace(
            visit.memory,
            order_no=order.order_no,
            goal="pick_up",
            plan=Plan.of((step,)),
            expecting=Expecting.CONFIRM,
            options={YES.text: "affirm", OTHER_TIME.text: "pick_up"},
        ),
        decision=plain("asked", "confirm_pick_up", order_no=order.order_no),
    )


def said_at_once(visit: Visit, order: Order) -> PlanStep | None:
    """The pick-up that was asked for with the return or exchange, now or before, when its time is clear."""
    if not is_offered(order):
        return None
    asking = (hearing for hearing in reversed(visit.hearings) if _is_about_pick_up(hearing))
    hearing = next(asking, None)
    if hearing is None or hearing.first(EntityKind.SLOT) is None:
        return None
    slots = _fitting(hearing, offered(order, visit.now), visit)
    return _step(hearing, order, slots[0]) if len(slots) == 1 else None


def _is_about_pick_up(hearing: Hearing) -> bool:
    return any(entity.kind is EntityKind.FIX and entity.value == "pick_up" for entity in hearing.entities)


def _step(hearing: Hearing, order: Order, slot: Slot) -> PlanStep:
    elsewhere = {kind.value: value for kind in ADDRESS_PARTS if (value := hearing.first(kind)) is not None}
    whole = elsewhere if "detail" in elsewhere or not {"province", "city", "district"} & elsewhere.keys() else {}
    change = {"from": slot.begin.isoformat(), "until": slot.end.isoformat(), **whole}
    return PlanStep(kind=ChangeKind.PICK_UP.value, order_no=order.order_no, change=change)


def _where(order: Order, step: PlanStep) -> str:
    return described_address(
        order, {name: value for name, value in step.change.items() if name not in ("from", "until")}
    )


def step_words(order: Order, step: PlanStep) -> dict[str, str]:
    """``when`` and ``address`` of a planned pick-up, for the question that asks for the yes."""
    return {"when": slot_of(step.change["from"], step.change["until"]).words, "address": _where(order, step)}


def asked_after(visit: Visit, order: Order, answer: Answer, *, anew: bool = False) -> Answer:
    """What goes back is registered: when shall it be fetched? Asked once, and it may be left unanswered.

    ``anew``: the time that was said could not be had.
    """
    if not is_offered(order) or not offered(order, visit.now):
        return answer
    visit, said = replace(visit, memory=answer.memory), None if anew else said_at_once(visit, order)
    asked = ask(visit, order, offered(order, visit.now)) if said is None else _confirm(visit, order, said)
    return replace(answer, says=(*answer.says, *asked.says), memory=asked.memory)
