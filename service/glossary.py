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
