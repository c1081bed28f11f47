"""Accounts, and who is logged in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from integrations.memory.rows import Rows, Undo
from retention.associate import Associate
from retention.console_ports import SignIns
from retention.errors import NotFoundError
from retention.ports import Associates
from retention.sign_in import SignIn


class MemoryAssociates(Associates):
    def __init__(self, undo: Undo) -> None:
        self.rows: Rows[str, Associate] = Rows(undo)
        self.password_rows: Rows[str, str] = Rows(undo)

    def find(self, name: str) -> Associate | None:
        return self.rows.get(name)

    def listed(self) -> Sequence[Associate]:
        return tuple(sorted(self.rows.values(), key=lambda one: one.name))

    def lock(self) -> Sequence[Associate]:
        """The transaction already is the only one."""
        return self.listed()

    def add(self, associate: Associate, *, password_hash: str, at: datetime) -> bool:
        if associate.name in self.rows:
            return False
        self.rows[associate.name] = associate
        self.password_rows[associate.name] = password_hash
        return True

    def update(self, associate: Associate) -> None:
        self._must_be_there(associate.name)
        self.rows[associate.name] = associate

    def password_hash(self, name: str) -> str | None:
        return self.password_rows.get(name)

    def set_password(self, name: str, password_hash: str) -> None:
        self._must_be_there(name)
        self.password_rows[name] = password_hash

    def _must_be_there(self, name: str) -> None:
        if name not in self.rows:
            raise NotFoundError("associate", name)


class MemorySignIns(SignIns):
    def __init__(self, undo: Undo) -> None:
        self.rows: Rows[str, SignIn] = Rows(undo)

    def find(self, digest: str) -> SignIn | None:
        return self.rows.get(digest)

    def add(self, sign_in: SignIn) -> None:
        self._remove([one for one in self.rows.values() if one.expires_at <= sign_in.created_at])
        self.rows[sign_in.digest] = sign_in

    def end(self, digest: str) -> bool:
        return self._remove([one for one in self.rows.values() if one.digest == digest]) == 1

    def end_all(self, name: str) -> int:
        return self._remove([one for one in self.rows.values() if one.name == name])

    def _remove(self, gone: Sequence[SignIn]) -> int:
        for one in gone:
            del self.rows[one.digest]
        return len(gone)
