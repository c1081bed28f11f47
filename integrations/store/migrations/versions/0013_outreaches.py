"""Orders that are due to be looked at, what came of stepping in early, and tasks that no conversation asked for."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

MOMENT = sa.DateTime(timezone=True)
PAGE = 500


def upgrade() -> None:
    op.create_table(
        "rescorings",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("latest_at", MOMENT, nullable=False),
        sa.Column("marks", sa.BigInteger(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("leased_until", MOMENT, nullable=True),
        sa.CheckConstraint("kind IN ('goods', 'order')", name=op.f("ck_rescorings_kind")),
        sa.PrimaryKeyConstraint("kind", "subject", name="pk_rescorings"),
    )
    op.create_index("ix_rescorings_due_at", "rescorings", ["due_at"])

    op.create_table(
        "outreaches",
        sa.Column("outreach_id", sa.Text(), nullable=False),
        sa.Column("order_no", sa.Text(), nullable=False),
        sa.Column("episode", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("threshold", sa.Float(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("model_version", sa.Text(), nullable=False),
        sa.Column("rules_version", sa.Text(), nullable=False),
        sa.Column("outreach_version", sa.Text(), nullable=False),
        sa.Column("arm", sa.Text(), nullable=True),
        sa.Column("propensity", sa.Float(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("conversation_id", sa.Text(), nullable=True),
        sa.Column("grant_id", sa.Text(), nullable=True),
        sa.Column("task_id", sa.Text(), nullable=True),
        sa.Column("acted_at", MOMENT, nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "state IN ('answered', 'held_out', 'sent', 'skipped', 'tasked', 'waiting')",
            name=op.f("ck_outreaches_state"),
        ),
        sa.CheckConstraint("arm IN ('held_out', 'reached')", name=op.f("ck_outreaches_arm")),
        sa.CheckConstraint(
            "cause IN ('address', 'general', 'late', 'price', 'stock')", name=op.f("ck_outreaches_cause")
        ),
        sa.CheckConstraint("propensity > 0 AND propensity <= 1", name=op.f("ck_outreaches_propensity")),
        sa.PrimaryKeyConstraint("outreach_id", name="pk_outreaches"),
        sa.UniqueConstraint("order_no", "episode", name=op.f("uq_outreaches_order_no_episode")),
    )
    op.create_index("ix_outreaches_state_next_at", "outreaches", ["state", "next_at"])
    op.create_index("ix_outreaches_opened_at_outreach_id", "outreaches", ["opened_at", "outreach_id"])
    op.create_index("ix_outreaches_customer_id_opened_at", "outreaches", ["customer_id", "opened_at"])

    # On SQLite the table is made anew: it cannot change a check.
    with op.batch_alter_table("tasks") as table:
        table.add_column(sa.Column("order_no", sa.Text(), nullable=True))
        table.alter_column("conversation_id", existing_type=sa.Text(), nullable=True)
        table.drop_constraint(op.f("ck_tasks_kind"), type_="check")
        table.create_check_constraint(op.f("ck_tasks_kind"), sa.text("kind IN ('call_back', 'reach_out')"))

    with op.batch_alter_table("customers") as table:
        table.add_column(sa.Column("no_outreach", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("customers") as table:
        table.alter_column("no_outreach", existing_type=sa.Boolean(), server_default=None)

    op.create_table(
        "order_goods",
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("order_no", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sku", "order_no", name="pk_order_goods"),
    )
    op.create_index("ix_order_goods_order_no", "order_goods", ["order_no"])
    _name_goods()


def _name_goods() -> None:
    """Of the orders that are there already."""
    connection = op.get_bind()
    orders = sa.table("orders", sa.column("order_no"), sa.column("lines"))
    goods = sa.table("order_goods", sa.column("sku"), sa.column("order_no"))
    last = ""
    while True:
        page = connection.execute(
            sa.select(orders.c.order_no, orders.c.lines)
            .where(orders.c.order_no > last)
            .order_by(orders.c.order_no)
            .limit(PAGE)
        ).all()
        named = {(line["sku"], order_no) for order_no, lines in page for line in _read(lines)}
        if named:
            connection.execute(sa.insert(goods), [{"sku": sku, "order_no": number} for sku, number in sorted(named)])
        if len(page) < PAGE:
            return
        last = page[-1][0]


def _read(lines: Any) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(lines) if isinstance(lines, str) else lines
    return found
