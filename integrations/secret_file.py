"""``$TOURNIQUET_HOME/secrets.env``: made once with strong values, mode 600; the environment overrides single ones."""

from __future__ import annotations

import base64
import fcntl
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path

SHORTEST = 8
RANDOM_BYTES = 32
HEADER = "# Made by tourniquet on its first run. Whoever reads this file can act as the shop: keep it private.\n"


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """Every value is at least ``SHORTEST`` characters; ``repr`` never shows one."""

    api_key: str  # server-to-server callers, all scopes
    shop_secret: str  # signs the shop's customer tokens
    console_password: str
    rasa_secret: str  # the service to Rasa's gateway channel
    action_token: str  # Rasa to the service's action endpoint
    chat_secret: str  # signs the tokens of conversations
    order_system_secret: str  # signs what the shop's own order system is asked to do, as Standard Webhooks do

    def __repr__(self) -> str:
        return "Secrets(***)"


VARIABLES = {field.name: f"TOURNIQUET_{field.name.upper()}" for field in fields(Secrets)}


def secret_path(home: Path) -> Path:
    return home / "secrets.env"


def load_secrets(home: Path, environ: Mapping[str, str]) -> Secrets:
    """The secrets of this home; makes the missing ones. Raises ValueError for one too short to keep anything out."""
    with _alone_in(home):
        kept = _parsed(secret_path(home))
        missing = {variable: _strong(name) for name, variable in VARIABLES.items() if variable not in kept}
        if missing:
            kept = {**kept, **missing}
            _write(home, kept)
    values = {name: environ.get(variable) or kept[variable] for name, variable in VARIABLES.items()}
    for name, value in values.items():
        if len(value) < SHORTEST:
            raise ValueError(f"{VARIABLES[name]} is too short: expected at least {SHORTEST} characters")
    return Secrets(**values)


def _strong(name: str) -> str:
    """A person types the console password; programs carry the rest."""
    if name == "order_system_secret":
        return f"whsec_{base64.b64encode(secrets.token_bytes(RANDOM_BYTES)).decode()}"
    return secrets.token_urlsafe(12 if name == "console_password" else RANDOM_BYTES)


def _parsed(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, value in pairs if value.strip()}


def _write(home: Path, values: Mapping[str, str]) -> None:
    """All of it or nothing: a reader never sees half a file."""
    path = secret_path(home)
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    text = HEADER + "".join(f"{name}={value}\n" for name, value in values.items())
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(draft, path)


@contextmanager
def _alone_in(home: Path) -> Iterator[None]:
    """Processes that start together must end up with the same secrets."""
    folder = os.open(home, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
