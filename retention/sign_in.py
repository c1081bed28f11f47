"""That an associate has logged in, on one browser."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """``digest`` is the SHA-256 of the token in hex: who reads the store cannot log in with it."""

    digest: str
    name: str
    created_at: datetime
    expires_at: datetime
