"""The store in memory, for tests and for trying things out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from threading import Lock

from integrations.memory.archive import MemoryArchive
from integrations.memory.associates import MemoryAssociates, MemorySignIns
from integrations.memory.attachments import MemoryAttachments
from integrations.memory.audit import MemoryApiKeys, MemoryAudit, MemoryIdempotency
from integrations.memory.books import MemoryBooks
from integrations.memory.canned import MemoryCannedReplies
from integrations.memory.contacts import MemoryAccessTokens, MemoryContacts, MemoryCursors
from integrations.memory.conversations import MemoryConversations, MemoryMessages, MemoryProfiles
from integrations.memory.corrections import MemoryCorrections
from integrations.memory.deliveries import MemoryDeliveries, MemoryOutbox
from integrations.memory.erasure import erase
from integrations.memory.exposures import MemoryExposures
from integrations.memory.fulfilments import MemoryFulfilments, MemoryRemedyRecords
from integrations.memory.handoffs import MemoryHandoffs
from integrations.memory.kinship import MemoryDealings, MemoryKinship, MemoryRefusals
from integrations.memory.ledger import MemoryLedger
from integrations.memory.links import MemoryLinks
from integrations.memory.notes import MemoryConversationLabels, MemoryNotes
from integrations.memory.notices import MemoryDispatches, MemorySubscriptions
from integrations.memory.orders import MemoryCustomers, MemoryEvents, MemoryOrders
from integrations.memory.outreaches import MemoryOutreaches, MemoryRescorings
from integrations.memory.past import MemoryPast
from integrations.memory.presences import MemoryPresences
from integrations.memory.ratings import MemoryRatings
from integrations.memory.rows import Undo
from integrations.memory.scorings import MemoryScorings
from integrations.memory.tasks import MemoryTasks
from retention.errors import StoreBusyError
from retention.ports import Records, Store


class MemoryRecords(Records):
    orders: MemoryOrders
    customers: MemoryCustomers
    events: MemoryEvents
    conversations: MemoryConversations
    messages: MemoryMessages
    ledger: MemoryLedger
    handoffs: MemoryHandoffs
    associates: MemoryAssociates
    presences: MemoryPresences
    tasks: MemoryTasks
    corrections: MemoryCorrections
    attachments: MemoryAttachments
    sign_ins: MemorySignIns
    notes: MemoryNotes
    labels: MemoryConversationLabels
    canned: MemoryCannedReplies
    ratings: MemoryRatings
    archive: MemoryArchive
    profiles: MemoryProfiles
    audit: MemoryAudit
    idempotency: MemoryIdempotency
    api_keys: MemoryApiKeys
    contacts: MemoryContacts
    deliveries: MemoryDeliveries
    outbox: MemoryOutbox
    access_tokens: MemoryAccessTokens
    cursors: MemoryCursors
    subscriptions: MemorySubscriptions
    dispatches: MemoryDispatches
    links: MemoryLinks
    exposures: MemoryExposures
    fulfilments: MemoryFulfilments
    remedies: MemoryRemedyRecords
    books: MemoryBooks
    kinship: MemoryKinship
    refusals: MemoryRefusals
    dealings: MemoryDealings
    rescorings: MemoryRescorings
    outreaches: MemoryOutreaches
    scorings: MemoryScorings
    past: MemoryPast

    def __init__(self, undo: Undo) -> None:
        self.orders = MemoryOrders(undo)
        self.customers = MemoryCustomers(undo)
        self.events = MemoryEvents(undo)
        self.conversations = MemoryConversations(undo)
        self.contacts = MemoryContacts(undo)
        self.deliveries = MemoryDeliveries(undo)
        self.outbox = MemoryOutbox(undo, self.contacts)
        self.messages = MemoryMessages(undo, self.conversations, self.outbox)
        self.fulfilments = MemoryFulfilments(undo)
        self.ledger = MemoryLedger(undo, self.fulfilments)
        self.handoffs = MemoryHandoffs(undo, self.conversations)
        self.associates = MemoryAssociates(undo)
        self.presences = MemoryPresences(undo)
        self.tasks = MemoryTasks(undo)
        self.corrections = MemoryCorrections(undo, self.messages)
        self.attachments = MemoryAttachments(undo, self.conversations)
        self.sign_ins = MemorySignIns(undo)
        self.notes = MemoryNotes(undo, self.conversations)
        self.labels = MemoryConversationLabels(undo, self.conversations)
        self.canned = MemoryCannedReplies(undo)
        self.ratings = MemoryRatings(undo, self.handoffs)
        self.archive = MemoryArchive(self.conversations, self.messages, self.handoffs, self.labels)
        self.profiles = MemoryProfiles(undo)
        self.audit = MemoryAudit(undo)
        self.idempotency = MemoryIdempotency(undo)
        self.api_keys = MemoryApiKeys(undo)
        self.access_tokens = MemoryAccessTokens(undo)
        self.cursors = MemoryCursors(undo)
        self.dispatches = MemoryDispatches(undo)
        self.subscriptions = MemorySubscriptions(self.dispatches)
        self.links = MemoryLinks(undo, self.handoffs, self.messages)
        self.exposures = MemoryExposures(undo)
        self.rescorings = MemoryRescorings(undo)
        self.outreaches = MemoryOutreaches(undo)
        self.remedies = MemoryRemedyRecords(undo)
        self.books = MemoryBooks(self.ledger, self.fulfilments)
        self.kinship = MemoryKinship(undo)
        self.refusals = MemoryRefusals(undo)
        self.dealings = MemoryDealings(self.profiles, self.orders, self.customers, self.ledger)
        self.scorings = MemoryScorings(undo)
        self.past = MemoryPast(self.orders, self.customers, self.events, self.conversations, self.messages)

    def erase_customer(self, customer_id: str, *, at: datetime) -> Mapping[str, int]:
        return erase(self, customer_id, at)


class MemoryStore(Store):
    """One transaction at a time, from any thread; a second one inside the first waits in vain and is refused."""

    def __init__(self, *, busy_seconds: float = 5.0) -> None:
        self._busy_seconds = busy_seconds
        self._lock = Lock()
        self._undo = Undo()
        self._records = MemoryRecords(self._undo)

    @contextmanager
    def transaction(self) -> Iterator[Records]:
        if not self._lock.acquire(timeout=self._busy_seconds):
            raise StoreBusyError
        try:
            yield self._records
        except BaseException:
            self._undo.roll_back()
            raise
        else:
            self._undo.forget()
        finally:
            self._lock.release()

    def check(self) -> None:
        """Memory can always serve."""

    def close(self) -> None:
        """Nothing is held open."""
