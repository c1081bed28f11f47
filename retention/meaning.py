"""What a message means here and now: a pressed button, an answer to the last question, or the intent as heard."""

from __future__ import annotations

import re
from collections.abc import Mapping

from retention.conversation import Expecting
from retention.hearing import EntityKind, Hearing, Reason
from retention.moves.offers import LEAVING
from retention.offer import Grant, GrantState
from retention.pick_up import offered
from retention.visit import Visit

ASKS_FOR_PERSON: Mapping[str, str] = {"request_human": "asked_for_person", "threaten_escalation": "threat"}
SURELY = 0.5
"""From which confidence on the intent alone calls a person; below, the message and the course are weighed."""
CLOSED = frozenset({Expecting.CONFIRM, Expecting.OFFER, Expecting.PERSON})
DECIDED = frozenset(
    {"accept_offer", "decline_offer", "keep_order", "cancel_order", "request_refund", "ask_why", *ASKS_FOR_PERSON}
)
"""Intents that answer a closed question by themselves; anything else short is read as yes or no first."""
REASON_OF_INTENT: Mapping[str, Reason] = {
    "delivery_delay": Reason.LOGISTICS,
    "price_drop": Reason.PRICE,
    "ask_discount": Reason.PRICE,
    "wrong_choice": Reason.SIZE,
    "exchange_item": Reason.SIZE,
    "stock_question": Reason.STOCK,
    "quality_doubt": Reason.QUALITY,
    "product_defect": Reason.QUALITY,
    "changed_mind": Reason.CHANGED_MIND,
    "payment_problem": Reason.PAYMENT,
    "service_complaint": Reason.SERVICE,
}
ABOUT_OFFERS = frozenset({"accept_offer", "decline_offer"})
OF_THE_OFFER: Mapping[str, str] = {
    "affirm": "accept_offer",
    "deny": "decline_offer",
    "changed_mind": "decline_offer",
    "ask_discount": "ask_why",
}
"""With an offer on the table, these are about the offer."""
OUT_AT_ONCE = re.compile(
    r"(直接|马上|立刻|立即|赶紧|现在就)(给我|帮我)?(取消|退)|别问|不用问|别废话|少废话|别推|不用挽留|别挽留"
)
SECOND_READING = 0.1
AWAY = re.compile(r"(?<![不别没])(取消|退(?!差|运费|邮费|补|[\d一二三四五六七八九十]))")
"""A wish to go, not for part of the money back."""


FIXES = frozenset({"merge_orders", "ship_apart", "advise_size"})
"""What is wished for in so many words, whatever intent the message is nearest to."""
UNSETTLED = frozenset({"out_of_scope", "chitchat", "inform_order", "greet", "goodbye", "keep_order", "changed_mind"})
"""Intents that a courier or a part of the order named in the message outweighs."""
BACK_WORDS = (("换", "exchange_item"), ("退", "request_refund"))
STAYS = re.compile(r"留|不(想|用)?退|别来|撤|取消")
UNTOUCHED = frozenset(
    {"opt_out", "ask_why", "ask_policy", "ask_invoice", "refund_status", "payment_problem", "product_defect"}
) | frozenset(ASKS_FOR_PERSON)
"""Said about something else, whatever fix is mentioned along the way."""


def meaning(visit: Visit) -> str:
    """An intent, or what a button stands for: ``reason:price``, ``variant:黑色 43``, ``leave_now``, ``let_go``."""
    memory = visit.memory
    picked = memory.options.get(visit.turn.text.strip())
    if picked is not None:
        return picked
    heard = _fix_named(visit, _in_context(visit, visit.hearing.intent))
    if heard in LEAVING and insists(visit):
        return "leave_now"
    if heard in LEAVING and OUT_AT_ONCE.search(visit.turn.text):
        return "let_go"
    return heard


