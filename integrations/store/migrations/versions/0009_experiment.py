"""Exposures of the experiment, and the cases they were made in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "exposures",
        sa.Column("exposure_id", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("order_no", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("arm", sa.Text(), nullable=False),
        sa.Column("variant", sa.Text(), nullable=False),
        sa.Column("offer_id", sa.Text(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("propensity", sa.Float(), nullable=False),
        sa.Column("chances", sa.JSON(), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("province", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("is_new", sa.Boolean(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("margin_fen", sa.BigInteger(), nullable=False),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.Column("catalog_version", sa.Text(), nullable=False),
        sa.Column("model_version", sa.Text(), nullable=False),
        sa.Column("rule_version", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("kept_fen", sa.BigInteger(), nullable=False),
        sa.Column("spent_fen", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.CheckConstraint("arm IN ('held_out', 'offered')", name=op.f("ck_exposures_arm")),
        sa.CheckConstraint(
            "outcome IN ('deflected', 'lost', 'retained', 'undecided')", name=op.f("ck_exposures_outcome")
        ),
        sa.CheckConstraint("propensity > 0 AND propensity <= 1", name=op.f("ck_exposures_propensity")),
        sa.PrimaryKeyConstraint("exposure_id", name="pk_exposures"),
    )
    op.create_index("ix_exposures_at_exposure_id", "exposures", ["at", "exposure_id"])
    op.create_index("ix_exposures_settled_at_next_at", "exposures", ["settled_at", "next_at"])
    op.create_index("ix_exposures_order_no", "exposures", ["order_no"])
    op.create_index("ix_exposures_customer_id", "exposures", ["customer_id"])

    op.create_table(
        "exposure_cases",
        sa.Column("exposure_id", sa.Text(), nullable=False),
        sa.Column("case", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["exposure_id"], ["exposures.exposure_id"], name="fk_exposure_cases_exposure_id"),
        sa.PrimaryKeyConstraint("exposure_id", name="pk_exposure_cases"),
    )
