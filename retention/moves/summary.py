"""What an associate reads first: put together from the records, so that nobody has to scroll. No phone, no address."""

from __future__ import annotations

from collections.abc import Sequence

from retention.case import Case
from retention.change import ChangeKind, OrderChange, standing
from retention.course import Act, Step
from retention.hearing import UNHEARD, Emotion, EntityKind, Hearing
from retention.moves.person import EMOTION_WORDS, REASON_WORDS, REASONS
from retention.offer import Grant, GrantState
from retention.order import Order
from retention.visit import Visit, judge
from retention.words import CHANGE_WORDS, STAGE_WORDS, percent, span, without_numbers, yuan

MOODS_SHOWN = 8
LONGEST_WORDS = 80
PRIVATE = frozenset({EntityKind.PHONE, EntityKind.RECEIVER, EntityKind.DETAIL, EntityKind.DISTRICT})
GRANT_WORDS = {
    GrantState.PROPOSED: "顾客还没答复",
    GrantState.ISSUED: "已发放",
    GrantState.FULFILLED: "已兑现",
    GrantState.DECLINED: "顾客没接受",
    GrantState.EXPIRED: "过期没答复",
    GrantState.REVERSED: "已收回",
}
TIERS = {"new": "新客", "regular": "普通会员", "silver": "银卡会员", "gold": "金卡会员"}
WANTED = {
    "cancel_order": "取消订单",
    "request_refund": "退款",
    "delivery_delay": "催物流",
    "change_address": "改地址",
    "wrong_choice": "改尺码/颜色",
    "exchange_item": "换货",
    "advise_size": "选尺码",
    "merge_orders": "合并发货",
    "ship_apart": "分开发货",
    "part_of_order": "只退其中的商品",
    "pick_up": "上门取件",
    "substitute": "换成替代款",
}


def summary(visit: Visit, rule: str) -> str:
    """Who, which order and how it stands, what they want, what was done, offered and refused, what may still be given,
    how they feel, their last words. Chinese, one fact a line.
    """
    lines = [f"转接原因：{REASON_WORDS.get(rule, rule)}", f"顾客：{_who(visit)}"]
    order = visit.records.orders.find(visit.memory.order_no) if visit.memory.order_no else None
    if order is not None and visit.customer is not None and order.customer_id == visit.customer.customer_id:
        lines.extend(_about_order(visit, order))
    elif visit.customer is not None:
        lines.append(_open_orders(visit.open_orders()))
    lines.append(f"想要：{_wish(visit)}")
    if visit.memory.reasons:
        lines.append("原因：" + "、".join(REASONS[reason] for reason in visit.memory.reasons))
    if tried := _tried(visit):
        lines.append(f"没办成：{tried}")
    lines.append(f"情绪：{_moods(visit.hearings)}")
    if words := _last_words(visit.course):
        lines.append(f"最后说：「{words}」")
    return "\n".join(lines)


def mood_word(hearing: Hearing) -> str:
    if hearing.emotion is Emotion.NEUTRAL:
        return EMOTION_WORDS[hearing.emotion]
    return f"{EMOTION_WORDS[hearing.emotion]} {hearing.intensity:.1f}"


def _who(visit: Visit) -> str:
    customer = visit.customer
    if customer is None:
        return "未登录，身份没有核实"
    facts = [
        TIERS.get(customer.tier, customer.tier),
        f"价值分 {customer.rfm:.0f}",
        f"历史订单 {customer.lifetime_orders} 笔",
    ]
    if customer.cancelled_orders or customer.returned_orders:
        facts.append(f"取消 {customer.cancelled_orders} 笔、退货 {customer.returned_orders} 笔")
    if customer.opted_out:
        facts.append("不接受自动决策")
    return "，".join(facts)


def _about_order(visit: Visit, order: Order) -> list[str]:
    late = order.late_hours(visit.now)
    facts = [order.title, f"尾号 {order.order_no[-4:]}", STAGE_WORDS[order.stage], f"实付 {yuan(order.paid_fen)}"]
    if late > 0:
        facts.append(f"已超时 {span(late)}")
    judged = judge(visit, order)
    risky = "、".join(reason.words for reason in judged.score.reasons[:3])
    lines = [
        "订单：" + "，".join(facts),
        f"流失概率 {percent(judged.score.probability)}" + (f"：{risky}" if risky else ""),
    ]
    done = [*map(_changed, standing(visit.records.orders.changes(order.order_no))), *map(_granted, judged.case.grants)]
    lines.append("已做过：" + ("；".join(done) if done else "还没有改动，也没有给过方案"))
    lines.append(_allowed(visit, judged.case))
    return lines


def _open_orders(orders: Sequence[Order]) -> str:
    if not orders:
        return "订单：没有未完成的订单"
    shown = "；".join(f"{order.title}，尾号 {order.order_no[-4:]}，{STAGE_WORDS[order.stage]}" for order in orders[:3])
    return f"订单：还没说是哪一单，未完成的有 {len(orders)} 笔：{shown}"


def _changed(change: OrderChange) -> str:
    """A new address is not told, only that there is one."""
    words = CHANGE_WORDS[change.kind]
    variant = change.change.get("variant")
    return f"{words}为 {variant}" if change.kind is ChangeKind.AMEND_VARIANT and variant else words


def _granted(grant: Grant) -> str:
    worth = f" {yuan(grant.offer.value_fen)}" if grant.offer.value_fen else ""
    return f"「{grant.offer.title}」{worth}（{GRANT_WORDS[grant.state]}）"


def _allowed(visit: Visit, case: Case) -> str:
    allowance = visit.rules.allowance(case)
    if not allowance.left_fen:
        return f"还能给：不能再补偿，{allowance.why}"
    return f"还能给：最多 {yuan(allowance.left_fen)}，{allowance.why}"


def _wish(visit: Visit) -> str:
    """What is open now, or else what they came with before it was settled once."""
    goal = visit.memory.goal
    if goal:
        return WANTED.get(goal) or visit.rules.intent_title(goal)
    earlier = [step.hearing.intent for step in visit.course if step.hearing.intent in WANTED]
    return f"{WANTED[earlier[-1]]}（先前提过）" if earlier else "还没说清"


def _tried(visit: Visit) -> str:
    """What the bot could not do, and how often it did not understand."""
    refused = [step.hearing.intent for step in visit.course if step.act is Act.REFUSED]
    tried = [WANTED.get(intent) or visit.rules.intent_title(intent) for intent in dict.fromkeys(refused)]
    lost = sum(step.act is Act.LOST for step in visit.course)
    return "、".join([*tried, *([f"{lost} 次没听懂"] if lost else [])])


def _moods(hearings: Sequence[Hearing]) -> str:
    heard = [hearing for hearing in hearings if hearing != UNHEARD]
    return " → ".join(mood_word(hearing) for hearing in heard[-MOODS_SHOWN:]) or "未知"


def _last_words(course: Sequence[Step]) -> str:
    """Of the last message that was heard: what is private in another is not known."""
    heard = [step for step in course if step.hearing != UNHEARD]
    if not heard:
        return ""
    text, hearing = heard[-1].text, heard[-1].hearing
    for entity in hearing.entities:
        if entity.kind in PRIVATE and entity.text:
            text = text.replace(entity.text, "***")
    text = " ".join(without_numbers(text).split())
    return text if len(text) <= LONGEST_WORDS else f"{text[:LONGEST_WORDS]}…"
