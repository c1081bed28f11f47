"""From what was heard to the move: short answers mean what the last question makes them mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from retention.change import ChangeKind
from retention.conversation import Expecting, Plan
from retention.hearing import EntityKind, Reason
from retention.meaning import asks_for_person, meaning, open_offer
from retention.moves import (
    address,
    amend,
    call_back,
    delivery,
    explain,
    focus,
    goods,
    leave,
    lines,
    offers,
    parcels,
    part,
    pick_up,
    price,
    size,
    talk,
    variant,
)
from retention.moves.offers import LEAVING
from retention.moves.person import URGENT
from retention.order import UNSHIPPED, Order
from retention.shelf import sold_out
from retention.visit import Answer, Visit, plain, say

OrderMove = Callable[[Visit, Order], Answer]
TalkMove = Callable[[Visit], Answer]


def _stock(visit: Visit, order: Order) -> Answer:
    """A parcel on its way is past any question of stock."""
    return goods.stock(visit, order) if order.stage in UNSHIPPED else delivery.track(visit, order)


def _track(visit: Visit, order: Order) -> Answer:
    return goods.stock(visit, order) if _is_sold_out(visit, order) else delivery.track(visit, order)


def _delayed(visit: Visit, order: Order) -> Answer:
    return goods.stock(visit, order) if _is_sold_out(visit, order) else delivery.delayed(visit, order)


def _is_sold_out(visit: Visit, order: Order) -> bool:
    """What cannot be sent because it is sold out is a question of stock, whatever was promised."""
    return order.stage in UNSHIPPED and bool(sold_out(visit.events(order), order))


def _or_part(move: OrderMove) -> OrderMove:
    """Who names some goods of an order wants rid of those, not of the order: 豆浆机不要了，其它照发."""

    def with_part(visit: Visit, order: Order) -> Answer:
        meant = part.part_meant(order, visit.turn.text)
        return move(visit, order) if meant is None else part.leave_part(visit, order, meant)

    return with_part


ABOUT_ORDER: Mapping[str, OrderMove] = {
    "cancel_order": _or_part(leave.leave),
    "request_refund": _or_part(leave.leave),
    "leave_now": _or_part(leave.leave_now),
    "let_go": _or_part(leave.let_go),
    "decline_offer": leave.decline,
    "keep_order": _or_part(leave.keep),
    "track_order": _track,
    "delivery_delay": _delayed,
    "refund_status": delivery.refund_status,
    "price_drop": price.price_drop,
    "ask_discount": price.discount,
    "wrong_choice": variant.change_variant,
    "exchange_item": variant.exchange,
    "change_address": address.change_address,
    "stock_question": _stock,
    "quality_doubt": goods.quality_doubt,
    "product_defect": goods.product_defect,
    "changed_mind": _or_part(goods.changed_mind),
    "payment_problem": goods.payment,
    "service_complaint": goods.complaint,
    "inform_order": talk.named_order,
    "advise_size": size.size_advice,
    "ship_apart": parcels.ship_apart,
    "part_of_order": part.some_of_it,
    "pick_up": pick_up.pick_up,
    "post_it": pick_up.pick_up,
    "substitute": goods.substitute,
}
ABOUT_SHOP: Mapping[str, TalkMove] = {
    "accept_offer": offers.accept,
    "ask_why": explain.why,
    "ask_policy": talk.policy,
    "ask_invoice": talk.policy,
    "opt_out": talk.opt_out,
    "call_back": call_back.ask,
    "merge_orders": parcels.merge,
}
SMALL_TALK = frozenset({"greet", "goodbye", "thank", "chitchat", "bot_challenge", "out_of_scope"})
ANSWERS = frozenset({"affirm", "accept_offer", "keep_order"})
REFUSALS = frozenset({"deny", "decline_offer"})
CHANGES_SUBJECT = frozenset(ABOUT_ORDER) - {"inform_order", "wrong_choice", "exchange_item", "change_address"}
BUILD = (EntityKind.HEIGHT, EntityKind.WEIGHT, EntityKind.USUAL_SIZE)
SARCASM = -0.2
"""Sentiment below which a thank-you is none."""
NO_REASON = frozenset({"affirm", "deny", "decline_offer", "chitchat", "out_of_scope", "ask_why"})
SIDE_QUESTIONS = frozenset(ABOUT_ORDER) - {"leave_now", "let_go", "change_address", "wrong_choice", "exchange_item"}
"""Asked on the way out, they do not end the wish to leave."""
ASKS_PERSON = frozenset(
    {
        "address_locked",
        "address_too_late",
        "other_quantity",
        "exchange_window_over",
        "defect_window_over",
        "change_refused",
        "policy_unknown",
        "complaint",
        "unknown_order_person",
        "part_refused",
        "part_after_grant",
        "pick_up_none",
        "size_no_data",
        "plan_undone",
    }
)
"""Replies that end by offering a person: a yes to them is a wish for one."""

DECIDED = LEAVING | {"price_drop", "ask_discount"}
"""Wishes that the rules would decide about: for who refused that, a person does."""


def route(visit: Visit) -> Answer:
    """Choose and run the move for this turn."""
    meant = meaning(visit)
    person = asks_for_person(meant, visit.hearing) or visit.rules.wants_person(visit.course)
    visit = _remember_reasons(visit, meant)
    if call_back.is_given(visit, meant) and person not in URGENT:
        return call_back.take(visit)
    if person is not None:
        return Answer(says=(), memory=visit.memory, decision=plain("handed_off", person), person=person)
    if visit.customer is not None and visit.customer.opted_out and meant in DECIDED:
        return Answer(says=(), memory=visit.memory, decision=plain("handed_off", "opted_out"), person="opted_out")
    return _still_asking(visit, _moved(visit, meant))


def _moved(visit: Visit, meant: str) -> Answer:
    waiting = _answer_to_question(visit, meant)
    if waiting is not None:
        return waiting
    if meant.startswith("variant:"):
        return focus.with_order(visit, variant.change_variant)
    if meant.startswith("reason:"):
        return _reason_given(visit, Reason(meant.removeprefix("reason:")))
    if meant == "thank" and visit.hearing.sentiment < SARCASM:
        meant = "service_complaint"
    if meant in ABOUT_ORDER:
        return focus.with_order(_started(visit, meant), ABOUT_ORDER[meant])
    if meant in ABOUT_SHOP:
        return ABOUT_SHOP[meant](visit)
    return _small_answer(visit, meant)


def _still_asking(visit: Visit, answer: Answer) -> Answer:
    """A side question answered leaves the offer on the table; a reply that offers a person waits for the yes."""
    if answer.memory.expecting is None and visit.memory.expecting is Expecting.OFFER and open_offer(visit) is not None:
        still = replace(visit, memory=answer.memory)
        if open_offer(still) is not None:
            return replace(
                answer,
                memory=replace(answer.memory, expecting=Expecting.OFFER, options=visit.memory.options, plan=None),
            )
    if answer.memory.expecting is None and any(spoken.key in ASKS_PERSON for spoken in answer.says):
        return replace(answer, memory=replace(answer.memory, expecting=Expecting.PERSON))
    return answer


def _remember_reasons(visit: Visit, meant: str) -> Visit:
    stated = [reason.value for reason in visit.hearing.reasons]
    if meant.startswith("reason:"):
        stated.append(meant.removeprefix("reason:"))
    return visit.with_reasons(*stated)


def _started(visit: Visit, meant: str) -> Visit:
    """A wish that needs an order is kept until the order is known."""
    keeps = meant in ("leave_now", "decline_offer", "keep_order", "inform_order", "post_it")
    leaving = visit.memory.goal in LEAVING and meant in SIDE_QUESTIONS
    goal = visit.memory.goal if keeps or leaving else ("cancel_order" if meant == "let_go" else meant)
    return visit.remembering(goal=goal, misheard=0, plan=visit.memory.plan if meant == "change_address" else None)


def _answer_to_question(visit: Visit, meant: str) -> Answer | None:
    """What the last question was waiting for, if this is it; None lets the message speak for itself."""
    memory = visit.memory
    if memory.expecting is Expecting.CONFIRM and memory.plan is not None:
        return _confirmation(visit, memory.plan, meant)
    if memory.expecting is Expecting.ORDER and _names_order(visit, meant):
        return _resume(visit)
    if memory.expecting is Expecting.LINE and (picked := _line_picked(visit, meant)) is not None:
        return picked
    if memory.expecting is Expecting.BUILD and any(visit.hearing.first(kind) for kind in BUILD):
        return focus.with_order(visit, size.size_advice)
    if memory.expecting is Expecting.PICK_UP and (meant.startswith(pick_up.PICKED) or _says_when(visit, meant)):
        return focus.with_order(visit, pick_up.pick_up)
    if memory.expecting is Expecting.REASON and meant in NO_REASON:
        return focus.with_order(visit, _or_part(leave.let_go))
    if memory.expecting is Expecting.ADDRESS and any(visit.hearing.first(kind) for kind in address.ADDRESS_PARTS):
        return focus.with_order(visit, address.change_address)
    if memory.expecting is Expecting.VARIANT:
        chosen = memory.options.get(visit.turn.text.strip(), "").startswith("variant:")
        named = visit.hearing.first(EntityKind.SIZE) or visit.hearing.first(EntityKind.COLOUR)
        if chosen or (meant not in LEAVING and (named or variant.names_variant(visit))):
            return focus.with_order(
                visit, variant.exchange if memory.goal == "exchange_item" else variant.change_variant
            )
    return None


def _line_picked(visit: Visit, meant: str) -> Answer | None:
    """The goods are named: go on with what they were asked for, and with the size said along with it."""
    order = focus.own_order(visit, visit.memory.order_no) if visit.memory.order_no else None
    line = lines.line_meant(visit, order) if order is not None else None
    if line is None or (not meant.startswith(lines.PICKED) and meant in LEAVING):
        return None
    goal = visit.memory.goal
    move = ABOUT_ORDER.get(goal, talk.named_order) if goal else talk.named_order
    return focus.with_order(lines.with_words_before(visit).remembering(sku=line.sku, expecting=None, options={}), move)


def _says_when(visit: Visit, meant: str) -> bool:
    return visit.hearing.first(EntityKind.SLOT) is not None and meant not in LEAVING


def _names_order(visit: Visit, meant: str) -> bool:
    if visit.hearing.first(EntityKind.ORDER_NO) is not None:
        return True
    return meant not in CHANGES_SUBJECT and focus.named_order(visit.open_orders(), visit.turn.text) is not None


def _confirmation(visit: Visit, plan: Plan, meant: str) -> Answer | None:
    order = focus.own_order(visit, plan.order_no)
    if order is None:
        return None
    leaving = plan.kind in (ChangeKind.CANCEL.value, ChangeKind.REFUND.value)
    if leaving and meant != "affirm" and (some := part.part_meant(order, visit.turn.text)) is not None:
        return part.leave_part(visit, order, some)
    if plan.kind in part.PARTS and meant in (*LEAVING, "leave_now", "let_go") and not _means_all(visit):
        return amend.carry_out(visit, plan, order)  # 对，取消吧: the part that was just named
    if leaving and meant == "accept_offer" and open_offer(visit) is not None:
        return None
    if leaving and (meant in ("affirm", "accept_offer", "leave_now", "let_go") or meant in LEAVING):
        return leave.leave_now(visit, order)
    if leaving and (meant in REFUSALS or meant == "keep_order"):
        return leave.keep(visit, order)
    if meant in ANSWERS - {"keep_order"}:
        return amend.carry_out(visit, plan, order)
    if meant == "deny":
        return Answer(
            says=(say("plan_dropped", title=order.title),),
            memory=replace(visit.memory, plan=None, expecting=None, options={}),
            decision=plain("kept", "plan_dropped", order_no=order.order_no),
        )
    corrects = any(visit.hearing.first(kind) for kind in address.ADDRESS_PARTS)
    if plan.kind == ChangeKind.AMEND_ADDRESS.value and corrects and meant not in CHANGES_SUBJECT:
        return address.change_address(visit, order)
    return None


def _means_all(visit: Visit) -> bool:
    return visit.turn.text.strip() in visit.memory.options or part.ALL.search(visit.turn.text) is not None


def _resume(visit: Visit) -> Answer:
    """The order is named: go on with what the shopper came for."""
    goal = visit.memory.goal
    move = ABOUT_ORDER.get(goal, talk.named_order) if goal else talk.named_order
    return focus.with_order(visit.remembering(expecting=None, options={}), move)


def _reason_given(visit: Visit, reason: Reason) -> Answer:
    """The answer to 为什么取消: fix what it names, or offer what answers it."""
    return focus.with_order(visit.remembering(goal=visit.memory.goal or "cancel_order"), _or_part(leave.try_to_keep))


def _small_answer(visit: Visit, meant: str) -> Answer:
    """affirm, deny and the like with nothing on the table, and what no move is for."""
    if meant == "affirm" and visit.memory.order_no is None:
        return Answer(says=(say("affirm_nothing"),), memory=visit.memory, decision=plain("asked", "affirm_nothing"))
    if meant in ("affirm", "deny"):
        return Answer(says=(say("deny_nothing"),), memory=visit.memory, decision=plain("informed", "deny_nothing"))
    if meant in SMALL_TALK:
        return Answer(
            says=(say(f"utter_{meant}"),), memory=visit.memory, decision=talk.spoken_decision(visit.hearing, meant)
        )
    if visit.hearing.sentiment < 0:
        return Answer(says=(say("soothe"),), memory=visit.memory, decision=plain("soothed", "soothe"))
    return talk.two_readings(visit)
