"""Money talk without a wish to leave: a price that fell, a shopper who haggles. Claims are checked, not believed."""

from __future__ import annotations

from dataclasses import replace

from retention.event import Event
from retention.hearing import Reason
from retention.moves.offers import existing_grant, promised_before, put_on_table
from retention.offer import NoOffer
from retention.order import Order
from retention.reply import PERSON, Say
from retention.risk import Intervention
from retention.visit import Answer, Judged, Visit, judge
from retention.words import yuan

REFUSALS = {"small_price_drop": "price_drop_small", "no_price_drop": "price_no_record", "no_answer": "price_drop_small"}
"""The engine's rule -> the reply; every other rule is a cap, a round or a budget."""


def price_drop(visit: Visit, order: Order) -> Answer:
    """price_drop: the difference when our own record of prices shows the drop; an honest no otherwise."""
    visit = visit.with_reasons(Reason.PRICE.value)
    judged = judge(visit, order, reasons=(Reason.PRICE,))
    told = _already(visit, judged, order)
    if told is not None:
        return told
    offered = put_on_table(visit, judged)
    if not isinstance(offered, NoOffer):
        return offered
    drop = lowest_price(judged.case.events, order)
    key = REFUSALS.get(offered.rule, "price_drop_capped") if drop is not None else "price_no_record"
    values = (
        {"title": order.title}
        if drop is None
        else {
            "title": order.title,
            "now": yuan(int(drop.number("price_fen"))),
            "why": offered.why,
        }
    )
    return Answer(
        says=(Say(key=key, values=values, buttons=(PERSON,)),),
        memory=replace(visit.memory, expecting=None, options={}),
        decision=judged.decision("refused", rule=f"no_offer:{offered.rule}", why=offered.why),
    )


def lowest_price(events: tuple[Event, ...], order: Order) -> Event | None:
    """The newest recorded price below what was paid, of any goods in the order."""
    paid = {line.sku: line.unit_price_fen for line in order.lines}
    fallen = [
        event
        for event in events
        if event.kind == "price.changed"
        and event.sku in paid
        and event.at >= order.placed_at
        and 0 < event.number("price_fen") < paid[event.sku]
    ]
    return max(fallen, key=lambda event: event.at, default=None)


def discount(visit: Visit, order: Order) -> Answer:
    """ask_discount: haggling alone earns nothing; an order in danger may be worth an offer."""
    visit = visit.with_reasons(Reason.PRICE.value)
    judged = judge(visit, order, reasons=(Reason.PRICE,))
    told = _already(visit, judged, order)
    if told is not None:
        return told
    if judged.choice.intercept and judged.choice.intervention is Intervention.COMPENSATE:
        offered = put_on_table(visit, judged)
        if not isinstance(offered, NoOffer):
            return offered
    return Answer(
        says=(Say(key="no_discount", values={"title": order.title}),),
        memory=replace(visit.memory, expecting=None, options={}),
        decision=judged.decision("refused", rule="no_discount_for_asking", why="没有降价记录，也没有需要补救的问题"),
    )


def _already(visit: Visit, judged: Judged, order: Order) -> Answer | None:
    promised = existing_grant(visit, order, (Reason.PRICE,))
    return None if promised is None else promised_before(visit, judged, promised)
