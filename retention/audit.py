"""Who did what to money, orders and conversations, why, and by which model and rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class AuditEntry:
    """Append-only. ``seq`` is assigned by the store."""

    at: datetime
    actor: str  # bot, associate:NAME, key:NAME, system
    act: str  # past tense: grant_proposed, grant_issued, order_amended, handoff_opened, customer_erased ...
    subject: str  # what it was done to: order:NO, grant:ID, conversation:ID
    why: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)  # model, rules, catalog
    data: Mapping[str, object] = field(default_factory=dict)  # no personal data
    seq: int = 0
