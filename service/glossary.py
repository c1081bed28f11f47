"""The shop's Chinese for what the core names in English (docs/glossary.md)."""

from __future__ import annotations

from retention.correction import CorrectionState
from retention.offer import GrantState
from retention.risk import Band, Intervention
from retention.words import CHANGE_WORDS, STAGE_WORDS

STAGES = STAGE_WORDS
BANDS = {Band.LOW: "低", Band.MEDIUM: "中", Band.HIGH: "高", Band.CRITICAL: "极高"}
INTERVENTIONS = {
    Intervention.RELEASE: "放行",
    Intervention.SOOTHE: "安抚",
    Intervention.INFORM: "说明",
    Intervention.AMEND: "改单",
    Intervention.EXPEDITE: "催办",
    Intervention.COMPENSATE: "补偿",
    Intervention.HANDOFF: "转人工",
}
GRANT_STATES = {
    GrantState.PROPOSED: "待顾客确认",
    GrantState.ISSUED: "已发放",
    GrantState.FULFILLED: "已兑现",
    GrantState.DECLINED: "顾客未接受",
    GrantState.EXPIRED: "已过期",
    GrantState.REVERSED: "已收回",
}
CORRECTION_STATES = {
    CorrectionState.PROPOSED: "待审核",
    CorrectionState.ACCEPTED: "已通过",
    CorrectionState.REJECTED: "已驳回",
}
INTENSITIES = {0.3: "弱", 0.6: "中", 0.9: "强"}
"""How strongly an emotion shows, as an associate picks it."""
CHANGES = CHANGE_WORDS
BUDGETS = {
    "price_protection": "保价",
    "logistics": "物流补救",
    "quality": "质量补救",
    "coupons": "优惠券",
    "stock": "缺货补救",
    "points": "积分",
    "insurance": "运费险",
    "gifts": "赠品",
    "care": "会员关怀",
    "free": "不花钱的方案",
}
"""The shipped catalog's; a budget the shop adds is called by its id."""
REFUSALS = {
    "hold_out": "留白组",
    "fix_first": "先改单",
    "rounds": "这单已经提过方案",
    "given_before": "同一原因已给过",
    "already_decided": "同一原因已给过",
    "opted_out": "顾客不要自动决策",
    "ended": "订单已结束",
    "authority": "只有人工能给",
    "audience": "不面向这位顾客",
    "stage": "阶段不适用",
    "no_answer": "目录里没有对应方案",
    "no_margin": "没有毛利可补",
    "cap_order": "本单上限已满",
    "cap_customer": "顾客上限已满",
    "cap_day": "店铺当天上限已满",
    "cap_offer_order": "方案每单上限已满",
    "cap_offer_customer": "方案每人上限已满",
    "cap_offer_day": "方案当天上限已满",
    "cap_campaign": "方案本期上限已满",
    "dates": "不在活动期间",
    "not_this_time": "这次不提",
    "budget_exhausted": "预算用完",
    "not_worth_it": "不值其成本",
    "no_price_drop": "没有降价记录",
    "small_price_drop": "降幅不够",
    "not_late_enough": "没有晚到够久",
    "no_postage": "没有运费可退",
    "nothing_paid": "还没有付款",
    "nothing_awaited": "没有缺货",
    "no_restock_date": "没有到货日期",
    "restock_too_far": "到货太晚",
    "gift_gone": "赠品已送完",
    "insured_already": "已有运费险",
    "no_payment_link": "没有付款链接",
    "no_return": "不能退换",
    "none_to_send": "没有现货可换",
    "several_goods": "不止一种商品",
}
"""Why nothing was offered, by the engine's rule; rows of the guard have titles of their own."""
TIERS = {"new": "新客", "regular": "普通", "silver": "银卡", "gold": "金卡"}
CHANNELS = {"web": "网页", "wechat": "微信", "wecom": "企业微信", "terminal": "终端"}
TENURES = {"new": "新客", "known": "老客"}
DIMENSIONS = {"tier": "会员等级", "province": "收货省份", "channel": "来源渠道", "tenure": "新客与老客"}
MEASURES = {"offered": "收到方案", "saved": "订单留住"}
