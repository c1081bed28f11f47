"""The goods themselves: stock, doubts, defects, second thoughts, payment, complaints."""

from __future__ import annotations

from dataclasses import replace

from retention.change import ChangeKind
from retention.conversation import Expecting, Plan
from retention.hearing import Reason
from retention.moves.lines import line_meant, which_line
from retention.moves.offers import existing_grant, promised_before, put_on_table
from retention.moves.variant import variant_buttons
from retention.offer import NoOffer
from retention.order import UNSHIPPED, Line, Order, Stage
from retention.reply import PERSON, Button, Say
from retention.risk import Intervention
from retention.shelf import Missing, Substitute, sold_out, substitute_for, variants
from retention.visit import Answer, Visit, judge, plain
from retention.words import CHINA, calendar_day, yuan

KEEP = Button(title="先留着", text="先留着")
REFUND = Button(title="退货退款", text="退货退款")
DEFECT_REFUND = Button(title="退货退款", text="我要退货退款")
EXCHANGE = Button(title="换一件", text="换一件")
CANCEL = Button(title="取消订单", text="取消订单")
REFUND_THIS = Button(title="退这一件", text="退这一件")
APART = Button(title="有货的先发", text="有货的先发")
SHOWN = 3


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
        memory=replace(visit.memory, expecting=None, options=_options(buttons)),
        decision=judged.decision("informed"),
    )


def _options(buttons: tuple[Button, ...]) -> dict[str, str]:
    """Pressed, or written as it stands on the button."""
    return {words: _meaning(button) for button in buttons for words in (button.title, button.text)}


def _meaning(button: Button) -> str:
    return {
        PERSON: "request_human",
        KEEP: "keep_order",
        REFUND: "request_refund",
        DEFECT_REFUND: "let_go",
        EXCHANGE: "exchange_item",
        CANCEL: "cancel_order",
        REFUND_THIS: "part_of_order",
        APART: "ship_apart",
    }[button]


def stock(visit: Visit, order: Order) -> Answer:
    """stock_question: the day the warehouse named and how far off it is, or an honest don't-know; and what is there."""
    missing = sold_out(visit.events(order), order)
    if not missing:
        return _about(visit, order, Reason.STOCK, "stock_no_news", PERSON)
    first = missing[0]
    apart = (APART,) if len(missing) < len(order.lines) and _can_split(visit, order) else ()
    key, values = _restock(first, visit)
    told = _about(visit, order, Reason.STOCK, key, *apart, CANCEL, KEEP, **{**values, "title": first.line.title})
    if told.memory.expecting is not None or told.person is not None:
        return told
    return _with_alternatives(visit, order, first.line, told)


def _can_split(visit: Visit, order: Order) -> bool:
    return not order.attributes.get("ships_later") and visit.order_system.allows(order, ChangeKind.SPLIT, now=visit.now)


def _restock(missing: Missing, visit: Visit) -> tuple[str, dict[str, str]]:
    """Counted down to today; a day that has passed without news is told as that."""
    if missing.back_on is None:
        return "restock_unknown", {}
    values = {"back_on": calendar_day(missing.back_on), "told_on": calendar_day(missing.told_on)}
    days = (missing.back_on - visit.now.astimezone(CHINA).date()).days
    if days < 0:
        return "restock_overdue", values
    return ("restock_in", {**values, "days": str(days)}) if days else ("restock_today", values)


def _with_alternatives(visit: Visit, order: Order, line: Line, told: Answer) -> Answer:
    """Other sizes and colours that are there, and what the shop sends instead: a tap away, never pushed."""
    if not visit.order_system.allows(order, ChangeKind.AMEND_VARIANT, now=visit.now):
        return told
    there, options = variant_buttons(order, line, variants(visit.events(order), line.sku))
    there, options = there[:SHOWN], {button.text: options[button.text] for button in there[:SHOWN]}
    other = substitute_for(visit.events(order), order, line)
    if other is not None and visit.order_system.allows(order, ChangeKind.SUBSTITUTE, now=visit.now):
        there, options = (*there, _instead(other)), {**options, _instead(other).text: "substitute"}
    if not there:
        return told
    offered = Say(key="in_stock_instead", values={"title": line.title}, buttons=(*there, *told.says[-1].buttons))
    plain_news = replace(told.says[-1], buttons=())
    return replace(
        told,
        says=(*told.says[:-1], plain_news, offered),
        memory=replace(
            told.memory, sku=line.sku, expecting=Expecting.VARIANT, options={**told.memory.options, **options}
        ),
    )


def _instead(other: Substitute) -> Button:
    return Button(title=f"换成 {other.title}", text=f"换成 {other.title}")


def substitute(visit: Visit, order: Order) -> Answer:
    """The goods the shop named are sent instead, after a yes that says what becomes of the money."""
    line = line_meant(visit, order)
    if line is None:
        return which_line(visit, order)
    other = substitute_for(visit.events(order), order, line)
    if other is None or not visit.order_system.allows(order, ChangeKind.SUBSTITUTE, now=visit.now):
        return _about(visit, order, Reason.STOCK, "substitute_gone", CANCEL, KEEP)
    back_fen = (order.paid_piece_fen(line) - other.price_fen) * line.qty
    money = f"差价 {yuan(back_fen)}原路退回" if back_fen else "价格一样，不用补差价"
    options = {"确认换": "affirm", "不换了": "deny"}
    change = {"sku": line.sku, "by": other.sku, "title": other.title, "price_fen": str(other.price_fen)}
    return Answer(
        says=(
            Say(
                key="confirm_substitute",
                values={"title": line.title, "by": other.title, "money": money},
                buttons=tuple(Button(title=text, text=text) for text in options),
            ),
        ),
        memory=replace(
            visit.memory,
            expecting=Expecting.CONFIRM,
            plan=Plan(kind=ChangeKind.SUBSTITUTE.value, order_no=order.order_no, change=change),
            options=options,
        ),
        decision=plain("asked", "confirm_substitute", "缺货，换成店铺指定的替代款", order_no=order.order_no),
    )


def quality_doubt(visit: Visit, order: Order) -> Answer:
    key = "quality_received" if order.stage is Stage.DELIVERED else "quality_not_yet"
    return _about(visit, order, Reason.QUALITY, key, PERSON)


def product_defect(visit: Visit, order: Order) -> Answer:
    """Wrong, missing, broken goods: exchange or refund, and a person for whoever wants one."""
    if order.stage in UNSHIPPED:
        return _about(visit, order, Reason.OTHER, "defect_not_shipped", PERSON)
    if order.stage is not Stage.DELIVERED:
        return _about(visit, order, Reason.OTHER, "defect_moving", PERSON)
    line = line_meant(visit, order)
    if line is None:
        return which_line(visit.with_reasons(Reason.QUALITY.value), order)
    visit = visit.remembering(sku=line.sku)
    alone = len(order.lines) > 1
    back = (REFUND_THIS, ChangeKind.REFUND_LINE) if alone else (DEFECT_REFUND, ChangeKind.REFUND)
    allowed = [
        button
        for button, kind in ((EXCHANGE, ChangeKind.EXCHANGE), back)
        if visit.order_system.allows(order, kind, now=visit.now)
    ]
    if not allowed:
        return _about(visit, order, Reason.QUALITY, "defect_window_over", PERSON)
    return _about(visit, order, Reason.QUALITY, "defect", *allowed, PERSON, title=line.title)


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
