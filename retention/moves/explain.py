"""ask_why: the true terms of what was offered, or why there is nothing; nobody is accused and nothing is made up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from retention.conversation import Decision
from retention.moves.offers import ACCEPT, LEAVE, LEAVING, NO_THANKS, TOLD, grant_decision
from retention.offer import ACTIVE, Grant, GrantState, Offer
from retention.promise import promise
from retention.reply import PERSON, Say
from retention.visit import Answer, Visit, plain, say
from retention.words import moment, yuan

NOTHING_FITS = "这单目前没有对得上的补偿方案"
UNDER_THE_RULES = "按店铺规则，这单现在没有能由我直接给的补偿"
"""True whatever the rule was, and says of nobody what they may not be."""
UNTOLD = {
    "fix_first": "这类问题改一下订单就能解决，所以先改单，没有走补偿",
    "rounds": "同一单的方案只提一次，多问几次也不会加码",
    "ended": "订单已经结束，没有需要保留的了",
    "opted_out": "您之前说过不要系统替您做决定，补偿要由人工客服来定",
    "given_before": "这单已经给过一次方案，同一个原因不会再给第二次",
    "already_decided": "这单已经给过一次方案，同一个原因不会再给第二次",
    "budget_exhausted": "这一期活动的补偿名额已经发完了",
    "authority": "这类方案只有人工客服能给",
    "no_margin": "按店铺规则，这单没有能拿出来补偿的额度",
    "cap_order": "按店铺规则，这单能用的补偿已经用完了",
    "cap_offer_order": "按店铺规则，这单能用的补偿已经用完了",
    "cap_day": "今天的补偿名额已经发完了",
    "cap_offer_day": "今天这类方案的名额已经发完了",
    "dates": "这类方案现在不在活动期间",
    "cap_campaign": "这一期活动的补偿名额已经发完了",
    "not_worth_it": NOTHING_FITS,
    "audience": NOTHING_FITS,
    "stage": "这单现在所处的阶段用不上补偿方案",
    "no_answer": NOTHING_FITS,
}
"""The engine's rule -> what a shopper hears of it; every other rule is the shop's own business."""
NO_OFFER = "no_offer:"
SPOKEN = {
    "expedite_free": "包裹可以免费催办，先试不花钱又快的办法",
    "fix_first": "这种情况改一下订单就能解决，不用取消",
    "shopper_leaves": "您确认要走，订单由您决定",
    "offer_declined": "您说不要方案，就不再多留您",
}
"""Decisions of the desk in a shopper's words: what the records say of them is written for associates."""
BY_PROGRESS = "按您说的情况和这单现在的进度办的"
"""Of a decision after the shop's interception rules, which speak of scores and behaviour."""


def why(visit: Visit) -> Answer:
    """About the offer on the table, the last grant, or the last decision."""
    grant = visit.records.ledger.find(visit.memory.grant_id) if visit.memory.grant_id else None
    if grant is not None:
        return _of_grant(visit, grant)
    last = next(
        (
            turn.decision
            for turn in reversed(visit.records.messages.turns(visit.turn.conversation_id, last=10))
            if turn.decision is not None and turn.decision.why and turn.decision.outcome != "explained"
        ),
        None,
    )
    if last is None:
        return Answer(says=(say("why_nothing"),), memory=visit.memory, decision=plain("explained", "why_nothing"))
    return Answer(
        says=(_of_decision(last),),
        memory=visit.memory,
        decision=plain("explained", last.rule, last.why, order_no=last.order_no),
    )


def _of_grant(visit: Visit, grant: Grant) -> Answer:
    offer = grant.offer
    reason = Say(key="why_offer", values={"why": offer.why, "title": offer.title, "worth": yuan(offer.value_fen)})
    if grant.state is GrantState.PROPOSED and grant.expires_at > visit.now:
        terms = Say(key="why_terms", values={"terms": terms_in_words(offer), "until": moment(grant.expires_at)})
        way_out = LEAVE if visit.memory.goal in LEAVING else NO_THANKS
        says = (reason, replace(terms, buttons=(ACCEPT, way_out, PERSON)))
    elif grant.state in ACTIVE - {GrantState.PROPOSED}:
        says = (reason, Say(key="why_granted", values={"promise": promise(grant.offer.terms)}, buttons=(PERSON,)))
    else:
        says = (reason, Say(key="why_over", values={"title": offer.title}, buttons=(PERSON,)))
    return Answer(says=says, memory=visit.memory, decision=grant_decision(grant, "explained"))


def _of_decision(last: Decision) -> Say:
    if not last.rule.startswith(NO_OFFER):
        told = last.why if last.probability is None else BY_PROGRESS
        return Say(key="why_decision", values={"why": SPOKEN.get(last.rule, told)}, buttons=(PERSON,))
    rule = last.rule.removeprefix(NO_OFFER)
    reason = last.why if rule in TOLD else UNTOLD.get(rule, UNDER_THE_RULES)
    return Say(key="why_no_offer", values={"reason": reason}, buttons=(PERSON,))


def terms_in_words(offer: Offer) -> str:
    """What the shopper would get and what it is bound to, from the terms alone.

    >>> from retention.offer import Offer
    >>> terms = {"coupon_fen": 10000, "coupon_threshold_fen": 50000}
    >>> terms_in_words(Offer(offer_id="c", kind="coupon", title="", cause="price", value_fen=10000, cost_fen=1,
    ...     reserve_fen=10000, pitch="", why="", budget="b", catalog_version="1", terms=terms))
    '100 元优惠券放进您的账户，满 500 元可用'
    """
    return "，".join(_parts(offer)) or "按方案写明的内容办"


def _parts(offer: Offer) -> Iterator[str]:
    terms = offer.terms
    if terms.get("expedite"):
        yield "这单改用特快承运并加急" if terms.get("upgrade_carrier") else "给这单加急催办"
    if cash := _fen(offer, "cash_fen"):
        yield f"{yuan(cash)}原路退回"
    if coupon := _fen(offer, "coupon_fen"):
        threshold = _fen(offer, "coupon_threshold_fen")
        yield f"{yuan(coupon)}优惠券放进您的账户，" + (f"满 {yuan(threshold)}可用" if threshold else "没有使用门槛")
    if points := _fen(offer, "points"):
        yield f"{points} 积分记到您的账户"
    if insured := _fen(offer, "insurance_fen"):
        yield f"这单加上运费险，退货寄回的运费最多赔 {yuan(insured)}"
    if terms.get("exchange") is True:
        yield "免费换货，来回运费由店铺承担"
    if isinstance(gift := terms.get("gift_name"), str):
        yield f"{gift}随单寄出"
    if days := _fen(offer, "care_days"):
        yield f"{days} 天关怀权益记到您的账户"


def _fen(offer: Offer, term: str) -> int:
    value = offer.terms.get(term)
    return value if isinstance(value, int) else 0
