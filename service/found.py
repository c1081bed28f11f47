"""A conversation as a search shows it: enough to know it again, masked, and where to go on."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

from integrations.codec import encode, in_utc
from retention.conversation import Conversation
from retention.ports import Records
from service.console_views import conversation_view, masked_name
from service.problems import ProblemError
from service.training_text import training_text

AROUND = 30
"""Characters shown on each side of what was searched for."""


def cursor_after(conversation: Conversation) -> str:
    """Where the page that follows this conversation begins."""
    place = f"{conversation.updated_at.isoformat()} {conversation.conversation_id}"
    return base64.urlsafe_b64encode(place.encode()).decode()


def place_of(cursor: str) -> tuple[datetime, str]:
    """Raises ProblemError for what ``cursor_after`` did not make."""
    try:
        at, conversation_id = base64.urlsafe_b64decode(cursor).decode().split(" ", 1)
        place = in_utc(datetime.fromisoformat(at)), conversation_id
    except ValueError as problem:  # also of base64, UTF-8 and the time
        raise _bad_cursor() from problem
    if "\x00" in conversation_id:
        raise _bad_cursor()
    return place


def _bad_cursor() -> ProblemError:
    return ProblemError(422, "bad_cursor", "翻页位置无法识别，请从第一页重新开始。")


def found_view(records: Records, conversation: Conversation, words: str) -> dict[str, Any]:
    handoffs = records.handoffs.of_conversation(conversation.conversation_id)
    customer = records.customers.find(conversation.customer_id) if conversation.customer_id else None
    telling = records.archive.telling(conversation.conversation_id, words)
    ratings = records.ratings.of_conversation(conversation.conversation_id)
    order_no = conversation.memory.order_no or next((one.order_no for one in handoffs if one.order_no), None)
    known = [customer.name] if customer else []
    return {
        **conversation_view(conversation),
        "updated_at": encode(conversation.updated_at),
        "customer_id": conversation.customer_id,
        "customer": masked_name(customer.name) if customer else "",
        "order_tail": order_no[-4:] if order_no else "",
        "associates": list(dict.fromkeys(one.associate for one in handoffs if one.associate)),
        "labels": list(records.labels.of_conversation(conversation.conversation_id)),
        "excerpt": training_text(excerpt(telling.text, words), known) if telling else "",
        "score": ratings[0].score if ratings else None,
    }


def excerpt(text: str, words: str) -> str:
    """
    >>> excerpt("一二三四五", "三")
    '一二三四五'
    """
    at = max(0, text.lower().find(words.lower()))
    start, end = max(0, at - AROUND), at + len(words) + AROUND
    return ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")
