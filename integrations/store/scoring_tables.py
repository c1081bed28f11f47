"""The table of scores as they were given. It shares METADATA with ``tables``."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Index, PrimaryKeyConstraint, Table

from integrations.store.columns import flag, moment, nested, number, text
from integrations.store.tables import METADATA

SCORINGS = Table(
    "scorings",
    METADATA,
    text("order_no"),  # no foreign key: a scoring says nothing that its order could take along
    moment("at"),
    number("probability"),
    text("model_version"),
    text("rules_version"),
    text("rule"),
    flag("intercept"),
    nested("values"),
    PrimaryKeyConstraint("order_no", "at"),
    CheckConstraint("probability >= 0 AND probability <= 1", name="probability"),
    Index(None, "at", "order_no"),
)
