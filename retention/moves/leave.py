"""The shopper wants out: fix first, one offer, and then the order is let go, politely and at once."""

from __future__ import annotations

from dataclasses import replace

from retention import granting
from retention.audit import AuditEntry
from retention.change import ChangeKind, OrderChange
from retention.conversation import Expecting, Plan, PlanStep
from retention.errors import ChangeRefusedError
from retention.hearing import Reason
from retention.inference import inferred_reasons
from retention.moves import address, care, pick_up, variant
from retention.moves.offers import (
    LEAVING,
    already_granted,
    existing_grant,
    present,
    put_on_table,
    withdraw,
    withdraw_all,
)
from retention.notice import NoticeKind
from retention.offer import GIVEN, GrantState, NoOffer
from retention.order import MOVING, UNSHIPPED, Order, Stage
from retention.reply import PERSON, Button, Say
from retention.risk import Intervention
from retention.telling import tell
from retention.visit import Answer, Judged, Visit, judge, plain, say

REASON_BUTTONS = {
    "物流太慢": "reason:logistics",
    "价格买贵了": "reason:price",
    "尺码颜色拍错": "reason:size",
    "不想要了": "reason:changed_mind",
    "直接取消": "leave_now",
}
CONFIRM_OPTIONS = {"确认取消": "affirm", "确认退款": "affirm", "先不取消": "deny"}
ONE_BUTTON = {
    ChangeKind.CANCEL: Button(title="只取消其中的", text="只取消其中的"),
    ChangeKind.REFUND: Button(title="只退其中的", text="只退其中的"),
}
ADDRESS_READING = 0.15
OUR_FAULT = frozenset({Reason.LOGISTICS, Reason.QUALITY, Reason.SERVICE, Reason.STOCK})
"""Reasons that deserve an apology where there is nothing else to give."""


def leave(visit: Visit, order: Order) -> Answer:
    """cancel_order and request_refund, said for the first time or with a new reason."""
    ended = _already_over(visit, order)
    if ended is not None:
        return ended
    kind = way_out(order)
    if not visit.order_system.allows(order, kind, now=visit.now):
        return _refused(visit, order, kind)
    if order.stage is Stage.PENDING_PAYMENT:
        return confirm_leaving(visit, order, judge(visit, order), rule="unpaid")
    return try_to_keep(visit, order)


def try_to_keep(visit: Visit, order: Order) -> Answer:
    reasons = tuple(Reason(value) for value in visit.memory.reasons) or inferred_reasons(visit.case(order))
    judged = judge(visit, order, reasons=reasons)
    promised = existing_grant(visit, order, reasons)
    if promised is not None and promised.state is GrantState.PROPOSED:
        if visit.memory.grant_id == promised.grant_id:
            return decline(visit, order)  # shown once already: no second showing
        return present(visit, judged, promised, first=True)
    if promised is not None and visit.memory.grant_id != promised.grant_id:
        told = already_granted(visit, promised)
        memory = replace(told.memory, expecting=Expecting.CONFIRM, plan=_plan(order), options=CONFIRM_OPTIONS)
        return replace(told, says=(*told.says, _confirm_say(order)), memory=memory)
    if judged.choice.intervention is Intervention.HANDOFF:
        return Answer(says=(), memory=visit.memory, decision=judged.decision("handed_off"), person=judged.choice.rule)
    fixed = _fix_first(visit, order, reasons)
    if fixed is not None:
        return replace(fixed, decision=judged.decision("asked", rule="fix_first", why="改单就能解决，不用花钱"))
    if not reasons and not visit.memory.asked_reason:
        return _ask_reason(visit, judged)
    return _offer_or_let_go(visit, order, judged)


def _offer_or_let_go(visit: Visit, order: Order, judged: Judged) -> Answer:
    if judged.choice.intervention in (Intervention.COMPENSATE, Intervention.EXPEDITE):
        offered = put_on_table(visit, judged)
        if not isinstance(offered, NoOffer):
            return offered
        if judged.choice.intervention is Intervention.EXPEDITE or Reason.LOGISTICS in judged.case.reasons:
            free = _expedite_instead(visit, order, judged)
            if free is not None:
                return free
        answer = confirm_leaving(visit, order, judged, rule=f"no_offer:{offered.rule}", why=offered.why)
        if OUR_FAULT.isdisjoint(judged.case.reasons):
            return answer
        return replace(answer, says=(say("apology"), *answer.says))
    return confirm_leaving(visit, order, judged)


