"""What associates say messages meant. Of two who review at once, the database lets one through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from integrations.codec import encode
from integrations.store.rows import Shape
from integrations.store.statements import insert_new
from integrations.store.tables import CORRECTIONS, MESSAGES
from retention.correction import MOVES, Correction, CorrectionState, Labels, Lesson, lessons
from retention.errors import IllegalMoveError, NotFoundError, OwnCorrectionError, StoreBusyError
from retention.ports import Corrections

CORRECTION = Shape(Correction, CORRECTIONS)

_C = CORRECTIONS.c
_IN_CONVERSATION = _C.conversation_id == bindparam("conversation_id")
_NEWEST_LAST = CORRECTION.select().order_by(_C.reviewed_at.is_(None), _C.proposed_at, _C.correction_id)
_FIND = CORRECTION.select().where(_C.correction_id == bindparam("correction_id"))
_OF_MESSAGES = _NEWEST_LAST.where(_IN_CONVERSATION)
_OF_MESSAGE = _OF_MESSAGES.where(_C.message_id == bindparam("message_id"))
_MESSAGE = select(MESSAGES.c.message_id).where(
    MESSAGES.c.conversation_id == bindparam("conversation_id"), MESSAGES.c.message_id == bindparam("message_id")
)
_ADD = insert_new(CORRECTIONS)
_REPLACE = (
    update(CORRECTIONS)
    .where(
        _C.conversation_id == bindparam("in_conversation"),
        _C.message_id == bindparam("of_message"),
        _C.state == CorrectionState.PROPOSED.value,
    )
    .values({name: bindparam(name) for name in ("labels", "proposer", "proposed_at")})
)
_REVIEW = (
    update(CORRECTIONS)
    .where(
        _C.correction_id == bindparam("reviewed"),
        _C.state.in_(bindparam("sources", expanding=True)),
        _C.proposer != bindparam("reviewer"),
    )
    .values({name: bindparam(name) for name in ("state", "reviewer", "reviewed_at")})
)
_REVIEW_WITH_LABELS = _REVIEW.values(labels=bindparam("labels"))
_IN_STATE = CORRECTION.select().where(_C.state == bindparam("in_state"))
_WAITING = _IN_STATE.order_by(_C.proposed_at, _C.correction_id).limit(bindparam("limit"))
_REVIEWED = _IN_STATE.order_by(_C.reviewed_at.desc(), _C.correction_id.desc()).limit(bindparam("limit"))
_ALL_REVIEWED = _IN_STATE.order_by(_C.reviewed_at, _C.correction_id)
_COUNT = select(func.count()).select_from(CORRECTIONS).where(_C.state == bindparam("in_state"))


class SqlCorrections(Corrections):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, correction_id: str) -> Correction | None:
        return CORRECTION.first(self._connection, _FIND, correction_id=correction_id)

    def of_message(self, conversation_id: str, message_id: str) -> Correction | None:
        key = {"conversation_id": conversation_id, "message_id": message_id}
        found = CORRECTION.all(self._connection, _OF_MESSAGE, **key)
        return found[-1] if found else None

    def of_messages(self, conversation_id: str) -> Mapping[str, Correction]:
        found = CORRECTION.all(self._connection, _OF_MESSAGES, conversation_id=conversation_id)
        return {one.message_id: one for one in found}

    def propose(self, correction: Correction) -> Correction:
        """Tried twice: between the first look and the insert another transaction may have proposed."""
        key = {"conversation_id": correction.conversation_id, "message_id": correction.message_id}
        if self._connection.execute(_MESSAGE, key).first() is None:
            raise NotFoundError("message", correction.message_id)
        if (replaced := self._replace(correction)) is not None:
            return replaced
        if self._connection.execute(_ADD, CORRECTION.row(correction)).rowcount == 1:
            return correction
        if (replaced := self._replace(correction)) is not None:
            return replaced
        raise StoreBusyError  # the one in the way was reviewed in this very moment

    def review(
        self, correction_id: str, to: CorrectionState, *, at: datetime, reviewer: str, labels: Labels | None = None
    ) -> Correction:
        sources = [state.value for state, reachable in MOVES.items() if to in reachable]
        parameters: dict[str, Any] = {"reviewed": correction_id, "sources": sources, "state": to.value}
        parameters |= {"reviewer": reviewer, "reviewed_at": at}
        if labels is None:
            done = self._connection.execute(_REVIEW, parameters)
        else:
            done = self._connection.execute(_REVIEW_WITH_LABELS, parameters | {"labels": encode(labels)})
        correction = self.find(correction_id)
        if correction is None:
            raise NotFoundError("correction", correction_id)
        if done.rowcount == 1:
            return correction
        if to in MOVES[correction.state] and reviewer == correction.proposer:
            raise OwnCorrectionError(correction_id, reviewer)
        raise IllegalMoveError("correction", correction_id, correction.state.value, to.value)

    def listed(self, state: CorrectionState, *, limit: int = 200) -> Sequence[Correction]:
        statement = _WAITING if state is CorrectionState.PROPOSED else _REVIEWED
        return CORRECTION.all(self._connection, statement, in_state=state.value, limit=limit)

    def count(self, state: CorrectionState) -> int:
        return int(self._connection.execute(_COUNT, {"in_state": state.value}).scalar_one())

    def accepted(self) -> Sequence[Lesson]:
        accepted = CORRECTION.all(self._connection, _ALL_REVIEWED, in_state=CorrectionState.ACCEPTED.value)
        return lessons(accepted)

    def _replace(self, correction: Correction) -> Correction | None:
        """The proposal this message already has, with what this one says; None when there is none."""
        row = CORRECTION.row(correction)
        parameters = {name: row[name] for name in ("labels", "proposer", "proposed_at")}
        parameters |= {"in_conversation": correction.conversation_id, "of_message": correction.message_id}
        if self._connection.execute(_REPLACE, parameters).rowcount != 1:
            return None
        return self.of_message(correction.conversation_id, correction.message_id)
