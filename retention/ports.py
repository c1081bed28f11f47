"""What the core needs from outside. Every port has a real implementation and an in-memory twin in ``integrations``."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime

from retention.associate import Associate
from retention.attachment import Attachment
from retention.audit import AuditEntry
from retention.change import ChangeKind, OrderChange
from retention.console_ports import Archive, CannedReplies, ConversationLabels, Notes, Ratings, SignIns
from retention.contact_ports import AccessTokens, Contacts, Cursors, Deliveries, Outbox
from retention.conversation import Author, Conversation, Message, Status
from retention.correction import Correction, CorrectionState, Labels, Lesson
from retention.customer import Customer
from retention.event import Event
from retention.experiment_ports import Exposures
from retention.handoff import Handoff, HandoffState
from retention.help_desk import Links
from retention.kinship_ports import Dealings, Kinship, Refusals
from retention.money_ports import Books, Fulfilments, RemedyRecords
from retention.notice_ports import Dispatches, Subscriptions
from retention.offer import Budget, Grant, GrantState
from retention.order import Order
from retention.outreach_ports import Outreaches, Rescorings
from retention.presence import Presence
from retention.profile import Profile
from retention.risk_ports import Past, Scorings
from retention.task import Task, TaskKind, TaskState

Clock = Callable[[], datetime]
"""Returns the present as aware UTC."""


class Orders(ABC):
    """The shop's orders as last sent."""

    @abstractmethod
    def find(self, order_no: str) -> Order | None: ...

    @abstractmethod
    def find_all(self, order_nos: Collection[str]) -> Mapping[str, Order]:
        """By number; those that are not there are left out."""

    @abstractmethod
    def put(self, order: Order) -> None:
        """Insert or replace."""

    @abstractmethod
    def put_all(self, orders: Sequence[Order]) -> None:
        """As ``put`` of each in turn."""

    @abstractmethod
    def of_customer(self, customer_id: str, *, limit: int = 50) -> Sequence[Order]:
        """Newest first by ``placed_at``."""

    @abstractmethod
    def with_goods(self, sku: str, *, after: str = "", limit: int = 500) -> Sequence[str]:
        """The numbers of open orders that have these goods, ascending, those after ``after``."""

    @abstractmethod
    def changes(self, order_no: str) -> Sequence[OrderChange]:
        """What was changed on a shopper's or associate's word, oldest first."""

    @abstractmethod
    def changes_of(self, order_nos: Collection[str]) -> Mapping[str, Sequence[OrderChange]]:
        """As ``changes``, by order number; orders without any are left out."""

    @abstractmethod
    def record_change(self, change: OrderChange) -> bool:
        """Append; False when ``change_id`` is already there, and then nothing is written."""


class Customers(ABC):
    @abstractmethod
    def find(self, customer_id: str) -> Customer | None: ...

    @abstractmethod
    def find_all(self, customer_ids: Collection[str]) -> Mapping[str, Customer]:
        """By id; those that are not there are left out."""

    @abstractmethod
    def put(self, customer: Customer) -> None:
        """Insert or replace."""

    @abstractmethod
    def put_all(self, customers: Sequence[Customer]) -> None:
        """As ``put`` of each in turn."""


class Events(ABC):
    @abstractmethod
    def add(self, events: Sequence[Event]) -> int:
        """Append those whose ``event_id`` is new; returns how many were."""

    @abstractmethod
    def about(self, order: Order, *, since: datetime, limit: int = 500) -> Sequence[Event]:
        """Events that name the order, its customer without an order, or one of its goods without an order; oldest first.

        When more than ``limit`` fit, the newest ``limit`` are returned.
        """

    @abstractmethod
    def about_all(
        self, orders: Collection[Order], *, since: datetime, limit: int = 500
    ) -> Mapping[str, Sequence[Event]]:
        """As ``about`` of each, by order number, in a number of reads that does not grow with the orders' own."""

    @abstractmethod
    def find_all(self, event_ids: Collection[str]) -> Mapping[str, Event]:
        """By id; those that are not there are left out."""


class Conversations(ABC):
    @abstractmethod
    def find(self, conversation_id: str) -> Conversation | None: ...

    @abstractmethod
    def lock(self, conversation_id: str) -> Conversation | None:
        """As ``find``, and no other transaction may lock it until this one ends."""

    @abstractmethod
    def put(self, conversation: Conversation) -> None:
        """Insert or replace."""

    @abstractmethod
    def of_customer(self, customer_id: str, *, limit: int = 50) -> Sequence[Conversation]:
        """Newest ``updated_at`` first."""

    @abstractmethod
    def with_status(self, statuses: frozenset[Status], *, limit: int = 200) -> Sequence[Conversation]:
        """Newest ``updated_at`` first."""


