"""Signed tokens, each kind with a key and an audience of its own; the algorithm is never read from the token."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import jwt

from integrations.secret_file import Secrets
from retention.ports import Clock

ALGORITHM = "HS256"
CHAT_HOURS = 24
CUSTOMER_HOURS = 1
LONGEST_SUBJECT = 64
CLOCKS_APART_S = 30
"""How far the clock of the shop's backend may be off."""


class Tokens:
    def __init__(self, secrets: Secrets, clock: Clock) -> None:
        self._clock = clock
        self._chat_key = secrets.chat_secret.encode()
        self._shop_key = secrets.shop_secret.encode()

    def chat(self, conversation_id: str) -> tuple[str, datetime]:
        """A token for one conversation and when it ends."""
        return self._signed(self._chat_key, conversation_id, CHAT_HOURS, audience="chat")

    def conversation_of(self, token: str) -> str | None:
        return self._subject(token, self._chat_key, audience="chat")

    def customer(self, customer_id: str) -> str:
        """What the shop's backend signs; made here only for the demo shop and the terminal."""
        token, _ = self._signed(self._shop_key, customer_id, CUSTOMER_HOURS)
        return token

    def customer_of(self, token: str) -> str | None:
        """The customer the shop vouches for, or None for a token that is forged, expired or says nothing."""
        return self._subject(token, self._shop_key)

    def _signed(self, key: bytes, subject: str, hours: int, *, audience: str | None = None) -> tuple[str, datetime]:
        expires_at = self._clock().replace(microsecond=0) + timedelta(hours=hours)
        claims = {"sub": subject, "exp": expires_at} | ({"aud": audience} if audience else {})
        return jwt.encode(claims, key, ALGORITHM), expires_at

    def _subject(self, token: str, key: bytes, *, audience: str | None = None) -> str | None:
        # The expiry is checked below, against the process's one clock.
        options: Any = {"require": ["exp", "sub"], "verify_exp": False, "verify_aud": audience is not None}
        try:
            claims: Mapping[str, Any] = jwt.decode(
                token, key, algorithms=[ALGORITHM], audience=audience, options=options, leeway=CLOCKS_APART_S
            )
        except (jwt.PyJWTError, ValueError):
            return None
        subject, expires_at = claims["sub"], claims["exp"]
        lasting = isinstance(expires_at, (int, float)) and expires_at > self._clock().timestamp()
        known = isinstance(subject, str) and 0 < len(subject) <= LONGEST_SUBJECT
        return subject if lasting and known else None
