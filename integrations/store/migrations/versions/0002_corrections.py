"""What associates say messages meant."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

MOMENT = sa.DateTime(timezone=True)
PROPOSED = sa.text("state = 'proposed'")


def upgrade() -> None:
    op.create_table(
        "corrections",
        sa.Column("correction_id", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("heard", sa.JSON(), nullable=False),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("proposer", sa.Text(), nullable=False),
        sa.Column("proposed_at", MOMENT, nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=True),
        sa.Column("reviewed_at", MOMENT, nullable=True),
        sa.Column("model_version", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('accepted', 'proposed', 'rejected')", name=op.f("ck_corrections_state")),
        sa.CheckConstraint("reviewer <> proposer", name=op.f("ck_corrections_two_people")),
        sa.ForeignKeyConstraint(
            ["conversation_id", "message_id"],
            ["messages.conversation_id", "messages.message_id"],
            name="fk_corrections_conversation_id",
        ),
        sa.PrimaryKeyConstraint("correction_id", name="pk_corrections"),
    )
    op.create_index(
        "ix_corrections_conversation_id_message_id", "corrections", ["conversation_id", "message_id"]
    )
    op.create_index("ix_corrections_state_proposed_at", "corrections", ["state", "proposed_at"])
    op.create_index(
        "uq_corrections_proposed",
        "corrections",
        ["conversation_id", "message_id"],
        unique=True,
        sqlite_where=PROPOSED,
        postgresql_where=PROPOSED,
    )