class Messages(ABC):
    """Transcripts. ``(conversation_id, message_id)`` is unique."""

    @abstractmethod
    def find(self, conversation_id: str, message_id: str) -> Message | None: ...

    @abstractmethod
    def add(self, message: Message) -> Message | None:
        """Append with the next ``seq``; None when the message id is already there, and then nothing is written.

        What is said to a contact of a platform is put into the outbox as well.
        """

    @abstractmethod
    def update(self, message: Message) -> None:
        """Replace the message of that id; raises NotFoundError."""

    @abstractmethod
    def after(self, conversation_id: str, seq: int, *, limit: int = 500) -> Sequence[Message]:
        """Oldest first, those with a greater ``seq``."""

    @abstractmethod
    def turns(self, conversation_id: str, *, last: int) -> Sequence[Message]:
        """The last shopper messages that were heard, oldest first."""

    @abstractmethod
    def last_by(self, conversation_id: str, author: Author) -> Message | None:
        """The newest message of an author."""


class Ledger(ABC):
    """Grants and the budgets they draw on. Every move is one atomic step with its budget and with what is queued for the
    order system."""

    @abstractmethod
    def lock(self, customer_id: str) -> None:
        """Until this transaction ends, no other one locks this customer: who decides an offer locks first and then reads
        what was promised, or two at once would both find the caps untouched."""

    @abstractmethod
    def find(self, grant_id: str) -> Grant | None: ...

    @abstractmethod
    def by_key(self, key: str) -> Grant | None: ...

    @abstractmethod
    def of_order(self, order_no: str) -> Sequence[Grant]:
        """Oldest first, in every state."""

    @abstractmethod
    def of_customer(self, customer_id: str, *, since: datetime) -> Sequence[Grant]:
        """Created at or after ``since``, oldest first, in every state."""

    @abstractmethod
    def propose(self, grant: Grant) -> Grant:
        """Insert in state proposed and reserve ``reserve_fen`` of its budget.

        When the key is already there, returns that grant and reserves nothing. Raises BudgetExhaustedError, and
        NotFoundError for an unknown budget; then nothing is written.
        """

    @abstractmethod
    def move(self, grant_id: str, to: GrantState, *, at: datetime) -> tuple[Grant, bool]:
        """Move along ``offer.MOVES`` and settle the budget: issue turns reserve into used, fulfil leaves it, the rest frees it.

        Issue and reverse also queue what the order system has to do (``Fulfilments.follow``).

        Returns the grant as it is now and whether this call moved it: moving to the state it is in changes nothing.
        Raises IllegalMoveError or NotFoundError.
        """

    @abstractmethod
    def overdue(self, now: datetime, *, limit: int = 500) -> Sequence[Grant]:
        """Proposals past ``expires_at``."""

    @abstractmethod
    def reserved_since(self, since: datetime) -> Mapping[str, int]:
        """What grants created at or after ``since`` hold of their budgets now, in fen, by offer id."""

    @abstractmethod
    def budget(self, budget_id: str) -> Budget | None: ...

    @abstractmethod
    def set_budget(self, budget_id: str, cap_fen: int) -> None:
        """Create the pot or change its cap; what is reserved and used stays."""


class Handoffs(ABC):
    @abstractmethod
    def find(self, handoff_id: str) -> Handoff | None: ...

    @abstractmethod
    def open_of(self, conversation_id: str) -> Handoff | None:
        """The one that is waiting or claimed, if any; a conversation never has two."""

    @abstractmethod
    def open(self, handoff: Handoff) -> Handoff:
        """Insert; when the conversation already has an open one, returns that instead."""

    @abstractmethod
    def change(self, before: Handoff, after: Handoff) -> Handoff:
        """Replace ``before`` by ``after``, one of its moves.

        Raises IllegalMoveError when it has moved meanwhile (another associate was first), NotFoundError when it is gone.
        """

    @abstractmethod
    def listed(self, states: frozenset[HandoffState], *, limit: int = 200) -> Sequence[Handoff]:
        """Highest priority first, then longest waiting."""

    @abstractmethod
    def of_conversation(self, conversation_id: str) -> Sequence[Handoff]:
        """Newest first, in every state."""

    @abstractmethod
    def held_by(self, associate: str) -> Sequence[Handoff]:
        """Claimed now, longest held first."""

    @abstractmethod
    def claimed_since(self, since: datetime, *, limit: int = 50) -> Sequence[Handoff]:
        """By their present or last associate, newest claim first, in every state."""

    @abstractmethod
    def opened_between(self, since: datetime, until: datetime) -> Sequence[Handoff]:
        """Oldest first, ``since`` <= opened < ``until``, in every state."""


