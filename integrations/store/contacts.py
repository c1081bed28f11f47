"""People on messaging platforms, and what lets us ask the platform."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, or_, select, update

from integrations.store.rows import Shape
from integrations.store.statements import insert_new, insert_or_replace
from integrations.store.tables import ACCESS_TOKENS, CONTACTS, CURSORS, IDENTITIES
from retention.contact import AccessToken, Contact, Cursor
from retention.contact_ports import AccessTokens, Contacts, Cursors

CONTACT = Shape(Contact, CONTACTS)
TOKEN = Shape(AccessToken, ACCESS_TOKENS)
CURSOR = Shape(Cursor, CURSORS)

_FIND = CONTACT.select().where(CONTACTS.c.contact_id == bindparam("contact_id"))
_LOCK = _FIND.with_for_update()
_MEET = insert_new(CONTACTS)
_PUT = insert_or_replace(CONTACTS)
_OF_CONVERSATION = CONTACT.select().where(CONTACTS.c.conversation_id == bindparam("conversation_id"))
_CUSTOMER = select(IDENTITIES.c.customer_id).where(
    IDENTITIES.c.channel == bindparam("channel"),
    IDENTITIES.c.app_id == bindparam("app_id"),
    IDENTITIES.c.external_id == bindparam("external_id"),
)
_VOUCH = insert_or_replace(IDENTITIES)

_TOKEN = TOKEN.select().where(ACCESS_TOKENS.c.account == bindparam("account"))
_PUT_TOKEN = insert_or_replace(ACCESS_TOKENS)
_FIRST_LEASE = insert_new(ACCESS_TOKENS)
_LEASE = (
    update(ACCESS_TOKENS)
    .where(
        ACCESS_TOKENS.c.account == bindparam("of_account"),
        or_(ACCESS_TOKENS.c.leased_until.is_(None), ACCESS_TOKENS.c.leased_until <= bindparam("now")),
    )
    .values(leased_until=bindparam("until"))
)

_CURSOR = CURSOR.select().where(CURSORS.c.desk == bindparam("desk")).with_for_update()
_PUT_CURSOR = insert_or_replace(CURSORS)
_ASKED = CURSOR.select().where(CURSORS.c.asked_at < bindparam("before")).order_by(CURSORS.c.asked_at)


class SqlContacts(Contacts):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, contact_id: str) -> Contact | None:
        return CONTACT.first(self._connection, _FIND, contact_id=contact_id)

    def meet(self, contact: Contact) -> Contact:
        if self._connection.execute(_MEET, CONTACT.row(contact)).rowcount == 1:
            return contact
        known = CONTACT.first(self._connection, _LOCK, contact_id=contact.contact_id)
        assert known is not None, "the insert met it, and contacts are only ever erased with their customer"
        return known

    def put(self, contact: Contact) -> None:
        self._connection.execute(_PUT, CONTACT.row(contact))

    def of_conversation(self, conversation_id: str) -> Contact | None:
        return CONTACT.first(self._connection, _OF_CONVERSATION, conversation_id=conversation_id)

    def customer_of(self, channel: str, app_id: str, external_id: str) -> str | None:
        row = {"channel": channel, "app_id": app_id, "external_id": external_id}
        return self._connection.execute(_CUSTOMER, row).scalar()

    def vouch(self, channel: str, app_id: str, external_id: str, customer_id: str) -> None:
        row = {"channel": channel, "app_id": app_id, "external_id": external_id, "customer_id": customer_id}
        self._connection.execute(_VOUCH, row)


class SqlAccessTokens(AccessTokens):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, account: str) -> AccessToken | None:
        found = TOKEN.first(self._connection, _TOKEN, account=account)
        return found if found and found.token else None

    def put(self, token: AccessToken) -> None:
        self._connection.execute(_PUT_TOKEN, {**TOKEN.row(token), "leased_until": None})

    def lease(self, account: str, *, now: datetime, until: datetime) -> bool:
        first = {"account": account, "token": "", "expires_at": now, "leased_until": until}
        if self._connection.execute(_FIRST_LEASE, first).rowcount == 1:
            return True
        return self._connection.execute(_LEASE, {"of_account": account, "now": now, "until": until}).rowcount == 1


class SqlCursors(Cursors):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, desk: str) -> Cursor | None:
        return CURSOR.first(self._connection, _CURSOR, desk=desk)

    def put(self, cursor: Cursor) -> None:
        self._connection.execute(_PUT_CURSOR, CURSOR.row(cursor))

    def asked(self, before: datetime) -> Sequence[Cursor]:
        return CURSOR.all(self._connection, _ASKED, before=before)
