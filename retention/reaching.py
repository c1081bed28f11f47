"""Writing to a shopper who has not asked, in a conversation that is there: one message, decided and kept like a turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from retention.conversation import Author, Conversation, Memory, Message, Status, Turn
from retention.customer import Customer
from retention.hearing import UNHEARD
from retention.moves.reach_out import Opening, said_first
from retention.offer import GrantState
from retention.outreach import Outreach
from retention.ports import OrderSystem, Records
from retention.reply import Bubble, Wording
from retention.visit import Rules, Visit


@dataclass(frozen=True, kw_only=True)
class Writer:
    """What it takes to say something; ``rules`` and the rest are the desk's own."""

    order_system: OrderSystem
    rules: Rules
    wording: Wording

    def visit(
        self, records: Records, conversation: Conversation, customer: Customer, outreach: Outreach, *, now: datetime
    ) -> Visit:
        """As if the shopper had come in without a word, and with nothing left to answer from before.

        Call it inside the locks of the conversation and of the customer, as a turn is.
        """
        message_id = f"outreach:{outreach.outreach_id}"
        turn = Turn(conversation_id=conversation.conversation_id, message_id=message_id, text="", hearing=UNHEARD)
        return Visit(
            records=records,
            order_system=self.order_system,
            rules=self.rules,
            now=now,
            turn=turn,
            conversation=conversation,
            memory=Memory(),
            course=(),
            customer=customer,
        )

    def write(self, visit: Visit, found: Opening, outreach: Outreach) -> tuple[Conversation, Message]:
        """Say it, once; the conversation and the message as they are then."""
        answer = said_first(found.answer, visit.rules.stop_words, outreach.outreach_id)
        bubbles = [self.wording.render(spoken, soothing=False, turn=visit.turn.message_id) for spoken in answer.says]
        bubble = _as_one(bubbles)
        added = visit.records.messages.add(
            Message(
                conversation_id=visit.conversation.conversation_id,
                message_id=visit.turn.message_id,
                author=Author.BOT,
                at=visit.now,
                text=bubble.text,
                bubble=bubble,
                decision=answer.decision,
            )
        )
        assert added is not None, "an outreach is written once, inside its lock"
        conversation = replace(visit.conversation, memory=answer.memory, updated_at=visit.now)
        visit.records.conversations.put(conversation)
        return conversation, added


def is_free(records: Records, conversation: Conversation, now: datetime) -> bool:
    """Whether nothing would be talked over: the bot holds it, and no proposal of it is open."""
    on_table = conversation.memory.grant_id
    grant = records.ledger.find(on_table) if on_table else None
    is_open = grant is not None and grant.state is GrantState.PROPOSED and grant.expires_at > now
    return conversation.status is Status.BOT and not is_open


def _as_one(bubbles: Sequence[Bubble]) -> Bubble:
    """Nobody asked, so nobody gets three messages."""
    buttons = tuple(dict.fromkeys(button for bubble in bubbles for button in bubble.buttons))
    offer = next((bubble.offer for bubble in bubbles if bubble.offer is not None), None)
    return Bubble(text="\n".join(bubble.text for bubble in bubbles), buttons=buttons, offer=offer)
