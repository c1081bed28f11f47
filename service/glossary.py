"""The shop's Chinese for what the core names in English (docs/glossary.md)."""

from __future__ import annotations

from retention.change import ChangeKind
from retention.correction import CorrectionState
from retention.offer import GrantState
from retention.order import Stage
from retention.risk import Band, Intervention

STAGES = {
    Stage.PENDING_PAYMENT: "待付款",
    Stage.PENDING_SHIPMENT: "待发货",
    Stage.IN_TRANSIT: "运输中",
    Stage.OUT_FOR_DELIVERY: "派送中",
    Stage.DELIVERED: "已签收",
    Stage.AFTER_SALE: "售后中",
    Stage.CLOSED: "已关闭",
    Stage.CANCELLED: "已取消",
}
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
CHANGES = {
    ChangeKind.AMEND_ADDRESS: "修改地址",
    ChangeKind.AMEND_VARIANT: "修改规格",
    ChangeKind.EXPEDITE: "催办",
    ChangeKind.CANCEL: "取消订单",
    ChangeKind.REFUND: "退货退款",
    ChangeKind.EXCHANGE: "换货",
}
