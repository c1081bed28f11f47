"""What Chatwoot's webhook says: an agent replied, resolved the conversation, or gave it back.

It is delivered once, in no particular order and perhaps twice. A message that could not be delivered is marked as failed
before the agent's eyes; when they press retry, only ``message_updated`` comes, no longer failed.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from retention.errors import ForgedError
from retention.help_desk import News, NewsKind

TOLERANCE_S = 300
MESSAGES = ("message_created", "message_updated")
STATUSES = {"resolved": NewsKind.RESOLVED, "pending": NewsKind.RETURNED}
"""``pending`` is Chatwoot's word for a conversation that a bot owns."""


def read_news(
    headers: Mapping[str, str], body: bytes, *, now: datetime, secret: str | None, account: int
) -> News | None:
    """None for what does not concern us. Raises ForgedError for a wrong, missing or old signature and for no JSON."""
    if secret is not None:
        _verify(headers, body, now, secret)
    try:
        data = json.loads(body)
    except (UnicodeDecodeError, ValueError, RecursionError) as unreadable:
        raise ForgedError from unreadable
    if not isinstance(data, dict) or _inner(data, "account", "id") not in (account, None):
        return None
    event = data.get("event")
    if event in MESSAGES:
        return _reply(data)
    if event == "conversation_status_changed":
        return _status(data)
    return None


def _verify(headers: Mapping[str, str], body: bytes, now: datetime, secret: str) -> None:
    sent_at = headers.get("x-chatwoot-timestamp", "")
    expected = hmac.new(secret.encode(), f"{sent_at}.".encode() + body, hashlib.sha256).hexdigest()
    given = headers.get("x-chatwoot-signature", "")
    if not hmac.compare_digest(given.encode("utf-8", "replace"), f"sha256={expected}".encode()):
        raise ForgedError
    if not sent_at.isdecimal() or abs(now.timestamp() - int(sent_at)) > TOLERANCE_S:
        raise ForgedError


def _reply(data: Mapping[str, Any]) -> News | None:
    attributes = data.get("content_attributes")
    attributes = attributes if isinstance(attributes, dict) else {}
    unsaid = attributes.get("deleted") or attributes.get("external_error") or data.get("status") == "failed"
    external_id, message_id = _inner(data, "conversation", "id"), data.get("id")
    if data.get("message_type") != "outgoing" or data.get("private") or unsaid or None in (external_id, message_id):
        return None
    text = _text(data)
    if not text:
        return None
    return News(
        kind=NewsKind.REPLIED,
        external_id=str(external_id),
        at=_moment(data.get("created_at")),
        message_id=str(message_id),
        text=text,
        agent=str(_inner(data, "sender", "name") or ""),
    )


def _status(data: Mapping[str, Any]) -> News | None:
    kind = STATUSES.get(str(data.get("status")))
    if kind is None or data.get("id") is None:
        return None
    at = _moment(data.get("updated_at")) or _moment(data.get("timestamp"))
    meta = data.get("meta")
    agent = _inner(meta, "assignee", "name") if isinstance(meta, dict) else None
    return News(kind=kind, external_id=str(data["id"]), at=at, agent=str(agent or ""))


def _text(data: Mapping[str, Any]) -> str:
    """What was written, and where to find what was attached."""
    attachments = data.get("attachments")
    links = [one.get("data_url") for one in attachments or () if isinstance(one, dict)]
    lines = [data.get("content"), *(f"附件：{link}" for link in links if link)]
    return "\n".join(str(line) for line in lines if line).strip()


def _moment(value: object) -> datetime | None:
    """Seconds since 1970, or ISO 8601, or Ruby's 2026-01-31 08:00:00 UTC."""
    try:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, timezone.utc)
        found = datetime.fromisoformat(str(value).replace(" UTC", "+00:00"))
    except (ValueError, OverflowError, OSError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)


def _inner(data: Mapping[str, Any], outer: str, name: str) -> Any:
    inner = data.get(outer)
    return inner.get(name) if isinstance(inner, dict) else None
