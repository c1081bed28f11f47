"""What happens to a handoff: claimed, passed on, taken over, released, ended. One transaction a move, the shopper told."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from retention.assignment import associate_of, seat_of
from retention.associate import LEADS
from retention.attendance import unattended
from retention.conversation import Author, Message
from retention.errors import NotAllowedError
from retention.handoff import Handoff, HandoffState
from retention.handoff_move import Decide, Move, Moved, Mover, locked
from retention.moves.person import WAITS_ALWAYS
from retention.ports import Clock, Records, Store
from retention.reply import Wording
from retention.staffing import Staffing


class Queue:
    """Every call is one transaction; the conversation's status follows the handoff's state.

    Each raises NotFoundError for an unknown handoff and IllegalMoveError when its state does not allow the move, or when
    it is somebody else's.
    """

    def __init__(self, *, store: Store, wording: Wording, clock: Clock, staffing: Staffing) -> None:
        self._store = store
        self._clock = clock
        self._staffing = staffing
        self._mover = Mover(store=store, wording=wording, clock=clock, staffing=staffing)

    def claim(self, handoff_id: str, associate: str) -> Moved:
        """Of many who claim at once the first gets it."""

        def take(_: Records, handoff: Handoff, now: datetime) -> Move:
            return Move(
                act="claimed",
                after=handoff.claimed(associate, at=now),
                actor=f"associate:{associate}",
                key="queue_claimed",
            )

        return self._moved(handoff_id, take)

    def assign(self, handoff_id: str, associate: str) -> Moved:
        """Given to an associate who did not ask. Raises NoRoomError."""

        def give(records: Records, handoff: Handoff, now: datetime) -> Move:
            after = handoff.claimed(associate, at=now, given=True)
            seat_of(records, self._staffing, associate, now).check()
            return Move(act="assigned", after=after, actor="system", key="queue_claimed", data={"to": associate})

        return self._moved(handoff_id, give)

    def transfer(self, handoff_id: str, associate: str, *, to: str, note: str = "") -> Moved:
        """Passed on by its associate, with a word to the next one. Raises NoRoomError."""

        def pass_on(records: Records, handoff: Handoff, now: datetime) -> Move:
            _check_holder(handoff, associate, "transfer")
            after = handoff.passed(to, at=now, given=True)
            seat_of(records, self._staffing, to, now).check()
            return Move(
                act="transferred",
                after=self._mover.noted(records, after, associate, note),
                actor=f"associate:{associate}",
                key="queue_transferred",
                data={"from": associate, "to": to},
            )

        return self._moved(handoff_id, pass_on)

    def put_back(self, handoff_id: str, associate: str, *, skill: str | None = None, note: str = "") -> Moved:
        """Put back by its associate, for somebody with a skill or for anybody."""

        def give_up(records: Records, handoff: Handoff, now: datetime) -> Move:
            _check_holder(handoff, associate, "release")
            after = replace(handoff.released(at=now), skill=skill or handoff.skill)
            return Move(
                act="released",
                after=self._mover.noted(records, after, associate, note),
                actor=f"associate:{associate}",
                key="queue_put_back",
                data={"from": associate},
            )

        return self._moved(handoff_id, give_up)

    def take_over(self, handoff_id: str, associate: str) -> Moved:
        """Taken from its associate by a supervisor. Raises NotAllowedError."""

        def take(records: Records, handoff: Handoff, now: datetime) -> Move:
            if associate_of(records, self._staffing, associate).role not in LEADS:
                raise NotAllowedError(associate, "takeover")
            return Move(
                act="taken_over",
                after=handoff.passed(associate, at=now, given=False),
                actor=f"associate:{associate}",
                key="queue_claimed",
                data={"from": handoff.associate},
            )

        return self._moved(handoff_id, take)

    def resolve(self, handoff_id: str, associate: str) -> Moved:
        """Close the conversation. Only its associate may."""
        return self._ended(handoff_id, associate, HandoffState.RESOLVED, "queue_resolved")

    def give_back(self, handoff_id: str, associate: str) -> Moved:
        """Return the conversation to the bot, memory and all. Only its associate may."""
        return self._ended(handoff_id, associate, HandoffState.RETURNED, "queue_returned")

    def leave(self, conversation_id: str) -> Moved | None:
        """The shopper does not want to wait: back to the bot. None when nobody was waited for."""

        def go(_: Records, handoff: Handoff, now: datetime) -> Move | None:
            if handoff.state is not HandoffState.WAITING:
                return None
            after = handoff.ended(HandoffState.CANCELLED, at=now)
            return Move(act="cancelled", after=after, actor="shopper", key="queue_left")

        with self._store.transaction() as records:
            handoff = records.handoffs.open_of(conversation_id)
        return self._mover.move(handoff.handoff_id, go) if handoff else None

    def release_unattended(self, handoff_id: str) -> Moved | None:
        """Back to the queue when its associate is gone or silent; None when somebody is with the shopper."""

        def take_back(records: Records, handoff: Handoff, now: datetime) -> Move | None:
            why = unattended(records, self._staffing, handoff, now)
            if why is None:
                return None
            data: dict[str, object] = {"from": handoff.associate}
            after = handoff.released(at=now)
            return Move(act="released", after=after, actor="system", key="queue_released", why=why, data=data)

        return self._mover.move(handoff_id, take_back)

    def expire(self, handoff_id: str) -> Moved | None:
        """Back to the bot when nobody came in time, or the shop has closed; None while it is worth waiting."""

        def give_up(_: Records, handoff: Handoff, now: datetime) -> Move | None:
            if not self.is_overdue(handoff, now):
                return None
            after = handoff.ended(HandoffState.EXPIRED, at=now)
            return Move(act="expired", after=after, actor="system", key="queue_expired")

        return self._mover.move(handoff_id, give_up)

    def is_overdue(self, handoff: Handoff, now: datetime) -> bool:
        """Whether a shopper has waited long enough for nobody."""
        if handoff.state is not HandoffState.WAITING:
            return False
        is_closed = not self._staffing.is_open(now) and handoff.reason not in WAITS_ALWAYS
        return is_closed or now - handoff.updated_at >= self._staffing.wait_expires

    def reply(self, handoff_id: str, associate: str, message_id: str, text: str) -> tuple[Message, Handoff]:
        """Say something to the shopper; the same message id says it once. Only its associate may."""
        with self._store.transaction() as records:
            handoff, conversation = locked(records, handoff_id)
            _check_holder(handoff, associate, "reply")
            now = self._clock()
            message = Message(
                conversation_id=conversation.conversation_id,
                message_id=message_id,
                author=Author.ASSOCIATE,
                at=now,
                text=text,
                associate=associate,
            )
            added = records.messages.add(message)
            if added is None:
                said = records.messages.find(conversation.conversation_id, message_id)
                assert said is not None, "add refused the id, so it is there"
                return said, handoff
            answered = handoff.answered(at=now)
            return added, records.handoffs.change(handoff, answered) if answered != handoff else handoff

    def _ended(self, handoff_id: str, associate: str, to: HandoffState, key: str) -> Moved:
        def end(_: Records, handoff: Handoff, now: datetime) -> Move:
            _check_holder(handoff, associate, to.value)
            after = handoff.ended(to, at=now)
            return Move(act=to.value, after=after, actor=f"associate:{associate}", key=key)

        return self._moved(handoff_id, end)

    def _moved(self, handoff_id: str, decide: Decide) -> Moved:
        moved = self._mover.move(handoff_id, decide)
        assert moved is not None, "a move that was asked for happens or raises"
        return moved


def _check_holder(handoff: Handoff, associate: str, move: str) -> None:
    if handoff.state is not HandoffState.CLAIMED or handoff.associate != associate:
        raise handoff.refusal(move)
