"""The tables. What is searched or constrained is a column; what is only read back whole is JSON.

Migrations make them (``migrations/versions``); a test compares the two. JSON is not ``jsonb``, which forgets the order of keys.
"""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy import text as sql

from integrations.store.columns import COUNTER, flag, moment, nested, number, quoted, reference, text, whole
from retention.associate import Role
from retention.contact import OutgoingState
from retention.correction import CorrectionState
from retention.handoff import OPEN, HandoffState
from retention.help_desk import LinkState
from retention.notice import DispatchState
from retention.offer import GrantState
from retention.presence import PresenceState
from retention.task import TaskKind, TaskState

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


IS_OPEN = f"state IN ({quoted(OPEN)})"
IS_PROPOSED = f"state = '{CorrectionState.PROPOSED.value}'"
IS_WAITING = f"state = '{OutgoingState.WAITING.value}'"
IS_TO_DO = f"state = '{TaskState.OPEN.value}'"
IS_SHARED = sql("owner IS NULL")

ORDERS = Table(
    "orders",
    METADATA,
    text("order_no", key=True),
    text("customer_id"),  # no foreign key: an order may arrive before its customer
    text("stage"),
    moment("placed_at"),
    whole("paid_fen"),
    whole("shipping_fen"),
    nested("lines"),
    nested("address"),
    moment("paid_at", null=True),
    moment("promised_ship_at", null=True),
    moment("promised_delivery_at", null=True),
    moment("shipped_at", null=True),
    moment("delivered_at", null=True),
    text("promotion_id", null=True),
    text("channel", null=True),
    nested("attributes"),
    text("revision"),  # a new word at each write
    Index(None, "customer_id", "placed_at"),
    Index(None, "placed_at", "order_no"),
)

ORDER_GOODS = Table(
    "order_goods",  # whom news about goods concerns
    METADATA,
    text("sku"),
    text("order_no"),
    PrimaryKeyConstraint("sku", "order_no"),
    Index(None, "order_no"),
)

ORDER_CHANGES = Table(
    "order_changes",
    METADATA,
    text("change_id", key=True),
    text("order_no"),
    text("kind"),
    nested("change"),
    moment("at"),
    text("actor"),
    text("conversation_id", null=True),
    Index(None, "order_no"),
)

CUSTOMERS = Table(
    "customers",
    METADATA,
    text("customer_id", key=True),
    text("name"),
    text("tier"),
    number("rfm"),
    whole("lifetime_orders"),
    whole("lifetime_spend_fen"),
    whole("cancelled_orders"),
    whole("returned_orders"),
    flag("opted_out"),
    flag("no_outreach"),
    nested("attributes"),
)

EVENTS = Table(
    "events",
    METADATA,
    text("event_id", key=True),
    text("kind"),
    moment("at"),
    text("order_no", null=True),
    text("customer_id", null=True),
    text("sku", null=True),
    nested("data"),
    Index(None, "order_no", "at"),
    Index(None, "customer_id", "at"),
    Index(None, "sku", "at"),
)

CONVERSATIONS = Table(
    "conversations",
    METADATA,
    text("conversation_id", key=True),
    text("channel"),
    text("status"),
    moment("created_at"),
    moment("updated_at"),
    text("customer_id", null=True),
    nested("memory"),
    flag("traditional"),
    whole("last_seq", default="0"),  # of its messages
    Index(None, "status", "updated_at"),
    Index(None, "updated_at", "conversation_id"),
    Index(None, "customer_id"),
)

MESSAGES = Table(
    "messages",
    METADATA,
    reference(CONVERSATIONS.c.conversation_id),
    text("message_id"),
    text("author"),
    moment("at"),
    text("text"),
    whole("seq"),
    nested("bubble", null=True),
    nested("hearing", null=True),
    nested("decision", null=True),
    flag("answered"),
    text("associate", null=True),
    nested("attachment", null=True),
    PrimaryKeyConstraint("conversation_id", "message_id"),
    UniqueConstraint("conversation_id", "seq"),
)

