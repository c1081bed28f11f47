"""What the bot did not offer, and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select, update

from integrations.store.kinship_tables import REFUSALS
from integrations.store.rows import Shape
from integrations.store.statements import insert_new
from retention.kinship_ports import Refusals
from retention.refusal import Refusal, RefusalCount

REFUSAL = Shape(Refusal, REFUSALS)

_ADD = insert_new(REFUSALS)
_WITHIN = (REFUSALS.c.at >= bindparam("since"), REFUSALS.c.at < bindparam("until"))
_RECENT = (
    REFUSAL.select()
    .where(*_WITHIN)
    .order_by(REFUSALS.c.at.desc(), REFUSALS.c.refusal_id.desc())
    .limit(bindparam("limit"))
)
_NUMBER = func.count()
_COUNTED = (
    select(
        REFUSALS.c.rule,
        _NUMBER,
        func.count(REFUSALS.c.order_no.distinct()),
        func.count(REFUSALS.c.overridden_by),
        func.max(REFUSALS.c.at),
    )
    .where(*_WITHIN)
    .group_by(REFUSALS.c.rule)
    .order_by(_NUMBER.desc(), REFUSALS.c.rule)
)
_OVERRIDE = (
    update(REFUSALS)
    .where(REFUSALS.c.order_no == bindparam("of_order"), REFUSALS.c.rule.in_(bindparam("rules", expanding=True)))
    .values(overridden_by=bindparam("by"))
)


class SqlRefusals(Refusals):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, refusal: Refusal) -> None:
        self._connection.execute(_ADD, REFUSAL.row(refusal))

    def override(self, order_no: str, rules: Sequence[str], *, by: str) -> int:
        return self._connection.execute(_OVERRIDE, {"of_order": order_no, "rules": list(rules), "by": by}).rowcount

    def counted(self, since: datetime, until: datetime) -> Sequence[RefusalCount]:
        rows = self._connection.execute(_COUNTED, {"since": since, "until": until})
        return tuple(
            RefusalCount(rule=rule, refusals=refusals, orders=orders, overridden=overridden, last_at=last_at)
            for rule, refusals, orders, overridden, last_at in rows
        )

    def recent(self, since: datetime, until: datetime, *, limit: int = 50) -> Sequence[Refusal]:
        return REFUSAL.all(self._connection, _RECENT, since=since, until=until, limit=limit)