def _in_context(visit: Visit, heard: str) -> str:
    memory, on_table = visit.memory, open_offer(visit)
    if memory.expecting in CLOSED:
        answer = visit.rules.yes_or_no(visit.turn.text)
        if answer and memory.expecting is Expecting.OFFER and AWAY.search(visit.turn.text):
            return "request_refund"  # 确认退款 says yes to going
        # A plain no is never a yes, whatever the model makes of it: an offer taken is money spent.
        misheard = (heard == "accept_offer" and answer is False) or (heard == "decline_offer" and answer is True)
        if answer is not None and (heard not in DECIDED or misheard):
            heard = "affirm" if answer else "deny"
    if memory.expecting is Expecting.PERSON and heard in ("affirm", "accept_offer"):
        return "request_human"
    if memory.expecting is Expecting.OFFER and heard == "keep_order" and on_table is not None:
        # 补差价我就不退了: keeps the order for what was offered.
        return "accept_offer" if on_table.offer.cause in {reason.value for reason in visit.hearing.reasons} else heard
    if memory.expecting is Expecting.OFFER:
        return OF_THE_OFFER.get(heard, heard)
    if memory.expecting is Expecting.REASON and heard in REASON_OF_INTENT:
        return f"reason:{REASON_OF_INTENT[heard].value}"
    if heard in ABOUT_OFFERS and memory.expecting is not Expecting.CONFIRM and not _has_grant(visit, heard):
        return _second_reading(visit, "affirm" if heard == "accept_offer" else "deny")
    return heard


def _fix_named(visit: Visit, heard: str) -> str:
    """A fix named in the message, unless the message answers the question just asked or wants a person."""
    if heard == "ask_policy" and visit.hearing.first(EntityKind.FIX) == "pick_up" and _can_be_fetched(visit):
        return "pick_up"  # 能上门取件吗, of an order whose goods can be
    if heard in UNTOUCHED or (visit.memory.expecting in CLOSED and heard in ("affirm", "deny", *ABOUT_OFFERS)):
        return heard
    fixes = [entity.value for entity in visit.hearing.entities if entity.kind is EntityKind.FIX]
    named = next((fix for fix in fixes if fix in FIXES), None)
    if named is not None and heard not in LEAVING:
        return named
    if "part_of_order" in fixes and heard in UNSETTLED - {"keep_order", "changed_mind"}:
        return "cancel_order"
    if "pick_up" in fixes and heard in UNSETTLED and not STAYS.search(visit.turn.text):
        return next((intent for word, intent in BACK_WORDS if word in visit.turn.text), "pick_up")
    return heard


def _can_be_fetched(visit: Visit) -> bool:
    return any(order.delivered_at is not None and offered(order, visit.now) for order in visit.open_orders())


def asks_for_person(meant: str, hearing: Hearing) -> str | None:
    """The rule by which a meaning calls a person at once, if it does: meant as an answer, or heard for sure."""
    rule = ASKS_FOR_PERSON.get(meant)
    return rule if meant != hearing.intent or hearing.confidence >= SURELY else None


def open_offer(visit: Visit) -> Grant | None:
    """The proposal on the table, while it can still be taken."""
    grant = visit.records.ledger.find(visit.memory.grant_id) if visit.memory.grant_id else None
    return grant if grant is not None and grant.state is GrantState.PROPOSED else None


def _has_grant(visit: Visit, heard: str) -> bool:
    """Something to accept or to decline: accepting twice is told so, declining needs an open proposal."""
    return visit.memory.grant_id is not None if heard == "accept_offer" else open_offer(visit) is not None


def _second_reading(visit: Visit, otherwise: str) -> str:
    """With nothing offered, a message is not about an offer: the next likely reading, or a bare yes or no.

    No setting is changed on a second reading.
    """
    likely = [
        intent
        for intent, share in visit.hearing.ranking
        if intent not in (*ABOUT_OFFERS, "opt_out") and share >= SECOND_READING
    ]
    return likely[0] if likely else otherwise


def insists(visit: Visit) -> bool:
    """Asking to leave the same order again, after an offer, or after the question why without a reason to work with."""
    memory, typed = visit.memory, visit.hearing.first(EntityKind.ORDER_NO)
    if memory.goal not in LEAVING or memory.order_no is None or typed not in (None, memory.order_no):
        return False
    return memory.rounds > 0 or (memory.asked_reason and not visit.hearing.reasons)
