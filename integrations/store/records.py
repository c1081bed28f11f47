"""All records inside one database transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from integrations.store.archive import SqlArchive
from integrations.store.associates import SqlAssociates, SqlSignIns
from integrations.store.attachments import SqlAttachments
from integrations.store.audit import SqlAudit
from integrations.store.books import SqlBooks
from integrations.store.callers import SqlApiKeys, SqlIdempotency
from integrations.store.canned import SqlCannedReplies
from integrations.store.contacts import SqlAccessTokens, SqlContacts, SqlCursors
from integrations.store.conversations import SqlConversations
from integrations.store.corrections import SqlCorrections
from integrations.store.customers import SqlCustomers
from integrations.store.dealings import SqlDealings
from integrations.store.deliveries import SqlDeliveries, SqlOutbox
from integrations.store.erasure import erase
from integrations.store.events import SqlEvents
from integrations.store.exposures import SqlExposures
from integrations.store.fulfilments import SqlFulfilments, SqlRemedyRecords
from integrations.store.handoffs import SqlHandoffs
from integrations.store.kinship import SqlKinship
from integrations.store.ledger import SqlLedger
from integrations.store.links import SqlLinks
from integrations.store.messages import SqlMessages
from integrations.store.notes import SqlConversationLabels, SqlNotes
from integrations.store.notices import SqlDispatches, SqlSubscriptions
from integrations.store.orders import SqlOrders
from integrations.store.outreaches import SqlOutreaches
from integrations.store.past import SqlPast
from integrations.store.presences import SqlPresences
from integrations.store.profiles import SqlProfiles
from integrations.store.ratings import SqlRatings
from integrations.store.refusals import SqlRefusals
from integrations.store.rescorings import SqlRescorings
from integrations.store.scorings import SqlScorings
from integrations.store.tasks import SqlTasks
from retention.ports import Records


class SqlRecords(Records):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.orders = SqlOrders(connection)
        self.customers = SqlCustomers(connection)
        self.events = SqlEvents(connection)
        self.conversations = SqlConversations(connection)
        self.messages = SqlMessages(connection)
        self.ledger = SqlLedger(connection)
        self.handoffs = SqlHandoffs(connection)
        self.associates = SqlAssociates(connection)
        self.presences = SqlPresences(connection)
        self.tasks = SqlTasks(connection)
        self.corrections = SqlCorrections(connection)
        self.attachments = SqlAttachments(connection)
        self.sign_ins = SqlSignIns(connection)
        self.notes = SqlNotes(connection)
        self.labels = SqlConversationLabels(connection)
        self.canned = SqlCannedReplies(connection)
        self.ratings = SqlRatings(connection)
        self.archive = SqlArchive(connection)
        self.profiles = SqlProfiles(connection)
        self.audit = SqlAudit(connection)
        self.idempotency = SqlIdempotency(connection)
        self.api_keys = SqlApiKeys(connection)
        self.contacts = SqlContacts(connection)
        self.deliveries = SqlDeliveries(connection)
        self.outbox = SqlOutbox(connection)
        self.access_tokens = SqlAccessTokens(connection)
        self.cursors = SqlCursors(connection)
        self.subscriptions = SqlSubscriptions(connection)
        self.dispatches = SqlDispatches(connection)
        self.links = SqlLinks(connection)
        self.exposures = SqlExposures(connection)
        self.fulfilments = SqlFulfilments(connection)
        self.remedies = SqlRemedyRecords(connection)
        self.books = SqlBooks(connection)
        self.kinship = SqlKinship(connection)
        self.refusals = SqlRefusals(connection)
        self.dealings = SqlDealings(connection)
        self.rescorings = SqlRescorings(connection)
        self.outreaches = SqlOutreaches(connection)
        self.scorings = SqlScorings(connection)
        self.past = SqlPast(connection)

    def erase_customer(self, customer_id: str, *, at: datetime) -> Mapping[str, int]:
        return erase(self._connection, customer_id, at)