class Presences(ABC):
    """Who is at the desk, one row an associate: every process reads the same."""

    @abstractmethod
    def find(self, associate: str) -> Presence | None: ...

    @abstractmethod
    def lock(self, associate: str) -> Presence | None:
        """As ``find``, and no other transaction may lock it until this one ends."""

    @abstractmethod
    def put(self, presence: Presence) -> None:
        """Insert or replace."""

    @abstractmethod
    def seen_since(self, since: datetime) -> Sequence[Presence]:
        """By name."""


class Tasks(ABC):
    """A conversation never has two that are open."""

    @abstractmethod
    def find(self, task_id: str) -> Task | None: ...

    @abstractmethod
    def open_of(self, conversation_id: str) -> Task | None: ...

    @abstractmethod
    def add(self, task: Task) -> Task:
        """Insert; when the conversation already has an open one, or that task is there, returns that instead."""

    @abstractmethod
    def count_open(self, kind: TaskKind) -> int: ...

    @abstractmethod
    def change(self, before: Task, after: Task) -> Task:
        """Replace; raises IllegalMoveError when its state or handler has changed meanwhile."""

    @abstractmethod
    def listed(self, state: TaskState, *, limit: int = 200) -> Sequence[Task]:
        """Open: most urgent first. Done: newest first."""


class Corrections(ABC):
    """What associates say messages meant. A message never has two that are proposed."""

    @abstractmethod
    def find(self, correction_id: str) -> Correction | None: ...

    @abstractmethod
    def of_message(self, conversation_id: str, message_id: str) -> Correction | None:
        """The newest, in any state."""

    @abstractmethod
    def of_messages(self, conversation_id: str) -> Mapping[str, Correction]:
        """The newest of each corrected message, by message id."""

    @abstractmethod
    def propose(self, correction: Correction) -> Correction:
        """Insert in state proposed; when the message already has a proposed one, that one takes this one's labels,
        proposer and time and keeps its id. Returns it as it is now; raises NotFoundError for an unknown message.
        """

    @abstractmethod
    def review(
        self, correction_id: str, to: CorrectionState, *, at: datetime, reviewer: str, labels: Labels | None = None
    ) -> Correction:
        """Move along ``correction.MOVES``; ``labels`` replace the proposed ones.

        Raises OwnCorrectionError for its proposer, IllegalMoveError (also when another reviewer was first) or
        NotFoundError.
        """

    @abstractmethod
    def listed(self, state: CorrectionState, *, limit: int = 200) -> Sequence[Correction]:
        """Proposed: longest waiting first. Reviewed: newest first."""

    @abstractmethod
    def count(self, state: CorrectionState) -> int: ...

    @abstractmethod
    def accepted(self) -> Sequence[Lesson]:
        """All that may be learned: the newest accepted correction of each message, oldest first."""


class Attachments(ABC):
    """Records of the pictures shoppers send. The pictures themselves lie in ``Pictures``."""

    @abstractmethod
    def find(self, attachment_id: str) -> Attachment | None: ...

    @abstractmethod
    def add(self, attachment: Attachment) -> None:
        """Insert; raises NotFoundError for an unknown conversation."""

    @abstractmethod
    def give(self, attachment_id: str, message_id: str) -> bool:
        """Make it the picture of a message; False when it is gone or another message has it."""

    @abstractmethod
    def count(self, conversation_id: str) -> int:
        """Those that are not discarded."""

    @abstractmethod
    def leftovers(self, unsent_before: datetime, *, limit: int = 100) -> Sequence[str]:
        """Ids of what may go: discarded, or in no message and older than ``unsent_before``."""

    @abstractmethod
    def remove(self, attachment_id: str) -> None:
        """Forget the record, when its picture is gone."""


class Associates(ABC):
    """The people who answer, by login name. None is ever removed: what they did names them."""

    @abstractmethod
    def find(self, name: str) -> Associate | None: ...

    @abstractmethod
    def listed(self) -> Sequence[Associate]:
        """By name, also those who are not active."""

    @abstractmethod
    def lock(self) -> Sequence[Associate]:
        """As ``listed``, and no other transaction may lock them until this one ends."""

    @abstractmethod
    def add(self, associate: Associate, *, password_hash: str, at: datetime) -> bool:
        """False when the name is taken, and then nothing is written."""

    @abstractmethod
    def update(self, associate: Associate) -> None:
        """All but the password; raises NotFoundError."""

    @abstractmethod
    def password_hash(self, name: str) -> str | None: ...

    @abstractmethod
    def set_password(self, name: str, password_hash: str) -> None:
        """Raises NotFoundError."""


