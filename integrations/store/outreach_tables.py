"""The tables of stepping in early."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Index, PrimaryKeyConstraint, Table, UniqueConstraint

from integrations.store.columns import flag, moment, number, quoted, text, whole
from integrations.store.tables import METADATA
from retention.outreach import Cause, OutreachArm, OutreachState
from retention.rescoring import Subject

RESCORINGS = Table(
    "rescorings",
    METADATA,
    text("kind"),
    text("subject"),
    moment("due_at"),
    moment("latest_at"),
    whole("marks"),
    text("cursor"),
    moment("leased_until", null=True),
    PrimaryKeyConstraint("kind", "subject"),
    CheckConstraint(f"kind IN ({quoted(Subject)})", name="kind"),
    Index(None, "due_at"),
)

OUTREACHES = Table(
    "outreaches",
    METADATA,
    text("outreach_id", key=True),
    text("order_no"),
    whole("episode"),
    text("customer_id"),
    text("state"),
    moment("opened_at"),
    moment("next_at"),
    number("probability"),
    number("threshold"),
    text("rule"),
    text("model_version"),
    text("rules_version"),
    text("outreach_version"),
    text("arm", null=True),
    number("propensity", null=True),
    text("why"),
    flag("synthetic"),
    text("cause", null=True),
    text("conversation_id", null=True),
    text("grant_id", null=True),
    text("task_id", null=True),
    moment("acted_at", null=True),
    moment("answered_at", null=True),
    UniqueConstraint("order_no", "episode"),
    CheckConstraint(f"state IN ({quoted(OutreachState)})", name="state"),
    CheckConstraint(f"arm IN ({quoted(OutreachArm)})", name="arm"),  # holds as well where there is none
    CheckConstraint(f"cause IN ({quoted(Cause)})", name="cause"),
    CheckConstraint("propensity > 0 AND propensity <= 1", name="propensity"),
    Index(None, "state", "next_at"),
    Index(None, "opened_at", "outreach_id"),
    Index(None, "customer_id", "opened_at"),
)
