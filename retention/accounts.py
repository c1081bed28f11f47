"""Who may log in: accounts, their passwords, and the sign-ins that a token proves."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cached_property

from retention.associate import Associate, Role
from retention.audit import AuditEntry
from retention.console_ports import Passwords
from retention.errors import LastAdminError, NameTakenError, NotFoundError
from retention.ports import Clock, Records, Store
from retention.sign_in import SignIn

LASTS = timedelta(hours=12)
TOKEN_BYTES = 32


class Accounts:
    """Passwords are hashed between transactions, never inside one. Every change and every sign-in is audited.

    ``actor`` is who did it, as in the audit log: associate:NAME, cli, system.
    """

    def __init__(self, *, store: Store, passwords: Passwords, clock: Clock) -> None:
        self._store = store
        self._passwords = passwords
        self._clock = clock

    def add(self, associate: Associate, password: str, *, actor: str) -> None:
        """Raises NameTakenError."""
        hashed = self._passwords.hashed(password)
        with self._store.transaction() as records:
            if not records.associates.add(associate, password_hash=hashed, at=self._clock()):
                raise NameTakenError("associate", associate.name)
            data = {"role": associate.role.value, "skills": list(associate.skills), "capacity": associate.capacity}
            self._note(records, "associate_added", associate.name, actor=actor, data=data)

    def change(self, name: str, changed: Callable[[Associate], Associate], *, actor: str) -> Associate:
        """Replace an account by what ``changed`` makes of it; whoever is not active any more is logged out.

        Raises NotFoundError, and LastAdminError when nobody would be left to keep the accounts.
        """
        with self._store.transaction() as records:
            everybody = {each.name: each for each in records.associates.lock()}
            before = everybody.get(name)
            if before is None:
                raise NotFoundError("associate", name)
            after = changed(before)
            if after == before:
                return after
            everybody[name] = after
            if not any(each.active and each.role is Role.ADMIN for each in everybody.values()):
                raise LastAdminError(name)
            records.associates.update(after)
            if not after.active:
                records.sign_ins.end_all(name)
            self._note(records, "associate_changed", name, actor=actor, data=_differences(before, after))
            return after

    def reset_password(self, name: str, password: str, *, actor: str) -> None:
        """Raises NotFoundError. Ends every sign-in of theirs."""
        hashed = self._passwords.hashed(password)
        with self._store.transaction() as records:
            self._set_password(records, name, hashed)
            self._note(records, "password_reset", name, actor=actor)

    def change_password(self, name: str, old: str, new: str) -> str | None:
        """A token that replaces every earlier one of theirs; None when ``old`` is wrong."""
        with self._store.transaction() as records:
            kept = records.associates.password_hash(name)
        if not self._fits(kept, old):
            return None
        hashed = self._passwords.hashed(new)
        with self._store.transaction() as records:
            if records.associates.password_hash(name) != kept:  # somebody reset it meanwhile
                return None
            self._set_password(records, name, hashed)
            self._note(records, "password_changed", name, actor=f"associate:{name}")
            return self._opened(records, name)

    def sign_in(self, name: str, password: str) -> tuple[Associate, str] | None:
        """The account and a token that proves it for ``LASTS``; None for a wrong name or password, or an ended account."""
        with self._store.transaction() as records:
            kept = records.associates.password_hash(name)
        fits = self._fits(kept, password)
        rehashed = self._passwords.hashed(password) if fits and kept and self._passwords.is_outdated(kept) else None
        with self._store.transaction() as records:
            associate = records.associates.find(name)
            if associate is None:
                return None
            if not fits or not associate.active or records.associates.password_hash(name) != kept:
                why = "wrong password" if not fits else "not active"
                self._note(records, "sign_in_refused", name, actor=f"associate:{name}", why=why)
                return None
            if rehashed:
                records.associates.set_password(name, rehashed)
            self._note(records, "signed_in", name, actor=f"associate:{name}")
            return associate, self._opened(records, name)

    def signed_in(self, token: str) -> Associate | None:
        """Whom the token proves, as the account stands now."""
        with self._store.transaction() as records:
            found = records.sign_ins.find(_digest(token))
            if found is None or found.expires_at <= self._clock():
                return None
            associate = records.associates.find(found.name)
        return associate if associate and associate.active else None

    def sign_out(self, token: str) -> None:
        """Does nothing for a token that proves nobody."""
        with self._store.transaction() as records:
            found = records.sign_ins.find(_digest(token))
            if found is not None and records.sign_ins.end(found.digest):
                self._note(records, "signed_out", found.name, actor=f"associate:{found.name}")

    def _fits(self, kept: str | None, password: str) -> bool:
        """As slow for a name that is not there: how long it takes must not tell which names are."""
        return self._passwords.fits(kept or self._nobodys, password) and kept is not None

    @cached_property
    def _nobodys(self) -> str:
        return self._passwords.hashed(secrets.token_urlsafe())

    def _set_password(self, records: Records, name: str, password_hash: str) -> None:
        records.associates.set_password(name, password_hash)
        records.sign_ins.end_all(name)

    def _opened(self, records: Records, name: str) -> str:
        token, now = secrets.token_urlsafe(TOKEN_BYTES), self._clock()
        records.sign_ins.add(SignIn(digest=_digest(token), name=name, created_at=now, expires_at=now + LASTS))
        return token

    def _note(
        self,
        records: Records,
        act: str,
        name: str,
        *,
        actor: str,
        why: str = "",
        data: Mapping[str, object] | None = None,
    ) -> None:
        entry = AuditEntry(
            at=self._clock(), actor=actor, act=act, subject=f"associate:{name}", why=why, data=data or {}
        )
        records.audit.add(entry)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _differences(before: Associate, after: Associate) -> dict[str, object]:
    """What was changed, to what."""
    old = vars(before)
    return {
        key: value.value if isinstance(value, Role) else list(value) if isinstance(value, tuple) else value
        for key, value in vars(after).items()
        if value != old[key]
    }
