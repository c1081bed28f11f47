"""The queue of what is due to be looked at. Of two processes that reach for a row, the database lets one through."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, case, delete, or_, update

from integrations.store.columns import UtcDateTime
from integrations.store.outreach_tables import RESCORINGS
from integrations.store.rows import Shape
from integrations.store.statements import insert_new
from retention.outreach_ports import Rescorings
from retention.rescoring import Debounce, Rescoring, Subject

RESCORING = Shape(Rescoring, RESCORINGS)

_R = RESCORINGS.c
_ADD = insert_new(RESCORINGS)
_THIS = and_(_R.kind == bindparam("of_kind"), _R.subject == bindparam("of_subject"))
_UNTOUCHED = and_(_THIS, _R.marks == bindparam("seen"))
_QUIET_AT, _LATEST_AT = bindparam("quiet_at", type_=UtcDateTime), bindparam("most_at", type_=UtcDateTime)
_MARK = (
    update(RESCORINGS)
    .where(_THIS)
    .values(
        due_at=case((and_(_R.marks > 0, _R.latest_at < _QUIET_AT), _R.latest_at), else_=_QUIET_AT),
        latest_at=case((_R.marks > 0, _R.latest_at), else_=_LATEST_AT),
        marks=_R.marks + 1,
    )
)
_DUE = (
    RESCORING.select()
    .where(_R.due_at <= bindparam("now"), or_(_R.leased_until.is_(None), _R.leased_until <= bindparam("now")))
    .order_by(_R.due_at, _R.kind, _R.subject)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)  # SQLite ignores it: there the transaction already is the only one
)
_LEASE = update(RESCORINGS).where(_THIS).values(leased_until=bindparam("until"))
_ADVANCE = update(RESCORINGS).where(_THIS).values(cursor=bindparam("to"), leased_until=None)
_FORGET = delete(RESCORINGS).where(_UNTOUCHED)
_SLEEP = (
    update(RESCORINGS)
    .where(_UNTOUCHED)
    .values(due_at=bindparam("again"), latest_at=bindparam("again"), marks=0, cursor="", leased_until=None)
)
_RELEASE = update(RESCORINGS).where(_THIS).values(latest_at=bindparam("most_at"), cursor="", leased_until=None)
_FIND = RESCORING.select().where(_THIS)


class SqlRescorings(Rescorings):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def mark(self, kind: Subject, subjects: Collection[str], *, at: datetime, debounce: Debounce) -> None:
        """Insert first, then count: whoever inserts the same one meanwhile is waited for. Always in the same order."""
        wanted = sorted(set(subjects))
        if not wanted:
            return
        fresh = Rescoring(kind=kind, subject="", due_at=at, latest_at=at, marks=0)
        self._connection.execute(_ADD, [RESCORING.row(replace(fresh, subject=subject)) for subject in wanted])
        until = {"quiet_at": at + debounce.quiet, "most_at": at + debounce.most}
        self._connection.execute(_MARK, [{"of_kind": kind.value, "of_subject": subject} | until for subject in wanted])

    def claim(self, now: datetime, *, until: datetime, limit: int = 200) -> Sequence[Rescoring]:
        due = RESCORING.all(self._connection, _DUE, now=now, limit=limit)
        if due:
            self._connection.execute(_LEASE, [_key(one) | {"until": until} for one in due])
        return tuple(replace(one, leased_until=until) for one in due)

    def advance(self, claimed: Rescoring, cursor: str) -> None:
        self._connection.execute(_ADVANCE, _key(claimed) | {"to": cursor})

    def settle(self, claimed: Rescoring, *, now: datetime, debounce: Debounce, again_at: datetime | None) -> None:
        seen = _key(claimed) | {"seen": claimed.marks}
        done = (
            self._connection.execute(_FORGET, seen)
            if again_at is None
            else self._connection.execute(_SLEEP, seen | {"again": again_at})
        )
        if done.rowcount == 0:
            self._connection.execute(_RELEASE, _key(claimed) | {"most_at": now + debounce.most})

    def find(self, kind: Subject, subject: str) -> Rescoring | None:
        return RESCORING.first(self._connection, _FIND, of_kind=kind.value, of_subject=subject)


def _key(one: Rescoring) -> dict[str, object]:
    return {"of_kind": one.kind.value, "of_subject": one.subject}
