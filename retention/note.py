"""What associates tell each other about a conversation; the shopper never sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Note:
    note_id: str
    conversation_id: str
    author: str  # login name
    at: datetime
    text: str
