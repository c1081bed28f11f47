"""What the shopper says, and how the shop answers. A shopper who asks to cancel is mostly lost."""

from __future__ import annotations

from retention.hearing import Emotion, Hearing, Reason
from risk.evidence import Evidence
from risk.feature import Dimension, Direction, feature

LEAVING = frozenset({"cancel_order", "request_refund"})
STAYING = frozenset({"keep_order", "accept_offer"})
PERSON_WANTED = frozenset({"request_human", "threaten_escalation"})
TROUBLE = {
    "delivery_delay": Reason.LOGISTICS,
    "price_drop": Reason.PRICE,
    "wrong_choice": Reason.SIZE,
    "stock_question": Reason.STOCK,
    "quality_doubt": Reason.QUALITY,
    "product_defect": Reason.QUALITY,
    "payment_problem": Reason.PAYMENT,
    "service_complaint": Reason.SERVICE,
    "changed_mind": Reason.CHANGED_MIND,
}
RECENT_TURNS = 3
FELT = 0.3
"""The least an emotion counts once it was heard at all."""


def _recent(evidence: Evidence) -> tuple[Hearing, ...]:
    return evidence.case.hearings[-RECENT_TURNS:]


def _stated(evidence: Evidence) -> set[Reason]:
    """What the shopper named as the trouble. The case's reasons may be the desk's guess, so they do not count."""
    found = {reason for hearing in evidence.case.hearings for reason in hearing.reasons}
    return found | {TROUBLE[hearing.intent] for hearing in evidence.case.hearings if hearing.intent in TROUBLE}


def _felt(evidence: Evidence, *emotions: Emotion) -> float:
    heard = [hearing.intensity for hearing in _recent(evidence) if hearing.emotion in emotions]
    return max(FELT, min(1.0, max(heard))) if heard else 0.0


@feature(
    node="consultation.asked_to_leave",
    dimension=Dimension.CONSULTATION,
    direction=Direction.RAISES,
    says="顾客已经提出取消或退款",
    otherwise="顾客没有提出取消",
)
def asked_to_leave(evidence: Evidence) -> float:
    """The newest word counts: keeping the order, or taking an offer, ends an earlier wish to leave."""
    for hearing in reversed(evidence.case.hearings):
        if hearing.intent in LEAVING:
            return 1.0
        if hearing.intent in STAYING:
            return 0.0
    return float(evidence.case.goal in LEAVING or bool(evidence.since_order("service.asked_cancel")))


@feature(
    node="consultation.trouble_raised",
    dimension=Dimension.CONSULTATION,
    direction=Direction.RAISES,
    says="顾客说出了 {whole} 个不满的原因",
    otherwise="顾客没有说哪里不满",
)
def troubles_raised(evidence: Evidence) -> float:
    return len(_stated(evidence) - {Reason.CHANGED_MIND})


@feature(
    node="consultation.changed_mind",
    dimension=Dimension.CONSULTATION,
    direction=Direction.RAISES,
    says="顾客说不想要了",
    otherwise="顾客没有说不想要",
)
def changed_mind(evidence: Evidence) -> float:
    return float(Reason.CHANGED_MIND in _stated(evidence))


@feature(
    node="consultation.anger",
    dimension=Dimension.CONSULTATION,
    direction=Direction.RAISES,
    says="顾客正在生气(强度 {percent}%)",
    otherwise="顾客没有生气",
)
def anger(evidence: Evidence) -> float:
    return _felt(evidence, Emotion.ANGRY)


@feature(
    node="consultation.unease",
    dimension=Dimension.CONSULTATION,
    direction=Direction.RAISES,
    says="顾客失望或着急(强度 {percent}%)",
    otherwise="顾客没有失望或着急",
)
def unease(evidence: Evidence) -> float:
    return _felt(evidence, Emotion.DISAPPOINTED, Emotion.ANXIOUS)


@feature(
    node="consultation.low_mood",
    dimension=Dimension.CONSULTATION,
    direction=Direction.RAISES,
    says="最近几句话情绪偏低",
    otherwise="最近几句话情绪平稳",
)
def low_mood(evidence: Evidence) -> float:
    return max((min(1.0, max(0.0, -hearing.sentiment)) for hearing in _recent(evidence)), default=0.0)


@feature(
    node="consultation.asked_returns",
    dimension=Dimension.CONSULTATION,
    direction=Direction.RAISES,
    says="下单后问过 {whole} 次怎么退",
    otherwise="没有问过怎么退",
)
def asked_returns(evidence: Evidence) -> float:
    return len(evidence.since_order("behaviour.asked_returns"))


@feature(
    node="service.person_wanted",
    dimension=Dimension.SERVICE_RESPONSE,
    direction=Direction.RAISES,
    says="顾客要找人工或要投诉",
    otherwise="顾客没有要求升级处理",
)
def person_wanted(evidence: Evidence) -> float:
    return float(any(hearing.intent in PERSON_WANTED for hearing in evidence.case.hearings))


@feature(
    node="service.slow_answer",
    dimension=Dimension.SERVICE_RESPONSE,
    direction=Direction.RAISES,
    says="等客服等了 {whole} 分钟",
    otherwise="没有等客服",
)
def service_wait_minutes(evidence: Evidence) -> float:
    return max((event.number("seconds") / 60 for event in evidence.all("service.waited", days=14)), default=0.0)


@feature(
    node="service.complained",
    dimension=Dimension.SERVICE_RESPONSE,
    direction=Direction.RAISES,
    says="最近 30 天投诉过 {whole} 次",
    otherwise="最近 30 天没有投诉",
)
def complaints(evidence: Evidence) -> float:
    return len(evidence.all("service.complained", days=30))