def _expedite_instead(visit: Visit, order: Order, judged: Judged) -> Answer | None:
    """A late parcel can be hurried along without money, once."""
    if order.attributes.get("expedited") or not visit.order_system.allows(order, ChangeKind.EXPEDITE, now=visit.now):
        return None
    spoken = Say(
        key="expedite_free",
        values={"title": order.title},
        buttons=(Button(title="好，帮我催", text="好，帮我催"), Button(title="直接取消", text="直接取消")),
    )
    memory = replace(
        visit.memory,
        plan=Plan(kind=ChangeKind.EXPEDITE.value, order_no=order.order_no, change={"upgrade_carrier": "no"}),
        expecting=Expecting.CONFIRM,
        options={"好，帮我催": "affirm", "直接取消": "leave_now"},
        rounds=visit.memory.rounds + 1,
    )
    return Answer(says=(spoken,), memory=memory, decision=judged.decision("asked", rule="expedite_free"))


def _fix_first(visit: Visit, order: Order, reasons: tuple[Reason, ...]) -> Answer | None:
    """A wrong size, colour or address before dispatch is amended; nobody needs to cancel or be paid for it."""
    if visit.memory.expecting is Expecting.VARIANT:
        return None
    if Reason.MISTAKE in reasons and _means_address(visit):
        if visit.order_system.allows(order, ChangeKind.AMEND_ADDRESS, now=visit.now):
            return address.change_address(visit, order)
        return None
    fixable = Reason.SIZE in reasons or (Reason.MISTAKE in reasons and order.stage in UNSHIPPED)
    if fixable and visit.order_system.allows(order, ChangeKind.AMEND_VARIANT, now=visit.now):
        return variant.change_variant(visit.remembering(asked_reason=True), order)
    if Reason.SIZE in reasons and visit.order_system.allows(order, ChangeKind.EXCHANGE, now=visit.now):
        return variant.exchange(visit.remembering(asked_reason=True), order)
    return None


def _means_address(visit: Visit) -> bool:
    return "地址" in visit.turn.text or dict(visit.hearing.ranking).get("change_address", 0.0) >= ADDRESS_READING


def _ask_reason(visit: Visit, judged: Judged) -> Answer:
    buttons = tuple(Button(title=text, text=text) for text in REASON_BUTTONS)
    return Answer(
        says=(Say(key="ask_reason", values={"title": judged.case.order.title}, buttons=buttons),),
        memory=replace(visit.memory, expecting=Expecting.REASON, options=REASON_BUTTONS, asked_reason=True),
        decision=judged.decision("asked", rule="ask_reason"),
    )


def way_out(order: Order) -> ChangeKind:
    return ChangeKind.CANCEL if order.stage in UNSHIPPED else ChangeKind.REFUND


def _plan(order: Order) -> Plan:
    return Plan(kind=way_out(order).value, order_no=order.order_no)


def _confirm_say(order: Order) -> Say:
    unshipped = way_out(order) is ChangeKind.CANCEL
    yes = "确认取消" if unshipped else "确认退款"
    return Say(
        key=("confirm_cancel_unpaid" if order.stage is Stage.PENDING_PAYMENT else "confirm_cancel")
        if unshipped
        else ("confirm_refund_moving" if order.stage in MOVING else "confirm_refund"),
        values={"title": order.title, "tail": order.order_no[-4:]},
        buttons=(Button(title=yes, text=yes), Button(title="先不取消", text="先不取消")),
    )


