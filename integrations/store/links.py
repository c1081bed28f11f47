"""Handoffs in the shop's own help desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, func, or_, select, update

from integrations.store.handoffs import HANDOFF
from integrations.store.rows import Shape
from integrations.store.statements import insert_new
from integrations.store.tables import CONVERSATIONS, HANDOFFS, LINKS
from retention.errors import NotFoundError
from retention.handoff import OPEN, Handoff, HandoffState
from retention.help_desk import Link, Links, LinkState

LINK = Shape(Link, LINKS)

_L, _H = LINKS.c, HANDOFFS.c
_UNLINKED = (
    HANDOFF.select()
    .outerjoin(LINKS, _L.handoff_id == _H.handoff_id)
    .where(_H.state == HandoffState.WAITING.value, _L.handoff_id.is_(None))
    .order_by(_H.opened_at, _H.handoff_id)
    .limit(bindparam("limit"))
)
_ADD = insert_new(LINKS)
_FIND = LINK.select().where(_L.handoff_id == bindparam("handoff_id"))
_OF_EXTERNAL = (
    LINK.select()
    .where(_L.external_id == bindparam("external_id"))
    .order_by(_L.opened_at.desc(), _L.handoff_id.desc())
    .limit(1)
)
_IS_OPEN = _L.state == LinkState.OPEN.value
_TAKEN = and_(_H.state == HandoffState.CLAIMED.value, _H.associate != func.coalesce(_L.associate, ""))
_DUE = (
    LINK.select()
    .join(HANDOFFS, _H.handoff_id == _L.handoff_id)
    .join(CONVERSATIONS, CONVERSATIONS.c.conversation_id == _L.conversation_id)
    .where(
        _IS_OPEN,
        _L.next_at <= bindparam("now"),
        or_(
            ~_L.noted,
            CONVERSATIONS.c.last_seq > _L.seq,
            _H.state.not_in(sorted(state.value for state in OPEN)),
            _TAKEN,
        ),
    )
    .order_by(_L.next_at, _L.handoff_id)
    .limit(bindparam("limit"))
)
_CLAIM = (
    update(LINKS)
    .where(_L.handoff_id == bindparam("claimed"), _IS_OPEN, _L.next_at <= bindparam("now"))
    .values(next_at=bindparam("until"), attempts=_L.attempts + 1)
)
_TAKE = (
    update(LINKS)
    .where(_L.handoff_id == bindparam("taken"))
    .values(associate=func.coalesce(_L.associate, bindparam("by")))
)
_SETTLED = tuple(name for name in LINK.names if name not in ("handoff_id", "associate"))
_SETTLE = (
    update(LINKS).where(_L.handoff_id == bindparam("settled")).values({name: bindparam(name) for name in _SETTLED})
)
_LISTED = (
    LINK.select()
    .where(_L.state.in_(bindparam("states", expanding=True)))
    .order_by(_L.opened_at, _L.handoff_id)
    .limit(bindparam("limit"))
)
_COUNTS = select(_L.state, func.count()).group_by(_L.state)


class SqlLinks(Links):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def unlinked(self, *, limit: int = 20) -> Sequence[Handoff]:
        return HANDOFF.all(self._connection, _UNLINKED, limit=limit)

    def add(self, link: Link) -> bool:
        return self._connection.execute(_ADD, LINK.row(link)).rowcount == 1

    def find(self, handoff_id: str) -> Link | None:
        return LINK.first(self._connection, _FIND, handoff_id=handoff_id)

    def of_external(self, external_id: str) -> Link | None:
        return LINK.first(self._connection, _OF_EXTERNAL, external_id=external_id)

    def due(self, now: datetime, *, limit: int = 20) -> Sequence[Link]:
        return LINK.all(self._connection, _DUE, now=now, limit=limit)

    def claim(self, link: Link, *, now: datetime, until: datetime) -> Link | None:
        parameters = {"claimed": link.handoff_id, "now": now, "until": until}
        return self.find(link.handoff_id) if self._connection.execute(_CLAIM, parameters).rowcount == 1 else None

    def take(self, handoff_id: str, associate: str) -> Link:
        self._connection.execute(_TAKE, {"taken": handoff_id, "by": associate})
        link = self.find(handoff_id)
        if link is None:
            raise NotFoundError("link", handoff_id)
        return link

    def put(self, link: Link) -> None:
        row = LINK.row(link)
        self._connection.execute(_SETTLE, {"settled": link.handoff_id, **{name: row[name] for name in _SETTLED}})

    def listed(self, states: frozenset[LinkState], *, limit: int = 200) -> Sequence[Link]:
        return LINK.all(self._connection, _LISTED, states=sorted(state.value for state in states), limit=limit)

    def counts(self) -> Mapping[LinkState, int]:
        found = {state: int(count) for state, count in self._connection.execute(_COUNTS)}
        return {state: found.get(state.value, 0) for state in LinkState}
