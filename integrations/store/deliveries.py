"""What platforms delivered, and what has to go to them. Of two processes that reach for a row, the database lets one through."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, case, delete, exists, insert, literal, select, update
from sqlalchemy.types import BigInteger, Text

from integrations.store.columns import UtcDateTime
from integrations.store.rows import Shape
from integrations.store.statements import insert_new, insert_or_replace
from integrations.store.tables import CONTACTS, DELIVERIES, NONCES, OUTBOX
from retention.contact import Delivery, Outgoing, OutgoingState
from retention.contact_ports import Deliveries, Outbox

DELIVERY = Shape(Delivery, DELIVERIES)
OUTGOING = Shape(Outgoing, OUTBOX)

_WAITING = OutgoingState.WAITING.value
_GONE = sorted(state.value for state in (OutgoingState.SENT, OutgoingState.ANSWERED, OutgoingState.SKIPPED))

_NONCE = select(NONCES.c.content, NONCES.c.at).where(NONCES.c.nonce == bindparam("nonce"))
_ADD_NONCE = insert_new(NONCES)
_FIND = DELIVERY.select().where(DELIVERIES.c.delivery_id == bindparam("delivery_id"))
_ADD = insert_new(DELIVERIES)
_PUT = insert_or_replace(DELIVERIES)
_UNDONE = (
    DELIVERY.select()
    .where(DELIVERIES.c.at < bindparam("before"), DELIVERIES.c.inbound.is_not(None))
    .order_by(DELIVERIES.c.at, DELIVERIES.c.delivery_id)
    .limit(bindparam("limit"))
)
_PURGE = delete(DELIVERIES).where(DELIVERIES.c.at < bindparam("before"), DELIVERIES.c.inbound.is_(None))
_PURGE_NONCES = delete(NONCES).where(NONCES.c.at < bindparam("before"))

_AT = bindparam("at", type_=UtcDateTime)
_QUEUE = insert(OUTBOX).from_select(
    ["contact_id", "conversation_id", "seq", "state", "next_at", "attempts", "parts", "problem"],
    select(
        CONTACTS.c.contact_id,
        CONTACTS.c.conversation_id,
        bindparam("seq", type_=BigInteger),
        literal(_WAITING, Text),
        case((CONTACTS.c.held_until > _AT, CONTACTS.c.held_until), else_=_AT),
        literal(0, BigInteger),
        literal(0, BigInteger),
        literal("", Text),
    ).where(CONTACTS.c.conversation_id == bindparam("conversation_id")),
)
_EARLIER = OUTBOX.alias()
_DUE = (
    OUTGOING.select()
    .where(
        OUTBOX.c.state == _WAITING,
        OUTBOX.c.next_at <= bindparam("now"),
        ~exists().where(
            and_(
                _EARLIER.c.contact_id == OUTBOX.c.contact_id,
                _EARLIER.c.state == _WAITING,
                _EARLIER.c.position < OUTBOX.c.position,
            )
        ),
    )
    .order_by(OUTBOX.c.next_at, OUTBOX.c.position)
    .limit(bindparam("limit"))
)
_CLAIM = (
    update(OUTBOX)
    .where(OUTBOX.c.position == bindparam("claimed"), OUTBOX.c.state == _WAITING, OUTBOX.c.next_at <= bindparam("now"))
    .values(next_at=bindparam("until"), attempts=OUTBOX.c.attempts + 1)
)
_SETTLE = (
    update(OUTBOX)
    .where(OUTBOX.c.position == bindparam("settled"))
    .values({name: bindparam(name) for name in ("state", "next_at", "attempts", "parts", "problem")})
)
_OF_CONTACT = (
    OUTGOING.select()
    .where(OUTBOX.c.contact_id == bindparam("contact_id"), OUTBOX.c.state == _WAITING)
    .order_by(OUTBOX.c.position)
)
_OF = (
    OUTGOING.select()
    .where(
        OUTBOX.c.conversation_id == bindparam("conversation_id"), OUTBOX.c.seq.in_(bindparam("seqs", expanding=True))
    )
    .order_by(OUTBOX.c.seq)
)
_RELEASE = (
    update(OUTBOX)
    .where(
        OUTBOX.c.contact_id == bindparam("of_contact"),
        OUTBOX.c.state == _WAITING,
        OUTBOX.c.attempts == 0,
        OUTBOX.c.next_at > bindparam("now"),
    )
    .values(next_at=bindparam("now"))
)
_PURGE_GONE = delete(OUTBOX).where(OUTBOX.c.state.in_(_GONE), OUTBOX.c.next_at < bindparam("before"))


class SqlDeliveries(Deliveries):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def once(self, nonce: str, content: str, at: datetime) -> tuple[str, datetime]:
        if self._connection.execute(_ADD_NONCE, {"nonce": nonce, "content": content, "at": at}).rowcount == 1:
            return content, at
        row = self._connection.execute(_NONCE, {"nonce": nonce}).one()
        return row.content, row.at

    def add(self, delivery: Delivery) -> Delivery:
        if self._connection.execute(_ADD, DELIVERY.row(delivery)).rowcount == 1:
            return delivery
        known = DELIVERY.first(self._connection, _FIND, delivery_id=delivery.delivery_id)
        assert known is not None, "the insert met it, and what is not a day old is not forgotten"
        return known

    def put(self, delivery: Delivery) -> None:
        self._connection.execute(_PUT, DELIVERY.row(delivery))

    def undone(self, before: datetime, *, limit: int = 100) -> Sequence[Delivery]:
        return DELIVERY.all(self._connection, _UNDONE, before=before, limit=limit)

    def purge(self, before: datetime) -> int:
        return sum(
            self._connection.execute(statement, {"before": before}).rowcount for statement in (_PURGE, _PURGE_NONCES)
        )


class SqlOutbox(Outbox):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def due(self, now: datetime, *, limit: int = 50) -> Sequence[Outgoing]:
        return OUTGOING.all(self._connection, _DUE, now=now, limit=limit)

    def claim(self, outgoing: Outgoing, *, now: datetime, until: datetime) -> bool:
        parameters = {"claimed": outgoing.position, "now": now, "until": until}
        return self._connection.execute(_CLAIM, parameters).rowcount == 1

    def put(self, outgoing: Outgoing) -> None:
        row = OUTGOING.row(outgoing)
        key = {"settled": row.pop("position")}
        for name in ("contact_id", "conversation_id", "seq"):
            del row[name]
        self._connection.execute(_SETTLE, row | key)

    def answer(self, contact_id: str, conversation_id: str, seqs: Sequence[int]) -> bool:
        waiting = OUTGOING.all(self._connection, _OF_CONTACT.with_for_update(), contact_id=contact_id)
        first = waiting[: len(seqs)]
        if [(one.conversation_id, one.seq, one.attempts) for one in first] != [(conversation_id, s, 0) for s in seqs]:
            return False
        self._connection.execute(
            update(OUTBOX)
            .where(OUTBOX.c.position.in_([one.position for one in first]))
            .values(state=OutgoingState.ANSWERED.value)
        )
        return True

    def of(self, conversation_id: str, seqs: Sequence[int]) -> Sequence[Outgoing]:
        return OUTGOING.all(self._connection, _OF, conversation_id=conversation_id, seqs=list(seqs))

    def release(self, contact_id: str, now: datetime) -> None:
        self._connection.execute(_RELEASE, {"of_contact": contact_id, "now": now})

    def waiting(self, contact_id: str) -> Sequence[Outgoing]:
        return OUTGOING.all(self._connection, _OF_CONTACT, contact_id=contact_id)

    def purge(self, before: datetime) -> int:
        return self._connection.execute(_PURGE_GONE, {"before": before}).rowcount


def queue(connection: Connection, conversation_id: str, seq: int, at: datetime) -> None:
    """Put a message into the outbox when somebody on a platform is in the conversation."""
    connection.execute(_QUEUE, {"conversation_id": conversation_id, "seq": seq, "at": at})
