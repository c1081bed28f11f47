"""A conversation read back from the store as a history of owners: who had it at each line, and whether they might."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from retention.audit import AuditEntry
from retention.conversation import Author, Message, Status
from retention.handoff import HandoffState
from retention.handoff_move import STATUS
from retention.ports import Records

BOT, QUEUE = "bot", "queue"
FROM_QUEUE = frozenset({"claimed", "assigned", "cancelled", "expired"})
TO_BOT = frozenset({"resolved", "returned", "cancelled", "expired"})
BY_HOLDER = frozenset({"transferred", "resolved", "returned"})
OPENED = ("handoff_opened", "handoff_out_of_hours")


class BrokenLawError(AssertionError):
    """A promise that was broken: two_owners, bot_spoke, lost, doubled, forgotten, over_capacity, inconsistent."""

    def __init__(self, kind: str, story: str) -> None:
        super().__init__(f"{kind}: {story}")
        self.kind = kind


@dataclass
class Owners:
    """``owner`` is bot, queue, or the name of the associate."""

    owner: str = BOT

    def move(self, act: str, entry: AuditEntry) -> None:
        by = entry.actor.removeprefix("associate:")
        wants = self.owner == QUEUE if act in FROM_QUEUE else self.owner not in (BOT, QUEUE)
        if not wants or (act in BY_HOLDER and by != self.owner):
            raise BrokenLawError("two_owners", f"{act} by {by} while {self.owner} had it")
        if act in ("assigned", "transferred"):
            self.owner = str(entry.data["to"])
        elif act in ("claimed", "taken_over"):
            self.owner = by
        else:
            self.owner = BOT if act in TO_BOT else QUEUE


def broken_law(records: Records, talk: str, accepted: Sequence[tuple[str, str]]) -> None:
    """Raises BrokenLawError. ``accepted`` are the ids and texts of the shopper's messages in the order they were kept."""
    messages = records.messages.after(talk, 0, limit=10_000)
    _check_shopper(talk, messages, accepted)
    owners = _replayed(records, talk, messages)
    conversation = records.conversations.find(talk)
    handoff = records.handoffs.open_of(talk)
    assert conversation is not None
    stored = BOT
    if handoff is not None:
        stored = handoff.associate or QUEUE
        if STATUS[handoff.state] is not conversation.status:
            raise BrokenLawError(
                "inconsistent", f"{talk} is {conversation.status.value}, its handoff {handoff.state.value}"
            )
        if (handoff.state is HandoffState.CLAIMED) is (handoff.associate is None):
            raise BrokenLawError("inconsistent", f"{handoff.state.value} by {handoff.associate}")
    elif conversation.status not in (Status.BOT, Status.CLOSED):
        raise BrokenLawError("inconsistent", f"{talk} is {conversation.status.value} without a handoff")
    if stored != owners.owner:
        raise BrokenLawError("inconsistent", f"the store says {stored}, the history {owners.owner}")


def _check_shopper(talk: str, messages: Sequence[Message], accepted: Sequence[tuple[str, str]]) -> None:
    if [message.seq for message in messages] != list(range(1, len(messages) + 1)):
        raise BrokenLawError("inconsistent", f"{talk}: a gap in the transcript")
    said = [(message.message_id, message.text) for message in messages if message.author is Author.SHOPPER]
    if len(said) > len(set(said)):
        raise BrokenLawError("doubled", f"{talk}: {said}")
    if said != list(accepted):
        raise BrokenLawError("lost", f"{talk}: kept {said}, said {list(accepted)}")


def _replayed(records: Records, talk: str, messages: Sequence[Message]) -> Owners:
    """Lines that announce a move stand in the transcript in the order of the audit log."""
    entries = [
        entry
        for entry in records.audit.about(f"conversation:{talk}", limit=10_000)
        if entry.act.startswith("handoff_") and entry.act not in OPENED
    ]
    moves = iter(entries)
    turns = {message.message_id: message for message in messages if message.author is Author.SHOPPER}
    owners, calling = Owners(), None
    for message in messages:
        turn = turns.get(message.message_id.partition(":bot:")[0])
        if message.author is Author.BOT and turn is not None:
            if owners.owner != BOT and calling is not turn:
                raise BrokenLawError("bot_spoke", f"{message.message_id} while {owners.owner} had {talk}")
            if turn.decision is not None and turn.decision.outcome == "handed_off":
                owners.owner, calling = QUEUE, turn
        elif message.author is Author.ASSOCIATE and message.associate != owners.owner:
            raise BrokenLawError("two_owners", f"{message.associate} spoke while {owners.owner} had {talk}")
        elif message.author is Author.SYSTEM:
            calling = None
            act = message.message_id.split(":")[1]
            entry = next(moves, None)
            if entry is None or entry.act != f"handoff_{act}":
                raise BrokenLawError("inconsistent", f"{talk}: {act} is not in the audit log")
            owners.move(act, entry)
    if next(moves, None) is not None:
        raise BrokenLawError("inconsistent", f"{talk}: a move nobody was told of")
    return owners
