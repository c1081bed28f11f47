"""How the shop's service has answered: questions, answers that never came, transfers, ratings."""

from __future__ import annotations

from risk.evidence import Evidence
from risk.feature import Dimension, Direction, feature

FEWEST_STARS, FEWEST_GOOD_STARS = 1, 3


@feature(
    node="service.asked_often",
    dimension=Dimension.CONSULTATION,
    direction=Direction.RAISES,
    says="下单后咨询过 {whole} 次",
    otherwise="下单后没有咨询过",
)
def questions(evidence: Evidence) -> float:
    return len(evidence.since_order("service.consulted"))


@feature(
    node="consultation.asks_rules",
    dimension=Dimension.CONSULTATION,
    direction=Direction.RAISES,
    says="下单后问过 {whole} 次规则",
    otherwise="下单后没有问过规则",
)
def policy_questions(evidence: Evidence) -> float:
    return len([event for event in evidence.since_order("service.consulted") if event.text("topic") == "policy"])


@feature(
    node="consultation.asks_where",
    dimension=Dimension.CONSULTATION,
    direction=Direction.EITHER,
    says="下单后问过 {whole} 次物流",
    otherwise="下单后没有问过物流",
)
def logistics_questions(evidence: Evidence) -> float:
    return len([event for event in evidence.since_order("service.consulted") if event.text("topic") == "logistics"])


@feature(
    node="service.unanswered",
    dimension=Dimension.SERVICE_RESPONSE,
    direction=Direction.RAISES,
    says="有 {whole} 次咨询没有得到回答",
    otherwise="没有漏答的咨询",
)
def unanswered_questions(evidence: Evidence) -> float:
    return len(evidence.since_order("service.consulted")) - len(evidence.since_order("service.answered"))


@feature(
    node="service.late_answer",
    dimension=Dimension.SERVICE_RESPONSE,
    direction=Direction.RAISES,
    says="最慢的一次回答用了 {whole} 分钟",
    otherwise="没有慢的回答",
)
def slowest_answer_minutes(evidence: Evidence) -> float:
    return max((event.number("seconds") / 60 for event in evidence.since_order("service.answered")), default=0.0)


@feature(
    node="service.passed_on",
    dimension=Dimension.SERVICE_RESPONSE,
    direction=Direction.RAISES,
    says="客服转接过 {whole} 次",
    otherwise="没有被转接",
)
def transfers(evidence: Evidence) -> float:
    return len(evidence.all("service.transferred", days=14))


@feature(
    node="service.rated_low",
    dimension=Dimension.SERVICE_RESPONSE,
    direction=Direction.RAISES,
    says="最近给客服打了低分",
    otherwise="最近没有给客服打低分",
)
def low_rating(evidence: Evidence) -> float:
    """How far the newest rating of a month lies below three stars."""
    given = evidence.all("service.rated", days=30)
    if not given:
        return 0.0
    return FEWEST_GOOD_STARS - max(FEWEST_STARS, given[-1].number("score", FEWEST_GOOD_STARS))
