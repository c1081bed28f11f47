"""Scores as they were given, and a way through the orders by time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "scorings",
        sa.Column("order_no", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("model_version", sa.Text(), nullable=False),
        sa.Column("rules_version", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("intercept", sa.Boolean(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("order_no", "at", name=op.f("pk_scorings")),
        sa.CheckConstraint("probability >= 0 AND probability <= 1", name=op.f("ck_scorings_probability")),
    )
    op.create_index("ix_scorings_at_order_no", "scorings", ["at", "order_no"])
    op.create_index("ix_orders_placed_at_order_no", "orders", ["placed_at", "order_no"])