BUDGETS = Table(
    "budgets",
    METADATA,
    text("budget_id", key=True),
    whole("cap_fen"),
    whole("reserved_fen", default="0"),
    whole("used_fen", default="0"),
    # reserved + used may exceed the cap after the cap was lowered: it then only stops new proposals
    CheckConstraint("cap_fen >= 0 AND reserved_fen >= 0 AND used_fen >= 0", name="not_negative"),
)

GRANTS = Table(
    "grants",
    METADATA,
    text("grant_id", key=True),
    text("key"),
    text("order_no"),
    text("customer_id"),
    text("conversation_id", null=True),
    text("state"),
    nested("offer"),
    moment("created_at"),
    moment("updated_at"),
    moment("expires_at"),
    text("actor"),
    text("model_version"),
    text("rule_version"),
    reference(BUDGETS.c.budget_id),
    whole("reserve_fen"),
    UniqueConstraint("key"),
    CheckConstraint(f"state IN ({quoted(GrantState)})", name="state"),
    CheckConstraint("reserve_fen >= 0", name="not_negative"),
    Index(None, "order_no"),
    Index(None, "customer_id", "created_at"),
    Index(None, "created_at"),
    Index(None, "state", "expires_at"),
)

HANDOFFS = Table(
    "handoffs",
    METADATA,
    text("handoff_id", key=True),
    reference(CONVERSATIONS.c.conversation_id),
    text("state"),
    text("reason"),
    text("summary"),
    whole("priority"),
    moment("opened_at"),
    moment("updated_at"),
    text("associate", null=True),
    text("order_no", null=True),
    text("customer_id", null=True),
    text("skill", null=True),
    moment("claimed_at", null=True),
    moment("first_reply_at", null=True),
    moment("closed_at", null=True),
    whole("releases", default="0"),
    text("held_for", null=True),
    text("first_reply_by", null=True),
    moment("first_reply_since", null=True),
    CheckConstraint(f"state IN ({quoted(HandoffState)})", name="state"),
    Index("uq_handoffs_open", "conversation_id", unique=True, sqlite_where=sql(IS_OPEN), postgresql_where=sql(IS_OPEN)),
    Index(None, "state", "opened_at"),
    Index(None, "conversation_id"),
    Index(None, "customer_id"),
    Index(None, "associate", "state"),
    Index(None, "claimed_at"),
    Index(None, "opened_at"),
)

ASSOCIATES = Table(
    "associates",
    METADATA,
    text("name", key=True),
    text("display"),
    text("password_hash"),
    text("role"),
    nested("skills"),
    whole("capacity"),
    flag("active"),
    moment("created_at"),
    CheckConstraint(f"role IN ({quoted(Role)})", name="role"),
    CheckConstraint("capacity > 0", name="capacity"),
)

PRESENCES = Table(
    "presences",
    METADATA,
    text("associate", key=True),  # no foreign key: an associate of another agent desk has no account
    text("state"),
    moment("seen_at"),
    CheckConstraint(f"state IN ({quoted(PresenceState)})", name="state"),
    Index(None, "seen_at"),
)

TASKS = Table(
    "tasks",
    METADATA,
    text("task_id", key=True),
    text("kind"),
    reference(CONVERSATIONS.c.conversation_id, null=True),
    text("contact"),
    text("wish"),
    moment("opened_at"),
    moment("due_at"),
    text("state"),
    text("customer_id", null=True),
    text("order_no", null=True),
    text("handler", null=True),
    text("done_by", null=True),
    moment("done_at", null=True),
    text("note"),
    CheckConstraint(f"kind IN ({quoted(TaskKind)})", name="kind"),
    CheckConstraint(f"state IN ({quoted(TaskState)})", name="state"),
    Index("uq_tasks_open", "conversation_id", unique=True, sqlite_where=sql(IS_TO_DO), postgresql_where=sql(IS_TO_DO)),
    Index(None, "state", "due_at"),
    Index(None, "customer_id"),
)

