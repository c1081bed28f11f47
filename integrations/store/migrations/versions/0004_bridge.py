"""Subscriptions of other systems and what is on its way to them; handoffs in the shop's own help desk."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("subscription_id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("subscription_id", name="pk_subscriptions"),
    )
    op.create_table(
        "dispatches",
        sa.Column("dispatch_id", sa.Text(), nullable=False),
        sa.Column("subscription_id", sa.Text(), nullable=False),
        sa.Column("notice_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=True),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('dead', 'sent', 'waiting')", name=op.f("ck_dispatches_state")),
        sa.PrimaryKeyConstraint("dispatch_id", name="pk_dispatches"),
    )
    op.create_index("ix_dispatches_state_next_at", "dispatches", ["state", "next_at"])
    op.create_index("ix_dispatches_subscription_id_state_at", "dispatches", ["subscription_id", "state", "at"])
    op.create_index("ix_dispatches_customer_id", "dispatches", ["customer_id"])
    op.create_table(
        "links",
        sa.Column("handoff_id", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("noted", sa.Boolean(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("associate", sa.Text(), nullable=True),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('dead', 'open', 'over')", name=op.f("ck_links_state")),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.conversation_id"], name="fk_links_conversation_id"),
        sa.ForeignKeyConstraint(["handoff_id"], ["handoffs.handoff_id"], name="fk_links_handoff_id"),
        sa.PrimaryKeyConstraint("handoff_id", name="pk_links"),
    )
    op.create_index("ix_links_state_next_at", "links", ["state", "next_at"])
    op.create_index("ix_links_external_id", "links", ["external_id"])
    op.create_index("ix_links_conversation_id", "links", ["conversation_id"])
