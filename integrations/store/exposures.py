"""Decisions that would have offered something, and the cases they were made in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, insert, or_, select, update

from integrations.codec import decode, encode
from integrations.store.experiment_tables import EXPOSURE_CASES, EXPOSURES
from integrations.store.rows import Shape
from integrations.store.statements import insert_new
from retention.case import Case
from retention.experiment_ports import Exposures
from retention.exposure import Exposure, Observation, Settlement

EXPOSURE = Shape(Exposure, EXPOSURES)
OBSERVATION = Shape(Observation, EXPOSURES)
AT_ONCE = 500  # SQLite takes only so many parameters in a statement

_ADD = insert_new(EXPOSURES)
_ADD_CASE = insert(EXPOSURE_CASES)
_FIND = EXPOSURE.select().where(EXPOSURES.c.exposure_id == bindparam("exposure_id"))
_IN_ORDER = EXPOSURE.select().order_by(EXPOSURES.c.at, EXPOSURES.c.exposure_id)
_OF_ORDER = _IN_ORDER.where(EXPOSURES.c.order_no == bindparam("order_no"))
_FROM = EXPOSURES.c.at >= bindparam("since")
_PAST = or_(
    EXPOSURES.c.at > bindparam("last_at"),
    and_(EXPOSURES.c.at == bindparam("last_at"), EXPOSURES.c.exposure_id > bindparam("last_id")),
)
_SINCE = _IN_ORDER.where(_FROM).limit(bindparam("limit"))
_AFTER = _SINCE.where(_PAST)
_OBSERVED = (
    OBSERVATION.select().where(_FROM).order_by(EXPOSURES.c.at, EXPOSURES.c.exposure_id).limit(bindparam("limit"))
)
_OBSERVED_AFTER = _OBSERVED.where(_PAST)
_CASES = select(EXPOSURE_CASES).where(EXPOSURE_CASES.c.exposure_id.in_(bindparam("wanted", expanding=True)))
_DUE = (
    EXPOSURE.select()
    .where(EXPOSURES.c.settled_at.is_(None), EXPOSURES.c.next_at <= bindparam("now"))
    .order_by(EXPOSURES.c.next_at, EXPOSURES.c.exposure_id)
    .limit(bindparam("limit"))
)
_OPEN = update(EXPOSURES).where(EXPOSURES.c.exposure_id == bindparam("open_id"), EXPOSURES.c.settled_at.is_(None))
_POSTPONE = _OPEN.values(next_at=bindparam("until"))
_SETTLE = _OPEN.values(
    outcome=bindparam("to"), kept_fen=bindparam("kept"), spent_fen=bindparam("spent"), settled_at=bindparam("then")
)


class SqlExposures(Exposures):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, exposure: Exposure, case: Case) -> bool:
        if self._connection.execute(_ADD, EXPOSURE.row(exposure)).rowcount != 1:
            return False
        self._connection.execute(_ADD_CASE, {"exposure_id": exposure.exposure_id, "case": encode(case)})
        return True

    def find(self, exposure_id: str) -> Exposure | None:
        return EXPOSURE.first(self._connection, _FIND, exposure_id=exposure_id)

    def of_order(self, order_no: str) -> Sequence[Exposure]:
        return EXPOSURE.all(self._connection, _OF_ORDER, order_no=order_no)

    def since(
        self, at: datetime, *, after: tuple[datetime, str] | None = None, limit: int = 1000
    ) -> Sequence[Exposure]:
        if after is None:
            return EXPOSURE.all(self._connection, _SINCE, since=at, limit=limit)
        return EXPOSURE.all(self._connection, _AFTER, limit=limit, **_past(at, after))

    def observed(
        self, at: datetime, *, after: tuple[datetime, str] | None = None, limit: int = 1000
    ) -> Sequence[Observation]:
        if after is None:
            return OBSERVATION.all(self._connection, _OBSERVED, since=at, limit=limit)
        return OBSERVATION.all(self._connection, _OBSERVED_AFTER, limit=limit, **_past(at, after))

    def cases(self, exposure_ids: Sequence[str]) -> Mapping[str, Case]:
        found: dict[str, Case] = {}
        for start in range(0, len(exposure_ids), AT_ONCE):
            wanted = list(exposure_ids[start : start + AT_ONCE])
            rows = self._connection.execute(_CASES, {"wanted": wanted})
            found.update({exposure_id: decode(Case, case) for exposure_id, case in rows})
        return found

    def due(self, now: datetime, *, limit: int = 200) -> Sequence[Exposure]:
        return EXPOSURE.all(self._connection, _DUE, now=now, limit=limit)

    def postpone(self, exposure_id: str, until: datetime) -> None:
        self._connection.execute(_POSTPONE, {"open_id": exposure_id, "until": until})

    def settle(self, exposure_id: str, settlement: Settlement) -> bool:
        parameters = {
            "open_id": exposure_id,
            "to": settlement.outcome.value,
            "kept": settlement.kept_fen,
            "spent": settlement.spent_fen,
            "then": settlement.at,
        }
        return self._connection.execute(_SETTLE, parameters).rowcount == 1


def _past(at: datetime, after: tuple[datetime, str]) -> dict[str, object]:
    """The lower bound moves along, so that the index begins at this page and not at the first."""
    return {"since": max(at, after[0]), "last_at": after[0], "last_id": after[1]}
