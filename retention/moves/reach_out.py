"""What is said to a shopper who has not asked yet: the truth and a fix first, or one offer, or nothing at all.

The moves are those of a talk, so that whatever the shopper answers goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from retention.change import ChangeKind
from retention.hearing import Reason
from retention.moves import address, delivery, goods
from retention.moves.offers import put_on_table
from retention.moves.price import lowest_price
from retention.offer import NoOffer
from retention.order import UNSHIPPED, Order
from retention.outreach import Cause
from retention.reply import Button
from retention.shelf import sold_out
from retention.visit import Answer, Visit, judge, say

STOP = Button(title="别再提醒", text="别再提醒")
SWITCHED, SWITCHED_WITHIN = 2, timedelta(hours=48)
"""So many changes of address say that it may still be the wrong one."""


LEADS: Mapping[Cause, str] = {
    Cause.STOCK: "outreach_stock",
    Cause.LATE: "outreach_late",
    Cause.ADDRESS: "outreach_address",
    Cause.PRICE: "outreach_price",
    Cause.GENERAL: "outreach_general",
}
"""What the message begins with."""


@dataclass(frozen=True, kw_only=True)
class Opening:
    cause: Cause
    answer: Answer


def opening(visit: Visit, order: Order) -> Opening | None:
    """None when there is nothing to mend and nothing to offer: then nothing is said.

    An answer with a ``person`` says nothing either: the rules want somebody to care for this one.
    """
    visit = visit.remembering(order_no=order.order_no)
    for cause, applies, move in CAUSES:
        answer = move(visit, order) if applies(visit, order) else None
        if answer is not None:
            if answer.person is not None:
                return Opening(cause=cause, answer=answer)
            lead = say(LEADS[cause], title=order.title)
            return Opening(cause=cause, answer=replace(answer, says=(lead, *answer.says)))
    return None


def _is_sold_out(visit: Visit, order: Order) -> bool:
    return order.stage in UNSHIPPED and bool(sold_out(visit.events(order), order))


def _is_late(visit: Visit, order: Order) -> bool:
    return order.late_hours(visit.now) > 0


def _is_switching(visit: Visit, order: Order) -> bool:
    since = visit.now - SWITCHED_WITHIN
    changed = [one for one in visit.events(order) if one.kind == "behaviour.address_changed" and one.at >= since]
    return len(changed) >= SWITCHED and visit.order_system.allows(order, ChangeKind.AMEND_ADDRESS, now=visit.now)


def _fell(visit: Visit, order: Order) -> bool:
    return lowest_price(visit.events(order), order) is not None


def _late(visit: Visit, order: Order) -> Answer:
    return delivery.delayed(visit.remembering(goal="delivery_delay"), order)


def _price(visit: Visit, order: Order) -> Answer | None:
    return _offer(visit.with_reasons(Reason.PRICE.value), order, (Reason.PRICE,))


def _general(visit: Visit, order: Order) -> Answer | None:
    return _offer(visit, order, ())


def _offer(visit: Visit, order: Order, reasons: tuple[Reason, ...]) -> Answer | None:
    offered = put_on_table(visit, judge(visit, order, reasons=reasons))
    return None if isinstance(offered, NoOffer) else offered


CAUSES: tuple[tuple[Cause, Callable[[Visit, Order], bool], Callable[[Visit, Order], Answer | None]], ...] = (
    (Cause.STOCK, _is_sold_out, goods.stock),
    (Cause.LATE, _is_late, _late),
    (Cause.ADDRESS, _is_switching, address.change_address),
    (Cause.PRICE, _fell, _price),
    (Cause.GENERAL, lambda visit, order: True, _general),
)
"""In the order in which they matter: what keeps the order from arriving before what it costs."""


def said_first(answer: Answer, stop_words: frozenset[str], outreach_id: str) -> Answer:
    """The answer with its way out: a word, or a tap, and it was the last time."""
    last = answer.says[-1]
    options = dict.fromkeys((*sorted(stop_words), STOP.text), "stop_outreach")
    memory = replace(answer.memory, options={**options, **answer.memory.options}, outreach_id=outreach_id)
    return replace(answer, says=(*answer.says[:-1], replace(last, buttons=(*last.buttons, STOP))), memory=memory)
