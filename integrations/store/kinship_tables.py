"""What accounts share, and what was refused. They share METADATA with ``tables``."""

from __future__ import annotations

from sqlalchemy import Index, PrimaryKeyConstraint, Table

from integrations.store.columns import moment, nested, text
from integrations.store.tables import METADATA

TIES = Table(
    "ties",
    METADATA,
    text("kind"),
    text("digest"),
    text("customer_id"),  # no foreign key: an order may arrive before its customer
    moment("seen_at"),
    PrimaryKeyConstraint("kind", "digest", "customer_id"),
    Index(None, "customer_id", "seen_at"),
    Index(None, "seen_at"),
)

REFUSALS = Table(
    "refusals",
    METADATA,
    text("refusal_id", key=True),
    moment("at"),
    text("rule"),
    text("why"),
    text("order_no"),
    text("customer_id"),
    text("conversation_id"),
    nested("reasons"),
    text("catalog_version"),
    text("overridden_by", null=True),
    Index(None, "at"),
    Index(None, "order_no"),
    Index(None, "customer_id"),
)
