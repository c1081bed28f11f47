"""An agent's last words that arrive after the end they came before: webhooks keep no order."""

from __future__ import annotations

from datetime import timedelta

from integrations.wiring import Shop
from retention.conversation import Author, Conversation, Message
from retention.handoff import OPEN, Handoff
from retention.help_desk import Link, News

SLACK = timedelta(seconds=5)
"""Between the clocks of two machines."""


def is_late(link: Link, handoff: Handoff, news: News) -> bool:
    """Whether it was said over there before the same agents ended it."""
    ended = handoff.state not in OPEN and link.associate is not None and handoff.associate == link.associate
    return ended and news.at is not None and news.at <= handoff.updated_at + SLACK


def add_late(shop: Shop, link: Link, message_id: str, text: str) -> tuple[Conversation, Message] | None:
    """Put it into the transcript; None when it is there already."""
    with shop.store.transaction() as records:
        conversation = records.conversations.lock(link.conversation_id)
        assert conversation is not None, "a link belongs to a conversation"
        message = Message(
            conversation_id=link.conversation_id,
            message_id=message_id,
            author=Author.ASSOCIATE,
            at=shop.clock(),
            text=text,
            associate=link.associate,
        )
        added = records.messages.add(message)
    return None if added is None else (conversation, added)
