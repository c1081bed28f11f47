"""How likely an order is to be lost, and what the shop's rules make of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Band(str, Enum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Intervention(str, Enum):
    """What to do about an order in danger, weakest first."""

    RELEASE = "release"  # 放行: let it go, politely
    SOOTHE = "soothe"  # 安抚
    INFORM = "inform"  # 说明
    AMEND = "amend"  # 改单
    EXPEDITE = "expedite"  # 催办
    COMPENSATE = "compensate"  # 补偿
    HANDOFF = "handoff"  # 转人工


@dataclass(frozen=True, kw_only=True)
class Contribution:
    """One feature's share of a score, on the logit scale. ``node`` is the risk node it speaks for."""

    feature: str
    node: str
    contribution: float
    words: str  # Chinese, for a person: 承诺送达已超过 2 天 12 小时


@dataclass(frozen=True, kw_only=True)
class Similar:
    """A past order that looked like this one; ``similarity`` is 0..1."""

    order_no: str
    similarity: float
    cancelled: bool


@dataclass(frozen=True, kw_only=True)
class Score:
    """``probability`` that the order is lost; ``reasons`` strongest first; ``model_version`` says prior when no model served.

    ``interval`` holds the probability a model trained on other orders of the same shop would give, nine times in ten;
    None when nothing is known about that.
    """

    probability: float
    reasons: tuple[Contribution, ...] = ()
    similar: tuple[Similar, ...] = ()
    model_version: str = "none"
    interval: tuple[float, float] | None = None


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What the interception policy chose for a case, in which scenario and by which rule of which version."""

    intervention: Intervention
    band: Band
    threshold: float
    intercept: bool
    scenario: str
    rule: str
    why: str  # Chinese, for the agent and the audit log
    version: str
