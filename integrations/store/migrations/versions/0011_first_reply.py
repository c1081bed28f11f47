"""Who first answered a handoff, and since when they had it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("handoffs", sa.Column("first_reply_by", sa.Text(), nullable=True))
    op.add_column("handoffs", sa.Column("first_reply_since", sa.DateTime(timezone=True), nullable=True))
    # What was passed on before this cannot be told any more.
    op.execute(
        "UPDATE handoffs SET first_reply_by = associate, first_reply_since = claimed_at WHERE claimed_at <= first_reply_at"
    )
