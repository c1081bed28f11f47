"""The way to a person: open the handoff, as urgent as it is."""

from __future__ import annotations

from uuid import UUID, uuid5

from retention.audit import AuditEntry
from retention.handoff import Handoff, HandoffState
from retention.hearing import Emotion
from retention.telling import tell_handoff
from retention.visit import Visit

HANDOFFS = UUID("c0a6f3a2-7c0f-4a0e-8a5b-2f6f7f4d9b21")
URGENT = frozenset({"self_harm", "safety"})
WAITS_ALWAYS = URGENT | {"bot_down"}
"""Also out of hours: somebody has to look at these, and the bot has nothing better to say."""
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
    "half_done": "改单只办成一半，需要人工收尾",
}
EMOTION_WORDS = {
    Emotion.NEUTRAL: "平静",
    Emotion.ANGRY: "生气",
    Emotion.DISAPPOINTED: "失望",
    Emotion.ANXIOUS: "着急",
    Emotion.PLEASED: "满意",
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


def open_handoff(visit: Visit, rule: str, summary: str, *, is_open: bool) -> Handoff:
    """Open the handoff of this conversation, or return the one already open.

    While the shop is closed it is only put on record as expired: nobody would come.
    """
    waits = is_open or rule in WAITS_ALWAYS
    handoff = Handoff(
        handoff_id=str(uuid5(HANDOFFS, f"{visit.turn.conversation_id}/{visit.turn.message_id}")),
        conversation_id=visit.turn.conversation_id,
        state=HandoffState.WAITING if waits else HandoffState.EXPIRED,
        reason=rule,
        summary=summary,
        priority=priority(visit, rule),
        opened_at=visit.now,
        updated_at=visit.now,
        order_no=visit.memory.order_no,
        customer_id=visit.customer.customer_id if visit.customer else None,
        skill=visit.rules.staffing.skill_for(rule, visit.memory.reasons),
        closed_at=None if waits else visit.now,
    )
    opened = visit.records.handoffs.open(handoff)
    if opened.handoff_id == handoff.handoff_id:
        subject = f"conversation:{visit.turn.conversation_id}"
        act = "handoff_opened" if waits else "handoff_out_of_hours"
        visit.records.audit.add(
            AuditEntry(at=visit.now, actor="bot", act=act, subject=subject, why=REASON_WORDS.get(rule, rule))
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
