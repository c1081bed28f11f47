"""Accounts and sign-ins, notes, labels, canned replies, ratings, and what a search for conversations needs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0002"

MOMENT = sa.DateTime(timezone=True)
SHARED = sa.text("owner IS NULL")


def upgrade() -> None:
    tables = sa.inspect(op.get_bind())
    if not tables.has_table("associates"):
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
    known = {column["name"] for column in tables.get_columns("handoffs")}
    for name in ("claimed_at", "first_reply_at", "closed_at"):
        if name not in known:
            op.add_column("handoffs", sa.Column(name, MOMENT, nullable=True))
    if "ix_handoffs_associate_state" not in {index["name"] for index in tables.get_indexes("handoffs")}:
        op.create_index("ix_handoffs_associate_state", "handoffs", ["associate", "state"])
    op.create_index("ix_handoffs_opened_at", "handoffs", ["opened_at"])
    op.create_index("ix_conversations_updated_at_conversation_id", "conversations", ["updated_at", "conversation_id"])

    op.create_table(
        "sign_ins",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["name"], ["associates.name"], name="fk_sign_ins_name"),
        sa.PrimaryKeyConstraint("digest", name="pk_sign_ins"),
    )
    op.create_index("ix_sign_ins_name", "sign_ins", ["name"])
    op.create_index("ix_sign_ins_expires_at", "sign_ins", ["expires_at"])

    op.create_table(
        "notes",
        sa.Column("note_id", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.conversation_id"], name="fk_notes_conversation_id"
        ),
        sa.PrimaryKeyConstraint("note_id", name="pk_notes"),
    )
    op.create_index("ix_notes_conversation_id_at", "notes", ["conversation_id", "at"])

    op.create_table(
        "conversation_labels",
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.conversation_id"], name="fk_conversation_labels_conversation_id"
        ),
        sa.PrimaryKeyConstraint("conversation_id", "label", name="pk_conversation_labels"),
    )
    op.create_index("ix_conversation_labels_label", "conversation_labels", ["label"])

    op.create_table(
        "canned_replies",
        sa.Column("canned_id", sa.Text(), nullable=False),
        sa.Column("shortcut", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("canned_id", name="pk_canned_replies"),
    )
    op.create_index("uq_canned_replies_own", "canned_replies", ["owner", "shortcut"], unique=True)
    op.create_index(
        "uq_canned_replies_shared",
        "canned_replies",
        ["shortcut"],
        unique=True,
        sqlite_where=SHARED,
        postgresql_where=SHARED,
    )

    op.create_table(
        "ratings",
        sa.Column("handoff_id", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("score", sa.BigInteger(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("rated_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.CheckConstraint("score BETWEEN 1 AND 5", name=op.f("ck_ratings_score")),
        sa.ForeignKeyConstraint(["handoff_id"], ["handoffs.handoff_id"], name="fk_ratings_handoff_id"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.conversation_id"], name="fk_ratings_conversation_id"
        ),
        sa.PrimaryKeyConstraint("handoff_id", name="pk_ratings"),
    )
    op.create_index("ix_ratings_conversation_id", "ratings", ["conversation_id"])
