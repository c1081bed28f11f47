"""Sign-ins of associates, notes, labels, canned replies, ratings, and what a search for conversations needs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

MOMENT = sa.DateTime(timezone=True)
SHARED = sa.text("owner IS NULL")


def upgrade() -> None:
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
