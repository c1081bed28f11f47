"""Turns that need no order: the shop's rules, invoices, opting out, naming an order, not understanding."""

from __future__ import annotations

from dataclasses import replace

from retention.audit import AuditEntry
from retention.conversation import Decision, Expecting
from retention.hearing import EntityKind, Hearing
from retention.order import Order
from retention.reply import PERSON, Button, Say
from retention.visit import Answer, Visit, plain, say

CONFUSED_BEFORE_PERSON = 3


def policy(visit: Visit) -> Answer:
    """ask_policy and ask_invoice: the shop's own words, or a person; never a guess."""
    answer = visit.rules.shop_answer(visit.turn.text)
    if answer is None:
        return Answer(
            says=(Say(key="policy_unknown", buttons=(PERSON,)),),
            memory=replace(visit.memory, misheard=0),
            decision=plain("informed", "policy_unknown"),
        )
    return Answer(
        says=(say("policy", answer=answer),),
        memory=replace(visit.memory, misheard=0),
        decision=plain("informed", "policy"),
    )


def spoken_decision(hearing: Hearing, meant: str | None = None) -> Decision:
    """The record of small talk. Money asked for outside anything this shop does is refused, not talked about."""
    intent = meant or hearing.intent
    claims = intent == "out_of_scope" and hearing.first(EntityKind.AMOUNT) is not None
    return plain("refused" if claims else "informed", f"utter_{intent}")


def opt_out(visit: Visit) -> Answer:
    """opt_out: no automated decisions about this customer from now on; a person decides."""
    if visit.customer is None:
        return Answer(says=(say("opt_out_anonymous"),), memory=visit.memory, decision=plain("informed", "opt_out"))
    visit.records.customers.put(replace(visit.customer, opted_out=True))
    subject = f"customer:{visit.customer.customer_id}"
    visit.records.audit.add(AuditEntry(at=visit.now, actor="bot", act="opted_out", subject=subject, why="顾客要求"))
    return Answer(
        says=(Say(key="opt_out", buttons=(PERSON,)),),
        memory=replace(visit.memory, expecting=None, options={}),
        decision=plain("informed", "opt_out", "顾客不接受自动决策"),
    )


def named_order(visit: Visit, order: Order) -> Answer:
    """inform_order without an open wish: which of the things we can do is meant?"""
    buttons = ("查物流", "改地址", "取消订单")
    meanings = ("track_order", "change_address", "cancel_order")
    return Answer(
        says=(
            Say(
                key="order_found",
                values={"title": order.title},
                buttons=tuple(Button(title=b, text=b) for b in buttons),
            ),
        ),
        memory=replace(visit.memory, expecting=None, options=dict(zip(buttons, meanings, strict=True))),
        decision=plain("asked", "order_found", order_no=order.order_no),
    )


def two_readings(visit: Visit) -> Answer:
    """Ask back, naming the two likeliest readings; the third time in a row a person is offered first."""
    misheard = visit.memory.misheard + 1
    likely = [intent for intent, _ in visit.hearing.ranking if intent != "out_of_scope"][:2]
    titles = [visit.rules.intent_title(intent) for intent in likely]
    if misheard >= CONFUSED_BEFORE_PERSON or len(likely) < 2:
        return Answer(
            says=(Say(key="not_understood", buttons=(PERSON,)),),
            memory=replace(visit.memory, misheard=misheard),
            decision=plain("asked", "not_understood"),
        )
    buttons = tuple(Button(title=title, text=title) for title in titles)
    return Answer(
        says=(Say(key="two_readings", values={"first": titles[0], "second": titles[1]}, buttons=(*buttons, PERSON)),),
        memory=replace(
            visit.memory,
            misheard=misheard,
            expecting=Expecting.CLARIFY,
            options={**dict(zip(titles, likely, strict=True)), PERSON.text: "request_human"},
        ),
        decision=plain("asked", "two_readings"),
    )
