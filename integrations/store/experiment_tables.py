"""The tables of the experiment."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, Text

from integrations.store.columns import flag, moment, nested, number, quoted, text, whole
from integrations.store.tables import METADATA
from retention.exposure import Arm
from retention.profile import Outcome

EXPOSURES = Table(
    "exposures",
    METADATA,
    text("exposure_id", key=True),
    text("conversation_id"),
    text("order_no"),
    text("customer_id"),
    moment("at"),
    moment("next_at"),
    text("arm"),
    text("variant"),
    text("offer_id", null=True),
    text("action"),
    number("propensity"),
    nested("chances"),
    nested("terms"),
    text("cause"),
    text("tier"),
    text("province"),
    text("channel"),
    flag("is_new"),
    number("probability"),
    whole("margin_fen"),
    flag("synthetic"),
    text("catalog_version"),
    text("model_version"),
    text("rule_version"),
    text("outcome"),
    whole("kept_fen"),
    whole("spent_fen"),
    moment("settled_at", null=True),
    CheckConstraint(f"arm IN ({quoted(Arm)})", name="arm"),
    CheckConstraint(f"outcome IN ({quoted(Outcome)})", name="outcome"),
    CheckConstraint("propensity > 0 AND propensity <= 1", name="propensity"),
    Index(None, "at", "exposure_id"),
    Index(None, "settled_at", "next_at"),
    Index(None, "order_no"),
    Index(None, "customer_id"),
)

EXPOSURE_CASES = Table(
    "exposure_cases",  # apart: lift is counted over all exposures, and never looks at these
    METADATA,
    Column("exposure_id", Text, ForeignKey(EXPOSURES.c.exposure_id), primary_key=True),
    nested("case"),
)
