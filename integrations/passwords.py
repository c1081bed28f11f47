"""Passwords hashed with Argon2id."""

from __future__ import annotations

from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from retention.console_ports import Passwords

AT_ONCE = 2
"""A hash takes 64 MiB: however many try to log in, no more than this many are made at the same time."""


class Argon2Passwords(Passwords):
    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
        self._turns = BoundedSemaphore(AT_ONCE)

    def hashed(self, password: str) -> str:
        with self._turns:
            return self._hasher.hash(password)

    def fits(self, password_hash: str, password: str) -> bool:
        try:
            with self._turns:
                return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False

    def is_outdated(self, password_hash: str) -> bool:
        return self._hasher.check_needs_rehash(password_hash)
