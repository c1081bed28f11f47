"""How a handoff moves between associates, who they are, who is at the desk, and whom to call back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

MOMENT = sa.DateTime(timezone=True)
TO_DO = sa.text("state = 'open'")
STATES = "state IN ('cancelled', 'claimed', 'expired', 'resolved', 'returned', 'waiting')"


def upgrade() -> None:
    # On SQLite the table is made anew: it cannot change a check.
    with op.batch_alter_table("handoffs") as table:
        table.add_column(sa.Column("skill", sa.Text(), nullable=True))
        table.add_column(sa.Column("claimed_at", MOMENT, nullable=True))
        table.add_column(sa.Column("first_reply_at", MOMENT, nullable=True))
        table.add_column(sa.Column("closed_at", MOMENT, nullable=True))
        table.add_column(sa.Column("releases", sa.BigInteger(), server_default="0", nullable=False))
        table.add_column(sa.Column("held_for", sa.Text(), nullable=True))
        table.drop_constraint(op.f("ck_handoffs_state"), type_="check")
        table.create_check_constraint(op.f("ck_handoffs_state"), sa.text(STATES))
    op.execute("UPDATE handoffs SET claimed_at = updated_at WHERE state = 'claimed'")
    op.execute("UPDATE handoffs SET closed_at = updated_at WHERE state IN ('cancelled', 'resolved', 'returned')")
    op.create_index("ix_handoffs_associate_state", "handoffs", ["associate", "state"])
    op.create_index("ix_handoffs_claimed_at", "handoffs", ["claimed_at"])

    op.create_table(
        "associates",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("display", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("skills", sa.JSON(), nullable=False),
        sa.Column("capacity", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("role IN ('admin', 'agent', 'supervisor')", name=op.f("ck_associates_role")),
        sa.CheckConstraint("capacity > 0", name=op.f("ck_associates_capacity")),
        sa.PrimaryKeyConstraint("name", name="pk_associates"),
    )
    op.create_table(
        "presences",
        sa.Column("associate", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.CheckConstraint("state IN ('away', 'busy', 'online')", name=op.f("ck_presences_state")),
        sa.PrimaryKeyConstraint("associate", name="pk_presences"),
    )
    op.create_index("ix_presences_seen_at", "presences", ["seen_at"])
    op.create_table(
        "tasks",
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("wish", sa.Text(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=True),
        sa.Column("handler", sa.Text(), nullable=True),
        sa.Column("done_by", sa.Text(), nullable=True),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('call_back')", name=op.f("ck_tasks_kind")),
        sa.CheckConstraint("state IN ('done', 'open')", name=op.f("ck_tasks_state")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.conversation_id"], name="fk_tasks_conversation_id"
        ),
        sa.PrimaryKeyConstraint("task_id", name="pk_tasks"),
    )
    op.create_index("ix_tasks_customer_id", "tasks", ["customer_id"])
    op.create_index("ix_tasks_state_due_at", "tasks", ["state", "due_at"])
    op.create_index(
        "uq_tasks_open", "tasks", ["conversation_id"], unique=True, sqlite_where=TO_DO, postgresql_where=TO_DO
    )
