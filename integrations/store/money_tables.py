"""The tables of what the order system has to do about grants, and of what the embedded one has done."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Index, Table, UniqueConstraint

from integrations.store.columns import moment, quoted, text, whole
from integrations.store.tables import METADATA
from retention.fulfilment import Act, FulfilmentState, Standing

FULFILMENTS = Table(
    "fulfilments",
    METADATA,
    text("fulfilment_id", key=True),
    text("grant_id"),  # no foreign key: SQLite could then not make ``grants`` anew in a later migration
    text("act"),
    text("state"),
    moment("next_at"),
    whole("attempts"),
    text("error"),
    text("answer"),
    UniqueConstraint("grant_id", "act"),
    CheckConstraint(f"act IN ({quoted(Act)})", name="act"),
    CheckConstraint(f"state IN ({quoted(FulfilmentState)})", name="state"),
    Index(None, "state", "next_at"),
)

REMEDIES = Table(
    "remedies",
    METADATA,
    text("grant_id", key=True),
    text("standing"),
    text("reference"),
    moment("at"),
    CheckConstraint(f"standing IN ({quoted(Standing)})", name="standing"),
)