CORRECTIONS = Table(
    "corrections",
    METADATA,
    text("correction_id", key=True),
    text("conversation_id"),
    text("message_id"),
    text("state"),
    text("text"),
    nested("heard"),
    nested("labels"),
    text("proposer"),
    moment("proposed_at"),
    text("reviewer", null=True),
    moment("reviewed_at", null=True),
    text("model_version"),
    ForeignKeyConstraint(["conversation_id", "message_id"], [MESSAGES.c.conversation_id, MESSAGES.c.message_id]),
    CheckConstraint(f"state IN ({quoted(CorrectionState)})", name="state"),
    CheckConstraint("reviewer <> proposer", name="two_people"),  # holds as well while there is no reviewer
    Index(
        "uq_corrections_proposed",
        "conversation_id",
        "message_id",
        unique=True,
        sqlite_where=sql(IS_PROPOSED),
        postgresql_where=sql(IS_PROPOSED),
    ),
    Index(None, "conversation_id", "message_id"),
    Index(None, "state", "proposed_at"),
)

ATTACHMENTS = Table(
    "attachments",
    METADATA,
    text("attachment_id", key=True),
    reference(CONVERSATIONS.c.conversation_id),
    whole("width"),
    whole("height"),
    moment("at"),
    text("message_id", null=True),
    flag("discarded"),
    Index(None, "conversation_id"),
    Index(None, "discarded", "message_id", "at"),
)

PROFILES = Table(
    "profiles",
    METADATA,
    text("conversation_id", key=True),
    text("customer_id", null=True),
    text("channel"),
    moment("started_at"),
    moment("updated_at"),
    whole("turns"),
    text("order_no", null=True),
    nested("intents"),
    nested("reasons"),
    nested("moods"),
    number("risk_probability", null=True),
    text("risk_band", null=True),
    nested("interventions"),
    nested("offers"),
    nested("grants"),
    whole("granted_fen"),
    nested("changes"),
    text("handoff_reason", null=True),
    text("outcome"),
    Index(None, "updated_at", "conversation_id"),
    Index(None, "customer_id", "updated_at"),
    Index(None, "started_at"),
)

AUDIT = Table(
    "audit",
    METADATA,
    Column("seq", COUNTER, primary_key=True, autoincrement=True),
    moment("at"),
    text("actor"),
    text("act"),
    text("subject"),
    text("why"),
    nested("versions"),
    nested("data"),
    Index(None, "subject", "seq"),
)

IDEMPOTENCY = Table(
    "idempotency",
    METADATA,
    text("owner"),
    text("key"),
    text("fingerprint"),
    whole("status"),
    text("body"),
    moment("at"),
    PrimaryKeyConstraint("owner", "key"),
)

API_KEYS = Table(
    "api_keys",
    METADATA,
    text("digest", key=True),
    text("name"),
    nested("scopes"),
)

CONTACTS = Table(
    "contacts",
    METADATA,
    text("contact_id", key=True),
    text("channel"),
    text("app_id"),
    text("external_id"),
    text("open_kfid"),
    text("conversation_id"),  # no foreign key: who meets first writes this row before the conversation
    moment("inbound_at"),
    moment("held_until"),
    flag("taken"),
    Index(None, "conversation_id"),
)

IDENTITIES = Table(
    "identities",
    METADATA,
    text("channel"),
    text("app_id"),
    text("external_id"),
    text("customer_id"),
    PrimaryKeyConstraint("channel", "app_id", "external_id"),
    Index(None, "customer_id"),
)

DELIVERIES = Table(
    "deliveries",
    METADATA,
    text("delivery_id", key=True),
    text("contact_id"),
    text("conversation_id"),
    text("message_id"),
    moment("at"),
    nested("inbound", null=True),
    Index(None, "at"),
    Index(None, "conversation_id"),
)

NONCES = Table(
    "nonces",
    METADATA,
    text("nonce", key=True),
    text("content"),
    moment("at"),
    Index(None, "at"),
)