def confirm_leaving(
    visit: Visit, order: Order, judged: Judged, *, rule: str | None = None, why: str | None = None
) -> Answer:
    """Nothing more to offer: one yes and it is done."""
    fetched = pick_up.said_at_once(visit, order) if order.stage is Stage.DELIVERED else None
    spoken, plan, options = _confirm_say(order), _plan(order), CONFIRM_OPTIONS
    if fetched is not None:
        values = {**spoken.values, **pick_up.step_words(order, fetched)}
        spoken, plan = replace(spoken, key="confirm_refund_pick_up", values=values), replace(plan, then=(fetched,))
    if len(order.lines) > 1 and order.stage not in MOVING:
        part = ONE_BUTTON[way_out(order)]
        spoken = replace(spoken, buttons=(*spoken.buttons, part))
        options = {**options, part.text: "part_of_order"}
    memory = replace(visit.memory, plan=plan, expecting=Expecting.CONFIRM, options=options, order_no=order.order_no)
    return Answer(says=(spoken,), memory=memory, decision=judged.decision("asked", rule=rule, why=why))


def let_go(visit: Visit, order: Order) -> Answer:
    """No question why and no offer, just the yes: the shopper wants out at once, or gave no reason when asked."""
    ended = _already_over(visit, order)
    if ended is not None:
        return ended
    if not visit.order_system.allows(order, way_out(order), now=visit.now):
        return _refused(visit, order, way_out(order))
    return confirm_leaving(visit, order, judge(visit, order), rule="no_reason_given")


def leave_now(visit: Visit, order: Order) -> Answer:
    """The shopper said it twice, or pressed 直接取消: the order goes, whatever was on the table."""
    ended = _already_over(visit, order)
    if ended is not None:
        return ended
    kind = way_out(order)
    judged = judge(visit, order)
    if not visit.order_system.allows(order, kind, now=visit.now):
        return _refused(visit, order, kind)
    change = OrderChange(
        change_id=f"{visit.turn.conversation_id}/{visit.turn.message_id}:{kind.value}",
        order_no=order.order_no,
        kind=kind,
        change={},
        at=visit.now,
        actor="bot",
        conversation_id=visit.turn.conversation_id,
    )
    try:
        visit.order_system.perform(visit.records, change)
    except ChangeRefusedError:
        return _refused(visit, order, kind)
    withdraw(visit, GrantState.DECLINED)
    withdraw_all(visit, order.order_no)
    _reverse_given(visit, order)
    outcome = "cancelled" if kind is ChangeKind.CANCEL else "refund_requested"
    key = (
        "cancelled" if kind is ChangeKind.CANCEL else ("refund_moving" if order.stage in MOVING else "refund_requested")
    )
    visit.records.audit.add(
        AuditEntry(at=visit.now, actor="bot", act=f"order_{outcome}", subject=f"order:{order.order_no}", why="顾客确认")
    )
    if kind is ChangeKind.CANCEL:
        _tell_cancelled(visit, order)
    unpaid = order.stage is Stage.PENDING_PAYMENT
    answer = Answer(
        says=(say("cancelled_unpaid" if unpaid else key, title=order.title),),
        memory=replace(visit.memory, goal=None, expecting=None, options={}, plan=None, grant_id=None, sku=None),
        decision=judged.decision(outcome, rule="shopper_leaves", why="顾客确认离开，按承诺放行"),
    )
    return _fetched(visit, order, answer) if order.stage is Stage.DELIVERED else answer


def _fetched(visit: Visit, order: Order, answer: Answer) -> Answer:
    """What goes back is fetched as it was agreed, or the shopper is asked when. A return stands without its courier."""
    if not pick_up.is_offered(order):
        return answer
    answer = replace(answer, says=(say("refund_registered", title=order.title),))
    plan = visit.memory.plan
    planned = plan.then[0] if plan is not None and plan.then and plan.order_no == order.order_no else None
    if planned is None or not _book(visit, planned):
        return pick_up.asked_after(visit, order, answer, anew=planned is not None)
    return replace(answer, says=(*answer.says, say("pick_up_booked", **pick_up.step_words(order, planned))))


