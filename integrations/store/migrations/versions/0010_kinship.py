"""What accounts share, sealed, and what was refused."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "ties",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("kind", "digest", "customer_id", name="pk_ties"),
    )
    op.create_index("ix_ties_customer_id_seen_at", "ties", ["customer_id", "seen_at"])
    op.create_index("ix_ties_seen_at", "ties", ["seen_at"])

    op.create_table(
        "refusals",
        sa.Column("refusal_id", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("order_no", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("catalog_version", sa.Text(), nullable=False),
        sa.Column("overridden_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("refusal_id", name="pk_refusals"),
    )
    op.create_index("ix_refusals_at", "refusals", ["at"])
    op.create_index("ix_refusals_order_no", "refusals", ["order_no"])
    op.create_index("ix_refusals_customer_id", "refusals", ["customer_id"])

    op.create_index("ix_profiles_started_at", "profiles", ["started_at"])
    op.create_index("ix_grants_created_at", "grants", ["created_at"])
