"""What an associate does with a handoff: claim, reply, resolve, give back. The shopper may leave the queue."""

from __future__ import annotations

from dataclasses import replace

from retention.audit import AuditEntry
from retention.conversation import Author, Conversation, Message, Status
from retention.errors import IllegalMoveError, NotFoundError
from retention.handoff import Handoff, HandoffState
from retention.ports import Clock, Records, Store
from retention.reply import Say, Wording

AFTER = {
    HandoffState.CLAIMED: Status.HUMAN,
    HandoffState.RESOLVED: Status.CLOSED,
    HandoffState.RETURNED: Status.BOT,
    HandoffState.CANCELLED: Status.BOT,
}
ANNOUNCED = {
    HandoffState.CLAIMED: "queue_claimed",
    HandoffState.RESOLVED: "queue_resolved",
    HandoffState.RETURNED: "queue_returned",
    HandoffState.CANCELLED: "queue_left",
}


class Queue:
    """Every call is one transaction; the conversation's status follows the handoff's state."""

    def __init__(self, *, store: Store, wording: Wording, clock: Clock) -> None:
        self._store = store
        self._wording = wording
        self._clock = clock

    def claim(self, handoff_id: str, associate: str) -> Handoff:
        """Raises IllegalMoveError when another associate was first, NotFoundError for an unknown handoff."""
        return self._move(handoff_id, HandoffState.CLAIMED, associate)

    def resolve(self, handoff_id: str, associate: str) -> Handoff:
        """Close the conversation. Only its associate may; raises IllegalMoveError or NotFoundError."""
        return self._move(handoff_id, HandoffState.RESOLVED, associate)

    def give_back(self, handoff_id: str, associate: str) -> Handoff:
        """Return the conversation to the bot, memory and all. Raises IllegalMoveError or NotFoundError."""
        return self._move(handoff_id, HandoffState.RETURNED, associate)

    def leave(self, conversation_id: str) -> Handoff | None:
        """The shopper does not want to wait: back to the bot. None when nobody was waited for."""
        with self._store.transaction() as records:
            handoff = records.handoffs.open_of(conversation_id)
        if handoff is None or handoff.state is not HandoffState.WAITING:
            return None
        return self._move(handoff.handoff_id, HandoffState.CANCELLED, None)

    def reply(self, handoff_id: str, associate: str, message_id: str, text: str) -> Message:
        """Say something to the shopper; the same message id says it once.

        Raises IllegalMoveError unless this associate holds the conversation, NotFoundError for an unknown handoff.
        """
        with self._store.transaction() as records:
            handoff = self._held(records, handoff_id, associate, "reply")
            message = Message(
                conversation_id=handoff.conversation_id,
                message_id=message_id,
                author=Author.ASSOCIATE,
                at=self._clock(),
                text=text,
                associate=associate,
            )
            added = records.messages.add(message)
            if added is None:
                said = records.messages.find(handoff.conversation_id, message_id)
                assert said is not None, "add refused the id, so it is there"
                return said
            return added

    def _held(self, records: Records, handoff_id: str, associate: str, move: str) -> Handoff:
        handoff = records.handoffs.find(handoff_id)
        if handoff is None:
            raise NotFoundError("handoff", handoff_id)
        if handoff.state is not HandoffState.CLAIMED or handoff.associate != associate:
            raise IllegalMoveError("handoff", handoff_id, handoff.state.value, move)
        return handoff

    def _move(self, handoff_id: str, to: HandoffState, associate: str | None) -> Handoff:
        now = self._clock()
        with self._store.transaction() as records:
            if to in (HandoffState.RESOLVED, HandoffState.RETURNED):
                assert associate is not None, "only an associate resolves or returns"
                self._held(records, handoff_id, associate, to.value)
            waiting = records.handoffs.find(handoff_id)
            if waiting is None:
                raise NotFoundError("handoff", handoff_id)
            # The desk locks the conversation before it opens a handoff; the same order here, or the two could deadlock.
            conversation = records.conversations.lock(waiting.conversation_id)
            moved = records.handoffs.move(handoff_id, to, at=now, associate=associate)
            assert conversation is not None, "a handoff belongs to a conversation"
            records.conversations.put(replace(conversation, status=AFTER[to], updated_at=now))
            self._announce(records, conversation, moved, to)
            records.audit.add(
                AuditEntry(
                    at=now,
                    actor=f"associate:{associate}" if associate else "shopper",
                    act=f"handoff_{to.value}",
                    subject=f"conversation:{moved.conversation_id}",
                    why=moved.reason,
                )
            )
            return moved

    def _announce(self, records: Records, conversation: Conversation, moved: Handoff, to: HandoffState) -> None:
        """A line in the transcript that both sides see."""
        known = records.associates.find(moved.associate) if moved.associate else None
        spoken = Say(key=ANNOUNCED[to], values={"associate": known.display if known else moved.associate or ""})
        bubble = self._wording.render(spoken, soothing=False, turn=moved.handoff_id)
        records.messages.add(
            Message(
                conversation_id=conversation.conversation_id,
                message_id=f"{moved.handoff_id}:{to.value}",
                author=Author.SYSTEM,
                at=self._clock(),
                text=bubble.text,
                bubble=bubble,
            )
        )
