"""Grants that are fulfilled, what the order system has to do about grants, and what the embedded one has done."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

MOMENT = sa.DateTime(timezone=True)
STATES = "state IN ('declined', 'expired', 'fulfilled', 'issued', 'proposed', 'reversed')"


def upgrade() -> None:
    # On SQLite the table is made anew: it cannot change a check.
    with op.batch_alter_table("grants") as table:
        table.drop_constraint(op.f("ck_grants_state"), type_="check")
        table.create_check_constraint(op.f("ck_grants_state"), sa.text(STATES))

    op.create_table(
        "fulfilments",
        sa.Column("fulfilment_id", sa.Text(), nullable=False),
        sa.Column("grant_id", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.CheckConstraint("act IN ('grant', 'reverse')", name=op.f("ck_fulfilments_act")),
        sa.CheckConstraint(
            "state IN ('dead', 'done', 'pending', 'sent', 'void')", name=op.f("ck_fulfilments_state")
        ),
        sa.PrimaryKeyConstraint("fulfilment_id", name="pk_fulfilments"),
        sa.UniqueConstraint("grant_id", "act", name="uq_fulfilments_grant_id_act"),
    )
    op.create_index("ix_fulfilments_state_next_at", "fulfilments", ["state", "next_at"])
    # What was issued before was for the shop to pay, as the notice told it: sent now it would be paid twice.
    op.execute(
        "INSERT INTO fulfilments (fulfilment_id, grant_id, act, state, next_at, attempts, error, answer) "
        r"SELECT grant_id || '\:grant', grant_id, 'grant', 'void', updated_at, 0, '', '' FROM grants "
        "WHERE state IN ('issued', 'reversed')"
    )

    op.create_table(
        "remedies",
        sa.Column("grant_id", sa.Text(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint("standing IN ('given', 'taken_back')", name=op.f("ck_remedies_standing")),
        sa.PrimaryKeyConstraint("grant_id", name="pk_remedies"),
    )