class Profiles(ABC):
    @abstractmethod
    def put(self, profile: Profile) -> None: ...

    @abstractmethod
    def find(self, conversation_id: str) -> Profile | None: ...

    @abstractmethod
    def of_customer(self, customer_id: str, *, limit: int = 50) -> Sequence[Profile]:
        """Newest first."""

    @abstractmethod
    def updated_after(self, after: datetime, *, cursor: str | None = None, limit: int = 100) -> Sequence[Profile]:
        """By (updated_at, conversation_id), ascending; ``cursor`` is the last conversation_id seen at exactly ``after``."""


class Audit(ABC):
    @abstractmethod
    def add(self, entry: AuditEntry) -> None: ...

    @abstractmethod
    def about(self, subject: str, *, limit: int = 200) -> Sequence[AuditEntry]:
        """Oldest first."""


class Idempotency(ABC):
    """Answers already given to server-to-server writes."""

    @abstractmethod
    def find(self, owner: str, key: str) -> tuple[str, int, str] | None:
        """(request fingerprint, status, body) of the first answer."""

    @abstractmethod
    def add(self, owner: str, key: str, *, fingerprint: str, status: int, body: str, at: datetime) -> bool:
        """False when the key is already there."""


class ApiKeys(ABC):
    """Keys of server-to-server callers, by SHA-256 of the secret."""

    @abstractmethod
    def find(self, digest: str) -> tuple[str, frozenset[str]] | None:
        """(name, scopes) of a key, or None."""

    @abstractmethod
    def put(self, digest: str, name: str, scopes: frozenset[str]) -> None: ...


class Records(ABC):
    """All records inside one transaction."""

    orders: Orders
    customers: Customers
    events: Events
    conversations: Conversations
    messages: Messages
    ledger: Ledger
    handoffs: Handoffs
    associates: Associates
    presences: Presences
    tasks: Tasks
    corrections: Corrections
    attachments: Attachments
    sign_ins: SignIns
    notes: Notes
    labels: ConversationLabels
    canned: CannedReplies
    ratings: Ratings
    archive: Archive
    profiles: Profiles
    audit: Audit
    idempotency: Idempotency
    api_keys: ApiKeys
    contacts: Contacts
    deliveries: Deliveries
    outbox: Outbox
    access_tokens: AccessTokens
    cursors: Cursors
    subscriptions: Subscriptions
    dispatches: Dispatches
    links: Links
    exposures: Exposures
    fulfilments: Fulfilments
    remedies: RemedyRecords
    books: Books
    kinship: Kinship
    refusals: Refusals
    dealings: Dealings
    rescorings: Rescorings
    outreaches: Outreaches
    scorings: Scorings
    past: Past

    @abstractmethod
    def erase_customer(self, customer_id: str, *, at: datetime) -> Mapping[str, int]:
        """Remove what identifies a person, everywhere; returns the rows touched by table.

        Messages lose their text, their corrections and their pictures, conversations their notes and labels, ratings their
        comment, orders their address, profiles, conversations, events and outreaches their customer, tasks their contact
        and wish; who they are on a platform, what they share with other accounts, and what is on its way there, is gone.
        Pictures are discarded here and removed with the next clearing. Money records stay, without the customer's id, for
        the books.
        """


class Store(ABC):
    """Where the records live."""

    @abstractmethod
    def transaction(self) -> AbstractContextManager[Records]:
        """All or nothing: commits when the block ends, rolls back when it raises.

        Raises StoreBusyError when the store is locked or away.
        """

    @abstractmethod
    def check(self) -> None:
        """Raises StoreBusyError when the store cannot serve."""

    @abstractmethod
    def close(self) -> None: ...


class Pictures(ABC):
    """Where pictures lie, by attachment id."""

    @abstractmethod
    def put(self, attachment_id: str, data: bytes) -> None: ...

    @abstractmethod
    def read(self, attachment_id: str) -> bytes | None: ...

    @abstractmethod
    def remove(self, attachment_id: str) -> None:
        """Nothing happens when there is none."""


class OrderSystem(ABC):
    """The shop's order system: what it allows, and the writes. It is asked inside the turn's transaction."""

    @abstractmethod
    def allows(self, order: Order, kind: ChangeKind, *, now: datetime) -> bool: ...

    @abstractmethod
    def perform(self, records: Records, change: OrderChange) -> Order:
        """Carry the change out once and return the order as it is then; raises ChangeRefusedError or NotFoundError."""

    @abstractmethod
    def undo(self, records: Records, done: OrderChange, before: Order, *, at: datetime) -> Order:
        """Take back a change of the same turn, once: ``before`` is the order as it was. Raises ChangeRefusedError or
        NotFoundError.
        """