def _book(visit: Visit, planned: PlanStep) -> bool:
    change = OrderChange(
        change_id=f"{visit.turn.conversation_id}/{visit.turn.message_id}:{planned.kind}",
        order_no=planned.order_no,
        kind=ChangeKind(planned.kind),
        change=planned.change,
        at=visit.now,
        actor="bot",
        conversation_id=visit.turn.conversation_id,
    )
    try:
        visit.order_system.perform(visit.records, change)
    except ChangeRefusedError:
        return False
    subject = f"order:{planned.order_no}"
    visit.records.audit.add(
        AuditEntry(at=visit.now, actor="bot", act="order_pick_up_booked", subject=subject, why="顾客确认")
    )
    return True


def _tell_cancelled(visit: Visit, order: Order) -> None:
    tell(
        visit.records,
        NoticeKind.ORDER_CANCELLED,
        order.order_no,
        at=visit.now,
        data={
            "order_no": order.order_no,
            "conversation_id": visit.turn.conversation_id,
            "reasons": list(visit.memory.reasons),
            "paid_fen": order.paid_fen,
        },
        customer_id=order.customer_id,
    )


def _reverse_given(visit: Visit, order: Order) -> None:
    """A remedy for keeping the order ends with the order."""
    for grant in visit.records.ledger.of_order(order.order_no):
        if grant.state in GIVEN:
            granting.reverse(visit.records, grant.grant_id, at=visit.now, actor=grant.actor, why="顾客取消了订单")


def _already_over(visit: Visit, order: Order) -> Answer | None:
    key = {
        Stage.CANCELLED: "already_cancelled",
        Stage.CLOSED: "already_closed",
        Stage.AFTER_SALE: "already_after_sale",
    }.get(order.stage)
    if key is None:
        return None
    return Answer(
        says=(say(key, title=order.title),),
        memory=replace(visit.memory, goal=None, expecting=None, options={}, plan=None),
        decision=plain("informed", key, order_no=order.order_no),
    )


def _refused(visit: Visit, order: Order, kind: ChangeKind) -> Answer:
    """The order system says no: say so, and what is left."""
    key = "refund_window_over" if kind is ChangeKind.REFUND else "cannot_cancel"
    return Answer(
        says=(Say(key=key, values={"title": order.title}, buttons=(PERSON,)),),
        memory=replace(visit.memory, expecting=None, options={}, plan=None),
        decision=plain("refused", key, "订单系统在当前阶段不允许这个操作", order_no=order.order_no),
    )


def decline(visit: Visit, order: Order) -> Answer:
    """Not this offer. Whoever came to leave is let go on the next yes; everyone else keeps the order as it is."""
    grant = withdraw(visit, GrantState.DECLINED)
    if visit.memory.goal in LEAVING:
        judged = judge(visit, order)
        return confirm_leaving(visit, order, judged, rule="offer_declined", why="顾客不要方案，不再挽留")
    return Answer(
        says=(say("declined" if grant else "kept_as_is", title=order.title),),
        memory=replace(visit.memory, expecting=None, options={}, plan=None, goal=None),
        decision=plain("declined", "offer_declined", order_no=order.order_no),
    )


def keep(visit: Visit, order: Order) -> Answer:
    """keep_order: the order stands. A proposal on the table stays open until it expires; nobody is talked out of it."""
    grant = visit.records.ledger.find(visit.memory.grant_id) if visit.memory.grant_id else None
    open_offer = grant is not None and grant.state is GrantState.PROPOSED and grant.expires_at > visit.now
    memory = replace(visit.memory, goal=None, plan=None, expecting=None, options={})
    was_leaving = visit.memory.goal in LEAVING
    if open_offer and grant is not None:
        spoken = Say(
            key="kept_offer_open",
            values={"title": order.title, "offer": grant.offer.title},
            buttons=(Button(title="接受方案", text="接受方案"),),
        )
        memory = replace(memory, expecting=Expecting.OFFER, options={"接受方案": "accept_offer"})
    else:
        spoken = say("kept", title=order.title)
    thanks = care.after_save(visit, order.order_no) if was_leaving else ()
    return Answer(
        says=(spoken, *thanks), memory=memory, decision=plain("kept", "shopper_keeps", order_no=order.order_no)
    )