OUTBOX = Table(
    "outbox",
    METADATA,
    Column("position", COUNTER, primary_key=True, autoincrement=True),
    text("contact_id"),
    text("conversation_id"),
    whole("seq"),
    text("state"),
    moment("next_at"),
    whole("attempts"),
    whole("parts"),
    text("problem"),
    CheckConstraint(f"state IN ({quoted(OutgoingState)})", name="state"),
    UniqueConstraint("conversation_id", "seq"),
    Index(
        "ix_outbox_waiting",
        "contact_id",
        "position",
        sqlite_where=sql(IS_WAITING),
        postgresql_where=sql(IS_WAITING),
    ),
    Index(None, "state", "next_at"),
)

ACCESS_TOKENS = Table(
    "access_tokens",
    METADATA,
    text("account", key=True),
    text("token"),
    moment("expires_at"),
    moment("leased_until", null=True),
)

CURSORS = Table(
    "cursors",
    METADATA,
    text("desk", key=True),
    text("cursor"),
    text("token"),
    moment("asked_at", null=True),
)
SUBSCRIPTIONS = Table(
    "subscriptions",
    METADATA,
    text("subscription_id", key=True),
    text("url"),
    nested("kinds"),
    text("secret"),  # as it is: every delivery is signed with it
    moment("created_at"),
    text("created_by"),
    flag("active"),
)

DISPATCHES = Table(
    "dispatches",
    METADATA,
    text("dispatch_id", key=True),
    text("subscription_id"),  # no foreign key: a turn must not fail because somebody unsubscribes at that moment
    text("notice_id"),
    text("kind"),
    moment("at"),
    nested("data"),
    text("state"),
    moment("next_at"),
    text("customer_id", null=True),
    whole("attempts"),
    text("problem"),
    CheckConstraint(f"state IN ({quoted(DispatchState)})", name="state"),
    Index(None, "state", "next_at"),
    Index(None, "subscription_id", "state", "at"),
    Index(None, "customer_id"),
)

LINKS = Table(
    "links",
    METADATA,
    Column("handoff_id", Text, ForeignKey(HANDOFFS.c.handoff_id), primary_key=True),
    reference(CONVERSATIONS.c.conversation_id),
    text("state"),
    moment("opened_at"),
    moment("next_at"),
    text("external_id", null=True),
    flag("noted"),
    whole("seq"),
    text("associate", null=True),
    whole("attempts"),
    text("problem"),
    CheckConstraint(f"state IN ({quoted(LinkState)})", name="state"),
    Index(None, "state", "next_at"),
    Index(None, "external_id"),
    Index(None, "conversation_id"),
)

SIGN_INS = Table(
    "sign_ins",
    METADATA,
    text("digest", key=True),
    reference(ASSOCIATES.c.name),
    moment("created_at"),
    moment("expires_at"),
    Index(None, "name"),
    Index(None, "expires_at"),
)

NOTES = Table(
    "notes",
    METADATA,
    text("note_id", key=True),
    reference(CONVERSATIONS.c.conversation_id),
    text("author"),
    moment("at"),
    text("text"),
    Index(None, "conversation_id", "at"),
)

CONVERSATION_LABELS = Table(
    "conversation_labels",
    METADATA,
    reference(CONVERSATIONS.c.conversation_id),
    text("label"),
    PrimaryKeyConstraint("conversation_id", "label"),
    Index(None, "label"),
)

CANNED_REPLIES = Table(
    "canned_replies",
    METADATA,
    text("canned_id", key=True),
    text("shortcut"),
    text("title"),
    text("text"),
    text("owner", null=True),
    moment("updated_at"),
    Index("uq_canned_replies_own", "owner", "shortcut", unique=True),
    # NULLs are all different to a unique index
    Index("uq_canned_replies_shared", "shortcut", unique=True, sqlite_where=IS_SHARED, postgresql_where=IS_SHARED),
)

RATINGS = Table(
    "ratings",
    METADATA,
    Column("handoff_id", Text, ForeignKey(HANDOFFS.c.handoff_id), primary_key=True),
    reference(CONVERSATIONS.c.conversation_id),
    whole("score"),
    text("comment"),
    moment("rated_at"),
    moment("updated_at"),
    CheckConstraint("score BETWEEN 1 AND 5", name="score"),
    Index(None, "conversation_id"),
)
