"""The way to a person: open the handoff with a reason and a summary that spares the associate the scrolling."""

from __future__ import annotations

from uuid import UUID, uuid5

from retention.audit import AuditEntry
from retention.handoff import Handoff, HandoffState
from retention.hearing import Emotion, Hearing
from retention.offer import GrantState
from retention.telling import tell_handoff
from retention.visit import Visit, judge
from retention.words import span, yuan

HANDOFFS = UUID("c0a6f3a2-7c0f-4a0e-8a5b-2f6f7f4d9b21")
URGENT = frozenset({"self_harm", "safety"})
REASON_WORDS = {
    "asked_for_person": "顾客要求人工",
    "threat": "顾客提到投诉或曝光",
    "furious": "情绪激烈",
    "worsening": "情绪持续变差",
    "repeated": "同一诉求反复没有解决",
    "misunderstood": "多次没有听懂顾客",
    "refused_again": "多次没能办成",
    "asked_again": "顾客再次想找人工",
    "escalate": "需要人工接手的内容",
    "self_harm": "疑似自伤，请立即关怀",
    "safety": "涉及人身安全",
    "opted_out": "顾客不接受自动决策",
    "payment_dispute": "扣款疑问",
    "bot_down": "智能客服暂时不可用",
    "not_received": "显示签收但没收到",
}
EMOTION_WORDS = {
    Emotion.NEUTRAL: "平静",
    Emotion.ANGRY: "生气",
    Emotion.DISAPPOINTED: "失望",
    Emotion.ANXIOUS: "着急",
    Emotion.PLEASED: "满意",
}
GRANT_WORDS = {
    GrantState.PROPOSED: "已提出方案",
    GrantState.ISSUED: "已发放方案",
    GrantState.DECLINED: "顾客拒绝的方案",
    GrantState.EXPIRED: "过期的方案",
    GrantState.REVERSED: "已收回的方案",
}
TIERS = {"new": "新客", "regular": "普通会员", "silver": "银卡会员", "gold": "金卡会员"}
WANTED = {
    "cancel_order": "取消订单",
    "request_refund": "退款",
    "delivery_delay": "催物流",
    "change_address": "改地址",
    "wrong_choice": "改尺码/颜色",
    "exchange_item": "换货",
}
REASONS = {
    "price": "价格",
    "logistics": "物流",
    "size": "尺码",
    "stock": "缺货",
    "quality": "质量",
    "service": "服务",
    "payment": "支付",
    "mistake": "拍错",
    "changed_mind": "不想要了",
    "other": "其他",
}


def open_handoff(visit: Visit, rule: str) -> Handoff:
    """Open the handoff of this conversation, or return the one already open."""
    handoff = Handoff(
        handoff_id=str(uuid5(HANDOFFS, f"{visit.turn.conversation_id}/{visit.turn.message_id}")),
        conversation_id=visit.turn.conversation_id,
        state=HandoffState.WAITING,
        reason=rule,
        summary=summary(visit, rule),
        priority=priority(visit, rule),
        opened_at=visit.now,
        updated_at=visit.now,
        order_no=visit.memory.order_no,
        customer_id=visit.customer.customer_id if visit.customer else None,
    )
    opened = visit.records.handoffs.open(handoff)
    if opened.handoff_id == handoff.handoff_id:
        subject = f"conversation:{visit.turn.conversation_id}"
        visit.records.audit.add(
            AuditEntry(
                at=visit.now, actor="bot", act="handoff_opened", subject=subject, why=REASON_WORDS.get(rule, rule)
            )
        )
        tell_handoff(visit.records, opened, at=visit.now)
    return opened


def priority(visit: Visit, rule: str) -> int:
    """0..100: danger first, then how the shopper feels, then what the customer is worth."""
    if rule in URGENT:
        return 100
    worst = max((hearing.intensity for hearing in visit.hearings if hearing.sentiment < 0), default=0.0)
    value = visit.customer.rfm if visit.customer else 0.0
    return min(99, round(30 + 40 * worst + 0.2 * value + (10 if rule == "threat" else 0)))


def summary(visit: Visit, rule: str) -> str:
    """Who, which order, what they want, what was offered, how they feel. Chinese, one fact a line, no phone or address."""
    lines = [f"转接原因：{REASON_WORDS.get(rule, rule)}"]
    if visit.customer is not None:
        tier = TIERS.get(visit.customer.tier, visit.customer.tier)
        lines.append(f"顾客：{tier}，RFM {visit.customer.rfm:.0f}，历史订单 {visit.customer.lifetime_orders} 笔")
    order = visit.records.orders.find(visit.memory.order_no) if visit.memory.order_no else None
    if order is not None and visit.customer is not None and order.customer_id == visit.customer.customer_id:
        late = order.late_hours(visit.now)
        lines.append(
            f"订单：{order.title}，尾号 {order.order_no[-4:]}，实付 {yuan(order.paid_fen)}"
            + (f",已超时 {span(late)}" if late > 0 else "")
        )
        judged = judge(visit, order)
        lines.append(f"流失概率 {judged.score.probability:.0%}:" + "、".join(c.words for c in judged.score.reasons[:3]))
        lines.extend(f"{GRANT_WORDS[grant.state]}:{grant.offer.title}" for grant in judged.case.grants)
    if visit.memory.goal:
        lines.append(f"想要：{WANTED.get(visit.memory.goal) or visit.rules.intent_title(visit.memory.goal)}")
    if visit.memory.reasons:
        lines.append("原因：" + "、".join(REASONS[reason] for reason in visit.memory.reasons))
    lines.append("情绪：" + " → ".join(mood_word(hearing) for hearing in visit.hearings[-5:]))
    return "\n".join(lines)


def mood_word(hearing: Hearing) -> str:
    if hearing.emotion is Emotion.NEUTRAL:
        return EMOTION_WORDS[hearing.emotion]
    return f"{EMOTION_WORDS[hearing.emotion]} {hearing.intensity:.1f}"
