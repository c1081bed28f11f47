"""The goods themselves: stock, doubts, defects, second thoughts, payment, complaints."""

from __future__ import annotations

from dataclasses import replace

from retention.change import ChangeKind
from retention.conversation import Expecting
from retention.hearing import Reason
from retention.moves.offers import existing_grant, promised_before, put_on_table
from retention.offer import NoOffer
from retention.order import UNSHIPPED, Order, Stage
from retention.reply import PERSON, Button, Say
from retention.risk import Intervention
from retention.shelf import sold_out
from retention.visit import Answer, Visit, judge, plain

KEEP = Button(title="先留着", text="先留着")
REFUND = Button(title="退货退款", text="退货退款")
DEFECT_REFUND = Button(title="退货退款", text="我要退货退款")
EXCHANGE = Button(title="换一件", text="换一件")
CANCEL = Button(title="取消订单", text="取消订单")


def _about(visit: Visit, order: Order, reason: Reason, key: str, *buttons: Button, **values: str) -> Answer:
    """Tell the facts; with an order in danger add the offer the engine finds worth it."""
    visit = visit.with_reasons(reason.value).remembering(order_no=order.order_no)
    judged = judge(visit, order, reasons=(reason,))
    if judged.choice.intervention is Intervention.HANDOFF:
        return Answer(says=(), memory=visit.memory, decision=judged.decision("handed_off"), person=judged.choice.rule)
    told = Say(key=key, values={"title": order.title, **values})
    promised = existing_grant(visit, order, (reason,))
    if promised is not None and promised.offer.cause == reason.value:
        return promised_before(visit, judged, promised)
    if judged.choice.intercept and judged.choice.intervention is Intervention.COMPENSATE:
        offered = put_on_table(visit, judged)
        if not isinstance(offered, NoOffer):
            return replace(offered, says=(told, *offered.says))
    return Answer(
        says=(replace(told, buttons=buttons),),
        memory=replace(visit.memory, expecting=None, options={button.text: _meaning(button) for button in buttons}),
        decision=judged.decision("informed"),
    )


def _meaning(button: Button) -> str:
    return {
        PERSON: "request_human",
        KEEP: "keep_order",
        REFUND: "request_refund",
        DEFECT_REFUND: "let_go",
        EXCHANGE: "exchange_item",
        CANCEL: "cancel_order",
    }[button]


def stock(visit: Visit, order: Order) -> Answer:
    """stock_question: the recorded restock time, or an honest don't-know."""
    news = sold_out(visit.events(order), order)
    restock = news.number("restock_days", -1.0) if news else -1.0
    if restock >= 0:
        return _about(visit, order, Reason.STOCK, "restock_in", CANCEL, KEEP, days=str(int(restock)))
    if news is not None:
        return _about(visit, order, Reason.STOCK, "restock_unknown", CANCEL, KEEP)
    return _about(visit, order, Reason.STOCK, "stock_no_news", PERSON)


def quality_doubt(visit: Visit, order: Order) -> Answer:
    key = "quality_received" if order.stage is Stage.DELIVERED else "quality_not_yet"
    return _about(visit, order, Reason.QUALITY, key, PERSON)


def product_defect(visit: Visit, order: Order) -> Answer:
    """Wrong, missing, broken goods: exchange or refund, and a person for whoever wants one."""
    if order.stage in UNSHIPPED:
        return _about(visit, order, Reason.OTHER, "defect_not_shipped", PERSON)
    if order.stage is not Stage.DELIVERED:
        return _about(visit, order, Reason.OTHER, "defect_moving", PERSON)
    allowed = [
        button
        for button, kind in ((EXCHANGE, ChangeKind.EXCHANGE), (DEFECT_REFUND, ChangeKind.REFUND))
        if visit.order_system.allows(order, kind, now=visit.now)
    ]
    if not allowed:
        return _about(visit, order, Reason.QUALITY, "defect_window_over", PERSON)
    return _about(visit, order, Reason.QUALITY, "defect", *allowed, PERSON)


def changed_mind(visit: Visit, order: Order) -> Answer:
    key = "changed_mind_unshipped" if order.stage in UNSHIPPED else "changed_mind_shipped"
    button = CANCEL if order.stage in UNSHIPPED else REFUND
    answer = _about(visit, order, Reason.CHANGED_MIND, key, button, KEEP)
    return (
        answer
        if answer.memory.expecting is Expecting.OFFER
        else replace(answer, memory=replace(answer.memory, goal=_meaning(button), asked_reason=True))
    )


def payment(visit: Visit, order: Order) -> Answer:
    if order.stage is Stage.PENDING_PAYMENT:
        return _about(visit, order, Reason.PAYMENT, "payment_retry", PERSON)
    return Answer(
        says=(),
        memory=visit.memory,
        decision=plain("handed_off", "payment_dispute", "已付款订单的扣款疑问需要人工核对", order_no=order.order_no),
        person="payment_dispute",
    )


def complaint(visit: Visit, order: Order) -> Answer:
    """service_complaint: no defence, and a person is one tap away."""
    return _about(visit, order, Reason.SERVICE, "complaint", PERSON)
