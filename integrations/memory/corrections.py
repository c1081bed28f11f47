"""What associates say messages meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from integrations.memory.conversations import MemoryMessages
from integrations.memory.rows import Rows, Undo
from retention.correction import MOVES, Correction, CorrectionState, Labels, Lesson, lessons
from retention.errors import IllegalMoveError, NotFoundError, OwnCorrectionError
from retention.ports import Corrections


class MemoryCorrections(Corrections):
    def __init__(self, undo: Undo, messages: MemoryMessages) -> None:
        self.rows: Rows[str, Correction] = Rows(undo)
        self._messages = messages

    def find(self, correction_id: str) -> Correction | None:
        return self.rows.get(correction_id)

    def of_message(self, conversation_id: str, message_id: str) -> Correction | None:
        return self.of_messages(conversation_id).get(message_id)

    def of_messages(self, conversation_id: str) -> Mapping[str, Correction]:
        found = [one for one in self.rows.values() if one.conversation_id == conversation_id]
        oldest_first = sorted(found, key=lambda one: (one.reviewed_at is None, one.proposed_at, one.correction_id))
        return {one.message_id: one for one in oldest_first}

    def propose(self, correction: Correction) -> Correction:
        if self._messages.find(correction.conversation_id, correction.message_id) is None:
            raise NotFoundError("message", correction.message_id)
        newest = self.of_message(correction.conversation_id, correction.message_id)
        if newest is not None and newest.state is CorrectionState.PROPOSED:
            correction = replace(
                newest, labels=correction.labels, proposer=correction.proposer, proposed_at=correction.proposed_at
            )
        self.rows[correction.correction_id] = correction
        return correction

    def review(
        self, correction_id: str, to: CorrectionState, *, at: datetime, reviewer: str, labels: Labels | None = None
    ) -> Correction:
        correction = self.find(correction_id)
        if correction is None:
            raise NotFoundError("correction", correction_id)
        if to not in MOVES[correction.state]:
            raise IllegalMoveError("correction", correction_id, correction.state.value, to.value)
        if reviewer == correction.proposer:
            raise OwnCorrectionError(correction_id, reviewer)
        self.rows[correction_id] = replace(
            correction, state=to, reviewer=reviewer, reviewed_at=at, labels=labels or correction.labels
        )
        return self.rows[correction_id]

    def listed(self, state: CorrectionState, *, limit: int = 200) -> Sequence[Correction]:
        found = self._in(state)
        if state is CorrectionState.PROPOSED:
            return tuple(sorted(found, key=lambda one: (one.proposed_at, one.correction_id))[:limit])
        return tuple(sorted(found, key=_reviewed, reverse=True)[:limit])

    def count(self, state: CorrectionState) -> int:
        return len(self._in(state))

    def accepted(self) -> Sequence[Lesson]:
        return lessons(sorted(self._in(CorrectionState.ACCEPTED), key=_reviewed))

    def _in(self, state: CorrectionState) -> list[Correction]:
        return [one for one in self.rows.values() if one.state is state]


def _reviewed(correction: Correction) -> tuple[datetime, str]:
    assert correction.reviewed_at is not None, "only what was reviewed is ordered by it"
    return correction.reviewed_at, correction.correction_id
